/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "core/error.h"

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
