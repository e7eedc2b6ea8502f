/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/broker_protocol.h"
#include "bench/rig_test.h"
#include "core/error.h"
#include "core/expected_test.h"

TestSuite(run, .init = rig_begin, .fini = rig_end, .timeout = 600);

/* One event as a line: what it is and what it says, without what depends on the kernel. */
static void sketch_event(
	const struct timeline *timeline, const struct event *event, char *line, size_t size)
{
	const struct timeline_segment *segment = &event->segment;
	const char *name =
		event->connection < 0 ? "" : timeline->scenario.connections[event->connection].name;

	switch (event->kind) {
	case EVENT_SEGMENT:
		snprintf(line, size, "%s%d %s %s %u,%u +%u #%d>%d", name, event->generation,
			segment->direction == FROM_DEVICE ? "device" : "peer",
			segment_role_name(segment->role), segment->seq, segment->ack,
			segment->length, (int)segment->frame, (int)segment->answers);
		break;
	case EVENT_COMMAND:
	case EVENT_RESPONSE:
	case EVENT_NOTICE:
		snprintf(line, size, "%s%s'%s'", name, event->kind == EVENT_NOTICE ? " says " : " ",
			event->text);
		break;
	case EVENT_FAULT:
		snprintf(line, size, "%s fault '%s' since %.1f", name, event->text,
			(double)event->from_ns / 1e9);
		break;
	case EVENT_ARP:
		snprintf(line, size, "%s asks where its peer is", name);
		break;
	case EVENT_AIR:
		snprintf(line, size, "air %d", (int)event->air.kind);
		break;
	case EVENT_OPENED:
		snprintf(line, size, "%s opened %d", name, event->cid);
		break;
	case EVENT_LISTING:
		snprintf(line, size, "%s listed %d %d", name, event->cid, event->listed);
		break;
	case EVENT_PEER:
		snprintf(line, size, "%s peer %s %d%s", name, peer_act_names.name[event->act],
			event->size, event->ok ? " right" : "");
		break;
	case EVENT_DATA:
		snprintf(line, size, "%s data %d%s", name, event->size, event->ok ? " right" : "");
		break;
	case EVENT_STEP:
		snprintf(line, size, "%s step %d", name, event->step);
		break;
	case EVENT_START:
		snprintf(line, size, "start");
		break;
	case EVENT_WATCHED:
		snprintf(line, size, "watched");
		break;
	}
}

/* The timeline of a case, an event a line, each with its second after the start. */
static const char *sketch(const char *name)
{
	static char text[1 << 15];
	char path[200], line[400];
	struct error err = {0};
	int64_t start_ns = 0;
	size_t used = 0;

	snprintf(path, sizeof path, "%s/evidence/%s.timeline.jsonl", rig.folder, name);
	FILE *file = fopen(path, "r");
	cr_assert_not_null(file, "%s\n%s", path, rig.journal);
	struct timeline *timeline = timeline_read(file, &err);
	cr_assert_not_null(timeline, "%s", err.text);
	fclose(file);
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_START)
			start_ns = timeline->events[i].t_ns;
	text[0] = '\0';
	for (size_t i = 0; i < timeline->count; i++) {
		sketch_event(timeline, &timeline->events[i], line, sizeof line);
		used += (size_t)snprintf(text + used, sizeof text - used, "%g %s\n",
			(double)(timeline->events[i].t_ns - start_ns) / 1e9, line);
	}
	timeline_free(timeline);
	return text;
}

Test(run, of_a_tcp_connection_has_all_of_it_in_the_timeline)
{
	rig.scenario = tcp_client("a");
	peer_sends(&rig.scenario, "a", .at_s = 5, .size = 3);
	device_sends(&rig.scenario, "a", .at_s = 10, .size = 4);
	watch(&rig.scenario, .until = TIME, .s = 20);
	device_is(0, "probes=60");
	device_is(0, "strays=61");
	cr_expect_eq(run(0), NEXT_NONE);
	expect_lines("bench", sketch("suite.one"));
}

Test(run, of_a_server_is_dialled_by_the_peer)
{
	rig.scenario = tcp_server("a");
	peer_closes(&rig.scenario, "a", .at_s = 5);
	watch(&rig.scenario, .until = TIME, .s = 20);
	cr_expect_eq(run(0), NEXT_NONE);
	expect_lines("bench", sketch("suite.one"));
}

