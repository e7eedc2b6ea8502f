# SPDX-License-Identifier: MIT
#
# Makes the calls of cases from the tables of scenario/expectations.def and judge/facts.def: one
# macro for each row.  A macro cannot define a macro, and only a macro takes parameters by their
# names.
1i/* Made of expectations.def and facts.def by runner/calls.sed. */
s/^EXPECTATION(\([a-z_0-9]*\),.*/#define expect_\1(t, connection, ...) expect_as(t, connection, EXPECT_\1, (struct expected){__VA_ARGS__})/p
s/^FACT_\(WORDS\|ANSWER\|NUMBER\)(\([a-z_0-9]*\),.*/#define record_\2(t, connection, ...) record_as(t, connection, FACT_\2, (struct expected){__VA_ARGS__})/p
