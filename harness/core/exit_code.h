/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_EXIT_CODE_H
#define WIZHIL_CORE_EXIT_CODE_H

/* Exit codes of all commands (harness/README.md).  Where several hold: 130, 2, 1, 99, 77, 0. */
enum exit_code {
	EXIT_CODE_PASS = 0,
	EXIT_CODE_FIRMWARE = 1, /* a firmware failure; diagnose: a finding */
	EXIT_CODE_USAGE = 2,	/* usage, configuration, a filter that matches nothing */
	EXIT_CODE_NOT_RUN = 77, /* nothing ran */
	EXIT_CODE_BENCH = 99,	/* bench fault or inconclusive */
	EXIT_CODE_INTERRUPTED = 130
};

/* The one that goes before the other where both hold, in the order above. */
enum exit_code exit_code_first(enum exit_code code, enum exit_code other);

#endif
