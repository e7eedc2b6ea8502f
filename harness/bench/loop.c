/* SPDX-License-Identifier: MIT */
#include "bench/loop.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "bench/access_point.h"
#include "bench/admission.h"
#include "bench/advance.h"
#include "bench/bring_up.h"
#include "bench/broker.h"
#include "bench/journal.h"
#include "bench/lost.h"
#include "bench/recovery.h"
#include "bench/unplugged.h"
#include "core/error.h"

/* A worker that does not come for so long, in wall time, is not waited for any more.  One that came
 * and does not say what it wants ends the run, since stepped time stands still for it. */
enum { WORKER_TIMEOUT_MS = 120000 };
#define WORKER_TIMEOUT_NS (WORKER_TIMEOUT_MS * NS_PER_MS)

/* How long a look lasts at most: what the bench stamps itself came since the look before, and the
 * offset of the wall clock is known to what it moved since then. */
#define LOOK_NS (25 * NS_PER_MS)
/* How long the bench only looks while nothing comes and nothing is due. */
#define IDLE_NS (700 * NS_PER_MS)
/* How often the RTC is looked at: not at the same place in each of its seconds. */
#define OUTSIDE_NS IDLE_NS

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
static int broker_polls(struct bench *bench)
{
	struct pollfd *polls = bench->polls;
	int count = 0;

	polls[count++] = (struct pollfd){.fd = bench->options->control, .events = POLLIN};
	polls[count++] = (struct pollfd){.fd = bench->options->listener, .events = POLLIN};
	for (int i = 0; i < bench->visitor_count; i++)
		polls[count++] = (struct pollfd){.fd = bench->visitors[i], .events = POLLIN};
	for (size_t i = 0; i < bench->case_count; i++) {
		if (bench->cases[i].socket < 0)
			continue;
		bench->cases[i].polled = count;
		polls[count++] = (struct pollfd){.fd = bench->cases[i].socket, .events = POLLIN};
	}
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
	for (size_t i = 0; i < bench->case_count; i++) {
		const struct bench_case *test_case = &bench->cases[i];
		if (test_case->socket >= 0 && test_case->polled < count &&
			polls[test_case->polled].fd == test_case->socket &&
			polls[test_case->polled].revents != 0)
			broker_read_case(bench, &bench->cases[i]);
	}
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
		error_set(&err, ERROR_BENCH, "no message from the workers for %d s",
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

/* Works out when something is next due of each device's sessions; behind a turn, of those that were
 * idle in it nothing has changed. */
static void find_due(struct bench *bench, bool turned)
{
	const bool changed = bench->due_at != bench->changes;
	bool any = false;

	for (int i = 0; i < bench->device_count; i++) {
		bench->due_known[i] &= !changed && (!turned || bench->devices[i]->idle);
		if (bench->due_known[i])
			continue;
		bench->due_ns[i] = TIME_NEVER;
		bench->has_finished[i] = false;
		any = true;
	}
	bench->due_at = bench->changes;
	for (const struct session *s = bench->sessions; any && s != NULL; s = s->next) {
		const int index = device_index(bench, s->device);
		if (bench->due_known[index])
			continue;
		const int64_t due_ns = session_deadline(s);
		if (due_ns < bench->due_ns[index])
			bench->due_ns[index] = due_ns;
		bench->has_finished[index] |= s->state == SESSION_FINISHED;
	}
	for (int i = 0; i < bench->device_count; i++)
		bench->due_known[i] = true;
}

int64_t bench_next_deadline(struct bench *bench)
{
	int64_t next = unplugged_deadline(bench);

	if (bench->access_point_ask_ns < next)
		next = bench->access_point_ask_ns;
	find_due(bench, true);
	for (int i = 0; i < bench->device_count; i++) {
		if (bench->due_ns[i] < next)
			next = bench->due_ns[i];
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
	struct pollfd polls[BENCH_POLLS];
	int counts[BENCH_POLLS];
	int sessions = 0, count = 0;
	struct session *end = first;

	for (; end != NULL && sessions < BENCH_POLLS && BENCH_POLLS - count >= SESSION_FLOWS;
		end = end->next) {
		counts[sessions] =
			end->device->idle ? 0 : session_poll(end, polls + count, SESSION_FLOWS);
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

static void fault_of_all(
	struct bench *bench, enum fault_reason reason, int64_t from_ns, const char *text)
{
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s->state != SESSION_DELAYED)
			session_fault(s, NO_CONNECTION, reason, from_ns, text);
	bench_note_time(bench, text);
}

static void note_changes(struct bench *bench)
{
	struct clock_change change;
	char text[EVENT_TEXT];

	if (!clock_changed(&bench->clock, &change))
		return;
	if (change.stepped_ns != 0) {
		snprintf(text, sizeof text, "the wall clock was stepped by %+.3f s",
			(double)change.stepped_ns / 1e9);
		fault_of_all(bench, REASON_CLOCK_STEPPED, change.from_ns, text);
	}
	if (change.suspended_ns != 0) {
		snprintf(text, sizeof text, "the host was suspended for %.3f s",
			(double)change.suspended_ns / 1e9);
		fault_of_all(bench, REASON_HOST_SUSPENDED, change.from_ns, text);
	}
	if (change.paused_ns != 0) {
		snprintf(text, sizeof text, "the machine was paused: its RTC is ahead by %.1f s",
			(double)change.paused_ns / 1e9);
		fault_of_all(bench, REASON_HOST_PAUSED, change.from_ns, text);
	}
}

/* The RTC is looked at now and then, and before a session's timeline goes to its judge: what
 * happened to the machine since the last look is in it then. */
static void look_outside(struct bench *bench)
{
	const int64_t now_ns = clock_now(&bench->clock);
	bool over = false;

	if (bench->clock.kind == CLOCK_KIND_STEPPED)
		return;
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		over |= s->state == SESSION_FINISHED;
	if (!over && now_ns - bench->outside_ns < OUTSIDE_NS)
		return;
	bench->outside_ns = now_ns;
	clock_look_outside(&bench->clock);
	note_changes(bench);
}

/* Whatever came between the last look and this one was seen late. */
static void note_late_turn(struct bench *bench, int64_t now_ns)
{
	const int64_t away_ns = now_ns - bench->clock.looked_ns;
	char text[EVENT_TEXT];

	if (bench->clock.looked_ns == 0 || away_ns <= CLOCK_LATE_NS)
		return;
	snprintf(text, sizeof text, "the bench process was stopped or not scheduled for %.3f s",
		(double)away_ns / 1e9);
	fault_of_all(bench, REASON_BENCH_LATE, bench->clock.looked_ns, text);
}

static void watch_drops(struct bench *bench)
{
	for (int i = 0; i < bench->device_count; i++) {
		struct device *device = bench->devices[i];
		int64_t since_ns;
		if (device->idle)
			continue;
		if (!wire_watch_dropped(&device->wire, clock_now(&bench->clock), &since_ns))
			continue;
		for (struct session *s = bench->sessions; s != NULL; s = s->next)
			if (s->device == device)
				session_fault(s, NO_CONNECTION, REASON_FRAMES_DROPPED, since_ns,
					"the capture dropped frames");
	}
}

static void watch_links(struct bench *bench)
{
	for (int i = 0; i < bench->device_count; i++) {
		struct device *device = bench->devices[i];
		int64_t from_ns;
		if (device->idle)
			continue;
		if (!link_watch_look(&device->wire.link, clock_now(&bench->clock), &from_ns))
			continue;
		for (struct session *s = bench->sessions; s != NULL; s = s->next)
			if (s->device == device)
				session_note_no_link(s, from_ns);
	}
}

/* Where there is a process behind it, it ended; a real port may come back. */
static void uart_broke(struct bench *bench, struct device *device, struct error *err)
{
	if (bench->options->file->is_virtual) {
		device_explain(bench, device, err);
		device_lost(bench, device, err);
	} else {
		device_unplugged(bench, device, err);
	}
}

/* Its wire, and then what is to be read from its UART, or written to it. */
static void take_device(
	struct bench *bench, int index, int (*of_uart)(struct device *device, struct error *err))
{
	struct device *device = bench->devices[index];
	struct error err = {0};

	if (bench->lost[index])
		return;
	if (device_take_frames(bench, device, &err) != 0) {
		device_explain(bench, device, &err);
		device_lost(bench, device, &err);
	} else if (!bench->absences[index].away && of_uart(device, &err) != 0) {
		uart_broke(bench, device, &err);
	}
}

/* What the bench waits for on the real clock: the broker's side first. */
static int all_polls(const struct bench *bench, int brokers)
{
	struct pollfd *polls = bench->polls;
	int count = brokers;

	if (monitor_descriptor(&bench->monitor) >= 0)
		polls[count++] = (struct pollfd){
			.fd = monitor_descriptor(&bench->monitor), .events = POLLIN};
	if (bench->access_point.running)
		polls[count++] = (struct pollfd){.fd = bench->access_point.ended, .events = POLLIN};
	for (int i = 0; i < bench->device_count; i++) {
		struct device *device = bench->devices[i];
		if (bench->lost[i])
			continue;
		if (!bench->absences[i].away)
			polls[count++] = (struct pollfd){.fd = port_descriptor(device->uart.port),
				.events = (short)(device->uart.out_length > 0 ? POLLIN | POLLOUT
									      : POLLIN)};
		polls[count++] = (struct pollfd){
			.fd = capture_descriptor(device->wire.capture), .events = POLLIN};
		if (device->wire.link.socket >= 0)
			polls[count++] =
				(struct pollfd){.fd = device->wire.link.socket, .events = POLLIN};
		if (bench->bring_ups[i].hook.running)
			polls[count++] = (struct pollfd){
				.fd = bench->bring_ups[i].hook.ended, .events = POLLIN};
	}
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		count += session_poll(s, polls + count, bench->poll_room - count);
	return count;
}

/* Waits for one of them, no longer than a look may last.  Returns whether one is ready. */
static bool look(struct bench *bench, int count, int64_t until_ns)
{
	const int64_t before_ns = clock_now(&bench->clock);
	int64_t left = until_ns - before_ns;

	if (left > LOOK_NS)
		left = LOOK_NS;
	if (left < 0)
		left = 0;
	const struct timespec limit = {.tv_nsec = (long)left};
	const bool waited_out = ppoll(bench->polls, (nfds_t)count, &limit, NULL) == 0;
	const int64_t now_ns = clock_now(&bench->clock);
	if (waited_out)
		clock_note_late(&bench->clock, now_ns - before_ns - left);
	clock_correlate(&bench->clock);
	note_changes(bench);
	note_late_turn(bench, now_ns);
	if (waited_out)
		bench->clock.looked_ns = now_ns;
	for (int i = 0; i < bench->device_count && waited_out; i++)
		wire_watch_nothing(&bench->devices[i]->wire, now_ns);
	return !waited_out;
}

static void wait_real(struct bench *bench, int64_t until_ns)
{
	const int brokers = broker_polls(bench);
	const int count = all_polls(bench, brokers);
	const int64_t idle_ns = clock_now(&bench->clock) + IDLE_NS;
	const int64_t end_ns = until_ns < idle_ns ? until_ns : idle_ns;

	/* What a killed run leaves is all that there was before it waited. */
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s->transcript != NULL)
			transcript_sync(s->transcript);
	while (!look(bench, count, end_ns) && clock_now(&bench->clock) < end_ns) {
	}
	const int64_t now_ns = clock_now(&bench->clock);
	/* The wire before the UART: what a notice speaks of has been seen when it is read. */
	for (int i = 0; i < bench->device_count && bench->fault.kind == ERROR_NONE; i++)
		take_device(bench, i, device_read);
	bench->clock.looked_ns = now_ns;
	handle_broker(bench, bench->polls, brokers);
}

static void wait_stepped(struct bench *bench, int64_t until_ns)
{
	struct error err = {0};
	struct pollfd order = {.fd = bench->options->control, .events = POLLIN};

	if (poll(&order, 1, 0) > 0)
		read_orders(bench);
	if (until_ns == TIME_NEVER) {
		error_set(&err, ERROR_BENCH, "the stepped clock cannot advance: no event is due");
		bench_fault(bench, &err);
		return;
	}
	if (devices_advance(bench, until_ns, &err) != 0)
		bench_fault(bench, &err);
}

/* The bench itself is broken: nobody is driven any more, and who waits is told why. */
static void heed_fault(struct bench *bench)
{
	const char *why = bench->fault.text;

	if (bench->fault.kind == ERROR_NONE || bench->stopped)
		return;
	bench->stopped = true;
	broker_refuse_waiting(bench, why);
	for (struct session *session = bench->sessions; session != NULL; session = session->next) {
		if (session->state == SESSION_FINISHED)
			continue;
		session_fault(
			session, NO_CONNECTION, REASON_BENCH_BROKE, clock_now(&bench->clock), why);
		session_abandon(session);
	}
	/* No answer is read any more, and a session is not over while it waits for one. */
	for (int i = 0; i < bench->device_count; i++)
		device_stop(bench, i);
}

/* On stepped time nothing can have become of a device that wrote nothing since the last turn, and of
 * whose sessions nothing is due: with many devices that is most of them at any turn. */
static void find_idle(struct bench *bench)
{
	const int64_t now_ns = clock_now(&bench->clock);
	const bool may_be = bench->clock.kind == CLOCK_KIND_STEPPED && bench->device_count > 1 &&
			    bench->fault.kind == ERROR_NONE && !bench->interrupted;

	find_due(bench, false);
	for (int i = 0; i < bench->device_count; i++) {
		struct device *device = bench->devices[i];
		const uint64_t written = device->report.uart_written + device->report.wire_written;
		device->idle = may_be && written == device->turned && !bench->absences[i].away &&
			       !device_has_input(device) && !bench->bring_ups[i].running &&
			       device_deadline(device) > now_ns && bench->due_ns[i] > now_ns &&
			       !bench->has_finished[i];
		device->turned = written;
	}
}

void bench_run_due(struct bench *bench)
{
	heed_fault(bench);
	access_point_finish(bench);
	unplugged_look(bench);
	find_idle(bench);
	for (int i = 0; i < bench->device_count; i++)
		stimuli_look(&bench->bring_ups[i].stimuli, bench->devices[i]->alive_ns,
			bench->devices[i]->spoke_ns);

	handle_peers(bench);
	for (int i = 0; i < bench->device_count; i++) {
		struct device *device = bench->devices[i];
		int64_t now = clock_now(&bench->clock);
		if (device->ready && device_end_line(device, now))
			continue;
		if (device->ready && device_is_overdue(device, now))
			device_recover_silent(bench, device);
		else
			device_expire(device, now);
		bring_up_run(bench, i);
	}
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		if (!s->device->idle)
			session_run(s, clock_now(&bench->clock));
	/* On stepped time the peer's kernel answers at once: what it sent is on the wire by now. */
	for (int i = 0; i < bench->device_count && bench->fault.kind == ERROR_NONE; i++)
		if (!bench->devices[i]->idle)
			take_device(bench, i, device_write);
	watch_drops(bench);
	monitor_run(bench);
	look_outside(bench);
	watch_links(bench);
	heed_fault(bench);
	broker_deliver(bench);
}

void bench_turn(struct bench *bench)
{
	bench_run_due(bench);
	int64_t until = bench_next_deadline(bench);
	if (bench->fault.kind == ERROR_NONE && bench->clock.kind == CLOCK_KIND_STEPPED)
		wait_stepped(bench, until);
	else if (bench->fault.kind == ERROR_NONE)
		wait_real(bench, until == TIME_NEVER ? clock_now(&bench->clock) + NS_PER_S : until);
	heed_fault(bench);
}

/* Are all cases over, and the devices found to be well behind them? */
static bool is_finished(struct bench *bench)
{
	if (!broker_finished(bench))
		return false;
	if (!bench->checked && !bench->interrupted && bench->fault.kind == ERROR_NONE) {
		bench->checked = true;
		for (int i = 0; i < bench->device_count; i++)
			if (bench->devices[i]->ready)
				bring_up_check_last(bench, i);
	}
	return devices_ready(bench) || bench->interrupted || bench->fault.kind != ERROR_NONE;
}

void bench_loop(struct bench *bench)
{
	while (!bench->ended) {
		bench_run_due(bench);
		if (is_finished(bench) || (bench->fault.kind != ERROR_NONE &&
						  bench->sessions == NULL && bench->runner_ended))
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
		if (!stepped && bench->clock.looked_ns - bench->came_ns > WORKER_TIMEOUT_NS)
			(void)broker_give_up_absent(bench);
		if (!stepped)
			broker_give_up_silent(bench, WORKER_TIMEOUT_NS);
		admission_run(bench);
		if (bench->fault.kind != ERROR_NONE)
			continue; /* who waits is told before anybody is waited for */
		int64_t until = bench_next_deadline(bench);
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
