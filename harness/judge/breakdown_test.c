/* SPDX-License-Identifier: MIT */
#include "judge/breakdown.h"

#include <criterion/criterion.h>
#include <string.h>

#include "judge/loss.h"

enum { MOST = 12 };

/* So many reboots 1 s after a death, each of which has 0.5 % of the time, and one more behind nothing. */
static size_t reboots(struct breakdown list[MOST], size_t after_deaths)
{
	for (size_t i = 0; i < after_deaths; i++)
		list[i] = (struct breakdown){.fault = FAULT_REBOOT,
			.t_s = 100.0 * (double)(i + 1),
			.after = "the RST of a connection",
			.times = 20 * ((int)i + 1),
			.delay_s = 1,
			.share = 0.005};
	list[after_deaths] = (struct breakdown){.fault = FAULT_REBOOT, .t_s = 5000};
	return after_deaths + 1;
}

Test(breakdown, what_recurs_behind_one_stimulus_is_provoked)
{
	struct breakdown list[MOST] = {0};
	struct breakdown_finding finding;
	char text[256];

	cr_assert(breakdowns_judge(list, reboots(list, 6), LOSS_LEVEL, &finding));
	cr_expect(finding.death);
	breakdown_finding_text(&finding, text, sizeof text);
	cr_expect_str_eq(text,
		"the module rebooted 6 of 7 times after the RST of a connection, of which there were 120; by chance below 1e-8");
}

Test(breakdown, once_or_twice_accuses_nobody)
{
	struct breakdown list[MOST] = {0};
	struct breakdown_finding finding;

	for (size_t n = 0; n < 3; n++)
		cr_expect_not(
			breakdowns_judge(list, reboots(list, n), LOSS_LEVEL, &finding), "%zu", n);
}

Test(breakdown, a_stimulus_that_most_of_the_time_follows_is_no_reason)
{
	struct breakdown list[MOST] = {0};
	struct breakdown_finding finding;
	const size_t count = reboots(list, 8);

	for (size_t i = 0; i < count; i++)
		list[i].share = 0.3;
	cr_expect_not(breakdowns_judge(list, count, LOSS_LEVEL, &finding));
}

Test(breakdown, reboots_at_other_times_behind_it_are_not_the_same)
{
	struct breakdown list[MOST] = {0};
	struct breakdown_finding finding;
	const size_t count = reboots(list, 8);

	for (size_t i = 0; i < count; i++)
		list[i].delay_s = (double)i;
	cr_expect_not(breakdowns_judge(list, count, LOSS_LEVEL, &finding));
}

Test(breakdown, two_devices_at_once_are_the_power_of_the_rack)
{
	struct breakdown list[MOST] = {0};
	struct breakdown_finding finding;
	const size_t count = reboots(list, 8);
	char text[256];

	for (size_t i = 0; i < count; i++)
		list[i].shared = true;
	cr_expect_not(breakdowns_judge(list, count, LOSS_LEVEL, &finding));
	breakdowns_text(list, count, text, sizeof text);
	cr_expect_not_null(strstr(text, "as another device did at that moment"), "%s", text);
}

Test(breakdown, a_few_are_told_one_by_one)
{
	struct breakdown list[MOST] = {0};
	char text[256];

	breakdowns_text(list, reboots(list, 1), text, sizeof text);
	cr_expect_str_eq(text,
		"the module rebooted at 100.0 s, after the RST of a connection, rebooted at 5000.0 s; why is not known");
	breakdowns_text(list, reboots(list, 5), text, sizeof text);
	cr_expect_not_null(strstr(text, " and 3 more times; why is not known"), "%s", text);
}
