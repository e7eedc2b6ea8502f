/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/exit_code.h"
#include "core/text_buffer.h"
#include "report/model/attempt.h"
#include "report/model/run_build.h"
#include "report/model/waivers.h"

/* What a run comes to: cases, models, findings, and the exit code. */

const char run_interrupted[] = "interrupted";

const char run_one_model[] = "run/one-timing-model";
static const char one_model_requirement[] = "KA-MODEL-01";

static void set_outcome(
	struct run_case *test_case, enum outcome outcome, const char *text, const char *requirement)
{
	test_case->outcome = outcome;
	test_case->text = text;
	test_case->requirement = requirement;
}

/* Does the journal say what became of it? */
static bool has_result(const struct run_case *test_case)
{
	return test_case->first != NULL || test_case->error != NULL || test_case->not_run != NULL;
}

/* The first attempt counts; but where the device broke down in it, and again alone after the same,
 * that is no coincidence.  A verdict that stands on no evaluated expectation is none. */
static const struct verdict *verdict_that_counts(const struct run_case *test_case)
{
	if (test_case->first == NULL)
		return NULL;
	bool confirmed = test_case->alone != NULL &&
			 test_case->alone->verdict.outcome == OUTCOME_FAIL &&
			 test_case->first->verdict.outcome == OUTCOME_INCONCLUSIVE;
	return confirmed ? &test_case->alone->verdict : &test_case->first->verdict;
}

void run_conclude_case(const struct run *run, struct run_case *test_case)
{
	const struct verdict *verdict = verdict_that_counts(test_case);

	if (verdict != NULL && verdict->outcome == OUTCOME_FAIL)
		set_outcome(test_case, OUTCOME_FAIL, verdict->text, verdict->requirement);
	else if (verdict == NULL && (test_case->cut_off == CUT_OFF_BY_USER ||
					    (run->interrupted && !has_result(test_case))))
		set_outcome(test_case, OUTCOME_NOT_RUN, run_interrupted, "");
	else if (test_case->error != NULL)
		set_outcome(test_case, OUTCOME_ERROR, test_case->error, "");
	else if (verdict != NULL && verdict->check_count == 0 &&
		 (verdict->outcome == OUTCOME_PASS || verdict->outcome == OUTCOME_MARGINAL))
		set_outcome(test_case, OUTCOME_ERROR, "nothing was evaluated", "");
	else if (verdict != NULL)
		set_outcome(test_case, verdict->outcome, verdict->text, verdict->requirement);
	else if (test_case->not_run != NULL)
		set_outcome(test_case, OUTCOME_NOT_RUN, test_case->not_run, "");
	else
		set_outcome(test_case, OUTCOME_ERROR,
			"the run ended before the verdict on this case", "");
	test_case->waiver = waiver_of(run, test_case);
}

/* What took its verdict from a case, once all faults are known. */
static void conclude_cut_off(const struct run *run, struct run_case *test_case)
{
	if (test_case->first != NULL) {
		test_case->cut_off = NOT_CUT_OFF;
		return;
	}
	if (run->interrupted && test_case->outcome == OUTCOME_NOT_RUN && !has_result(test_case))
		test_case->cut_off = CUT_OFF_BY_USER;
	else if (!has_result(test_case) && run->fault_count > 0)
		run_cut_off_by_fault(test_case, run->faults[0]);
	for (size_t i = 0; i < run->fault_count; i++)
		if (strcmp(run->faults[i], test_case->text) == 0)
			run_cut_off_by_fault(test_case, run->faults[i]);
}

/* ---- one timing model ---- */

/* Only what was measured speaks about models, and only where nothing is wrong with it. */
static bool speaks_of_models(const struct run_case *test_case, const char *device)
{
	if (test_case->first == NULL || strcmp(test_case->first->device, device) != 0)
		return false;
	const struct verdict *verdict = &test_case->first->verdict;
	if (verdict->outcome != OUTCOME_PASS && verdict->outcome != OUTCOME_MARGINAL)
		return false;
	for (size_t i = 0; i < verdict->check_count; i++)
		if (verdict->checks[i].measured)
			return true;
	return false;
}

