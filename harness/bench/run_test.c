/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/broker_protocol.h"
#include "bench/client.h"
#include "core/error.h"
#include "peer/namespace.h"

/*
 * Whole runs: a network namespace, TAPs, and fake_module_test.py as the device, a process of its own.
 * The bench is this process, the workers of the cases are children of it.
 */

#define MODULE WIZHIL_SOURCE "/harness/bench/fake_module_test.py"

enum { DEVICES = 2, CASES = 2 };

struct rig {
	char folder[40];
	struct bench_file file;
	struct bench_device devices[DEVICES];
	const char *sets[DEVICES][2];
	struct bench_options options;
	struct listed_case cases[CASES];
	struct scenario scenario;
	int orders; /* the command's end of the control socket */
	struct error err;
	char journal[1 << 15];
	char said[4096]; /* by bench_check, a line each */
	char told[1 << 15];
};

static struct rig rig;

/* Whether this system lets a test have a network of its own. */
static bool has_network(void)
{
	struct error err = {0};
	int status = 0;

	pid_t child = fork();
	if (child == 0)
		_exit(namespace_enter(&err) == 0 && tap_create("wizhil0", &err) >= 0 ? 0 : 1);
	return waitpid(child, &status, 0) == child && status == 0;
}

static int keep_event(void *context, json_t *event, bool force, struct error *err)
{
	const size_t used = strlen(rig.journal);
	char *text = json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER);

	(void)context;
	(void)force;
	(void)err;
	snprintf(rig.journal + used, sizeof rig.journal - used, "%s\n", text);
	free(text);
	json_decref(event);
	return 0;
}

