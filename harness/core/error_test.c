/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "core/error.h"
#include "core/exit_code.h"

Test(error, context_is_put_in_front_and_the_kind_is_kept)
{
	struct error err = {0};

	errno = EACCES;
	cr_assert_eq(error_errno(&err, ERROR_BENCH, "cannot open '%s'", "eth0"), -1);
	cr_assert_eq(error_context(&err, "device '%s'", "a"), -1);
	cr_assert_str_eq(err.text, "device 'a': cannot open 'eth0': Permission denied");
	cr_assert_eq(error_exit_code(&err), EXIT_CODE_BENCH);
}

Test(error, a_usage_error_exits_with_2)
{
	struct error err = {0};

	error_set(&err, ERROR_USAGE, "unknown case filter '%s'", "x");
	cr_assert_eq(error_exit_code(&err), EXIT_CODE_USAGE);
}

Test(error, of_two_exit_codes_the_one_goes_before_that_says_more)
{
	cr_expect_eq(exit_code_first(EXIT_CODE_PASS, EXIT_CODE_PASS), EXIT_CODE_PASS);
	cr_expect_eq(exit_code_first(EXIT_CODE_PASS, EXIT_CODE_NOT_RUN), EXIT_CODE_NOT_RUN);
	cr_expect_eq(exit_code_first(EXIT_CODE_BENCH, EXIT_CODE_NOT_RUN), EXIT_CODE_BENCH);
	cr_expect_eq(exit_code_first(EXIT_CODE_BENCH, EXIT_CODE_FIRMWARE), EXIT_CODE_FIRMWARE);
	cr_expect_eq(exit_code_first(EXIT_CODE_FIRMWARE, EXIT_CODE_USAGE), EXIT_CODE_USAGE);
	cr_expect_eq(
		exit_code_first(EXIT_CODE_INTERRUPTED, EXIT_CODE_BENCH), EXIT_CODE_INTERRUPTED);
}

Test(error, what_is_put_into_a_text_reaches_no_terminal_raw)
{
	struct error err = {0};

	error_set(&err, ERROR_USAGE, "no case '%s'", "\x1b[31m\a\r\n\x9b\xe2\x80\xae\xc3\xa4");
	cr_expect_str_eq(err.text, "no case '\\x1b[31m\\x07\\x0d \\x9b\\u{202e}\xc3\xa4'");
	error_context(&err, "run '%s'", "\x1b");
	cr_expect_str_eq(
		err.text, "run '\\x1b': no case '\\x1b[31m\\x07\\x0d \\x9b\\u{202e}\xc3\xa4'");
}