/* Intersects the models of a device's cases; the first case that leaves none, with the models that
 * were left before it, or NULL. */
static const struct run_case *intersect_models(
	const struct run *run, struct run_device *device, unsigned *before)
{
	const struct run_case *culprit = NULL;

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (!speaks_of_models(test_case, device->name))
			continue;
		device->has_models = true;
		if (culprit == NULL && (device->models & test_case->first->verdict.models) == 0) {
			culprit = test_case;
			*before = device->models;
		}
		device->models &= test_case->first->verdict.models;
	}
	return culprit;
}

/* Each case allows some model, but no model all cases: a failure that no case can see.  It has a
 * line of its own in any case, so that it cannot vanish from a report unseen. */
static int conclude_models(struct run *run, struct run_device *device)
{
	unsigned before = MODELS_ALL;
	char left[64], earlier[64];
	const struct run_case *culprit = intersect_models(run, device, &before);
	enum outcome outcome = OUTCOME_PASS;
	json_t *text;

	models_text(culprit == NULL ? device->models : culprit->first->verdict.models, left,
		sizeof left);
	models_text(before, earlier, sizeof earlier);
	if (culprit != NULL) {
		outcome = OUTCOME_FAIL;
		text = json_sprintf(
			"no timing model explains all measurements: %s allows only %s, the earlier cases only %s",
			culprit->name, left, earlier);
	} else if (device->has_models) {
		text = json_sprintf("not excluded: %s", left);
	} else {
		outcome = OUTCOME_NOT_RUN;
		text = json_string("no measurement distinguishes the timing models");
	}
	if (text == NULL || json_array_append_new(run->kept, text) != 0)
		return -1;
	struct run_case *test_case =
		run_add_case(run, run_one_model, run->device_count > 1 ? device->name : "", 0);
	if (test_case == NULL)
		return -1;
	test_case->of_run = true;
	set_outcome(test_case, outcome, json_string_value(text), one_model_requirement);
	return 0;
}

static bool is_of_firmware(const struct run_device *device, const char *firmware)
{
	return device->has_models && device->models != 0 && firmware[0] != '\0' &&
	       strcmp(device->firmware, firmware) == 0;
}

static struct run_case *one_model_case(struct run *run, const char *device)
{
	for (size_t i = 0; i < run->case_count; i++)
		if (strcmp(run->cases[i].name, run_one_model) == 0 &&
			strcmp(run->cases[i].device, device) == 0)
			return &run->cases[i];
	return NULL;
}

/* The devices of a firmware by the model of each: they differ, which is no failure of any of them. */
static int note_other_models(struct run *run, const struct run_device *first)
{
	struct finding *finding = &run->other_models;
	struct run_finding *noted =
		array_add(&run->findings, &run->finding_count, sizeof *run->findings);
	char models[64];

	if (noted == NULL)
		return -1;
	*finding = (struct finding){.severity = SEVERITY_WARNING};
	snprintf(finding->requirement, sizeof finding->requirement, "%s", one_model_requirement);
	struct text_buffer text = text_buffer(finding->text, sizeof finding->text);
	text_add(&text, "no timing model explains all devices of one firmware:");
	for (size_t i = 0; i < run->device_count; i++) {
		if (!is_of_firmware(&run->devices[i], first->firmware))
			continue;
		models_text(run->devices[i].models, models, sizeof models);
		text_add(&text, "%s %s allows %s", noted->cases++ == 0 ? "" : ";",
			run->devices[i].name, models);
	}
	noted->finding = finding;
	noted->first_case = one_model_case(run, first->name);
	return 0;
}

/* What holds of one module holds of all with its firmware: several devices together may name the model
 * that each of them alone cannot. */
