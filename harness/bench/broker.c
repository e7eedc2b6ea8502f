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

static const char ended[] = "the worker of the case ended before its verdict";

/* A case whose device loses its port more often is delivered as it is. */
enum { MAX_UNPLUGGED = 3 };

static struct bench_case *case_named(struct bench *bench, const char *name, const char *device)
{
	for (size_t i = 0; i < bench->case_count; i++) {
		const struct listed_case *listed = bench->cases[i].listed;
		if (strcmp(listed->name, name) == 0 && strcmp(listed->device, device) == 0)
			return &bench->cases[i];
	}
	return NULL;
}

static struct session *session_of(struct bench *bench, const struct bench_case *test_case)
{
	for (struct session *session = bench->sessions; session != NULL; session = session->next)
		if (session->case_index == (int)(test_case - bench->cases))
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

	(void)error_errno(
		&err, ERROR_BENCH, "too many workers (try: ulimit -n with a higher limit)");
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

json_t *broker_event(const char *kind, const struct bench_case *test_case, const char *fields, ...)
{
	va_list arguments;

	va_start(arguments, fields);
	json_t *more = json_vpack_ex(NULL, 0, fields, arguments);
	va_end(arguments);
	json_t *event = json_pack("{s:s, s:s}", "event", kind, "case", test_case->listed->name);
	if (test_case->repetition > 0)
		json_object_set_new(event, "repetition", json_integer(test_case->repetition));
	if (test_case->listed->device[0] != '\0')
		json_object_set_new(event, "device", json_string(test_case->listed->device));
	if (more == NULL || json_object_update(event, more) != 0) {
		json_decref(event);
		event = NULL;
	}
	json_decref(more);
	return event;
}

/* Of the repetitions that will not come any more. */
static void skip_repetitions(struct bench *bench, struct bench_case *test_case, const char *reason)
{
	while (test_case->repetition > 0 && test_case->repetition < bench->options->repeat) {
		test_case->repetition++;
		bench_record(
			bench, broker_event("not_run", test_case, "{s:s}", "reason", reason), true);
	}
}

void broker_await(struct bench *bench, struct bench_case *test_case)
{
	bench_case_enter(bench, test_case, CASE_CONNECTED);
	test_case->heard_ns = clock_now(&bench->clock);
}

static void case_gone(struct bench *bench, struct bench_case *test_case, const char *why)
{
	struct session *session = session_of(bench, test_case);

	if (test_case->socket >= 0)
		close(test_case->socket);
	test_case->socket = -1;
	if (test_case->state == CASE_DONE)
		return;
	bench_case_enter(bench, test_case, CASE_GONE);
	bench_record(bench, broker_event("error", test_case, "{s:s}", "text", why), true);
	skip_repetitions(bench, test_case, "an earlier repetition ended without a verdict");
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
		broker_refuse(socket, "the worker did not identify itself");
		close(socket);
		return;
	}
	memcpy(&hello, bench->message->body, sizeof hello);
	hello.case_name[sizeof hello.case_name - 1] = '\0';
	hello.device[sizeof hello.device - 1] = '\0';
	struct bench_case *test_case = case_named(bench, hello.case_name, hello.device);
	if (bench->message->header.kind == MESSAGE_ENDED) {
		if (test_case != NULL && test_case->state == CASE_EXPECTED)
			case_gone(bench, test_case, ended);
		close(socket);
		return;
	}
	if (hello.version != BROKER_VERSION || hello.size != sizeof(struct scenario)) {
		broker_refuse(socket,
			"wizhil-cases and wizhil are from different builds (install both again)");
		close(socket);
	} else if (test_case == NULL || test_case->state != CASE_EXPECTED) {
		broker_refuse(socket, "this case is not selected");
		close(socket);
	} else {
		test_case->socket = socket;
		broker_await(bench, test_case);
		bench->came_ns = clock_now(&bench->clock);
	}
}

/* A file for which there was no room is not there, and not named. */
static json_t *evidence_of(const struct bench *bench, const struct bench_case *test_case)
{
	static const char *const keys[] = {"timeline", "pcapng", "transcript"};
	json_t *evidence = json_object();
	char path[4096];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", bench->options->run_folder,
			test_case->evidence[i]);
		json_object_set_new(evidence, keys[i],
			json_string(access(path, F_OK) == 0 ? test_case->evidence[i] : ""));
	}
	return evidence;
}