Test(run, has_what_the_bench_sends_past_the_peers_tcp)
{
	rig.scenario = tcp_client("a");
	peer_falls_silent(&rig.scenario, "a", .at_s = 1);
	peer_answers(&rig.scenario, "a", .on_probe = 2, .at_s = 3);
	peer_answers(&rig.scenario, "a", .at_s = 16, .raw.closed_window = true, .raw.copies = 2);
	peer_answers(&rig.scenario, "a", .at_s = 17, .raw.bad_checksum = true);
	peer_answers(&rig.scenario, "a", .at_s = 18, .raw.ack_offset = 5);
	peer_answers(&rig.scenario, "a", .at_s = 19, .raw.other_port = true);
	peer_probes(&rig.scenario, "a", .at_s = 21, .size = 1);
	peer_is_unreachable(&rig.scenario, "a", .at_s = 22, .raw.code = 1);
	peer_sends_stray_reset(&rig.scenario, "a", .at_s = 23, .raw.seq_offset = -1);
	watch(&rig.scenario, .until = TIME, .s = 30);
	device_is(0, "probes=60,65");
	cr_expect_eq(run(0), NEXT_NONE);
	expect_lines("bench", sketch("suite.one"));
}

Test(run, has_the_acts_of_the_peer)
{
	rig.scenario = tcp_client("a");
	add_connection(&rig.scenario, "b", ROLE_TCP_CLIENT);
	peer_falls_silent(&rig.scenario, "a", .at_s = 1);
	peer_speaks_again(&rig.scenario, "a", .at_s = 8);
	peer_resets(&rig.scenario, "a", .at_s = 10);
	device_opens(&rig.scenario, "a", .at_s = 11);
	peer_reboots(&rig.scenario, "a", .at_s = 12);
	watch(&rig.scenario, .until = DEATH, .of = "a", .s = 30, .then_s = 5);
	device_is(0, "probes=60,66,68");
	cr_expect_eq(run(0), NEXT_NONE);
	expect_lines("bench", sketch("suite.one"));
}

Test(run, names_an_address_that_nobody_has)
{
	rig.scenario = tcp_client("a");
	command_at(&rig.scenario, "a", "AT+NCUDP=%n,5", .at_s = 1);
	watch(&rig.scenario, .until = TIME, .s = 5);
	device_is(0, "says=62:HELLO");
	cr_expect_eq(run(0), NEXT_NONE);
	expect_lines("bench", sketch("suite.one"));
}

Test(run, dials_a_listener_again_and_another_ones)
{
	rig.scenario = tcp_server("a");
	add_connection(&rig.scenario, "b", ROLE_TCP_SERVER);
	share_end(&rig.scenario, "b", "a");
	peer_resets(&rig.scenario, "a", .at_s = 5);
	peer_dials(&rig.scenario, "a", .at_s = 10);
	peer_closes(&rig.scenario, "b", .at_s = 2, .after_death_of = "a");
	watch(&rig.scenario, .until = DEATH, .of = "b", .s = 20);
	cr_expect_eq(run(0), NEXT_NONE);
	expect_lines("bench", sketch("suite.one"));
}

/* The second case has the ports of the first one, whose connection is in TIME-WAIT. */
Test(run, dials_from_another_port_than_a_connection_has_that_is_not_over)
{
	rig.options.case_count = 2;
	rig.file.peer.last_port = rig.file.peer.first_port + 1;
	rig.scenario = tcp_server("a");
	add_connection(&rig.scenario, "b", ROLE_TCP_CLIENT);
	peer_closes(&rig.scenario, "a", .at_s = 5);
	watch(&rig.scenario, .until = TIME, .s = 10);
	cr_expect_eq(run(0), NEXT_NONE);
	expect_lines("bench", sketch("suite.one"));
	expect_lines("bench", sketch("suite.two"));
}

Test(run, has_a_host_that_comes_and_goes)
{
	rig.scenario = tcp_client("a");
	add_connection(&rig.scenario, "b", ROLE_TCP_CLIENT);
	at_spare_address(&rig.scenario, "b");
	add_connection(&rig.scenario, "c", ROLE_TCP_CLIENT);
	share_end(&rig.scenario, "c", "a");
	peer_is_gone(&rig.scenario, "b", .at_s = 5);
	watch(&rig.scenario, .until = TIME, .s = 20);
	device_is(0, "asks=60,70");
	cr_expect_eq(run(0), NEXT_NONE);
	expect_lines("bench", sketch("suite.one"));
}