static int share_models(struct run *run)
{
	for (size_t i = 0; i < run->device_count; i++) {
		const struct run_device *first = &run->devices[i];
		unsigned common = MODELS_ALL;
		size_t of_firmware = 0, before = 0;
		for (size_t j = 0; j < run->device_count; j++) {
			if (!is_of_firmware(&run->devices[j], first->firmware))
				continue;
			common &= run->devices[j].models;
			of_firmware++;
			before += j < i;
		}
		if (before > 0 || of_firmware < 2)
			continue;
		if (common == 0 && run->other_models.text[0] == '\0' &&
			note_other_models(run, first) != 0)
			return -1;
		for (size_t j = 0; common != 0 && j < run->device_count; j++)
			if (is_of_firmware(&run->devices[j], first->firmware))
				run->devices[j].models = common;
	}
	return 0;
}

/* ---- lost in the air, or never sent ---- */

static const char *const loss_cases[LOSS_KINDS] = {
	[LOSS_PROBE] = "run/probes-never-sent",
	[LOSS_ANSWER] = "run/answers-not-heeded",
	[LOSS_RESET] = "run/resets-never-sent",
	[LOSS_END] = "run/ends-not-heeded",
};

static bool ran_on(const struct run_case *test_case, const struct run_device *device)
{
	return !test_case->of_run && test_case->first != NULL &&
	       strcmp(test_case->first->device, device->name) == 0;
}

/* A case that is inconclusive by the same absence carries what the run makes of it. */
static int annotate_cases(struct run *run, const struct run_device *device,
	const struct loss_finding *finding, const char *name)
{
	for (size_t i = 0; i < run->case_count; i++) {
		struct run_case *test_case = &run->cases[i];
		if (!ran_on(test_case, device) || test_case->outcome != OUTCOME_INCONCLUSIVE ||
			!loss_finding_is_about(finding, verdict_that_counts(test_case)))
			continue;
		json_t *text =
			json_sprintf("%s; over the run a FAIL, see %s", test_case->text, name);
		if (text == NULL || json_array_append_new(run->kept, text) != 0)
			return -1;
		test_case->text = json_string_value(text);
	}
	return 0;
}

/* What holds, or does not, over all cases of a device: a line of its own. */
static int add_check(struct run *run, const struct run_device *device, const char *name,
	enum outcome outcome, const char *sentence, const char *requirement)
{
	json_t *text = json_string(sentence), *speaks_for = json_string(requirement);
	int failed = json_array_append_new(run->kept, text);

	failed |= json_array_append_new(run->kept, speaks_for);
	if (failed != 0)
		return -1;
	struct run_case *test_case =
		run_add_case(run, name, run->device_count > 1 ? device->name : "", 0);
	if (test_case == NULL)
		return -1;
	test_case->of_run = true;
	set_outcome(test_case, outcome, json_string_value(text), json_string_value(speaks_for));
	return 0;
}

static int add_loss_finding(
	struct run *run, struct run_device *device, const struct loss_finding *finding)
{
	const char *name = loss_cases[finding->kind];
	char sentence[VERDICT_TEXT];

	loss_finding_text(finding, sentence, sizeof sentence);
	if (annotate_cases(run, device, finding, name) != 0)
		return -1;
	return add_check(run, device, name, OUTCOME_FAIL, sentence, finding->requirement);
}

/* What is inconclusive in its case, because a lost frame would explain it, and recurs beyond the
 * loss of the run (judge/loss.h). */
static int conclude_losses(struct run *run, struct run_device *device)
{
	struct loss_source *sources = calloc(run->case_count + 1, sizeof *sources);
	struct loss_finding findings[LOSS_KINDS];
	size_t count = 0;
	int failed = 0;

	if (sources == NULL)
		return -1;
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (!ran_on(test_case, device))
			continue;
		sources[count++] = (struct loss_source){&test_case->first->verdict,
			test_case->alone == NULL ? NULL : &test_case->alone->verdict};
	}
	device->loss = losses_estimate(sources, count);
	const size_t found = losses_judge(sources, count, findings);
	for (size_t i = 0; i < found && failed == 0; i++)
		failed = add_loss_finding(run, device, &findings[i]);
	free(sources);
	return failed;
}

/* ---- reboots and silences ---- */

const char run_keeps_running[] = "run/keeps-running";
static const char keeps_running_requirement[] = "KA-RUN-01";
static const char works_after_death_requirement[] = "KA-AFTER-08";