/* Not, or not to the end: then there is evidence of what was driven. */
static void give_up(
	struct bench *bench, struct bench_case *test_case, const char *reason, json_t *evidence)
{
	json_t *event = broker_event("not_run", test_case, "{s:o, s:f}", "reason",
		json_text(reason), "t_s", (double)clock_now(&bench->clock) / 1e9);

	if (evidence != NULL) {
		json_object_set_new(event, "concurrent", json_integer(test_case->concurrent));
		json_object_set_new(event, "evidence", evidence);
	}
	bench_record(bench, event, true);
	skip_repetitions(bench, test_case, reason);
	broker_refuse(test_case->socket, reason);
	close(test_case->socket);
	test_case->socket = -1;
	bench_case_enter(bench, test_case, CASE_GONE);
}

void broker_not_run(struct bench *bench, struct bench_case *test_case, const char *reason)
{
	give_up(bench, test_case, reason, NULL);
}

/* What the recorded run says of it; NULL: nothing. */
static const struct recorded_case *recorded_of(
	const struct bench *bench, const struct bench_case *test_case)
{
	const struct listed_case *listed = test_case->listed;

	for (size_t i = 0; i < bench->options->recorded_case_count; i++) {
		const struct recorded_case *of = &bench->options->recorded_cases[i];
		const int repetition = of->repetition > 0 ? of->repetition : 1;
		if (strcmp(of->name, listed->name) == 0 &&
			(listed->device[0] == '\0' || strcmp(of->device, listed->device) == 0) &&
			repetition == (test_case->repetition > 0 ? test_case->repetition : 1))
			return of;
	}
	return NULL;
}

/* --judge: the case has its recorded timeline at once. */
static void serve_recorded(struct bench *bench, struct bench_case *test_case)
{
	const struct recorded_case *of = recorded_of(bench, test_case);
	struct error err = {0};

	if (of != NULL && of->not_run != NULL) {
		broker_not_run(bench, test_case, of->not_run);
		return;
	}
	if (of != NULL) {
		const struct recorded_drive *drive = test_case->again ? &of->alone : &of->first;
		snprintf(test_case->device, sizeof test_case->device, "%s",
			drive->device == NULL ? of->device : drive->device);
		test_case->concurrent = drive->concurrent;
		test_case->done_s = of->done_s;
	}
	int memory = evidence_recorded(bench, test_case, &err);
	if (memory < 0) {
		broker_refuse(
			test_case->socket, of != NULL && of->error != NULL ? of->error : err.text);
		return;
	}
	(void)message_send(test_case->socket, MESSAGE_TIMELINE, NULL, 0, memory, NULL);
	test_case->drives++;
	close(memory);
}

/* What makes it doubtful: what befell its device, or what it violates. */
static const char *cause_of(const struct bench_case *test_case, const json_t *verdict)
{
	const char *requirement = json_string_value(json_object_get(verdict, "requirement"));

	if (test_case->suspect.fault != FAULT_NONE)
		return evidence_fault_name(test_case->suspect.fault);
	return requirement == NULL ? "" : requirement;
}

/* Is it to be run once more, alone?  A recorded one was, or was not. */
static bool is_again(
	struct bench *bench, const struct bench_case *test_case, const json_t *verdict, bool asked)
{
	if (bench->options->recorded != NULL) {
		const struct recorded_case *of = recorded_of(bench, test_case);
		return !test_case->again && of != NULL && of->alone.device != NULL;
	}
	return asked && reruns_take(&bench->reruns, test_case->device, cause_of(test_case, verdict),
				bench->options->max_reruns);
}

/* What this bench lacks for the scenario; NULL: nothing. */
static const char *lacks_for(const struct bench_file *file, const struct scenario *scenario)
{
	if (scenario_uses_station(scenario) && !file->is_limited_ap)
		return "needs the module as access point (wifi: { mode: limited-ap } in the bench file)";
	if (scenario_uses_station(scenario) && !file->has_station)
		return "the bench file names no station commands";
	if (scenario_uses_access_point(scenario) && file->is_limited_ap)
		return "needs an access point of its own: here the module is the access point";
	if (scenario_uses_access_point(scenario) && !file->has_access_point)
		return "the bench file names no access_point commands";
	return NULL;
}

