/* SPDX-License-Identifier: MIT */
#include "runner/case.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/broker_protocol.h"
#include "bench/client.h"
#include "core/error.h"
#include "runner/case_work.h"
#include "runner/scenario_files.h"

struct case_work work;

static void release(void)
{
	for (int i = 0; i < work.drives; i++)
		timeline_free(work.timelines[i]);
	work.drives = 0;
	work.judged = NULL;
}

/* Where the profile says that frames are lost: so often a scenario is driven whose connections were not
 * all opened, for want of a frame of a handshake. */
enum { SETUPS = 4 };

static bool lost_its_setup(const struct timeline *timeline)
{
	bool lost = false;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_START)
			return false;
		lost |= event->kind == EVENT_FAULT &&
			(event->reason == REASON_HALF_OPEN || event->reason == REASON_NOT_ACCEPTED);
	}
	return lost;
}

static void tell_setups(int setups)
{
	struct finding finding = {.severity = SEVERITY_NOTE};

	snprintf(finding.text, sizeof finding.text,
		"set up %d times: frames lost in the air left a handshake incomplete", setups);
	verdict_add_finding(&work.verdict, &finding);
}

static struct timeline *drive_once(const struct scenario *s)
{
	struct timeline *timeline = client_drive(work.socket, s, work.alone, &work.trouble);

	if (timeline != NULL)
		profile_take_clock(&work.profile, timeline->stepped);
	return timeline;
}

static struct timeline *drive_set_up(const struct scenario *s)
{
	struct timeline *timeline = drive_once(s);
	int setups = 1;

	while (timeline != NULL && work.profile.lossy_air && setups < SETUPS &&
		lost_its_setup(timeline)) {
		timeline_free(timeline);
		timeline = drive_once(s);
		setups++;
	}
	if (setups > 1)
		tell_setups(setups);
	return timeline;
}

const struct timeline *drive(const struct scenario *s)
{
	struct timeline *timeline;

	if (work.drives == DRIVES) {
		error_set(&work.trouble, ERROR_BENCH, "the case calls drive() more than %d times",
			DRIVES);
		longjmp(work.ended, 1);
	}
	if (work.describing) {
		scenario_load_add(&work.plan.load, s);
		if (s->error[0] != '\0')
			snprintf(work.plan.trouble, sizeof work.plan.trouble, "%s", s->error);
		timeline = timeline_new(work.entry->name, s);
	} else {
		timeline = drive_set_up(s);
	}
	if (timeline == NULL)
		longjmp(work.ended, 1);
	work.timelines[work.drives++] = timeline;
	return timeline;
}

struct case_plan case_describe(const struct case_entry *entry)
{
	work.entry = entry;
	work.describing = true;
	work.plan = (struct case_plan){0};
	if (setjmp(work.ended) == 0)
		entry->body();
	else
		snprintf(work.plan.trouble, sizeof work.plan.trouble, "%.120s", work.trouble.text);
	release();
	return work.plan;
}

/* An expectation that speaks for a requirement the case does not name is a mistake in the case. */
static void check_requirements(void)
{
	for (size_t i = 0; i < work.verdict.check_count; i++) {
		const struct check *check = &work.verdict.checks[i];
		if (strstr(work.entry->requirements, check->requirement) != NULL)
			continue;
		struct check mistake = {.outcome = OUTCOME_ERROR, .models = MODELS_ALL};
		snprintf(mistake.requirement, sizeof mistake.requirement, "%s", check->requirement);
		snprintf(mistake.text, sizeof mistake.text,
			"the case evaluates requirement '%s', which it does not declare",
			check->requirement);
		verdict_add(&work.verdict, &mistake);
		return;
	}
}

/* It is what keeps the first requirement from being met, or a requirement of its own. */
static void judge_troubles(void)
{
	char requirement[REQUIREMENT_ID];

	snprintf(requirement, sizeof requirement, "%.*s",
		(int)strcspn(work.entry->requirements, " "), work.entry->requirements);
	for (int i = 0; i < work.drives; i++)
		judge_provoked(&work.verdict, work.timelines[i], requirement);
}

/* They speak for requirements of their own, which the case need not name. */
static void judge_every_connection(void)
{
	for (int i = 0; i < work.drives; i++)
		judge_laws(&work.verdict, work.timelines[i], &work.profile);
}

static void run_body(void)
{
	work.verdict = verdict_new();
	if (setjmp(work.ended) == 0) {
		work.entry->body();
		check_requirements();
		judge_troubles();
		judge_every_connection();
		for (int i = 0; i < work.drives; i++)
			judge_losses(&work.verdict, work.timelines[i], &work.profile);
		return;
	}
	struct check broken = {.outcome = OUTCOME_ERROR, .models = MODELS_ALL};
	snprintf(broken.text, sizeof broken.text, NOT_DRIVEN "%.300s", work.trouble.text);
	verdict_add(&work.verdict, &broken);
}

/* Runs the body and delivers; 1: once more, alone. */
static int run_and_deliver(void)
{
	run_body();
	release();
	json_t *json = verdict_to_json(&work.verdict);
	char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL)
		return error_set(&work.trouble, ERROR_MEMORY, "out of memory");
	int again = client_deliver(work.socket, text, &work.trouble);
	free(text);
	return again;
}

/* 0, or -1 with the trouble in work.trouble. */
static int connect_to_bench(const struct case_entry *entry)
{
	const char *path = getenv("WIZHIL_BENCH");
	const char *profile = getenv("WIZHIL_PROFILE");
	const char *device = getenv("WIZHIL_DEVICE");
	char name[96];

	if (path == NULL)
		return error_set(&work.trouble, ERROR_USAGE,
			"cases need a bench (try: wizhil run --filter %s/%s)", entry->suite,
			entry->name);
	work.entry = entry;
	work.describing = false;
	work.profile = profile_default();
	if (profile != NULL && profile[0] != '\0' &&
		profile_read(profile, &work.profile, &work.trouble) != 0)
		return -1;
	snprintf(name, sizeof name, "%s/%s", entry->suite, entry->name);
	work.socket = client_connect(path, name, device == NULL ? "" : device, &work.trouble);
	return work.socket < 0 ? -1 : 0;
}

bool case_try(const struct case_entry *entry, char *failure, size_t size)
{
	int next;

	failure[0] = '\0';
	if (connect_to_bench(entry) != 0) {
		snprintf(failure, size, "%s", work.trouble.text);
		return false;
	}
	do {
		next = run_and_deliver();
		const struct verdict *v = &work.verdict;
		bool passed = v->outcome == OUTCOME_PASS || v->outcome == OUTCOME_MARGINAL;
		/* Alone is a diagnosis: it takes no failure back. */
		if (!work.alone && !passed)
			snprintf(failure, size, "%s: %s", outcome_name(v->outcome), v->text);
		work.alone = next == NEXT_ALONE;
	} while (next > NEXT_NONE);
	close(work.socket);
	if (next < 0)
		snprintf(failure, size, "the verdict was not recorded: %s", work.trouble.text);
	return failure[0] == '\0';
}

void case_ended(const char *name)
{
	const char *path = getenv("WIZHIL_BENCH");
	const char *device = getenv("WIZHIL_DEVICE");

	if (path != NULL)
		client_tell_end(path, name, device == NULL ? "" : device);
}

void case_work(const struct case_entry *entry)
{
	char failure[VERDICT_TEXT + 32];
	bool passed = case_try(entry, failure, sizeof failure);

	cr_assert(passed, "%s", failure);
}
