/* SPDX-License-Identifier: MIT */
#include "bench/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/access_point.h"
#include "bench/bring_up.h"
#include "bench/evidence.h"
#include "bench/journal.h"
#include "bench/lost.h"
#include "bench/watch.h"
#include "core/error.h"
#include "core/json_text.h"

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

void broker_refuse(int socket, const char *why)
{
	(void)message_send(socket, MESSAGE_REFUSED, why, strlen(why), -1, NULL);
}

/* The worker would knock for ever. */
static void cannot_accept(struct bench *bench)
{
	struct error err = {0};

	(void)error_errno(&err, ERROR_BENCH, "cannot take another worker (raise 'ulimit -n')");
	bench_fault(bench, &err);
}

void broker_accept(struct bench *bench)
{
	/* More wait in the socket's own queue. */
	while (bench->visitor_count < BENCH_VISITORS) {
		/* cppcheck-suppress nullPointer ; who calls is not asked */
		int socket = accept4(bench->options->listener, NULL, NULL, SOCK_CLOEXEC);
		if (socket < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
			cannot_accept(bench);
		if (socket < 0)
			return;
		bench->visitors[bench->visitor_count++] = socket;
	}
}

json_t *broker_event(const char *kind, const struct bench_case *one, const char *fields, ...)
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
		bench_record(bench, broker_event("not_run", one, "{s:s}", "reason", reason), true);
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
		broker_event("error", one, "{s:s}", "text",
			"the case's worker ended before it had delivered its verdict"),
		true);
	skip_repetitions(bench, one, "an earlier repetition ended without a verdict");
	/* Its connections are closed in order, so that the CIDs are free again. */
	if (session != NULL && session->state < SESSION_LISTING) {
		session->listed = ~0U;
		session->state = SESSION_CLOSING;
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
	if ((bench->message->header.kind != MESSAGE_HELLO &&
		    bench->message->header.kind != MESSAGE_ENDED) ||
		bench->message->header.length != sizeof hello) {
		broker_refuse(socket, "the worker does not say who it is");
		close(socket);
		return;
	}
	memcpy(&hello, bench->message->body, sizeof hello);
	hello.case_name[sizeof hello.case_name - 1] = '\0';
	hello.device[sizeof hello.device - 1] = '\0';
	struct bench_case *one = case_named(bench, hello.case_name, hello.device);
	if (bench->message->header.kind == MESSAGE_ENDED) {
		if (one != NULL && one->state == CASE_EXPECTED)
			case_gone(bench, one);
		close(socket);
		return;
	}
	if (hello.version != BROKER_VERSION || hello.size != sizeof(struct scenario)) {
		broker_refuse(socket, "wizhil-cases is of another build than wizhil");
		close(socket);
	} else if (one == NULL || one->state != CASE_EXPECTED) {
		broker_refuse(socket, "this case is not selected");
		close(socket);
	} else {
		one->socket = socket;
		one->state = CASE_CONNECTED;
		bench->came_ns = clock_now(&bench->clock);
	}
}

static json_t *evidence_of(const struct bench_case *one)
{
	return json_pack("{s:s, s:s, s:s}", "timeline", one->evidence[0], "pcapng",
		one->evidence[1], "transcript", one->evidence[2]);
}

/* Not, or not to the end: then there is evidence of what was driven. */
static void give_up(
	struct bench *bench, struct bench_case *one, const char *reason, json_t *evidence)
{
	json_t *event = broker_event("not_run", one, "{s:o, s:f}", "reason", json_text(reason),
		"t_s", (double)clock_now(&bench->clock) / 1e9);

	if (evidence != NULL) {
		json_object_set_new(event, "company", json_integer(one->company));
		json_object_set_new(event, "evidence", evidence);
	}
	bench_record(bench, event, true);
	skip_repetitions(bench, one, reason);
	broker_refuse(one->socket, reason);
	close(one->socket);
	one->socket = -1;
	one->state = CASE_GONE;
}

void broker_not_run(struct bench *bench, struct bench_case *one, const char *reason)
{
	give_up(bench, one, reason, NULL);
}

static void submit(struct bench *bench, struct bench_case *one)
{
	struct error err = {0};

	if (bench->message->header.length != sizeof one->submission) {
		broker_refuse(one->socket, "a scenario of the wrong size");
		return;
	}
	memcpy(&one->submission, bench->message->body, sizeof one->submission);
	if (one->submission.scenario.error[0] != '\0') {
		broker_refuse(one->socket, one->submission.scenario.error);
		return;
	}
	one->submission.alone |= one->again;
	if (bench->options->recorded != NULL) {
		int memory = evidence_recorded(bench, one, &err);
		if (memory < 0) {
			broker_refuse(one->socket, err.text);
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
		broker_refuse(one->socket, bench->fault.text);
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
		broker_refuse(one->socket, "a verdict that is no JSON");
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
	json_t *event = broker_event("verdict", one, "{s:s, s:s, s:i, s:f, s:o, s:o}", "device",
		one->device, "attempt", one->again ? "alone" : "first", "company", one->company,
		"t_s", (double)clock_now(&bench->clock) / 1e9, "verdict", verdict, "evidence",
		evidence_of(one));
	if (bench_record(bench, event, true) != 0) {
		broker_refuse(one->socket, bench->fault.text);
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
		broker_refuse(one->socket, "a message that a worker does not send");
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

bool broker_give_up_absent(struct bench *bench)
{
	bool any = false;

	for (size_t i = 0; i < bench->case_count; i++) {
		if (bench->cases[i].state != CASE_EXPECTED)
			continue;
		case_gone(bench, &bench->cases[i]);
		any = true;
	}
	return any;
}

void broker_runner_ended(struct bench *bench)
{
	bench->runner_ended = true;
	broker_accept(bench);
	while (bench->visitor_count > 0)
		broker_read_visitor(bench, 0);
	broker_give_up_absent(bench);
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
		broker_refuse(one->socket, why);
		one->state = CASE_CONNECTED;
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
		one->company = session->timeline->concurrent;
		snprintf(one->device, sizeof one->device, "%s", session->timeline->device);
		memcpy(one->evidence, session->evidence, sizeof one->evidence);
		one->drives++;
		if (one->state == CASE_RUNNING && bench->interrupted) {
			give_up(bench, one, "interrupted", evidence_of(one));
		} else if (one->state == CASE_RUNNING) {
			one->state = CASE_CONNECTED;
			if (memory >= 0)
				(void)message_send(
					one->socket, MESSAGE_TIMELINE, NULL, 0, memory, NULL);
			else
				broker_refuse(one->socket, err.text);
		}
		if (memory >= 0)
			close(memory);
		if (session->uses_access_point)
			access_point_restore(bench);
		check_device(bench, session, one);
		session_free(session);
	}
}