static void submit(struct bench *bench, struct bench_case *test_case)
{

	if (bench->message->header.length != sizeof test_case->submission) {
		broker_refuse(test_case->socket, "scenario has the wrong size");
		return;
	}
	memcpy(&test_case->submission, bench->message->body, sizeof test_case->submission);
	if (test_case->submission.scenario.error[0] != '\0') {
		broker_refuse(test_case->socket, test_case->submission.scenario.error);
		return;
	}
	test_case->submission.alone |= test_case->again;
	if (bench->options->recorded != NULL) {
		serve_recorded(bench, test_case);
		return;
	}
	if (bench->interrupted) {
		broker_not_run(bench, test_case, "interrupted");
		return;
	}
	if (bench->fault.kind != ERROR_NONE) {
		broker_refuse(test_case->socket, bench->fault.text);
		return;
	}
	const struct scenario *scenario = &test_case->submission.scenario;
	const char *lacking = lacks_for(bench->options->file, scenario);
	if (lacking != NULL) {
		broker_not_run(bench, test_case, lacking);
		return;
	}
	test_case->expected_ns = scenario_expected(scenario);
	test_case->claims = claims_of(scenario);
	if (test_case->submission.alone)
		test_case->claims.sharing = SHARING_NONE;
	bench_case_enter(bench, test_case, CASE_WAITING);
}

static void take_verdict(struct bench *bench, struct bench_case *test_case)
{
	struct recorded recorded = {.next = NEXT_NONE};
	json_error_t trouble;
	json_t *verdict = json_loadb(
		(const char *)bench->message->body, bench->message->header.length, 0, &trouble);

	if (verdict == NULL) {
		broker_refuse(test_case->socket, "verdict is not valid JSON");
		return;
	}
	const char *outcome = json_string_value(json_object_get(verdict, "outcome"));
	bool failed = outcome != NULL && strcmp(outcome, "fail") == 0;
	/* What its device broke down after may be a coincidence, or not. */
	bool doubtful =
		test_case->suspect.fault != FAULT_NONE || (failed && test_case->concurrent > 0);
	const bool asked = doubtful && !test_case->again && bench->options->max_reruns > 0 &&
			   bench->options->recorded == NULL && !bench->interrupted;
	if (is_again(bench, test_case, verdict, asked))
		recorded.next = NEXT_ALONE;
	else if (test_case->repetition > 0 && test_case->repetition < bench->options->repeat)
		recorded.next = NEXT_REPETITION;
	json_t *event = broker_event("verdict", test_case, "{s:s, s:s, s:i, s:f, s:o, s:o}",
		"device", test_case->device, "attempt", test_case->again ? "alone" : "first",
		"concurrent", test_case->concurrent, "t_s",
		bench->options->recorded != NULL ? test_case->done_s
						 : (double)clock_now(&bench->clock) / 1e9,
		"verdict", verdict, "evidence", evidence_of(bench, test_case));
	if (asked || recorded.next == NEXT_ALONE)
		json_object_set_new(event, "rerun",
			json_string(recorded.next == NEXT_ALONE ? "alone" : "capped"));
	if (bench_record(bench, event, true) != 0) {
		broker_refuse(test_case->socket, bench->fault.text);
		return;
	}
	test_case->again = recorded.next == NEXT_ALONE;
	bench_case_enter(bench, test_case, CASE_DONE);
	if (recorded.next != NEXT_NONE) {
		broker_await(bench, test_case);
		test_case->drives = 0;
	}
	if (recorded.next == NEXT_REPETITION) {
		test_case->repetition++;
		test_case->suspect.fault = FAULT_NONE;
	}
	(void)message_send(
		test_case->socket, MESSAGE_RECORDED, &recorded, sizeof recorded, -1, NULL);
}

void broker_read_case(struct bench *bench, struct bench_case *test_case)
{
	int descriptor = -1;
	int got = message_receive(test_case->socket, bench->message, &descriptor, NULL);

	if (descriptor >= 0)
		close(descriptor);
	if (got <= 0) {
		case_gone(bench, test_case, ended);
		return;
	}
	switch (bench->message->header.kind) {
	case MESSAGE_SUBMIT:
		submit(bench, test_case);
		break;
	case MESSAGE_VERDICT:
		take_verdict(bench, test_case);
		break;
	default:
		broker_refuse(test_case->socket, "unknown message from a worker");
		break;
	}
}

