/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/state.h"
#include "core/json_text.h"

/* Start offsets lie within one 75 s tick of the device. */
#define OFFSET_NS (75 * NS_PER_S)

static struct bench_case *case_named(struct bench *bench, const char *name, const char *device)
{
	for (size_t i = 0; i < bench->case_count; i++)
		if (strcmp(bench->cases[i].listed->name, name) == 0 &&
			strcmp(bench->cases[i].listed->device, device) == 0)
			return &bench->cases[i];
	return NULL;
}

static struct session *session_of(struct bench *bench, const struct bench_case *one)
{
	for (struct session *session = bench->sessions; session != NULL; session = session->next)
		if (session->case_index == (int)(one - bench->cases))
			return session;
	return NULL;
}

static void refuse(int socket, const char *why)
{
	(void)message_send(socket, MESSAGE_REFUSED, why, strlen(why), -1, NULL);
}

void broker_accept(struct bench *bench)
{
	for (;;) {
		/* cppcheck-suppress nullPointer ; who calls is not asked */
		int socket = accept4(bench->options->listener, NULL, NULL, SOCK_CLOEXEC);
		if (socket < 0)
			return;
		if (bench->visitor_count == BENCH_VISITORS) {
			refuse(socket, "too many workers");
			close(socket);
			continue;
		}
		bench->visitors[bench->visitor_count++] = socket;
	}
}

void broker_read_visitor(struct bench *bench, int index)
{
	int socket = bench->visitors[index];
	int descriptor = -1;
	struct hello hello;

	bench->visitors[index] = bench->visitors[--bench->visitor_count];
	if (message_receive(socket, bench->message, &descriptor, NULL) <= 0) {
		close(socket);
		return;
	}
	if (bench->message->header.kind != MESSAGE_HELLO ||
		bench->message->header.length != sizeof hello) {
		refuse(socket, "the worker does not say who it is");
		close(socket);
		return;
	}
	memcpy(&hello, bench->message->body, sizeof hello);
	hello.case_name[sizeof hello.case_name - 1] = '\0';
	hello.device[sizeof hello.device - 1] = '\0';
	struct bench_case *one = case_named(bench, hello.case_name, hello.device);
	if (hello.version != BROKER_VERSION || hello.size != sizeof(struct scenario)) {
		refuse(socket, "wizhil-cases is of another build than wizhil");
		close(socket);
	} else if (one == NULL || one->state != CASE_EXPECTED) {
		refuse(socket, "this case is not selected");
		close(socket);
	} else {
		one->socket = socket;
		one->state = CASE_CONNECTED;
	}
}

/* An event of a case; fields, as for json_pack, are added to it. */
static json_t *case_event(const char *kind, const struct bench_case *one, const char *fields, ...)
{
	va_list arguments;

	va_start(arguments, fields);
	json_t *more = json_vpack_ex(NULL, 0, fields, arguments);
	va_end(arguments);
	json_t *event = json_pack("{s:s, s:s}", "event", kind, "case", one->listed->name);
	if (one->repetition > 0)
		json_object_set_new(event, "repetition", json_integer(one->repetition));
	if (one->listed->device[0] != '\0')
		json_object_set_new(event, "device", json_string(one->listed->device));
	if (more == NULL || json_object_update(event, more) != 0) {
		json_decref(event);
		event = NULL;
	}
	json_decref(more);
	return event;
}

/* Of the repetitions that will not come any more. */
static void skip_repetitions(struct bench *bench, struct bench_case *one, const char *reason)
{
	while (one->repetition > 0 && one->repetition < bench->options->repeat) {
		one->repetition++;
		bench_record(bench, case_event("not_run", one, "{s:s}", "reason", reason), true);
	}
}

static void case_gone(struct bench *bench, struct bench_case *one)
{
	struct session *session = session_of(bench, one);

	if (one->socket >= 0)
		close(one->socket);
	one->socket = -1;
	if (one->state == CASE_DONE)
		return;
	one->state = CASE_GONE;
	bench_record(bench,
		case_event("error", one, "{s:s}", "text",
			"the case's worker ended before it had delivered its verdict"),
		true);
	skip_repetitions(bench, one, "an earlier repetition ended without a verdict");
	/* Its connections are closed in order, so that the CIDs are free again. */
	if (session != NULL && session->state < SESSION_LISTING) {
		session->listed = ~0U;
		session->state = SESSION_CLOSING;
	}
}

