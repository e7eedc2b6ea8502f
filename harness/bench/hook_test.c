/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "bench/hook.h"
#include "core/error.h"

static struct hook hook;
static struct error err;

static int run(const char *command)
{
	err = (struct error){0};
	cr_assert_eq(hook_start(&hook, "power", command, "dut", "/dev/ttyUSB0", &err), 0, "%s",
		err.text);
	return hook_finish(&hook, -1, &err);
}

Test(hook, a_command_that_ends_well_says_nothing)
{
	cr_assert_eq(run("echo fine"), 0);
	cr_assert_eq(err.kind, ERROR_NONE);
}

Test(hook, a_command_that_fails_is_quoted_by_its_last_line)
{
	cr_assert_eq(run("echo first; echo 'no such hub' >&2; exit 3"), -1);
	cr_assert_str_eq(err.text, "the power command exited with 3: no such hub");
}

Test(hook, a_command_that_was_killed_is_named_with_the_signal)
{
	cr_assert_eq(run("kill -9 $$"), -1);
	cr_assert_str_eq(err.text, "the power command was ended by signal 9");
}

Test(hook, it_knows_device_and_port)
{
	cr_assert_eq(
		run("test \"$WIZHIL_DEVICE:$WIZHIL_PORT\" = dut:/dev/ttyUSB0"), 0, "%s", err.text);
}

Test(hook, the_bench_does_not_wait_for_a_slow_one)
{
	cr_assert_eq(hook_start(&hook, "reset", "sleep 60", "dut", "-", &err), 0);
	cr_assert_eq(hook_finish(&hook, 0, &err), 1);
	hook_cancel(&hook);
	cr_assert_not(hook.running);
}

Test(hook, one_that_takes_too_long_is_ended_with_all_its_processes)
{
	cr_assert_eq(hook_start(&hook, "reset", "sleep 60; true", "dut", "-", &err), 0);
	hook.deadline_ns = 0;
	cr_assert_eq(hook_finish(&hook, -1, &err), -1);
	cr_assert_not_null(strstr(err.text, "did not end within 60 s"), "%s", err.text);
}
