/* SPDX-License-Identifier: MIT */
#include "bench/admission.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/access_point.h"
#include "bench/broker.h"
#include "bench/evidence.h"
#include "bench/journal.h"
#include "bench/lost.h"
#include "bench/places.h"
#include "bench/recovery.h"
#include "bench/watch.h"
#include "core/error.h"
#include "scenario/keepalive_interval.h"
#include "scenario/leases.h"

/* Start offsets lie within one tick of the device. */
#define OFFSET_NS KEEPALIVE_INTERVAL_NS

/* So long a case waits for another run on the same interface. */
enum { PATIENCE_MIN = 30 };

/* A hash of seed, name and repetition: the same start offset whatever else is in the run (FNV-1a),
 * and each repetition at another place of the device's ticks. */
static int64_t start_offset(const struct bench *bench, const struct bench_case *test_case)
{
	const char *name = test_case->listed->name;
	uint64_t hash = UINT64_C(14695981039346656037) ^ bench->options->seed;

	if (bench->clock.kind == CLOCK_KIND_REAL)
		return 0;
	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	if (test_case->repetition > 1)
		hash += (uint64_t)test_case->repetition;
	hash ^= hash >> 29;
	hash *= UINT64_C(0xbf58476d1ce4e5b9);
	hash ^= hash >> 32;
	/* Whole milliseconds: times that a person can read. */
	return (int64_t)(hash % (OFFSET_NS / NS_PER_MS)) * NS_PER_MS;
}

static void look_around(const struct bench *bench, struct places *places)
{
	*places =
		(struct places){.spares = bench->spare_count, .has_spares = bench->spare_count > 0};
	for (int d = 0; d < bench->device_count; d++)
		places->at[d].room = cid_table_room(&bench->devices[d]->cids);
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		places_enter(places, device_index(bench, s->device), &s->claims,
			session_bears_nobody(s));
}

/* What of the lab one session has at a time. */
struct lease {
	uint32_t spare_be; /* 0: none */
	int spare_lock;	   /* -1: none */
};

static bool is_leased(const struct bench *bench, uint32_t spare_be)
{
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s->spare_address_be == spare_be)
			return true;
	return false;
}

/* False while all spare addresses are with other sessions, of this run or of another. */
static bool lease_spare(struct bench *bench, struct lease *lease)
{
	for (int i = 0; i < bench->spare_count; i++) {
		if (is_leased(bench, bench->spares_be[i]))
			continue;
		lease->spare_lock = lab_take_address(&bench->lab, bench->spares_be[i]);
		if (lease->spare_lock < 0)
			continue;
		lease->spare_be = bench->spares_be[i];
		return true;
	}
	/* Where there is none the case says so itself. */
	return bench->spare_count == 0;
}

/* Whether the case may begin as far as it is about what this run shares with others. */
static bool lease_lab(struct bench *bench, struct bench_case *test_case, struct lease *lease)
{
	const struct scenario *scenario = &test_case->submission.scenario;

	*lease = (struct lease){.spare_lock = -1};
	bench->lab.other = 0;
	const bool let = scenario_breaks_link(scenario) ? lab_work_alone(&bench->lab)
							: lab_work(&bench->lab);
	if (let && (!scenario_uses_spare_address(scenario) || lease_spare(bench, lease))) {
		test_case->blocked_ns = 0;
		return true;
	}
	if (bench->lab.other != 0 && test_case->blocked_ns == 0) {
		char text[128];
		snprintf(text, sizeof text,
			"waiting for process %d, another run that uses '%s'; %d min at most",
			(int)bench->lab.other, bench->lab.interface, PATIENCE_MIN);
		bench_note_waiting(bench, text);
		test_case->blocked_ns = clock_now(&bench->clock);
	}
	return false;
}

