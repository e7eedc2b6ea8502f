/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench_file.h"
#include "bench/hook.h"
#include "core/error.h"

static struct hook hook;
static struct error err;
static const struct bench_file *file;

static void start(const char *name, const char *command)
{
	const struct hook_request request = {.name = name,
		.command = command,
		.device = "dut",
		.port = "/dev/ttyUSB0",
		.file = file};

	err = (struct error){0};
	cr_assert_eq(hook_start(&hook, &request, &err), 0, "%s", err.text);
}

static int run(const char *command)
{
	start("power", command);
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

Test(hook, that_of_a_firmware_knows_its_file_and_has_its_own_time)
{
	const struct hook_request request = {.name = "flash",
		.command = "test \"$WIZHIL_FIRMWARE\" = /lab/new.bin || exit 3; sleep 60; true",
		.device = "dut",
		.port = "",
		.firmware = "/lab/new.bin",
		.timeout_s = 600};

	cr_assert_eq(hook_start(&hook, &request, &err), 0, "%s", err.text);
	cr_expect_eq(hook_finish(&hook, 50, &err), 1, "%s", err.text);
	hook.deadline_ns = 0;
	cr_expect_eq(hook_finish(&hook, -1, &err), -1);
	cr_expect_not_null(strstr(err.text, "did not finish within 600 s"), "%s", err.text);
}

Test(hook, the_bench_does_not_wait_for_a_slow_one)
{
	start("reset", "sleep 60");
	cr_assert_eq(hook_finish(&hook, 0, &err), 1);
	hook_cancel(&hook);
	cr_assert_not(hook.running);
}

Test(hook, one_that_takes_too_long_is_ended_with_all_its_processes)
{
	start("reset", "sleep 60; true");
	hook.deadline_ns = 0;
	cr_assert_eq(hook_finish(&hook, -1, &err), -1);
	cr_assert_not_null(strstr(err.text, "did not finish within 60 s"), "%s", err.text);
}

Test(hook, it_does_not_get_the_passphrase)
{
	const struct bench_device devices[] = {
		{.wifi.passphrase_env = NULL}, {.wifi.passphrase_env = "LAB_PSK"}};
	const struct bench_file bench = {.devices = devices, .device_count = 2};

	setenv("LAB_PSK", "not for hooks", 1);
	setenv("LAB_OTHER", "for all", 1);
	file = &bench;
	cr_expect_eq(run("test -z \"$LAB_PSK\" && test -n \"$LAB_OTHER\""), 0, "%s", err.text);
	cr_expect_str_eq(getenv("LAB_PSK"), "not for hooks");
}

/* What it had from elsewhere it may say: into the journal it does not come. */
Test(hook, a_passphrase_in_what_it_says_is_not_repeated)
{
	const struct bench_device devices[] = {
		{.wifi = {.security = WIFI_WPA2, .passphrase_env = "LAB_PSK"}}};
	const struct bench_file bench = {.devices = devices, .device_count = 1};

	setenv("LAB_PSK", "correct horse", 1);
	file = &bench;
	cr_expect_eq(run("echo 'no network with key correct horse in range'; exit 4"), -1);
	cr_expect_str_eq(err.text,
		"the power command exited with 4: no network with key ************* in range");
}

Test(hook, it_is_in_a_process_group_of_its_own)
{
	char command[128];

	snprintf(command, sizeof command,
		"test $(ps -o pgid= -p $$) -ne %d && test $(ps -o pgid= -p $$) -ne $$", getpgrp());
	cr_expect_eq(run(command), 0, "%s", err.text);
}

/* The bench is deaf to the signals of a terminal and of a cancelled job; what it runs is not. */
Test(hook, it_takes_signals_as_usual)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	cr_expect_eq(run("kill -TERM $$"), -1);
	cr_expect_str_eq(err.text, "the power command was ended by signal 15");
}

/* A bench that is killed while its hook runs, with what the hook started. */
Test(hook, it_ends_with_a_bench_that_is_killed)
{
	int ends[2];
	char octet;

	cr_assert_eq(pipe(ends), 0);
	pid_t bench = fork();
	if (bench == 0) {
		char command[64];
		close(ends[0]);
		snprintf(command, sizeof command, "echo > /dev/fd/%d; sleep 600; true", ends[1]);
		start("power", command);
		pause();
	}
	close(ends[1]);
	cr_assert_eq(read(ends[0], &octet, 1), 1);
	kill(bench, SIGKILL);
	waitpid(bench, NULL, 0);
	/* The end of the pipe: nobody has it open any more. */
	cr_expect_eq(read(ends[0], &octet, 1), 0);
}
