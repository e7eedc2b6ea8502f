/* SPDX-License-Identifier: MIT */
#include "bench/descriptors.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/resource.h>

#include "core/error.h"

static void limit_to(rlim_t soft, rlim_t hard)
{
	const struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};

	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static rlim_t soft_limit(void)
{
	struct rlimit limit;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	return limit.rlim_cur;
}

Test(descriptors, the_soft_limit_is_raised_as_far_as_it_takes)
{
	struct error err = {0};

	limit_to(256, 4096);
	cr_assert_eq(descriptors_reserve(1100, 4, &err), 0, "%s", err.text);
	cr_expect_eq(soft_limit(), descriptors_needed(1100, 4));
	cr_expect_gt(descriptors_needed(1100, 4), 1100 + 4 * 16 * 5);
}

Test(descriptors, a_limit_that_is_high_enough_stays)
{
	limit_to(2048, 4096);
	cr_assert_eq(descriptors_reserve(10, 1, NULL), 0);
	cr_expect_eq(soft_limit(), 2048);
	limit_to(descriptors_needed(10, 1), descriptors_needed(10, 1));
	cr_expect_eq(descriptors_reserve(10, 1, NULL), 0);
}

Test(descriptors, more_than_the_hard_limit_is_refused_beforehand)
{
	struct error err = {0};

	limit_to(512, 1024);
	cr_assert_eq(descriptors_reserve(1100, 4, &err), -1);
	cr_expect_eq(err.kind, ERROR_USAGE);
	cr_expect_not_null(strstr(err.text, "1100 cases on 4 devices"), "%s", err.text);
	cr_expect_not_null(strstr(err.text, "limit is 1024"), "%s", err.text);
	cr_expect_eq(soft_limit(), 512);
}
