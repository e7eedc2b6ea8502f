/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "report/run_parts.h"

/* What a run comes to: cases, models, findings, and the exit code. */

static const char one_model_case[] = "run/one-timing-model";
static const char one_model_requirement[] = "KA-MODEL-01";

static void set_outcome(
	struct run_case *one, enum outcome outcome, const char *text, const char *requirement)
{
	one->outcome = outcome;
	one->text = text;
	one->requirement = requirement;
}

/* The first attempt counts.  A verdict that stands on no evaluated expectation is none. */
static void conclude_case(struct run_case *one)
{
	const struct verdict *verdict = one->first == NULL ? NULL : &one->first->verdict;

	if (verdict != NULL && verdict->outcome == OUTCOME_FAIL)
		set_outcome(one, OUTCOME_FAIL, verdict->text, verdict->requirement);
	else if (one->error != NULL)
		set_outcome(one, OUTCOME_ERROR, one->error, "");
	else if (verdict != NULL && verdict->check_count == 0 &&
		 (verdict->outcome == OUTCOME_PASS || verdict->outcome == OUTCOME_MARGINAL))
		set_outcome(one, OUTCOME_ERROR, "nothing was evaluated", "");
	else if (verdict != NULL)
		set_outcome(one, verdict->outcome, verdict->text, verdict->requirement);
	else if (one->not_run != NULL)
		set_outcome(one, OUTCOME_NOT_RUN, one->not_run, "");
	else
		set_outcome(
			one, OUTCOME_ERROR, "the run ended before this case had its verdict", "");
}

/* Only what was measured speaks about models, and only a verdict that stands on its evidence. */
static bool speaks_of_models(const struct run_case *one)
{
	if (one->first == NULL)
		return false;
	const struct verdict *verdict = &one->first->verdict;
	if (verdict->outcome != OUTCOME_PASS && verdict->outcome != OUTCOME_MARGINAL &&
		verdict->outcome != OUTCOME_FAIL)
		return false;
	for (size_t i = 0; i < verdict->check_count; i++)
		if (verdict->checks[i].measured)
			return true;
	return false;
}

/* Each case allows some model, but no model all cases: a failure that no case can see. */
static int add_model_failure(
	struct run *run, unsigned before, const char *case_name, unsigned case_models)
{
	char earlier[64], later[64];

	models_text(before, earlier, sizeof earlier);
	models_text(case_models, later, sizeof later);
	json_t *text =
		json_sprintf("no timing model explains all that was measured: %s allows only "
			     "%s, the cases before it only %s",
			case_name, later, earlier);
	if (text == NULL || json_array_append_new(run->kept, text) != 0)
		return -1;
	struct run_case *one = run_case_named(run, one_model_case);
	if (one == NULL)
		return -1;
	set_outcome(one, OUTCOME_FAIL, json_string_value(text), one_model_requirement);
	return 0;
}

static int conclude_models(struct run *run)
{
	unsigned before = MODELS_ALL, of_culprit = 0;
	const char *culprit = NULL;

	run->models = MODELS_ALL;
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *one = &run->cases[i];
		if (!speaks_of_models(one))
			continue;
		run->has_models = true;
		if (culprit == NULL && (run->models & one->first->verdict.models) == 0) {
			before = run->models;
			culprit = one->name;
			of_culprit = one->first->verdict.models;
		}
		run->models &= one->first->verdict.models;
	}
	if (culprit == NULL || run_count(run, OUTCOME_FAIL) > 0)
		return 0;
	return add_model_failure(run, before, culprit, of_culprit);
}

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
				same = run_grow(
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
		return run_add_fault(run, "the run has no end in its journal: it was killed, or it "
					  "still goes on");
	if (run->interrupted)
		return 0;
	if (run->runner == 0 && passed + not_run < run->case_count)
		return run_add_fault(run, "wizhil-cases exited with 0, but not all cases passed");
	if (run->runner == 1 && passed == run->case_count)
		return run_add_fault(run, "wizhil-cases exited with 1, but all cases passed, see "
					  "runner.log");
	if ((run->runner < 0 || run->runner > 1) && run->fault_count == 0)
		return run_add_fault(run, "wizhil-cases did not come to its end, see runner.log");
	return 0;
}

int run_conclude(struct run *run)
{
	for (size_t i = 0; i < run->case_count; i++)
		conclude_case(&run->cases[i]);
	/* The runner does not know of run/one-timing-model, which conclude_models may add. */
	if (check_runner(run) != 0 || conclude_models(run) != 0)
		return -1;
	return conclude_findings(run);
}

double run_case_seconds(const struct run_case *one)
{
	return one->admitted_s < 0 || one->done_s < one->admitted_s ? -1
								    : one->done_s - one->admitted_s;
}

size_t run_count(const struct run *run, enum outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < run->case_count; i++)
		count += run->cases[i].outcome == outcome;
	return count;
}

enum exit_code run_exit_code(const struct run *run)
{
	size_t not_run = run_count(run, OUTCOME_NOT_RUN);

	if (run->interrupted)
		return EXIT_CODE_INTERRUPTED;
	if (run_count(run, OUTCOME_FAIL) > 0)
		return EXIT_CODE_FIRMWARE;
	if (run->fault_count > 0 || run_count(run, OUTCOME_ERROR) > 0 ||
		run_count(run, OUTCOME_INCONCLUSIVE) > 0)
		return EXIT_CODE_BENCH;
	if (not_run == run->case_count || (run->require_all && not_run > 0))
		return EXIT_CODE_NOT_RUN;
	return EXIT_CODE_PASS;
}