Test(run, cannot_dial_what_does_not_listen)
{
	rig.scenario = tcp_client("a");
	peer_dials(&rig.scenario, "a", .at_s = 1);
	watch(&rig.scenario, .until = TIME, .s = 3);
	cr_expect_eq(run(0), NEXT_NONE);
	expect_lines("bench", sketch("suite.one"));
}

Test(run, that_is_interrupted_drives_nothing_more)
{
	const char order = ORDER_INTERRUPT;

	rig.scenario = tcp_client("a");
	cr_assert_eq(send(rig.orders, &order, 1, 0), 1);
	cr_expect_eq(run(0), 10);
	cr_expect(journalled("{\"event\":\"not_run\",\"case\":\"suite/one\""), "%s", rig.journal);
	cr_expect_null(strstr(rig.journal, "admitted"));
}

Test(run, ends_at_once_when_its_command_is_gone)
{
	close(rig.orders);
	cr_expect_eq(bench_run(&rig.options, &rig.err), 0);
	cr_expect_null(strstr(rig.journal, "admitted"));
}

/* The frames say who is meant: the MAC is the device's own. */
Test(run, of_two_devices_keeps_them_apart)
{
	rig.file.device_count = 2;
	rig.options.case_count = 2;
	snprintf(rig.cases[0].device, sizeof rig.cases[0].device, "first");
	snprintf(rig.cases[1].device, sizeof rig.cases[1].device, "second");
	rig.scenario = tcp_client("a");
	watch(&rig.scenario, .until = TIME, .s = 300);
	device_is(1, "probes=200");
	cr_expect_eq(run(0), NEXT_NONE, "%s", rig.journal);
	for (int i = 0; i < 2; i++) {
		char text[200];
		snprintf(text, sizeof text,
			"{\"event\":\"device\",\"device\":\"%s\",\"firmware\":\"APP VERSION=9.9.9\",\"mac\":\"02:d0:07:00:00:0%d\",\"address\":\"192.0.2.1%d\",\"baud\":115200,\"option_cid\":\"decimal\",\"cids\":16}",
			rig.devices[i].name, i + 1, i);
		cr_expect(journalled(text), "%s\n%s", text, rig.journal);
	}
	cr_expect_null(strstr(sketch("suite.one.first"), "probe"));
	cr_expect_not_null(strstr(sketch("suite.two.second"), "device probe"), "%s",
		sketch("suite.two.second"));
}

Test(run, knows_what_a_module_says_of_its_own_accord)
{
	rig.scenario = tcp_client("a");
	watch(&rig.scenario, .until = TIME, .s = 20);
	device_is(0, "says=60:[Disassociation Event]");
	cr_expect_eq(run(0), NEXT_NONE);
	cr_expect(journalled("{\"event\":\"recovery\",\"device\":\"first\""), "%s", rig.journal);
}

Test(run, leaves_its_evidence)
{
	rig.scenario = tcp_client("a");
	watch(&rig.scenario, .until = TIME, .s = 3);
	cr_expect_eq(run(0), NEXT_NONE);
	cr_expect_str_eq(read_file("evidence/suite.one.uart.txt"),
		"# wizhil UART transcript 1: + seconds, > to the module, < from it, ******** a secret\n"
		"+   53.900000 > AT+NCTCP=192.0.2.1,20000\n"
		"+   53.900000 < [CONNECT 0]\n"
		"+   53.900000 < [OK]\n"
		"+   56.900000 > AT+CID=?\n"
		"+   56.900000 < CID  TYPE\n"
		"+   56.900000 < 0  TCP  CLIENT\n"
		"+   56.900000 < [OK]\n"
		"+   56.900000 > AT+NCLOSE=0\n"
		"+   56.900000 < [OK]\n");
	cr_expect(journalled(
		"\"evidence\":{\"timeline\":\"evidence/suite.one.timeline.jsonl\",\"pcapng\":\"evidence/suite.one.pcapng\",\"transcript\":\"evidence/suite.one.uart.txt\"}"));
}

