/* SPDX-License-Identifier: MIT */
#include "bench/spawn.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "core/error.h"

#define MODULE WIZHIL_SOURCE "/harness/bench/fake_module_test.py"

static struct error err;
static const uint8_t mac[6] = {0x02, 0xd0, 0x07, 0, 0, 1};

static struct bench_device entry_of(const char *program)
{
	return (struct bench_device){.name = "left", .virtual_device.program = program};
}

static int checked(const char *program, const char *set)
{
	const struct bench_device entry = entry_of(program);
	const char *const sets[] = {set};
	const struct spawn_request request = {.program = MODULE,
		.entry = &entry,
		.mac = mac,
		.sets = sets,
		.set_count = set == NULL ? 0 : 1};

	err = (struct error){0};
	return spawn_check(&request, &err);
}

Test(spawn, a_device_that_takes_its_settings_is_fine)
{
	cr_expect_eq(checked(NULL, NULL), 0, "%s", err.text);
	cr_expect_eq(checked(NULL, "a=b"), 0, "%s", err.text);
}

Test(spawn, a_device_that_refuses_its_settings_is_quoted)
{
	cr_expect_eq(checked(NULL, "refuses=no such setting 'x'"), -1);
	cr_expect_eq(err.kind, ERROR_USAGE);
	cr_expect_str_eq(err.text, "virtual device 'left': no such setting 'x'");
	cr_expect_eq(checked(NULL, "refuses=two\nlines"), -1);
	cr_expect_str_eq(err.text, "virtual device 'left': two");
}

Test(spawn, a_program_that_is_none_cannot_be_checked)
{
	cr_expect_eq(checked("/nowhere/device", NULL), -1);
	cr_expect_eq(err.kind, ERROR_BENCH);
	cr_expect_str_eq(err.text, "cannot run the virtual device '/nowhere/device'");
	cr_expect_eq(checked("/bin/false", NULL), -1);
	cr_expect_str_eq(err.text, "cannot run the virtual device '/bin/false'");
}

/* Its UART is raw before its first octet, and it ends with its control socket. */
Test(spawn, a_device_has_a_raw_uart_and_a_control_socket)
{
	const struct bench_device entry = entry_of(NULL);
	const struct spawn_request request = {
		.program = MODULE, .entry = &entry, .mac = mac, .stepped = true};
	struct spawned spawned = {0};
	struct termios settings;
	int status = 0;

	cr_assert_eq(spawn_device(&request, &spawned, &err), 0, "%s", err.text);
	cr_assert_gt(spawned.child, 0);
	cr_assert_eq(tcgetattr(spawned.pty_slave, &settings), 0);
	cr_expect_eq(settings.c_lflag & (tcflag_t)(ECHO | ICANON | ISIG), 0);
	cr_expect_eq(settings.c_iflag & (tcflag_t)(ICRNL | IXON), 0);
	cr_expect_eq(settings.c_oflag & (tcflag_t)OPOST, 0);
	close(spawned.control);
	cr_expect_eq(waitpid(spawned.child, &status, 0), spawned.child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(spawned.pty_slave);
}

Test(spawn, a_program_that_is_none_is_not_started)
{
	const struct bench_device entry = entry_of("/nowhere/device");
	const struct spawn_request request = {.program = MODULE, .entry = &entry, .mac = mac};
	struct spawned spawned = {0};

	cr_expect_eq(spawn_device(&request, &spawned, &err), -1);
	cr_expect_eq(spawned.pty_slave, -1);
	cr_expect_eq(err.kind, ERROR_BENCH);
	cr_expect_str_eq(err.text,
		"cannot run the virtual device '/nowhere/device': No such file or directory");
}
