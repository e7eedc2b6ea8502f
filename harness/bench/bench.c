/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/state.h"
#include "core/error.h"
#include "core/json_text.h"

/* A worker that does not come for so long, in wall time, is not waited for any more.  One that came
 * and does not say what it wants ends the run, since stepped time stands still for it. */
enum { WORKER_TIMEOUT_MS = 120000, POLLS = 2048 };

/* How often the real clock is correlated with the wall clock. */
#define CORRELATE_NS NS_PER_S

void bench_record_fault(struct bench *bench, const struct error *err)
{
	bench_record(bench,
		json_pack("{s:s, s:o, s:f}", "event", "fault", "text", json_text(err->text), "t_s",
			(double)clock_now(&bench->clock) / 1e9),
		true);
}

void bench_fault(struct bench *bench, const struct error *err)
{
	if (bench->fault.kind != ERROR_NONE)
		return;
	bench->fault = *err;
	bench_record_fault(bench, err);
	broker_refuse_waiting(bench, err->text);
	for (struct session *session = bench->sessions; session != NULL; session = session->next) {
		session_fault(
			session, NO_CONNECTION, FAULT_BENCH, clock_now(&bench->clock), err->text);
		session_abandon(session);
	}
	/* No answer is read any more, and a session is not over while it waits for one. */
	for (int i = 0; i < bench->device_count; i++)
		device_stop(bench, i);
}

int bench_record(struct bench *bench, json_t *event, bool force)
{
	struct error err = {0};

	if (event == NULL ||
		bench->options->record(bench->options->context, event, force, &err) != 0) {
		if (err.kind == ERROR_NONE)
			error_set(&err, ERROR_MEMORY, "out of memory");
		bench_fault(bench, &err);
		return -1;
	}
	return 0;
}