/* It lies in the folder of the run that judges it, which has a folder of its own. */
Test(run, serves_the_timelines_of_an_earlier_one)
{
	const struct recorded_case was = {.name = "suite/one",
		.device = "right",
		.first = {.device = "right", .concurrent = 3}};
	char earlier[sizeof rig.folder + 16], path[sizeof rig.folder + 64];

	rig.scenario = tcp_client("a");
	watch(&rig.scenario, .until = TIME, .s = 3);
	cr_expect_eq(run(0), NEXT_NONE);
	rig.journal[0] = '\0';
	snprintf(earlier, sizeof earlier, "%s-earlier", rig.folder);
	cr_assert_eq(rename(rig.folder, earlier), 0);
	cr_assert_eq(mkdir(rig.folder, 0700), 0);
	rig.options.recorded = earlier;
	rig.options.recorded_cases = &was;
	rig.options.recorded_case_count = 1;
	rig_open_sockets();
	cr_expect_eq(run(0), NEXT_NONE);
	cr_expect(journalled("\"device\":\"right\",\"attempt\":\"first\",\"concurrent\":3"), "%s",
		rig.journal);
	cr_expect(journalled("\"evidence\":{\"timeline\":\"evidence/suite.one.timeline.jsonl\""),
		"%s", rig.journal);
	cr_expect_not(journalled("\"event\":\"device\""));
	snprintf(path, sizeof path, "%s/evidence/suite.one.pcapng", rig.folder);
	cr_expect_eq(access(path, F_OK), 0);
	snprintf(path, sizeof path, "%s/earlier", rig.folder);
	cr_expect_eq(rename(earlier, path), 0); /* to be removed with it */
}

Test(run, cannot_serve_a_timeline_that_is_not_there)
{
	rig.scenario = tcp_client("a");
	rig.options.recorded = rig.folder;
	cr_expect_eq(run(0), 10);
	cr_expect(journalled("{\"event\":\"error\",\"case\":\"suite/one\""), "%s", rig.journal);
}

/* What is watched, each line once as long as it does not change. */
static void note_watched(void *context, const struct watched *what)
{
	static char last[200];
	const size_t used = strlen(rig.watched);
	char line[200];

	(void)context;
	snprintf(line, sizeof line, "%d %s %s %d '%s' %d\n", (int)what->kind, what->case_name,
		what->device, what->connections, what->connection,
		what->keepalive.on ? what->keepalive.timeout_s : 0);
	if (strcmp(line, last) != 0)
		snprintf(rig.watched + used, sizeof rig.watched - used, "%s", line);
	snprintf(last, sizeof last, "%s", line);
}

Test(run, tells_who_watches_what_happens)
{
	rig.scenario = tcp_client("a");
	keepalive(&rig.scenario, "a", .count = 1, .timeout_s = 90);
	option_at(&rig.scenario, "a", "6,4001,120,4", .at_s = 2);
	watch(&rig.scenario, .until = TIME, .s = 5);
	rig.options.tell = note_watched;
	cr_expect_eq(run(0), NEXT_NONE);
	cr_expect_str_eq(rig.watched,
		"0 suite/one first 1 '' 0\n"
		"1 suite/one first 1 'a' 90\n"
		"1 suite/one first 1 '' 0\n"
		"1 suite/one first 1 'a' 90\n"
		"1 suite/one first 1 'a' 120\n"
		"1 suite/one first 1 '' 0\n"
		"1 suite/one first 1 'a' 120\n"
		"1 suite/one first 1 '' 0\n"
		"1 suite/one first 1 'a' 120\n"
		"2 suite/one first 1 '' 0\n",
		"%s", rig.watched);
}

Test(run, hands_its_settings_to_the_virtual_device)
{
	static const char *const sets[] = {"of=run"};
	static const char *const faults[] = {"f1", "f2"};
	char log[100], expected[400];

	snprintf(log, sizeof log, "%s/arguments", rig.folder);
	rig.devices[0].virtual_device.log = log;
	rig.devices[0].virtual_device.profile = "P";
	rig.devices[0].virtual_device.pid_file = "/nowhere/pid";
	rig.devices[0].virtual_device.faults = faults;
	rig.devices[0].virtual_device.fault_count = 2;
	device_is(0, "of=device");
	rig.options.sets = sets;
	rig.options.set_count = 1;
	rig.options.seed = 7;
	rig.scenario = tcp_client("a");
	watch(&rig.scenario, .until = TIME, .s = 1);
	cr_expect_eq(run(0), NEXT_NONE);
	snprintf(expected, sizeof expected,
		"--clock\nstepped\n--mac\n02:d0:07:00:00:01\n--seed\n7\n--profile\nP\n--pid-file\n/nowhere/pid\n--log\n%s\n--fault\nf1\n--fault\nf2\n--set\nof=device\n--set\nof=run\n",
		log);
	const char *found = strstr(read_file("arguments"), "--clock");
	cr_expect_str_eq(found, expected, "%s", found);
}

