/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "bench/reruns.h"

Test(reruns, so_many_for_each_cause_and_device)
{
	struct reruns reruns = {0};
	char cause[16];

	for (int i = 0; i < 3; i++)
		cr_expect(reruns_take(&reruns, "left", "KA-SCHED-02", 3));
	cr_expect_not(reruns_take(&reruns, "left", "KA-SCHED-02", 3));
	cr_expect(reruns_take(&reruns, "right", "KA-SCHED-02", 3));
	cr_expect(reruns_take(&reruns, "left", "KA-DEAD-01", 3));
	for (int i = 0; i < 100; i++) {
		snprintf(cause, sizeof cause, "KA-%d", i);
		cr_expect(reruns_take(&reruns, "left", cause, 1));
		cr_expect_not(reruns_take(&reruns, "left", cause, 1));
	}
	cr_expect_not(reruns_take(&reruns, "left", "KA-SCHED-02", 3));
	reruns_free(&reruns);
}

Test(reruns, of_none_at_most_there_is_none)
{
	struct reruns reruns = {0};

	cr_expect_not(reruns_take(&reruns, "left", "KA-SCHED-02", 0));
	reruns_free(&reruns);
}