/* Has a session used it?  The port names its flow, also when that one is over. */
static bool is_port_used(const struct bench *bench, uint16_t port)
{
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		for (int i = 0; i < s->flow_count; i++)
			if (s->flows[i].peer_port == port)
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

static int by_duration(const void *a, const void *b)
{
	const struct bench_case *left = a;
	const struct bench_case *right = b;

	if (left->listed->expected_ns != right->listed->expected_ns)
		return left->listed->expected_ns > right->listed->expected_ns ? -1 : 1;
	int names = strcmp(left->listed->name, right->listed->name);
	return names != 0 ? names : strcmp(left->listed->device, right->listed->device);
}

static void read_orders(struct bench *bench)
{
	char order = 0;
	ssize_t got = recv(bench->options->control, &order, 1, MSG_DONTWAIT);

	if (got == 0) {
		bench->ended = true;
	} else if (got == 1 && order == ORDER_RUNNER_ENDED) {
		broker_runner_ended(bench);
	} else if (got == 1 && order == ORDER_INTERRUPT && !bench->interrupted) {
		bench->interrupted = true;
		broker_interrupt(bench);
		for (struct session *s = bench->sessions; s != NULL; s = s->next)
			session_abandon(s);
	}
}

/* What has to be waited for: the broker's side first, then the world's. */
static int broker_polls(const struct bench *bench)
{
	struct pollfd *polls = bench->polls;
	int count = 0;

	polls[count++] = (struct pollfd){.fd = bench->options->control, .events = POLLIN};
	polls[count++] = (struct pollfd){.fd = bench->options->listener, .events = POLLIN};
	for (int i = 0; i < bench->visitor_count; i++)
		polls[count++] = (struct pollfd){.fd = bench->visitors[i], .events = POLLIN};
	for (size_t i = 0; i < bench->case_count; i++)
		if (bench->cases[i].socket >= 0)
			polls[count++] =
				(struct pollfd){.fd = bench->cases[i].socket, .events = POLLIN};
	return count;
}

static bool ready(const struct pollfd *polls, int count, int descriptor)
{
	for (int i = 0; i < count; i++)
		if (polls[i].fd == descriptor)
			return polls[i].revents != 0;
	return false;
}

static void handle_broker(struct bench *bench, const struct pollfd *polls, int count)
{
	if (ready(polls, count, bench->options->control))
		read_orders(bench);
	for (size_t i = 0; i < bench->case_count; i++)
		if (bench->cases[i].socket >= 0 && ready(polls, count, bench->cases[i].socket))
			broker_read_case(bench, &bench->cases[i]);
	for (int i = bench->visitor_count - 1; i >= 0; i--)
		if (ready(polls, count, bench->visitors[i]))
			broker_read_visitor(bench, i);
	if (ready(polls, count, bench->options->listener))
		broker_accept(bench);
}

/* Waits for the workers alone, while time stands still. */
static void wait_for_workers(struct bench *bench)
{
	struct pollfd *polls = bench->polls;
	int count = broker_polls(bench);
	struct error err = {0};

	if (poll(polls, (nfds_t)count, WORKER_TIMEOUT_MS) == 0) {
		if (broker_give_up_absent(bench))
			return;
		error_set(&err, ERROR_BENCH, "no sign of the cases' workers for %d s",
			WORKER_TIMEOUT_MS / 1000);
		if (bench->fault.kind == ERROR_NONE)
			bench_fault(bench, &err);
		else
			bench_record_fault(bench, &err);
		bench->ended = true;
		return;
	}
	handle_broker(bench, polls, count);
}

static int64_t next_deadline(const struct bench *bench)
{
	int64_t next = TIME_NEVER;

	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		if (session_deadline(s) < next)
			next = session_deadline(s);
	for (int i = 0; i < bench->device_count; i++) {
		if (device_deadline(bench->devices[i]) < next)
			next = device_deadline(bench->devices[i]);
		if (bench->bring_ups[i].running && bench->bring_ups[i].wait_until_ns < next)
			next = bench->bring_ups[i].wait_until_ns;
	}
	return next;
}

/* One poll for as many sessions as it has room for: returns the first that is left. */
static struct session *handle_some_peers(struct session *first)
{
	struct pollfd polls[POLLS];
	int counts[POLLS];
	int sessions = 0, count = 0;
	struct session *end = first;

	for (; end != NULL && sessions < POLLS && POLLS - count >= SESSION_FLOWS; end = end->next) {
		counts[sessions] = session_poll(end, polls + count, SESSION_FLOWS);
		count += counts[sessions++];
	}
	if (count == 0 || poll(polls, (nfds_t)count, 0) <= 0)
		return end;
	const struct pollfd *own = polls;
	for (int i = 0; i < sessions; i++, first = first->next) {
		bool heard = false;
		for (int j = 0; j < counts[i]; j++)
			heard |= (own++)->revents != 0;
		if (heard)
			session_handle_peers(first);
	}
	return end;
}

static void handle_peers(struct bench *bench)
{
	for (struct session *s = bench->sessions; s != NULL;)
		s = handle_some_peers(s);
}

static void correlate(struct bench *bench)
{
	static const char text[] = "the wall clock stepped, or the machine slept";
	int64_t before = clock_now(&bench->clock);
	int64_t stepped = clock_correlate(&bench->clock);

	if (stepped == 0)
		return;
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		session_fault(s, NO_CONNECTION, FAULT_CLOCK_STEP, before - CORRELATE_NS, text);
}

static void watch_drops(struct bench *bench)
{
	for (int i = 0; i < bench->device_count; i++) {
		struct device *device = bench->devices[i];
		uint64_t drops = 0;
		if (capture_drops(device->capture, &drops) != 0 || drops == device->drops)
			continue;
		device->drops = drops;
		for (struct session *s = bench->sessions; s != NULL; s = s->next)
			if (s->device == device)
				session_fault(s, NO_CONNECTION, FAULT_CAPTURE_DROP,
					device->drops_seen_ns, "the capture dropped frames");
	}
	for (int i = 0; i < bench->device_count; i++)
		bench->devices[i]->drops_seen_ns = clock_now(&bench->clock);
}

static void device_broke(struct bench *bench, struct device *device, struct error *err)
{
	device_explain(bench, device, err);
	device_lost(bench, device, err);
}

static void wait_real(struct bench *bench, int64_t until_ns)
{
	struct pollfd *polls = bench->polls;
	struct error err = {0};
	int brokers = broker_polls(bench);
	int count = brokers;
	int64_t left = until_ns - clock_now(&bench->clock);

	for (int i = 0; i < bench->device_count; i++) {
		struct device *device = bench->devices[i];
		if (bench->lost[i])
			continue;
		polls[count++] = (struct pollfd){.fd = port_descriptor(device->port),
			.events = (short)(device->out_length > 0 ? POLLIN | POLLOUT : POLLIN)};
		polls[count++] = (struct pollfd){
			.fd = capture_descriptor(device->capture), .events = POLLIN};
		if (bench->bring_ups[i].hook.running)
			polls[count++] = (struct pollfd){
				.fd = bench->bring_ups[i].hook.ended, .events = POLLIN};
	}
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		count += session_poll(s, polls + count, bench->poll_room - count);
	if (left > CORRELATE_NS)
		left = CORRELATE_NS;
	if (left < 0)
		left = 0;
	struct timespec limit = {.tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S};
	/* What a killed run leaves is all that there was before it waited. */
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s->transcript != NULL)
			transcript_sync(s->transcript);
	ppoll(polls, (nfds_t)count, &limit, NULL);
	correlate(bench);
	/* The wire before the UART: what a notice speaks of has been seen when it is read. */
	for (int i = 0; i < bench->device_count && bench->fault.kind == ERROR_NONE; i++)
		if (!bench->lost[i] && (device_take_frames(bench, bench->devices[i], &err) != 0 ||
					       device_read(bench->devices[i], &err) != 0))
			device_broke(bench, bench->devices[i], &err);
	handle_broker(bench, polls, brokers);
}