Test(run, prefers_the_seed_of_the_bench_file)
{
	char log[100];

	snprintf(log, sizeof log, "%s/arguments", rig.folder);
	rig.devices[0].virtual_device.log = log;
	rig.devices[0].virtual_device.has_seed = true;
	rig.devices[0].virtual_device.seed = 12345;
	rig.options.seed = 7;
	rig.scenario = tcp_client("a");
	watch(&rig.scenario, .until = TIME, .s = 1);
	cr_expect_eq(run(0), NEXT_NONE);
	cr_expect_not_null(strstr(read_file("arguments"), "--seed\n12345\n"));
}

Test(run, on_the_real_clock_takes_its_time)
{
	rig.options.clock = CLOCK_KIND_REAL;
	rig.scenario = tcp_client("a");
	peer_sends(&rig.scenario, "a", .at_s = .1, .size = 3);
	watch(&rig.scenario, .until = TIME, .s = .3);
	cr_expect_eq(run(0), NEXT_NONE);
	const char *found = sketch("suite.one");
	cr_expect_not_null(strstr(found, "a1 device SYN 0,0 +0 #1>0\n"), "%s", found);
	cr_expect_not_null(strstr(found, "a1 peer data 1,1 +3 #4>0\n"), "%s", found);
	cr_expect_not_null(strstr(found, "a1 device plain 1,4 +0 #5>0\n"), "%s", found);
	cr_expect_not_null(strstr(found, "a data 3 right\n"), "%s", found);
	cr_expect_null(strstr(found, "fault"), "%s", found);
	cr_expect(journalled("{\"event\":\"uart\",\"device\":\"first\",\"round_trips\":"));
}

static void expect_broken(const char *why)
{
	char text[300];

	rig.scenario = tcp_client("a");
	cr_expect_eq(run(-1), 10);
	cr_expect_str_eq(rig.err.text, why);
	snprintf(text, sizeof text, "{\"event\":\"fault\",\"text\":\"%s\",\"t_s\":0.0}\n", why);
	cr_expect(journalled(text), "%s", rig.journal);
	cr_expect(journalled("{\"event\":\"error\",\"case\":\"suite/one\""), "%s", rig.journal);
}

Test(run, ends_when_its_only_device_exits)
{
	device_is(0, "exits=3");
	expect_broken("the process of virtual device 'first' exited with 3");
}

Test(run, ends_when_frames_come_without_end_at_one_instant)
{
	device_is(0, "storms=1");
	expect_broken(
		"device 'first' and the peer exchange frames without end: more than 20000 of them at 0.0 s");
}

Test(run, ends_when_the_wire_is_behind_the_counter_of_the_device)
{
	device_is(0, "lies=wire");
	expect_broken(
		"device 'first': the capture is more than 2000 ms of wall time behind the counter of the device");
}

Test(run, ends_when_the_uart_is_behind_the_counter_of_the_device)
{
	device_is(0, "lies=uart");
	expect_broken(
		"device 'first': the UART is more than 2000 ms of wall time behind the counter of the device");
}

/* Who waits is told at once: the bench waits two minutes for a worker. */
Test(run, ends_when_its_evidence_cannot_be_written)
{
	rig.options.run_folder = "/nowhere";
	rig.scenario = tcp_client("a");
	cr_expect_eq(run(-1), 10);
	cr_expect_str_eq(
		rig.err.text, "cannot create '/nowhere/evidence': No such file or directory");
}

Test(run, needs_a_program_that_can_be_run)
{
	rig.devices[0].virtual_device.program = NULL;
	cr_expect_eq(bench_run(&rig.options, &rig.err), -1);
	cr_expect_str_eq(rig.err.text,
		"cannot run the virtual device '/nowhere': No such file or directory");
	cr_expect(journalled("{\"event\":\"fault\",\"text\":\"cannot run the virtual device"));
}