/* Where the workers find the bench, and the command's way to it. */
static void open_sockets(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	rig.options.control = pair[0];
	rig.orders = pair[1];
	snprintf(address.sun_path, sizeof address.sun_path, "%s/bench", rig.folder);
	unlink(address.sun_path);
	const int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	cr_assert_eq(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(listen(listener, 8), 0);
	rig.options.listener = listener;
}

static void begin(void)
{
	if (!has_network())
		cr_skip_test("no network namespace or no /dev/net/tun");
	snprintf(rig.folder, sizeof rig.folder, "/tmp/wizhil-rig-XXXXXX");
	cr_assert_not_null(mkdtemp(rig.folder));
	for (int i = 0; i < DEVICES; i++)
		rig.devices[i] = (struct bench_device){.name = i == 0 ? "first" : "second",
			.is_virtual = true,
			.virtual_device = {.program = MODULE, .sets = rig.sets[i]},
			.wifi.ssid = "lab",
			.address = {.address_be = inet_addr("192.0.2.10"),
				.prefix = 24,
				.gateway_be = inet_addr("192.0.2.1")}};
	rig.devices[1].address.address_be = inet_addr("192.0.2.11");
	rig.file = (struct bench_file){.bench = "rig",
		.is_virtual = true,
		.devices = rig.devices,
		.device_count = 1,
		.peer = {.interface = "wizhil0",
			.address_be = inet_addr("192.0.2.1"),
			.first_port = 20000,
			.last_port = 20255}};
	rig.options = (struct bench_options){.file = &rig.file,
		.virtual_program = "/nowhere",
		.clock = CLOCK_KIND_STEPPED,
		.repeat = 1,
		.cids = 16,
		.run_folder = rig.folder,
		.cases = rig.cases,
		.case_count = 1,
		.record = keep_event};
	open_sockets();
	snprintf(rig.cases[0].name, sizeof rig.cases[0].name, "suite/one");
	snprintf(rig.cases[1].name, sizeof rig.cases[1].name, "suite/two");
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static void end(void)
{
	nftw(rig.folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(run, .init = begin, .fini = end, .timeout = 60);

static void device_is(int index, const char *set)
{
	rig.sets[index][rig.devices[index].virtual_device.set_count++] = set;
}

/* A worker's life; its exit code is what it was told to do next, 10 for an error. */
static _Noreturn void work(int index)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	char path[128];
	struct error err = {0};
	int next = 10;

	snprintf(path, sizeof path, "%s/bench", rig.folder);
	int socket = client_connect(path, rig.cases[index].name, rig.cases[index].device, &err);
	struct timeline *timeline =
		socket < 0 ? NULL : client_drive(socket, &rig.scenario, false, &err);
	if (timeline != NULL && strcmp(timeline->case_name, rig.cases[index].name) == 0)
		next = client_deliver(socket, "{\"outcome\": \"pass\"}", &err);
	timeline_free(timeline);
	_exit(next < 0 ? 10 : next);
}

/* The runner: its workers, then the news that none comes any more. */
static pid_t start_workers(void)
{
	pid_t runner = fork();
	int worst = 0, status = 0;

	if (runner != 0)
		return runner;
	/* Nobody may wait for a bench that is gone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(rig.options.listener);
	close(rig.options.control);
	for (size_t i = 0; i < rig.options.case_count; i++)
		if (fork() == 0)
			work((int)i);
	while (wait(&status) > 0)
		worst = WEXITSTATUS(status) > worst ? WEXITSTATUS(status) : worst;
	const char order = ORDER_RUNNER_ENDED;
	(void)send(rig.orders, &order, 1, MSG_NOSIGNAL);
	_exit(worst);
}

/* Runs the bench with its workers; what came of the workers, as the worst of work(). */
static int run(int expected)
{
	int status = 0;
	pid_t runner = start_workers();

	cr_expect_eq(
		bench_run(&rig.options, &rig.err), expected, "%s\n%s", rig.err.text, rig.journal);
	cr_assert_eq(waitpid(runner, &status, 0), runner);
	return WEXITSTATUS(status);
}

static bool journalled(const char *what)
{
	return strstr(rig.journal, what) != NULL;
}

static const char *read_file(const char *name)
{
	static char text[1 << 16];
	char path[200];

	snprintf(path, sizeof path, "%s/%s", rig.folder, name);
	FILE *file = fopen(path, "r");
	cr_assert_not_null(file, "%s", path);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

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

static void expect_sketch(const char *name, const char *expected)
{
	const char *found = sketch(name);

	cr_expect_str_eq(found, expected, "\n%s\n%s", found, rig.journal);
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
	expect_sketch("suite.one", "0 a 'AT+NCTCP=192.0.2.1,20000'\n"
				   "0 a asks where its peer is\n"
				   "0 a1 device SYN 0,0 +0 #1>0\n"
				   "0 a1 peer SYN 0,1 +0 #2>0\n"
				   "0 a1 device plain 1,1 +0 #3>0\n"
				   "0 a 'OK'\n"
				   "0 a opened 0\n"
				   "0 a peer connected 0\n"
				   "0 start\n"
				   "5 a peer sent 3\n"
				   "5 a step 0\n"
				   "5 a1 peer data 1,1 +3 #4>0\n"
				   "5 a1 device plain 1,4 +0 #5>0\n"
				   "5 a data 3 right\n"
				   "6.1 a1 device probe 0,4 +0 #6>0\n"
				   "6.1 a1 peer answer 4,1 +0 #7>6\n"
				   "7.1 a1 device segment of another 4-tuple 0,0 +0 #8>0\n"
				   "10 a step 1\n"
				   "10 a1 device data 1,4 +4 #9>0\n"
				   "10 a1 peer plain 4,5 +0 #10>0\n"
				   "10 a 'ESC O'\n"
				   "10 a peer received 4 right\n"
				   "20  'OK'\n"
				   "20 a listed 0 1\n"
				   "20 watched\n"
				   "20 a1 device FIN 5,4 +0 #11>0\n"
				   "20 a1 peer plain 4,6 +0 #12>0\n"
				   "20 a 'OK'\n"
				   "20 a peer closed by device 0\n"
				   "20 a1 peer FIN 4,6 +0 #13>0\n");
}

Test(run, of_a_server_is_dialled_by_the_peer)
{
	rig.scenario = tcp_server("a");
	peer_closes(&rig.scenario, "a", .at_s = 5);
	watch(&rig.scenario, .until = TIME, .s = 20);
	cr_expect_eq(run(0), NEXT_NONE);
	expect_sketch("suite.one", "0 a 'AT+NSTCP=20000'\n"
				   "0 a 'OK'\n"
				   "0 a1 peer SYN 0,0 +0 #1>0\n"
				   "0 a1 device SYN 0,1 +0 #2>0\n"
				   "0 a1 peer plain 1,1 +0 #3>0\n"
				   "0 a opened 0\n"
				   "0 a peer connected 0\n"
				   "0 start\n"
				   "5 a peer closed 0\n"
				   "5 a step 0\n"
				   "5 a1 peer FIN 1,1 +0 #4>0\n"
				   "5 a1 device plain 1,2 +0 #5>0\n"
				   "5 a says 'DISCONNECT 0'\n"
				   "20  'OK'\n"
				   "20 a listed 0 1\n"
				   "20 watched\n"
				   "21 a1 device FIN 1,2 +0 #6>0\n"
				   "21 a1 peer plain 2,2 +0 #7>0\n"
				   "21 a 'OK'\n"
				   "21 a peer closed by device 0\n"
				   "21  'OK'\n");
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
	expect_sketch("suite.one", "0 a 'AT+NCTCP=192.0.2.1,20000'\n"
				   "0 a asks where its peer is\n"
				   "0 a1 device SYN 0,0 +0 #1>0\n"
				   "0 a1 peer SYN 0,1 +0 #2>0\n"
				   "0 a1 device plain 1,1 +0 #3>0\n"
				   "0 a 'OK'\n"
				   "0 a opened 0\n"
				   "0 a peer connected 0\n"
				   "0 start\n"
				   "1 a peer silent 0\n"
				   "1 a step 0\n"
				   "6.1 a1 device probe 0,1 +0 #4>0\n"
				   "11.1 a1 device probe 0,1 +0 #5>0\n"
				   "14.1 a peer raw segment 0\n"
				   "14.1 a step 1\n"
				   "14.1 a1 peer answer 1,1 +0 #6>5\n"
				   "16 a peer raw segment 0\n"
				   "16 a step 2\n"
				   "16 a1 peer plain 1,1 +0 #7>0\n"
				   "16 a1 peer plain 1,1 +0 #8>0\n"
				   "17 a peer raw segment 0\n"
				   "17 a step 3\n"
				   "17 a1 peer stray 1,1 +0 #9>0\n"
				   "18 a peer raw segment 0\n"
				   "18 a step 4\n"
				   "18 a1 peer plain 1,6 +0 #10>0\n"
				   "19 a peer raw segment 0\n"
				   "19 a step 5\n"
				   "21 a peer raw segment 1\n"
				   "21 a step 6\n"
				   "21 a1 peer probe 0,1 +1 #11>0\n"
				   "22 a peer raw segment 0\n"
				   "22 a step 7\n"
				   "23 a peer raw segment 0\n"
				   "23 a step 8\n"
				   "23 a1 peer stray 0,0 +0 #13>0\n"
				   "23 a says 'DISCONNECT 0'\n"
				   "30  'OK'\n"
				   "30 a listed 0 0\n"
				   "30 watched\n");
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
	expect_sketch("suite.one", "0 a 'AT+NCTCP=192.0.2.1,20000'\n"
				   "0 a asks where its peer is\n"
				   "0 a1 device SYN 0,0 +0 #1>0\n"
				   "0 a1 peer SYN 0,1 +0 #2>0\n"
				   "0 a1 device plain 1,1 +0 #3>0\n"
				   "0 a 'OK'\n"
				   "0 a opened 0\n"
				   "0 a peer connected 0\n"
				   "0 b 'AT+NCTCP=192.0.2.1,20001'\n"
				   "0 a asks where its peer is\n"
				   "0 b1 device SYN 0,0 +0 #4>0\n"
				   "0 b1 peer SYN 0,1 +0 #5>0\n"
				   "0 b1 device plain 1,1 +0 #6>0\n"
				   "0 b 'OK'\n"
				   "0 b opened 1\n"
				   "0 b peer connected 0\n"
				   "0 start\n"
				   "1 a peer silent 0\n"
				   "1 a step 0\n"
				   "6.1 a1 device probe 0,1 +0 #7>0\n"
				   "6.1 b1 device probe 0,1 +0 #8>0\n"
				   "6.1 b1 peer answer 1,1 +0 #9>8\n"
				   "8 a peer speaks 0\n"
				   "8 a step 1\n"
				   "10 a peer reset 0\n"
				   "10 a step 2\n"
				   "10 a1 peer RST 1,1 +0 #10>0\n"
				   "10 a says 'DISCONNECT 0'\n"
				   "11 a 'AT+NCTCP=192.0.2.1,20002'\n"
				   "11 a step 3\n"
				   "11 a asks where its peer is\n"
				   "11 a2 device SYN 0,0 +0 #11>0\n"
				   "11 a2 peer SYN 0,1 +0 #12>0\n"
				   "11 a2 device plain 1,1 +0 #13>0\n"
				   "11 a 'OK'\n"
				   "11 a opened 0\n"
				   "11 a peer connected 0\n"
				   "12 a peer rebooted 0\n"
				   "12 a step 4\n"
				   "12.1 b1 device probe 0,1 +0 #14>0\n"
				   "12.1 b1 peer answer 1,1 +0 #15>14\n"
				   "12.1 a2 device probe 0,1 +0 #16>0\n"
				   "12.1 a2 peer RST answer 1,0 +0 #17>16\n"
				   "12.1 a says 'DISCONNECT 0'\n"
				   "14.1 b1 device probe 0,1 +0 #18>0\n"
				   "14.1 b1 peer answer 1,1 +0 #19>18\n"
				   "15  'OK'\n"
				   "15 a listed 0 0\n"
				   "15 b listed 1 1\n"
				   "15 a listed 0 0\n"
				   "15 watched\n"
				   "15 b1 device FIN 1,1 +0 #20>0\n"
				   "15 b1 peer plain 1,2 +0 #21>0\n"
				   "15 b 'OK'\n"
				   "15 b peer closed by device 0\n"
				   "15 b1 peer FIN 1,2 +0 #22>0\n");
}

Test(run, names_an_address_that_nobody_has)
{
	rig.scenario = tcp_client("a");
	command_at(&rig.scenario, "a", "AT+NCUDP=%n,5", .at_s = 1);
	watch(&rig.scenario, .until = TIME, .s = 5);
	device_is(0, "says=62:HELLO");
	cr_expect_eq(run(0), NEXT_NONE);
	expect_sketch("suite.one", "0 a 'AT+NCTCP=192.0.2.1,20000'\n"
				   "0 a asks where its peer is\n"
				   "0 a1 device SYN 0,0 +0 #1>0\n"
				   "0 a1 peer SYN 0,1 +0 #2>0\n"
				   "0 a1 device plain 1,1 +0 #3>0\n"
				   "0 a 'OK'\n"
				   "0 a opened 0\n"
				   "0 a peer connected 0\n"
				   "0 start\n"
				   "1 a 'AT+NCUDP=192.0.2.254,5'\n"
				   "1 a step 0\n"
				   "1 a 'OK'\n"
				   "5  'OK'\n"
				   "5 a listed 0 1\n"
				   "5 watched\n"
				   "5 a1 device FIN 1,1 +0 #4>0\n"
				   "5 a1 peer plain 1,2 +0 #5>0\n"
				   "5 a 'OK'\n"
				   "5 a peer closed by device 0\n"
				   "5 a1 peer FIN 1,2 +0 #6>0\n");
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
	expect_sketch("suite.one", "0 a 'AT+NSTCP=20000'\n"
				   "0 a 'OK'\n"
				   "0 a1 peer SYN 0,0 +0 #1>0\n"
				   "0 a1 device SYN 0,1 +0 #2>0\n"
				   "0 a1 peer plain 1,1 +0 #3>0\n"
				   "0 a opened 0\n"
				   "0 a peer connected 0\n"
				   "0 b1 peer SYN 0,0 +0 #4>0\n"
				   "0 b1 device SYN 0,1 +0 #5>0\n"
				   "0 b1 peer plain 1,1 +0 #6>0\n"
				   "0 b opened 1\n"
				   "0 b peer connected 0\n"
				   "0 start\n"
				   "5 a peer reset 0\n"
				   "5 a step 0\n"
				   "5 a1 peer RST 1,1 +0 #7>0\n"
				   "5 a says 'DISCONNECT 0'\n"
				   "7 b peer closed 0\n"
				   "7 b step 2\n"
				   "7 b1 peer FIN 1,1 +0 #8>0\n"
				   "7 b1 device plain 1,2 +0 #9>0\n"
				   "7 b says 'DISCONNECT 1'\n"
				   "7  'OK'\n"
				   "7 a listed 0 0\n"
				   "7 b listed 1 1\n"
				   "7 watched\n"
				   "7  'OK'\n"
				   "8 b1 device FIN 1,2 +0 #10>0\n"
				   "8 b1 peer plain 2,2 +0 #11>0\n"
				   "8 b 'OK'\n"
				   "8 b peer closed by device 0\n");
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
	expect_sketch("suite.one", "0 a 'AT+NCTCP=192.0.2.1,20000'\n"
				   "0 a asks where its peer is\n"
				   "0 a1 device SYN 0,0 +0 #1>0\n"
				   "0 a1 peer SYN 0,1 +0 #2>0\n"
				   "0 a1 device plain 1,1 +0 #3>0\n"
				   "0 a 'OK'\n"
				   "0 a opened 0\n"
				   "0 a peer connected 0\n"
				   "0 b 'AT+NCTCP=192.0.2.254,20001'\n"
				   "0 b asks where its peer is\n"
				   "0 b1 device SYN 0,0 +0 #6>0\n"
				   "0 b1 peer SYN 0,1 +0 #7>0\n"
				   "0 b1 device plain 1,1 +0 #8>0\n"
				   "0 b 'OK'\n"
				   "0 b opened 1\n"
				   "0 b peer connected 0\n"
				   "0 c 'AT+NCTCP=192.0.2.1,20000'\n"
				   "0 a asks where its peer is\n"
				   "0 c1 device SYN 0,0 +0 #9>0\n"
				   "0 c1 peer SYN 0,1 +0 #10>0\n"
				   "0 c1 device plain 1,1 +0 #11>0\n"
				   "0 c 'OK'\n"
				   "0 c opened 2\n"
				   "0 c peer connected 0\n"
				   "0 start\n"
				   "5 b peer gone 0\n"
				   "5 b step 0\n"
				   "6.1 a asks where its peer is\n"
				   "16.1 a asks where its peer is\n"
				   "20  'OK'\n"
				   "20 a listed 0 1\n"
				   "20 b listed 1 1\n"
				   "20 c listed 2 1\n"
				   "20 watched\n"
				   "20 a1 device FIN 1,1 +0 #12>0\n"
				   "20 a1 peer plain 1,2 +0 #13>0\n"
				   "20 a 'OK'\n"
				   "20 a peer closed by device 0\n"
				   "20 a1 peer FIN 1,2 +0 #14>0\n"
				   "20 b1 device FIN 1,1 +0 #15>0\n"
				   "20 b 'OK'\n"
				   "20 c1 device FIN 1,1 +0 #16>0\n"
				   "20 c1 peer plain 1,2 +0 #17>0\n"
				   "20 c 'OK'\n"
				   "20 c peer closed by device 0\n"
				   "20 c1 peer FIN 1,2 +0 #18>0\n");
}

Test(run, cannot_dial_what_does_not_listen)
{
	rig.scenario = tcp_client("a");
	peer_dials(&rig.scenario, "a", .at_s = 1);
	watch(&rig.scenario, .until = TIME, .s = 3);
	cr_expect_eq(run(0), NEXT_NONE);
	expect_sketch("suite.one",
		"0 a 'AT+NCTCP=192.0.2.1,20000'\n"
		"0 a asks where its peer is\n"
		"0 a1 device SYN 0,0 +0 #1>0\n"
		"0 a1 peer SYN 0,1 +0 #2>0\n"
		"0 a1 device plain 1,1 +0 #3>0\n"
		"0 a 'OK'\n"
		"0 a opened 0\n"
		"0 a peer connected 0\n"
		"0 start\n"
		"1 a fault 'the peer cannot connect: the device does not listen' since 54.9\n"
		"1 a step 0\n"
		"3  'OK'\n"
		"3 a listed 0 1\n"
		"3 watched\n"
		"3 a1 device FIN 1,1 +0 #4>0\n"
		"3 a1 peer plain 1,2 +0 #5>0\n"
		"3 a 'OK'\n"
		"3 a peer closed by device 0\n"
		"3 a1 peer FIN 1,2 +0 #6>0\n");
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

Test(run, serves_the_timelines_of_an_earlier_one)
{
	rig.scenario = tcp_client("a");
	watch(&rig.scenario, .until = TIME, .s = 3);
	cr_expect_eq(run(0), NEXT_NONE);
	rig.journal[0] = '\0';
	rig.options.recorded = rig.folder;
	open_sockets();
	cr_expect_eq(run(0), NEXT_NONE);
	cr_expect(journalled("\"evidence\":{\"timeline\":\"/tmp/wizhil-rig-"), "%s", rig.journal);
	cr_expect_not(journalled("\"event\":\"device\""));
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
	const size_t used = strlen(rig.told);
	char line[200];

	(void)context;
	snprintf(line, sizeof line, "%d %s %s %d '%s' %d\n", (int)what->kind, what->case_name,
		what->device, what->connections, what->connection,
		what->keepalive.on ? what->keepalive.timeout_s : 0);
	if (strcmp(line, last) != 0)
		snprintf(rig.told + used, sizeof rig.told - used, "%s", line);
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
	cr_expect_str_eq(rig.told,
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
		"%s", rig.told);
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

Test(run, that_is_checked_first_finds_what_it_needs)
{
	expect_check(0);
	cr_expect(said("+ capture: wizhil0\n+ serial port: /dev/pts/"), "%s", rig.said);
	cr_expect(
		said(", 115200 baud\n+ firmware: APP VERSION=9.9.9\n+ associated: 'lab' as 192.0.2.10\n+ path to the peer: 192.0.2.1:20000\n"),
		"%s", rig.said);
	cr_expect_not(said("!") || said("?"));
}

Test(run, that_is_checked_on_the_real_clock_measures_the_way_to_the_module)
{
	rig.options.clock = CLOCK_KIND_REAL;
	expect_check(0);
	cr_expect(said(" clock: raw; "), "%s", rig.said);
	cr_expect(said("+ UART: round trip "), "%s", rig.said);
	cr_expect(said(" ms in 5 commands; its stamps are good to "), "%s", rig.said);
	cr_expect(said("+ path to the peer: 192.0.2.1:20000\n"), "%s", rig.said);
}

Test(run, that_is_checked_says_what_was_tried_with_a_silent_module)
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

Test(run, that_is_checked_says_that_a_device_cannot_reach_the_peer)
{
	device_is(0, "lost=1");
	expect_check(-1);
	cr_expect(
		said("! path to the peer: device 'first' cannot connect to the peer at 192.0.2.1:20000: 'ERROR: SOCKET FAILURE' (is the access point bridged to 'wizhil0'? does a firewall drop it?)\n"),
		"%s", rig.said);
}

Test(run, that_is_checked_says_that_the_sniffer_sees_nothing_of_the_device)
{
	device_is(0, "lost=2");
	expect_check(-1);
	cr_expect(
		said("! path to the peer: the sniffer on 'wizhil0' sees no frame of device 'first', although it is connected (is this the interface towards the access point?)\n"),
		"%s", rig.said);
}

Test(run, that_is_checked_says_that_a_connection_has_no_cid)
{
	device_is(0, "lost=3");
	expect_check(-1);
	cr_expect(
		said("! path to the peer: device 'first' answers 'OK' to AT+NCTCP without a CID (is it a WizFi210?)\n"),
		"%s", rig.said);
}

Test(run, that_is_checked_ends_with_the_process_of_its_device)
{
	device_is(0, "exits=3");
	expect_check(-1);
	cr_expect_str_eq(rig.said,
		"! device: the process of virtual device 'first' exited with 3\n+ capture: wizhil0\n");
}

Test(run, that_is_checked_names_a_device_that_cannot_be_opened)
{
	rig.devices[0].virtual_device.program = NULL;
	expect_check(-1);
	cr_expect_str_eq(rig.said,
		"! first: cannot run the virtual device '/nowhere': No such file or directory\n");
}
