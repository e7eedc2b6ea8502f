/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "bench/rig_test.h"

/* bench_check() on the rig. */

TestSuite(run_check, .init = rig_begin, .fini = rig_end, .timeout = 600);

static void hear_check(void *context, enum check_result result, const char *what, const char *found)
{
	static const char marks[] = {'+', '?', '!'};
	const size_t used = strlen(rig.said);

	(void)context;
	snprintf(
		rig.said + used, sizeof rig.said - used, "%c %s: %s\n", marks[result], what, found);
}

static void expect_check(int expected)
{
	cr_expect_eq(bench_check(&rig.options, hear_check, NULL, &rig.err), expected);
	cr_expect_eq(rig.err.kind, expected == 0 ? ERROR_NONE : ERROR_BENCH);
}

static bool said(const char *what)
{
	return strstr(rig.said, what) != NULL;
}

Test(run_check, first_finds_what_it_needs)
{
	expect_check(0);
	cr_expect(said("+ capture: wizhil0\n+ serial port: /dev/pts/"), "%s", rig.said);
	cr_expect(
		said(", 115200 baud\n+ firmware: APP VERSION=9.9.9\n+ associated: 'lab' as 192.0.2.10\n+ path to the peer: 192.0.2.1:20000\n"),
		"%s", rig.said);
	cr_expect_not(said("!") || said("?"));
}

Test(run_check, on_the_real_clock_measures_the_way_to_the_module)
{
	rig.options.clock = CLOCK_KIND_REAL;
	expect_check(0);
	cr_expect(said(" clock: raw; "), "%s", rig.said);
	cr_expect(said("+ UART: round trip "), "%s", rig.said);
	cr_expect(said(" ms in 5 commands; its stamps are good to "), "%s", rig.said);
	cr_expect(said("+ path to the peer: 192.0.2.1:20000\n"), "%s", rig.said);
}

Test(run_check, says_what_was_tried_with_a_silent_module)
{
	device_is(0, "mute=1");
	expect_check(-1);
	cr_expect(
		said("? first: ESC E\n? first: +++\n? first: other baud rates\n? first: AT+RESET\n! device: device 'first' on '/dev/pts/"),
		"%s", rig.said);
	cr_expect(
		said("' does not answer AT (check power, wiring and baud rate; ESC E, +++, all baud rates, AT+RESET were tried; 'reset:' and 'power:' in the bench file add further steps)\n+ capture: wizhil0\n"),
		"%s", rig.said);
	cr_expect_not(said("serial port"));
}

Test(run_check, says_that_a_device_cannot_reach_the_peer)
{
	device_is(0, "lost=1");
	expect_check(-1);
	cr_expect(
		said("! path to the peer: device 'first' cannot connect to the peer at 192.0.2.1:20000: 'ERROR: SOCKET FAILURE' (is the access point bridged to 'wizhil0'? does a firewall drop it?)\n"),
		"%s", rig.said);
}

Test(run_check, says_that_the_sniffer_sees_nothing_of_the_device)
{
	device_is(0, "lost=2");
	expect_check(-1);
	cr_expect(
		said("! path to the peer: the sniffer on 'wizhil0' sees no frame of device 'first', although it is connected (is this the interface towards the access point?)\n"),
		"%s", rig.said);
}

Test(run_check, says_that_a_connection_has_no_cid)
{
	device_is(0, "lost=3");
	expect_check(-1);
	cr_expect(
		said("! path to the peer: device 'first' answers 'OK' to AT+NCTCP without a CID (is it a WizFi210?)\n"),
		"%s", rig.said);
}

Test(run_check, ends_with_the_process_of_its_device)
{
	device_is(0, "exits=3");
	expect_check(-1);
	cr_expect_str_eq(rig.said,
		"! device: the process of virtual device 'first' exited with 3\n+ capture: wizhil0\n");
}

Test(run_check, names_a_device_that_cannot_be_opened)
{
	rig.devices[0].virtual_device.program = NULL;
	expect_check(-1);
	cr_expect_str_eq(rig.said,
		"! first: cannot run the virtual device '/nowhere': No such file or directory\n");
}