/* Its worker is sent home; no verdict will come. */
static void broker_not_run(struct bench *bench, struct bench_case *one, const char *reason)
{
	bench_record(bench, case_event("not_run", one, "{s:o}", "reason", json_text(reason)), true);
	skip_repetitions(bench, one, reason);
	refuse(one->socket, reason);
	close(one->socket);
	one->socket = -1;
	one->state = CASE_GONE;
}

static void submit(struct bench *bench, struct bench_case *one)
{
	struct error err = {0};

	if (bench->message->header.length != sizeof one->submission) {
		refuse(one->socket, "a scenario of the wrong size");
		return;
	}
	memcpy(&one->submission, bench->message->body, sizeof one->submission);
	if (one->submission.scenario.error[0] != '\0') {
		refuse(one->socket, one->submission.scenario.error);
		return;
	}
	one->submission.alone |= one->again;
	if (bench->options->recorded != NULL) {
		int memory = evidence_recorded(bench, one, &err);
		if (memory < 0) {
			refuse(one->socket, err.text);
			return;
		}
		(void)message_send(one->socket, MESSAGE_TIMELINE, NULL, 0, memory, NULL);
		one->drives++;
		close(memory);
		return;
	}
	if (bench->interrupted) {
		broker_not_run(bench, one, "interrupted");
		return;
	}
	if (bench->fault.kind != ERROR_NONE) {
		refuse(one->socket, bench->fault.text);
		return;
	}
	if (scenario_uses_access_point(&one->submission.scenario) &&
		!bench->options->file->has_access_point) {
		broker_not_run(bench, one, "the bench file names no access_point commands");
		return;
	}
	one->expected_ns = scenario_expected(&one->submission.scenario);
	one->state = CASE_WAITING;
}

static void take_verdict(struct bench *bench, struct bench_case *one)
{
	struct recorded recorded = {.next = NEXT_NONE};
	json_error_t trouble;
	json_t *verdict = json_loadb(
		(const char *)bench->message->body, bench->message->header.length, 0, &trouble);

	if (verdict == NULL) {
		refuse(one->socket, "a verdict that is no JSON");
		return;
	}
	const char *outcome = json_string_value(json_object_get(verdict, "outcome"));
	bool failed = outcome != NULL && strcmp(outcome, "fail") == 0;
	/* What its device broke down after may be a coincidence, or not. */
	bool doubtful = one->suspect.fault != FAULT_NONE || (failed && one->company > 0);
	if (doubtful && !one->again && bench->options->rerun_alone &&
		bench->options->recorded == NULL && !bench->interrupted)
		recorded.next = NEXT_ALONE;
	else if (one->repetition > 0 && one->repetition < bench->options->repeat)
		recorded.next = NEXT_REPETITION;
	json_t *event = case_event("verdict", one, "{s:s, s:s, s:i, s:f, s:o, s:{s:s, s:s, s:s}}",
		"device", one->device, "attempt", one->again ? "alone" : "first", "company",
		one->company, "t_s", (double)clock_now(&bench->clock) / 1e9, "verdict", verdict,
		"evidence", "timeline", one->evidence[0], "pcapng", one->evidence[1], "transcript",
		one->evidence[2]);
	if (bench_record(bench, event, true) != 0) {
		refuse(one->socket, bench->fault.text);
		return;
	}
	one->again = recorded.next == NEXT_ALONE;
	one->state = recorded.next == NEXT_NONE ? CASE_DONE : CASE_CONNECTED;
	if (recorded.next != NEXT_NONE)
		one->drives = 0;
	if (recorded.next == NEXT_REPETITION) {
		one->repetition++;
		one->suspect.fault = FAULT_NONE;
	}
	(void)message_send(one->socket, MESSAGE_RECORDED, &recorded, sizeof recorded, -1, NULL);
}

void broker_read_case(struct bench *bench, struct bench_case *one)
{
	int descriptor = -1;
	int got = message_receive(one->socket, bench->message, &descriptor, NULL);

	if (descriptor >= 0)
		close(descriptor);
	if (got <= 0) {
		case_gone(bench, one);
		return;
	}
	switch (bench->message->header.kind) {
	case MESSAGE_SUBMIT:
		submit(bench, one);
		break;
	case MESSAGE_VERDICT:
		take_verdict(bench, one);
		break;
	default:
		refuse(one->socket, "a message that a worker does not send");
		break;
	}
}