static void start(struct bench *bench, struct bench_case *test_case, struct device *device,
	const struct lease *lease)
{
	struct error err = {0};
	struct session *session = session_new(
		test_case->listed->name, &test_case->submission.scenario, device, &bench->host);

	if (session == NULL) {
		if (lease->spare_lock >= 0)
			close(lease->spare_lock);
		broker_refuse(test_case->socket, "out of memory");
		broker_await(bench, test_case);
		return;
	}
	session->case_index = (int)(test_case - bench->cases);
	session->spare_address_be = lease->spare_be;
	session->spare_lock = lease->spare_lock;
	session->claims = test_case->claims;
	session->due_ns = clock_now(&bench->clock) + start_offset(bench, test_case);
	if (evidence_open(bench, session, test_case, &err) != 0) {
		bench_fault(bench, &err);
		session_free(session);
		return;
	}
	/* Sessions stay in the order of admission: the order in which they act at one instant. */
	struct session **end = &bench->sessions;
	while (*end != NULL)
		end = &(*end)->next;
	*end = session;
	bench_case_enter(bench, test_case, CASE_RUNNING);
	watch_session(bench, session, WATCHED_BEGUN);
	int others = 0;
	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		others += s->device == device;
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s->device == device && others - 1 > s->timeline->concurrent)
			s->timeline->concurrent = others - 1;
	bench_record(bench,
		broker_event("admitted", test_case, "{s:s, s:f, s:i}", "device",
			device->entry->name, "t_s", (double)clock_now(&bench->clock) / 1e9,
			"concurrent", others - 1),
		false);
}

/* A failure is run again on the device on which it was seen, or not at all: another one would clear
 * it.  All repetitions of a case run on one device, as long as there is it: else their spread would
 * be that of two devices. */
static bool is_bound_elsewhere(const struct bench *bench, const struct bench_case *test_case, int d)
{
	if (test_case->listed->device[0] != '\0')
		return strcmp(test_case->listed->device, bench->devices[d]->entry->name) != 0;
	if (test_case->device[0] == '\0' ||
		strcmp(test_case->device, bench->devices[d]->entry->name) == 0)
		return false;
	/* What was done to one device before goes on there. */
	if (test_case->again || test_case->drives > 0)
		return true;
	if (test_case->repetition <= 1)
		return false;
	for (int i = 0; i < bench->device_count; i++)
		if (strcmp(test_case->device, bench->devices[i]->entry->name) == 0)
			return !bench->lost[i];
	return false;
}

static bool is_shaken(const struct bench *bench)
{
	for (int d = 0; d < bench->device_count; d++)
		if (bench->bring_ups[d].recoveries > 1)
			return true;
	return false;
}

/* What may have brought the module down comes before all others, and so does all that wants it alone
 * once that has happened twice: alone it is known what does so, and the device has yet to be given
 * up. */
static enum turn turn_of(const struct bench *bench, const struct bench_case *test_case)
{
	const enum turn turn = claims_turn(&test_case->claims);
	const bool suspected = test_case->again && test_case->suspect.fault != FAULT_NONE;

	return turn == TURN_LAST && (suspected || is_shaken(bench)) ? TURN_FIRST : turn;
}

static void find_device(struct bench *bench, struct bench_case *test_case, struct places *places)
{
	for (int d = 0; d < bench->device_count; d++) {
		struct lease lease;
		if (!bench->devices[d]->ready || is_bound_elsewhere(bench, test_case, d) ||
			!places_have_room(places, d, &test_case->claims))
			continue;
		if (lease_lab(bench, test_case, &lease)) {
			start(bench, test_case, bench->devices[d], &lease);
			look_around(bench, places);
		}
		return;
	}
}

static void admit(struct bench *bench)
{
	struct places places;

	if (!broker_settled(bench) || bench->interrupted || bench->fault.kind != ERROR_NONE)
		return;
	look_around(bench, &places);
	for (enum turn turn = TURN_FIRST; turn < TURNS; turn++) {
		for (size_t i = 0; i < bench->case_count; i++) {
			struct bench_case *test_case = &bench->cases[i];
			if (test_case->state == CASE_WAITING && turn_of(bench, test_case) == turn)
				find_device(bench, test_case, &places);
		}
	}
}