static void wait_stepped(struct bench *bench, int64_t until_ns)
{
	struct error err = {0};
	struct pollfd order = {.fd = bench->options->control, .events = POLLIN};

	if (poll(&order, 1, 0) > 0)
		read_orders(bench);
	if (until_ns == TIME_NEVER) {
		error_set(&err, ERROR_BENCH, "stepped time stands still: nothing is due any more");
		bench_fault(bench, &err);
		return;
	}
	if (devices_advance(bench, until_ns, &err) != 0)
		bench_fault(bench, &err);
}

static void run_due(struct bench *bench)
{
	access_point_finish(bench);
	struct error err = {0};

	handle_peers(bench);
	for (int i = 0; i < bench->device_count; i++) {
		struct device *device = bench->devices[i];
		int64_t now = clock_now(&bench->clock);
		if (device->ready && now >= device_deadline(device))
			device_recover(
				bench, device, FAULT_SILENT_DEVICE, "does not answer a command");
		else
			device_expire(device, now);
		bring_up_run(bench, i);
	}
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		session_run(s, clock_now(&bench->clock));
	/* On stepped time the peer's kernel answers at once: what it sent is on the wire by now. */
	for (int i = 0; i < bench->device_count && bench->fault.kind == ERROR_NONE; i++)
		if (!bench->lost[i] &&
			(device_write(bench->devices[i], &err) != 0 ||
				device_take_frames(bench, bench->devices[i], &err) != 0))
			device_broke(bench, bench->devices[i], &err);
	watch_drops(bench);
	broker_deliver(bench);
}

void bench_turn(struct bench *bench)
{
	run_due(bench);
	int64_t until = next_deadline(bench);
	if (bench->fault.kind != ERROR_NONE)
		return;
	if (bench->clock.kind == CLOCK_KIND_STEPPED)
		wait_stepped(bench, until);
	else
		wait_real(bench, until == TIME_NEVER ? clock_now(&bench->clock) + NS_PER_S : until);
}