bool broker_settled(const struct bench *bench)
{
	for (size_t i = 0; i < bench->case_count; i++)
		if (bench->cases[i].state == CASE_EXPECTED ||
			bench->cases[i].state == CASE_CONNECTED)
			return false;
	return true;
}

bool broker_finished(const struct bench *bench)
{
	for (size_t i = 0; i < bench->case_count; i++)
		if (bench->cases[i].state != CASE_DONE && bench->cases[i].state != CASE_GONE)
			return false;
	return bench->sessions == NULL;
}

void broker_runner_ended(struct bench *bench)
{
	bench->runner_ended = true;
	broker_accept(bench);
	while (bench->visitor_count > 0)
		broker_read_visitor(bench, 0);
	for (size_t i = 0; i < bench->case_count; i++)
		if (bench->cases[i].state == CASE_EXPECTED)
			case_gone(bench, &bench->cases[i]);
}

void broker_interrupt(struct bench *bench)
{
	for (size_t i = 0; i < bench->case_count; i++)
		if (bench->cases[i].state == CASE_WAITING)
			broker_not_run(bench, &bench->cases[i], "interrupted");
}

void broker_refuse_waiting(struct bench *bench, const char *why)
{
	for (size_t i = 0; i < bench->case_count; i++) {
		struct bench_case *one = &bench->cases[i];
		if (one->state != CASE_WAITING)
			continue;
		refuse(one->socket, why);
		one->state = CASE_CONNECTED;
	}
}

/* A hash of seed, name and repetition: the same start offset whatever else is in the run (FNV-1a),
 * and each repetition at another place of the device's ticks. */
static int64_t start_offset(const struct bench *bench, const struct bench_case *one)
{
	const char *name = one->listed->name;
	uint64_t hash = UINT64_C(14695981039346656037) ^ bench->options->seed;

	if (bench->clock.kind == CLOCK_KIND_REAL)
		return 0;
	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	if (one->repetition > 1)
		hash += (uint64_t)one->repetition;
	hash ^= hash >> 29;
	hash *= UINT64_C(0xbf58476d1ce4e5b9);
	hash ^= hash >> 32;
	/* Whole milliseconds: times that a person can read. */
	return (int64_t)(hash % (OFFSET_NS / NS_PER_MS)) * NS_PER_MS;
}

static bool wants_alone(const struct bench_case *one)
{
	return one->submission.alone || one->submission.scenario.exclusive ||
	       one->listed->exclusive;
}

/* Free CIDs of a device and whether somebody has it alone. */
static int room_on(const struct bench *bench, const struct device *device, int *sessions)
{
	int room = DEVICE_CIDS - __builtin_popcount(device->leaked);

	*sessions = 0;
	for (const struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device)
			continue;
		++*sessions;
		room = s->alone ? 0 : room - s->cids;
	}
	return room;
}

static void start(struct bench *bench, struct bench_case *one, struct device *device)
{
	struct error err = {0};
	struct session *session =
		session_new(one->listed->name, &one->submission.scenario, device, &bench->host);

	if (session == NULL) {
		refuse(one->socket, "out of memory");
		return;
	}
	session->case_index = (int)(one - bench->cases);
	session->alone = wants_alone(one);
	session->due_ns = clock_now(&bench->clock) + start_offset(bench, one);
	if (evidence_open(bench, session, one, &err) != 0) {
		bench_fault(bench, &err);
		session_free(session);
		return;
	}
	/* Sessions stay in the order of admission: the order in which they act at one instant. */
	struct session **end = &bench->sessions;
	while (*end != NULL)
		end = &(*end)->next;
	*end = session;
	one->state = CASE_RUNNING;
	watch_session(bench, session, WATCHED_BEGUN);
	int others;
	room_on(bench, device, &others);
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s->device == device && others - 1 > s->timeline->company)
			s->timeline->company = others - 1;
	bench_record(bench,
		case_event("admitted", one, "{s:s, s:f, s:i}", "device", device->entry->name, "t_s",
			(double)clock_now(&bench->clock) / 1e9, "company", others - 1),
		false);
}

/* All repetitions of a case run on one device, as long as there is it: else their spread would be
 * that of two devices. */
static bool is_bound_elsewhere(const struct bench *bench, const struct bench_case *one, int d)
{
	if (one->listed->device[0] != '\0')
		return strcmp(one->listed->device, bench->devices[d]->entry->name) != 0;
	if (one->repetition <= 1 || one->device[0] == '\0' ||
		strcmp(one->device, bench->devices[d]->entry->name) == 0)
		return false;
	for (int i = 0; i < bench->device_count; i++)
		if (strcmp(one->device, bench->devices[i]->entry->name) == 0)
			return !bench->lost[i];
	return false;
}