bool broker_settled(const struct bench *bench)
{
	return bench->in_state[CASE_EXPECTED] + bench->in_state[CASE_CONNECTED] == 0;
}

bool broker_finished(const struct bench *bench)
{
	return bench->in_state[CASE_DONE] + bench->in_state[CASE_GONE] == bench->case_count &&
	       bench->sessions == NULL;
}

bool broker_give_up_absent(struct bench *bench)
{
	bool any = false;

	for (size_t i = 0; i < bench->case_count; i++) {
		if (bench->cases[i].state != CASE_EXPECTED)
			continue;
		case_gone(bench, &bench->cases[i], ended);
		any = true;
	}
	return any;
}

/* What it said before the last look has been read by then. */
void broker_give_up_silent(struct bench *bench, int64_t limit_ns)
{
	char text[96];

	snprintf(text, sizeof text, "the worker of the case said nothing for %d s",
		(int)(limit_ns / NS_PER_S));
	for (size_t i = 0; i < bench->case_count; i++) {
		struct bench_case *test_case = &bench->cases[i];
		if (test_case->state == CASE_CONNECTED && bench->options->recorded == NULL &&
			bench->clock.looked_ns - test_case->heard_ns > limit_ns)
			case_gone(bench, test_case, text);
	}
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
		struct bench_case *test_case = &bench->cases[i];
		if (test_case->state != CASE_WAITING)
			continue;
		broker_refuse(test_case->socket, why);
		broker_await(bench, test_case);
	}
}

/* What had the device alone may have left it changed; the loss of its association has, and the case goes
 * on behind it. */
static void check_device(
	struct bench *bench, const struct session *session, const struct bench_case *test_case)
{
	bool waiting = session->claims.access_point;

	for (size_t i = 0; i < bench->case_count; i++)
		waiting |= &bench->cases[i] != test_case && bench->cases[i].state < CASE_DONE;
	if (waiting && session->claims.sharing == SHARING_NONE && session->device->ready &&
		!bench->interrupted && bench->fault.kind == ERROR_NONE)
		bring_up_check(
			bench, device_index(bench, session->device), test_case->listed->name);
}

/* The port of its device went away under it: it waits for a device once more, and what there is of its
 * evidence makes way. */
static bool is_driven_again(
	const struct bench *bench, const struct session *session, struct bench_case *test_case)
{
	return session->unplugged && test_case->state == CASE_RUNNING && !bench->interrupted &&
	       bench->fault.kind == ERROR_NONE && test_case->unplugged++ < MAX_UNPLUGGED;
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
		bench->changes++;
		watch_session(bench, session, WATCHED_OVER);
		struct bench_case *test_case = &bench->cases[session->case_index];
		struct error err = {0};
		if (is_driven_again(bench, session, test_case)) {
			bench_case_enter(bench, test_case, CASE_WAITING);
			evidence_discard(bench, session);
			if (session->claims.access_point)
				access_point_restore(bench);
			session_free(session);
			continue;
		}
		monitor_finish_session(bench, session);
		int memory = evidence_finish(bench, session, &err);
		if (memory < 0)
			bench_fault(bench, &err);
		test_case->concurrent = session->timeline->concurrent;
		snprintf(test_case->device, sizeof test_case->device, "%s",
			session->timeline->device);
		memcpy(test_case->evidence, session->evidence, sizeof test_case->evidence);
		test_case->drives++;
		if (test_case->state == CASE_RUNNING && bench->interrupted) {
			give_up(bench, test_case, "interrupted", evidence_of(bench, test_case));
		} else if (test_case->state == CASE_RUNNING) {
			broker_await(bench, test_case);
			if (memory >= 0)
				(void)message_send(
					test_case->socket, MESSAGE_TIMELINE, NULL, 0, memory, NULL);
			else
				broker_refuse(test_case->socket, err.text);
		}
		if (memory >= 0)
			close(memory);
		if (session->claims.access_point)
			access_point_restore(bench);
		check_device(bench, session, test_case);
		session_free(session);
	}
}