/* Devices that break down within this time of each other do so for one reason, outside of them. */
#define TOGETHER_S 5.0

static bool broke_down_together(const struct run *run, const struct run_recovery *one)
{
	for (size_t i = 0; i < run->recovery_count; i++) {
		const struct run_recovery *other = &run->recoveries[i];
		if (other->broke_down && strcmp(other->device, one->device) != 0 &&
			fabs(other->breakdown.t_s - one->breakdown.t_s) <= TOGETHER_S)
			return true;
	}
	return false;
}

/* The level of the profile, where a verdict tells it. */
static double level_of(const struct run *run)
{
	double level = LOSS_LEVEL;

	for (size_t i = 0; i < run->case_count; i++) {
		const struct attempt *first = run->cases[i].first;
		if (first != NULL && first->verdict.losses.level > 0)
			level = first->verdict.losses.level;
	}
	return level;
}

/* A device that reboots or stops answering is not as it should be, whatever its cases come to. */
static int conclude_breakdowns(struct run *run, const struct run_device *device)
{
	struct breakdown *breakdowns = calloc(run->recovery_count + 1, sizeof *breakdowns);
	struct breakdown_finding finding;
	char sentence[VERDICT_TEXT];
	size_t count = 0;
	int failed = 0;

	if (breakdowns == NULL)
		return -1;
	for (size_t i = 0; i < run->recovery_count; i++) {
		const struct run_recovery *recovery = &run->recoveries[i];
		if (!recovery->broke_down || strcmp(recovery->device, device->name) != 0)
			continue;
		breakdowns[count] = recovery->breakdown;
		breakdowns[count++].shared = broke_down_together(run, recovery);
	}
	if (count > 0 && breakdowns_judge(breakdowns, count, level_of(run), &finding)) {
		breakdown_finding_text(&finding, sentence, sizeof sentence);
		failed = add_check(run, device, run_keeps_running, OUTCOME_FAIL, sentence,
			finding.death ? works_after_death_requirement : keeps_running_requirement);
	} else if (count > 0) {
		breakdowns_text(breakdowns, count, sentence, sizeof sentence);
		failed = add_check(run, device, run_keeps_running, OUTCOME_INCONCLUSIVE, sentence,
			keeps_running_requirement);
	}
	free(breakdowns);
	return failed;
}

/* ---- findings ---- */

static struct run_finding *same_finding(struct run *run, const struct finding *finding)
{
	for (size_t i = 0; i < run->finding_count; i++)
		if (strcmp(run->findings[i].finding->text, finding->text) == 0 &&
			strcmp(run->findings[i].finding->requirement, finding->requirement) == 0)
			return &run->findings[i];
	return NULL;
}

static int conclude_findings(struct run *run)
{
	for (size_t i = 0; i < run->case_count; i++) {
		const struct attempt *first = run->cases[i].first;
		for (size_t k = 0; first != NULL && k < first->verdict.finding_count; k++) {
			const struct finding *finding = &first->verdict.findings[k];
			struct run_finding *same = same_finding(run, finding);
			if (same == NULL)
				same = array_add(
					&run->findings, &run->finding_count, sizeof *run->findings);
			if (same == NULL)
				return -1;
			if (same->cases++ == 0) {
				same->finding = finding;
				same->first_case = &run->cases[i];
			}
		}
	}
	return 0;
}

/* wizhil-cases and the journal must tell the same story, or one of them is wrong. */
static int check_runner(struct run *run)
{
	size_t passed = run_count(run, OUTCOME_PASS) + run_count(run, OUTCOME_MARGINAL);
	size_t not_run = run_count(run, OUTCOME_NOT_RUN);

	if (!run->ended)
		return run_add_fault(
			run, "the journal has no end of the run: it was killed or is still active");
	if (run->interrupted)
		return 0;
	/* Of a run that was resumed it knows only what was missing. */
	if (run->resumed_count == 0 && run->runner == 0 && passed + not_run < run->case_count)
		return run_add_fault(run, "wizhil-cases exited with 0, but not all cases passed");
	if (run->runner == 1 && passed == run->case_count)
		return run_add_fault(
			run, "wizhil-cases exited with 1, but all cases passed, see runner.log");
	if ((run->runner < 0 || run->runner > 1) && run->fault_count == 0)
		return run_add_fault(run, "wizhil-cases did not finish, see runner.log");
	return 0;
}