/* Whether any device is left that could ever take the case. */
static bool can_run(const struct bench *bench, const struct bench_case *test_case)
{
	for (int d = 0; d < bench->device_count; d++)
		if (!bench->lost[d] && !is_bound_elsewhere(bench, test_case, d) &&
			cid_table_most(&bench->devices[d]->cids) >=
				scenario_cids(&test_case->submission.scenario))
			return true;
	return false;
}

/* Why none can take it: what its devices have not, or what became of them. */
static void say_why(
	const struct bench *bench, const struct bench_case *test_case, char *why, size_t size)
{
	const int need = scenario_cids(&test_case->submission.scenario);
	bool has_enough = false;

	for (int d = 0; d < bench->device_count; d++)
		has_enough |= !is_bound_elsewhere(bench, test_case, d) &&
			      bench->devices[d]->cids.count >= need;
	if (has_enough)
		snprintf(why, size, "the device is lost or does not free enough CIDs");
	else
		snprintf(why, size, "needs %d CIDs", need);
}

static bool is_blocked_too_long(const struct bench *bench, const struct bench_case *test_case)
{
	return test_case->blocked_ns != 0 &&
	       clock_now(&bench->clock) - test_case->blocked_ns > PATIENCE_MIN * (60 * NS_PER_S);
}

/* All devices are there, with all their CIDs: each case finds its own, if it waits. */
static bool can_run_all(const struct bench *bench)
{
	for (int d = 0; d < bench->device_count; d++)
		if (bench->lost[d] || cid_table_most(&bench->devices[d]->cids) < DEVICE_CIDS)
			return false;
	return bench->device_count > 0 && bench->lab.other == 0;
}

static void send_home(struct bench *bench)
{
	if (can_run_all(bench))
		return;
	for (size_t i = 0; i < bench->case_count; i++) {
		struct bench_case *test_case = &bench->cases[i];
		char why[96];
		if (test_case->state != CASE_WAITING)
			continue;
		if (is_blocked_too_long(bench, test_case))
			snprintf(why, sizeof why, "another run (process %d) uses '%s'",
				(int)bench->lab.other, bench->lab.interface);
		else if (!can_run(bench, test_case))
			say_why(bench, test_case, why, sizeof why);
		else
			continue;
		broker_not_run(bench, test_case, why);
	}
}

static void reset_leaking(struct bench *bench)
{
	const bool waiting = bench->in_state[CASE_WAITING] > 0;
	struct places places;

	look_around(bench, &places);
	for (int d = 0; waiting && d < bench->device_count; d++) {
		struct device *device = bench->devices[d];
		if (device->ready && places.at[d].sessions == 0 &&
			device->cids.leaked != device->cids.stuck)
			device_reset(bench, d, "reset: it lists CIDs of no known connection");
	}
}

/* Whether anything became of cases, sessions and devices since nobody more could be admitted.  Of other
 * runs, who are asked on the real clock only, nobody is told. */
static bool is_as_before(struct bench *bench)
{
	uint64_t state = bench->changes + 1;

	for (int d = 0; d < bench->device_count; d++) {
		const struct device *device = bench->devices[d];
		state = state * UINT64_C(1099511628211) ^
			((uint64_t)device->ready << 40 | (uint64_t)bench->lost[d] << 41 |
				(uint64_t)device->cids.leaked << 20 | device->cids.stuck);
	}
	const bool before = state == bench->admitted_at && bench->clock.kind == CLOCK_KIND_STEPPED;
	bench->admitted_at = state;
	return before;
}

void admission_run(struct bench *bench)
{
	if (bench->sessions == NULL)
		lab_rest(&bench->lab);
	if (!devices_ready(bench) || is_as_before(bench))
		return;
	admit(bench);
	reset_leaking(bench);
	send_home(bench);
}