void broker_admit(struct bench *bench)
{
	if (!broker_settled(bench) || bench->interrupted || bench->fault.kind != ERROR_NONE)
		return;
	/* A case that wants the device alone waits until nobody waits who can share it. */
	for (int alone = 0; alone < 2; alone++) {
		for (size_t i = 0; i < bench->case_count; i++) {
			struct bench_case *one = &bench->cases[i];
			if (one->state != CASE_WAITING || wants_alone(one) != (alone == 1))
				continue;
			for (int d = 0; d < bench->device_count; d++) {
				struct device *device = bench->devices[d];
				int sessions;
				int room = room_on(bench, device, &sessions);
				int need = scenario_cids(&one->submission.scenario);
				/* The access point is everybody's. */
				if (access_point_session(bench, NULL) != NULL ||
					(scenario_uses_access_point(&one->submission.scenario) &&
						bench->sessions != NULL))
					continue;
				if (!device->ready || room < need || (alone == 1 && sessions > 0) ||
					is_bound_elsewhere(bench, one, d))
					continue;
				start(bench, one, device);
				break;
			}
		}
	}
}

/* Whether any device is left that could ever take the case. */
static bool can_run(const struct bench *bench, const struct bench_case *one)
{
	for (int d = 0; d < bench->device_count; d++)
		if (!bench->lost[d] && !is_bound_elsewhere(bench, one, d) &&
			DEVICE_CIDS - __builtin_popcount(bench->devices[d]->stuck) >=
				scenario_cids(&one->submission.scenario))
			return true;
	return false;
}

void broker_send_home(struct bench *bench)
{
	for (size_t i = 0; i < bench->case_count; i++) {
		struct bench_case *one = &bench->cases[i];
		if (one->state == CASE_WAITING && !can_run(bench, one))
			broker_not_run(bench, one,
				"its device is lost, or does not let go of enough CIDs");
	}
}

void broker_reset_leaking(struct bench *bench)
{
	bool waiting = false;

	for (size_t i = 0; i < bench->case_count; i++)
		waiting |= bench->cases[i].state == CASE_WAITING;
	for (int d = 0; waiting && d < bench->device_count; d++) {
		struct device *device = bench->devices[d];
		int sessions;
		room_on(bench, device, &sessions);
		if (device->ready && sessions == 0 && device->leaked != device->stuck)
			device_reset(bench, d, "reset: it holds CIDs that nobody has");
	}
}

/* What had the device alone may have left it changed. */
static void check_device(
	struct bench *bench, const struct session *session, const struct bench_case *one)
{
	bool waiting = false;

	for (size_t i = 0; i < bench->case_count; i++)
		waiting |= &bench->cases[i] != one && bench->cases[i].state < CASE_DONE;
	if (waiting && session->alone && session->device->ready && !bench->interrupted &&
		bench->fault.kind == ERROR_NONE)
		bring_up_check(bench, device_index(bench, session->device), one->listed->name);
}

void broker_deliver(struct bench *bench)
{
	for (struct session **link = &bench->sessions; *link != NULL;) {
		struct session *session = *link;
		if (session->state != SESSION_FINISHED || session->pending > 0) {
			link = &session->next;
			continue;
		}
		*link = session->next;
		watch_session(bench, session, WATCHED_OVER);
		struct bench_case *one = &bench->cases[session->case_index];
		struct error err = {0};
		int memory = evidence_finish(bench, session, &err);
		if (memory < 0)
			bench_fault(bench, &err);
		one->company = session->timeline->company;
		snprintf(one->device, sizeof one->device, "%s", session->timeline->device);
		memcpy(one->evidence, session->evidence, sizeof one->evidence);
		one->drives++;
		if (one->state == CASE_RUNNING && bench->interrupted) {
			broker_not_run(bench, one, "interrupted");
		} else if (one->state == CASE_RUNNING) {
			one->state = CASE_CONNECTED;
			if (memory >= 0)
				(void)message_send(
					one->socket, MESSAGE_TIMELINE, NULL, 0, memory, NULL);
			else
				refuse(one->socket, err.text);
		}
		if (memory >= 0)
			close(memory);
		check_device(bench, session, one);
		session_free(session);
	}
}