int run_conclude(struct run *run)
{
	int failed = 0;

	for (size_t i = 0; i < run->case_count; i++)
		run_conclude_case(run, &run->cases[i]);
	/* The runner does not know of run/one-timing-model, which conclude_models adds. */
	if (check_runner(run) != 0)
		return -1;
	for (size_t i = 0; i < run->case_count; i++)
		conclude_cut_off(run, &run->cases[i]);
	struct run_device nowhere = {.name = "", .models = MODELS_ALL};
	if (run->device_count == 0)
		failed = conclude_models(run, &nowhere);
	for (size_t i = 0; i < run->device_count && failed == 0; i++)
		failed = conclude_models(run, &run->devices[i]);
	if (run->device_count == 0 && failed == 0)
		failed = conclude_losses(run, &nowhere);
	run->loss = nowhere.loss;
	for (size_t i = 0; i < run->device_count && failed == 0; i++)
		failed = conclude_losses(run, &run->devices[i]);
	for (size_t i = 0; i < run->device_count && failed == 0; i++)
		failed = conclude_breakdowns(run, &run->devices[i]);
	waivers_conclude(run);
	if (failed != 0 || conclude_findings(run) != 0)
		return -1;
	return share_models(run);
}

double run_case_seconds(const struct run_case *test_case)
{
	return test_case->admitted_s < 0 || test_case->done_s < test_case->admitted_s
		       ? -1
		       : test_case->done_s - test_case->admitted_s;
}

bool run_counts(const struct run_case *test_case)
{
	return !test_case->of_run || test_case->outcome == OUTCOME_FAIL ||
	       test_case->outcome == OUTCOME_INCONCLUSIVE;
}

unsigned run_models(const struct run *run)
{
	unsigned models = MODELS_ALL;
	bool any = false;

	for (size_t i = 0; i < run->device_count; i++) {
		if (!run->devices[i].has_models)
			continue;
		any = true;
		models &= run->devices[i].models;
	}
	return any ? models : 0;
}

size_t run_total(const struct run *run)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run_counts(&run->cases[i]);
	return count;
}

size_t run_count(const struct run *run, enum outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run->cases[i].outcome == outcome && run->cases[i].waiver == NULL &&
			 run_counts(&run->cases[i]);
	return count;
}

size_t run_checks(const struct run *run, enum outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run->cases[i].of_run && run->cases[i].outcome == outcome &&
			 run->cases[i].waiver == NULL;
	return count;
}

size_t run_waived(const struct run *run)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run->cases[i].waiver != NULL;
	return count;
}

void run_cut_short_text(const struct run *run, char *text, size_t size)
{
	if (run->enough_failures > 0)
		snprintf(text, size, "ended after %d failure%s; ", run->enough_failures,
			run->enough_failures == 1 ? "" : "s");
	else
		snprintf(text, size, "%s", run->interrupted ? "interrupted; " : "");
}

enum exit_code run_exit_code(const struct run *run)
{
	size_t not_run = run_count(run, OUTCOME_NOT_RUN);

	if (run->interrupted && run->enough_failures == 0)
		return EXIT_CODE_INTERRUPTED;
	if (run->fault_is_usage)
		return EXIT_CODE_USAGE;
	if (run_count(run, OUTCOME_FAIL) > 0)
		return EXIT_CODE_FIRMWARE;
	if (run->fault_count > 0 || run_count(run, OUTCOME_ERROR) > 0 ||
		run_count(run, OUTCOME_INCONCLUSIVE) > 0)
		return EXIT_CODE_BENCH;
	if (not_run == run_total(run) || (run->require_all && not_run > 0))
		return EXIT_CODE_NOT_RUN;
	return EXIT_CODE_PASS;
}
