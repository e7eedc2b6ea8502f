/* SPDX-License-Identifier: MIT */
#include "bench/state.h"

#include <stdlib.h>
#include <string.h>

#include "bench/access_point.h"
#include "bench/descriptors.h"
#include "bench/devices.h"
#include "bench/journal.h"
#include "bench/lost.h"
#include "bench/watch.h"
#include "core/error.h"

/* Has a session used it, at either end?  The port names its flow, also when that one is over. */
static bool is_port_used(const struct bench *bench, uint16_t port)
{
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		for (int i = 0; i < s->flow_count; i++)
			if (s->flows[i].peer_port == port || s->flows[i].device_port == port)
				return true;
	return false;
}

/* In turn, so that what comes late for a port finds nobody there. */
static uint16_t next_port(void *context)
{
	struct bench *bench = context;
	const struct bench_file *file = bench->options->file;
	uint32_t range = (uint32_t)(file->peer.last_port - file->peer.first_port) + 1;
	uint16_t port = file->peer.first_port;

	for (uint32_t tried = 0; tried < range; tried++) {
		port = (uint16_t)(file->peer.first_port + bench->ports_used++ % range);
		if (!is_port_used(bench, port))
			break;
	}
	return port;
}

/* Does another one on the device keep the number of a dead connection? */
static bool opens_held(void *context, const struct session *session)
{
	const struct bench *bench = context;

	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s != session && s->device == session->device && session_keeps_cid(s))
			return true;
	return false;
}

/* Longest first; and what needs many CIDs before what fits in anywhere. */
static int by_weight(const void *a, const void *b)
{
	const struct bench_case *left = a;
	const struct bench_case *right = b;
	const int64_t of_left = left->listed->expected_ns + left->listed->cids * CID_WEIGHT_NS;
	const int64_t of_right = right->listed->expected_ns + right->listed->cids * CID_WEIGHT_NS;

	if (of_left != of_right)
		return of_left > of_right ? -1 : 1;
	int names = strcmp(left->listed->name, right->listed->name);
	return names != 0 ? names : strcmp(left->listed->device, right->listed->device);
}

/* An event entered the timeline of a session. */
static void note_added(void *context, const struct session *session, const struct event *event)
{
	struct bench *bench = context;
	const int index = device_index(bench, session->device);

	stimuli_note(&bench->bring_ups[index].stimuli, session->timeline, event);
	/* With its setup over it may bear others beside itself. */
	if (event->kind == EVENT_START)
		bench->changes++;
	if (bench->options->tell != NULL)
		watch_added(bench, session, event);
}

int bench_prepare(struct bench *bench, struct error *err)
{
	const struct bench_options *options = bench->options;

	if (options->recorded == NULL &&
		descriptors_reserve(options->case_count,
			options->file == NULL ? 0 : options->file->device_count, err) != 0)
		return -1;
	bench->message = malloc(sizeof *bench->message);
	bench->cases = calloc(options->case_count + 1, sizeof *bench->cases);
	/* Control, listener, access point and monitor, who came, four of each device, the peers' sockets. */
	bench->poll_room =
		4 + BENCH_VISITORS + (int)options->case_count + 4 * BENCH_DEVICES + BENCH_POLLS;
	bench->polls = calloc((size_t)bench->poll_room, sizeof *bench->polls);
	if (bench->message == NULL || bench->cases == NULL || bench->polls == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	bench->case_count = options->case_count;
	bench->in_state[CASE_EXPECTED] = options->case_count;
	for (size_t i = 0; i < options->case_count; i++) {
		struct bench_case *test_case = &bench->cases[i];
		test_case->listed = &options->cases[i];
		test_case->socket = -1;
		test_case->repetition =
			options->repeat > 1 ? options->cases[i].repetitions_done + 1 : 0;
	}
	lab_init(&bench->lab, "");
	bench->access_point_ask_ns = bench->access_point_asked_ns = TIME_NEVER;
	qsort(bench->cases, bench->case_count, sizeof *bench->cases, by_weight);
	clock_start(&bench->clock, options->clock);
	/* Second 0 of the run on the wall clock, so that other logs can be laid beside it. */
	if (options->clock == CLOCK_KIND_REAL && options->recorded == NULL)
		bench_record(bench,
			json_pack("{s:s, s:I, s:b}", "event", "clock", "start_realtime_ns",
				(json_int_t)clock_to_wall(&bench->clock, 0), "rtc",
				bench->clock.has_rtc),
			false);
	bench->host = (struct session_host){.context = bench,
		.next_port = next_port,
		.opens_held = opens_held,
		.open_port = device_open_port,
		.access_point = access_point_switch,
		.added = note_added};
	return 0;
}

void bench_case_enter(struct bench *bench, struct bench_case *test_case, enum case_state state)
{
	bench->in_state[test_case->state]--;
	bench->in_state[state]++;
	test_case->state = state;
	bench->changes++;
}

void bench_free_sessions(struct bench *bench)
{
	while (bench->sessions != NULL) {
		struct session *next = bench->sessions->next;
		session_free(bench->sessions);
		bench->sessions = next;
	}
}

void bench_free(struct bench *bench)
{
	bench_free_sessions(bench);
	devices_close(bench);
	lab_rest(&bench->lab);
	reruns_free(&bench->reruns);
	free(bench->cases);
	free(bench->message);
	free(bench->polls);
	free(bench);
}
