/* SPDX-License-Identifier: MIT */
#include "bench/lab.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* An interface of this test's own: others run at the same time. */
static struct lab lab_new(void)
{
	struct lab lab;
	char name[16];

	snprintf(name, sizeof name, "t%d", (int)getppid() * 100 + (int)getpid() % 100);
	lab_init(&lab, name);
	return lab;
}

/* Another run, which does this and stays; its answer. */
static pid_t another(struct lab *lab, bool (*does)(struct lab *lab), bool *answer)
{
	int ends[2];
	char octet = 0;

	cr_assert_eq(pipe(ends), 0);
	pid_t other = fork();
	if (other == 0) {
		octet = does(lab) ? 'y' : 'n';
		(void)!write(ends[1], &octet, 1);
		pause();
	}
	cr_assert_eq(read(ends[0], &octet, 1), 1);
	close(ends[0]);
	close(ends[1]);
	*answer = octet == 'y';
	return other;
}

static void end(pid_t other)
{
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
}

Test(lab, runs_are_at_work_beside_each_other_and_nobody_is_alone_then)
{
	struct lab lab = lab_new();
	bool answer;

	cr_assert(lab_work(&lab));
	struct lab theirs = lab;
	theirs.working = -1;
	pid_t other = another(&theirs, lab_work, &answer);
	cr_expect(answer);
	cr_expect_not(lab_work_alone(&lab));
	cr_expect_eq(lab.other, other);
	/* It was killed: nothing of it is left. */
	end(other);
	cr_expect(lab_work_alone(&lab));
	lab_rest(&lab);
}

Test(lab, beside_one_that_is_alone_nobody_is_at_work)
{
	struct lab lab = lab_new();
	bool answer;

	pid_t other = another(&lab, lab_work_alone, &answer);
	cr_assert(answer);
	cr_expect_not(lab_work(&lab));
	cr_expect_eq(lab.other, other);
	cr_expect_not(lab_work_alone(&lab));
	cr_expect_eq(lab.other, other);
	end(other);
	cr_expect(lab_work(&lab));
	lab_rest(&lab);
}

static bool take_address(struct lab *lab)
{
	return lab_take_address(lab, htonl(0xc0000202)) >= 0;
}

Test(lab, a_spare_address_is_one_session_s)
{
	struct lab lab = lab_new();
	bool answer;

	pid_t other = another(&lab, take_address, &answer);
	cr_assert(answer);
	cr_expect_eq(lab_take_address(&lab, htonl(0xc0000202)), -1);
	cr_expect_eq(lab.other, other);
	int second = lab_take_address(&lab, htonl(0xc0000203));
	cr_expect_geq(second, 0);
	cr_expect_eq(lab_take_address(&lab, htonl(0xc0000203)), -1);
	close(second);
	end(other);
	cr_expect_geq(lab_take_address(&lab, htonl(0xc0000202)), 0);
}

Test(lab, a_bench_of_its_own_waits_for_nobody)
{
	struct lab lab;

	lab_init(&lab, "");
	cr_expect(lab_work(&lab) && lab_work_alone(&lab));
	cr_expect_geq(lab_take_address(&lab, htonl(0xc0000202)), 0);
	cr_expect_geq(lab_take_address(&lab, htonl(0xc0000202)), 0);
	lab_rest(&lab);
}