static void loop(struct bench *bench)
{
	while (!bench->ended) {
		run_due(bench);
		if (broker_finished(bench) ||
			(bench->fault.kind != ERROR_NONE && bench->sessions == NULL &&
				bench->runner_ended))
			return;
		bool stepped = bench->clock.kind == CLOCK_KIND_STEPPED;
		bool idle = bench->device_count == 0 || bench->fault.kind != ERROR_NONE;
		/* Stepped time stands still until every worker waits.  What is done to a device on
		 * which nothing runs, as at the beginning, is nobody's time. */
		if (idle || (stepped && !broker_settled(bench) &&
				    (devices_ready(bench) || bench->sessions != NULL))) {
			wait_for_workers(bench);
			continue;
		}
		if (!stepped &&
			clock_now(&bench->clock) - bench->came_ns > WORKER_TIMEOUT_MS * NS_PER_MS)
			(void)broker_give_up_absent(bench);
		if (devices_ready(bench)) {
			admission_run(bench);
			admission_reset_leaking(bench);
			admission_send_home(bench);
		}
		int64_t until = next_deadline(bench);
		if (stepped && until == TIME_NEVER && bench->sessions == NULL &&
			devices_ready(bench)) {
			if (!broker_finished(bench))
				wait_for_workers(bench);
			continue;
		}
		if (stepped)
			wait_stepped(bench, until);
		else
			wait_real(bench,
				until == TIME_NEVER ? clock_now(&bench->clock) + NS_PER_S : until);
	}
}

int bench_prepare(struct bench *bench, struct error *err)
{
	const struct bench_options *options = bench->options;

	bench->message = malloc(sizeof *bench->message);
	bench->cases = calloc(options->case_count + 1, sizeof *bench->cases);
	/* Control and listener, who came, three of each device, and the peers' sockets. */
	bench->poll_room =
		2 + BENCH_VISITORS + (int)options->case_count + 3 * BENCH_DEVICES + POLLS;
	bench->polls = calloc((size_t)bench->poll_room, sizeof *bench->polls);
	if (bench->message == NULL || bench->cases == NULL || bench->polls == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	bench->case_count = options->case_count;
	for (size_t i = 0; i < options->case_count; i++) {
		struct bench_case *one = &bench->cases[i];
		one->listed = &options->cases[i];
		one->socket = -1;
		one->repetition = options->repeat > 1 ? options->cases[i].repetitions_done + 1 : 0;
	}
	qsort(bench->cases, bench->case_count, sizeof *bench->cases, by_duration);
	clock_start(&bench->clock, options->clock);
	/* Second 0 of the run on the wall clock, so that other logs can be laid beside it. */
	if (options->clock == CLOCK_KIND_REAL && options->recorded == NULL)
		bench_record(bench,
			json_pack("{s:s, s:I}", "event", "clock", "start_realtime_ns",
				(json_int_t)clock_to_wall(&bench->clock, 0)),
			false);
	bench->host = (struct session_host){.context = bench,
		.next_port = next_port,
		.access_point = access_point_switch,
		.added = bench->options->tell == NULL ? NULL : watch_added};
	return 0;
}

void bench_free(struct bench *bench)
{
	while (bench->sessions != NULL) {
		struct session *next = bench->sessions->next;
		session_free(bench->sessions);
		bench->sessions = next;
	}
	devices_close(bench);
	free(bench->cases);
	free(bench->message);
	free(bench->polls);
	free(bench);
}

int bench_run(const struct bench_options *options, struct error *err)
{
	struct bench *bench = calloc(1, sizeof *bench);

	if (bench == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	bench->options = options;
	if (bench_prepare(bench, &bench->fault) == 0 &&
		(options->recorded != NULL || devices_open(bench, &bench->fault) == 0))
		loop(bench);
	else
		bench_record(bench,
			json_pack("{s:s, s:o, s:f}", "event", "fault", "text",
				json_text(bench->fault.text), "t_s", 0.0),
			true);
	int result = bench->fault.kind == ERROR_NONE ? 0 : -1;
	if (err != NULL)
		*err = bench->fault;
	bench_free(bench);
	return result;
}
