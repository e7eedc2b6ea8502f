/* SPDX-License-Identifier: MIT */
#include "bench/client.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/broker_protocol.h"
#include "core/error.h"

/* A worker's end of the broker's socket; the other end is the test's, which has answered before it is
 * asked: the socket holds what is said. */

static struct error err;
static struct message heard;

static void listen_at(const char *path, int *listener)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	*listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(*listener, (const struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(listen(*listener, 4), 0);
}

static void expect_hello(int listener, enum message_kind kind)
{
	struct hello hello;
	int descriptor = -1;
	const int came = accept(listener, NULL, NULL);

	cr_assert_geq(came, 0);
	cr_assert_eq(message_receive(came, &heard, &descriptor, &err), 1);
	cr_expect_eq(heard.header.kind, kind);
	cr_assert_eq(heard.header.length, sizeof hello);
	memcpy(&hello, heard.body, sizeof hello);
	cr_expect_eq(hello.version, BROKER_VERSION);
	cr_expect_eq(hello.size, sizeof(struct scenario));
	cr_expect_str_eq(hello.case_name, "suite/one");
	cr_expect_str_eq(hello.device, "left");
	close(came);
}

Test(client, says_who_it_is_and_that_it_has_ended)
{
	char folder[] = "/tmp/wizhil-client-XXXXXX", path[64];
	int listener;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/bench", folder);
	listen_at(path, &listener);
	const int worker = client_connect(path, "suite/one", "left", &err);
	cr_assert_geq(worker, 0, "%s", err.text);
	expect_hello(listener, MESSAGE_HELLO);
	client_tell_end(path, "suite/one", "left");
	expect_hello(listener, MESSAGE_ENDED);
	close(worker);
	close(listener);
	unlink(path);
	client_tell_end(path, "suite/one", "left"); /* nobody is there: it is not told */
	rmdir(folder);
}

Test(client, cannot_reach_a_bench_that_is_not_there)
{
	cr_expect_eq(client_connect("/tmp/wizhil-client-nowhere", "suite/one", "", &err), -1);
	cr_expect_eq(err.kind, ERROR_BENCH);
	cr_expect_str_eq(err.text,
		"cannot reach the bench at '/tmp/wizhil-client-nowhere': No such file or directory");
}

Test(client, refuses_a_path_that_no_socket_can_have)
{
	char path[200] = "";

	memset(path, 'x', 108);
	cr_expect_eq(client_connect(path, "suite/one", "", &err), -1);
	cr_expect_not_null(strstr(err.text, "' is too long"), "%s", err.text);
	path[107] = '\0';
	cr_expect_eq(client_connect(path, "suite/one", "", &err), -1);
	cr_expect_not_null(strstr(err.text, "cannot reach the bench at"), "%s", err.text);
}

/* A worker's socket, and the bench's end of it. */
static void connected(int *worker, int *bench)
{
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	*worker = pair[0];
	*bench = pair[1];
}

static int timeline_file(const char *case_name, const struct scenario *scenario)
{
	struct timeline *timeline = timeline_new(case_name, scenario);
	const int memory = memfd_create("timeline", MFD_CLOEXEC);
	FILE *stream = fdopen(dup(memory), "w");

	cr_assert_not_null(stream);
	cr_assert_eq(timeline_write(timeline, stream, &err), 0);
	fclose(stream); /* at its end: who gets it reads it from its beginning */
	timeline_free(timeline);
	return memory;
}

static void drives(bool alone)
{
	const struct scenario scenario = tcp_client("a");
	struct submission submission;
	int worker, bench, descriptor = -1;

	connected(&worker, &bench);
	const int memory = timeline_file("suite/one", &scenario);
	cr_assert_eq(message_send(bench, MESSAGE_TIMELINE, NULL, 0, memory, &err), 0);
	close(memory);
	struct timeline *timeline = client_drive(worker, &scenario, alone, &err);
	cr_assert_not_null(timeline, "%s", err.text);
	cr_expect_str_eq(timeline->case_name, "suite/one");
	timeline_free(timeline);
	cr_assert_eq(message_receive(bench, &heard, &descriptor, &err), 1);
	cr_expect_eq(heard.header.kind, MESSAGE_SUBMIT);
	cr_assert_eq(heard.header.length, sizeof submission);
	memcpy(&submission, heard.body, sizeof submission);
	cr_expect_eq(submission.alone, alone);
	/* It is sent as it lies in memory. */
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	cr_expect_eq(memcmp(&submission.scenario, &scenario, sizeof scenario), 0);
	close(worker);
	close(bench);
}

Test(client, gets_the_timeline_of_what_it_submits)
{
	drives(false);
	drives(true);
}

/* What the bench says to a submission, and what the worker makes of it. */
static void expect_no_timeline(enum message_kind kind, const char *body, int with, const char *why)
{
	const struct scenario scenario = tcp_client("a");
	int worker, bench;

	err = (struct error){0};
	connected(&worker, &bench);
	cr_assert_eq(message_send(bench, kind, body, strlen(body), with, &err), 0);
	cr_expect_null(client_drive(worker, &scenario, false, &err));
	cr_expect_eq(err.kind, ERROR_BENCH);
	cr_expect_str_eq(err.text, why);
	close(worker);
	close(bench);
}

Test(client, is_told_why_it_gets_no_timeline)
{
	expect_no_timeline(MESSAGE_REFUSED, "the run is over", -1, "the run is over");
	expect_no_timeline(MESSAGE_TIMELINE, "", -1, "the bench answered without a timeline");
	expect_no_timeline(MESSAGE_RECORDED, "", 0, "the bench answered without a timeline");
}

Test(client, notices_that_the_bench_is_gone)
{
	const struct scenario scenario = tcp_client("a");
	int worker, bench;

	connected(&worker, &bench);
	cr_assert_eq(shutdown(bench, SHUT_WR), 0);
	cr_expect_null(client_drive(worker, &scenario, false, &err));
	cr_expect_str_eq(err.text, "the bench process ended");
	cr_expect_eq(client_deliver(worker, "{}", &err), -1);
	cr_expect_str_eq(err.text, "the bench process ended");
	close(bench);
	cr_expect_null(client_drive(worker, &scenario, false, &err));
	cr_expect_not_null(strstr(err.text, "cannot write to the socket of the broker: "));
	cr_expect_eq(client_deliver(worker, "{}", &err), -1);
	cr_expect_not_null(strstr(err.text, "cannot write to the socket of the broker: "));
	close(worker);
}

Test(client, does_not_take_a_damaged_timeline)
{
	const struct scenario scenario = tcp_client("a");
	int worker, bench;

	connected(&worker, &bench);
	const int memory = memfd_create("timeline", MFD_CLOEXEC);
	cr_assert_eq(write(memory, "nonsense\n", 9), 9);
	cr_assert_eq(message_send(bench, MESSAGE_TIMELINE, NULL, 0, memory, &err), 0);
	cr_expect_null(client_drive(worker, &scenario, false, &err));
	cr_expect_neq(err.kind, ERROR_NONE);
	close(memory);
	close(worker);
	close(bench);
}

Test(client, delivers_its_verdict_and_learns_what_is_next)
{
	int worker, bench, descriptor = -1;

	connected(&worker, &bench);
	for (enum next_drive next = NEXT_NONE; next <= NEXT_REPETITION; next++) {
		const struct recorded recorded = {.next = next};
		cr_assert_eq(
			message_send(bench, MESSAGE_RECORDED, &recorded, sizeof recorded, -1, &err),
			0);
		cr_expect_eq(client_deliver(worker, "{\"outcome\": \"pass\"}", &err), (int)next);
		cr_assert_eq(message_receive(bench, &heard, &descriptor, &err), 1);
		cr_expect_eq(heard.header.kind, MESSAGE_VERDICT);
		cr_expect_eq(heard.header.length, strlen("{\"outcome\": \"pass\"}"));
		cr_expect_eq(memcmp(heard.body, "{\"outcome\": \"pass\"}", heard.header.length), 0);
	}
	close(worker);
	close(bench);
}

static void expect_not_recorded(
	enum message_kind kind, const void *body, size_t length, const char *why)
{
	int worker, bench;

	connected(&worker, &bench);
	cr_assert_eq(message_send(bench, kind, body, length, -1, &err), 0);
	cr_expect_eq(client_deliver(worker, "{}", &err), -1);
	cr_expect_str_eq(err.text, why);
	close(worker);
	close(bench);
}

Test(client, is_told_that_its_verdict_was_not_recorded)
{
	const struct recorded recorded = {.next = NEXT_NONE};

	expect_not_recorded(MESSAGE_REFUSED, "no room", 7, "no room");
	expect_not_recorded(MESSAGE_TIMELINE, &recorded, sizeof recorded,
		"the bench did not record the verdict");
	expect_not_recorded(MESSAGE_RECORDED, &recorded, sizeof recorded - 1,
		"the bench did not record the verdict");
}

Test(client, does_not_read_a_message_that_is_shorter_than_it_says)
{
	const struct message_header header = {.kind = MESSAGE_RECORDED, .length = 5};
	int worker, bench, descriptor = -1;

	connected(&worker, &bench);
	cr_assert_eq(send(bench, &header, sizeof header, 0), (ssize_t)sizeof header);
	cr_expect_eq(message_receive(worker, &heard, &descriptor, &err), -1);
	cr_expect_str_eq(err.text, "damaged message on the socket of the broker");
	cr_assert_eq(send(bench, &header, 3, 0), 3);
	cr_expect_eq(message_receive(worker, &heard, &descriptor, &err), -1);
	cr_expect_eq(message_receive(-1, &heard, &descriptor, &err), -1);
	cr_expect_str_eq(
		err.text, "cannot read from the socket of the broker: Bad file descriptor");
	close(worker);
	close(bench);
}

Test(client, does_not_send_a_message_that_is_too_long)
{
	static const char long_one[MESSAGE_BODY + 1];

	cr_expect_eq(message_send(-1, MESSAGE_VERDICT, long_one, sizeof long_one, -1, &err), -1);
	cr_expect_str_eq(err.text, "message of 163841 octets is too long");
	cr_expect_eq(message_send(-1, MESSAGE_VERDICT, long_one, MESSAGE_BODY, -1, &err), -1);
	cr_expect_str_eq(err.text, "cannot write to the socket of the broker: Bad file descriptor");
}
