/* SPDX-License-Identifier: MIT */
#include "report/model/qualification.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "report/model/attempt.h"
#include "report/model/causes.h"
#include "report/text/headline.h"

/* ---- why ---- */

__attribute__((format(printf, 3, 4))) static int because(
	struct qualification *q, enum exit_code code, const char *format, ...)
{
	struct qualification_reason *reason =
		array_add(&q->reasons, &q->reason_count, sizeof *q->reasons);
	va_list arguments;

	if (reason == NULL)
		return -1;
	reason->code = code;
	va_start(arguments, format);
	vsnprintf(reason->text, sizeof reason->text, format, arguments);
	va_end(arguments);
	q->code = exit_code_first(q->code, code);
	return 0;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static bool failed_before(const struct comparison *changes, const struct run_case *test_case)
{
	const struct run *base = changes->base;

	for (size_t i = 0; i < base->case_count; i++)
		if (run_case_is(&base->cases[i], test_case->name, NULL) &&
			base->cases[i].outcome == OUTCOME_FAIL)
			return true;
	return false;
}

static int take_cause(struct qualification *q, const struct cause *cause)
{
	const bool fails = cause->outcome == OUTCOME_FAIL;
	size_t before = 0;
	char known[120] = "";

	for (size_t i = 0; fails && i < cause->count; i++)
		before += failed_before(q->run->changes, cause->cases[i]);
	if (before > 0)
		snprintf(known, sizeof known,
			"; %zu failed in the baseline too (--waivers tolerates a known failure)",
			before);
	return because(q, fails ? EXIT_CODE_FIRMWARE : EXIT_CODE_BENCH,
		"%zu case%s %s: %s%s%s, such as %s%s", cause->count, plural(cause->count),
		fails				  ? cause->count == 1 ? "fails" : "fail"
		: cause->outcome == OUTCOME_ERROR ? "in error"
						  : "inconclusive",
		cause->requirement, cause->requirement[0] == '\0' ? "" : " ", cause->text,
		cause->instance->name, known);
}

static int take_causes(struct qualification *q)
{
	struct causes causes = causes_of(q->run);
	int failed = 0;

	for (size_t i = 0; failed == 0 && i < causes.count; i++)
		if (causes.list[i].outcome != OUTCOME_MARGINAL)
			failed = take_cause(q, &causes.list[i]);
	causes_free(&causes);
	return failed;
}

/* What is waived was known, and is no reason. */
static int take_changes(struct qualification *q)
{
	const struct comparison *changes = q->run->changes;
	size_t worse = 0;
	char text[256];

	for (size_t i = 0; i < changes->count; i++)
		worse += changes->changes[i].worse &&
			 (changes->changes[i].other_models ||
				 changes->changes[i].run->waiver == NULL);
	comparison_verdict(changes, text, sizeof text);
	if (changes->other_models && because(q, EXIT_CODE_FIRMWARE, "%s", text) != 0)
		return -1;
	if (worse > 0 && because(q, EXIT_CODE_FIRMWARE, "%zu case%s worse than in the baseline: %s",
				 worse, plural(worse),
				 worse == 1 ? "it fails now, or has another timing model"
					    : "they fail now, or have another timing model") != 0)
		return -1;
	if (changes->unrun > 0 &&
		because(q, EXIT_CODE_BENCH, "%zu case%s that passed in the baseline %s not run",
			changes->unrun, plural(changes->unrun),
			changes->unrun == 1 ? "was" : "were") != 0)
		return -1;
	if (changes->unclear > 0 &&
		because(q, EXIT_CODE_BENCH,
			"%zu case%s that passed in the baseline %s no verdict now",
			changes->unclear, plural(changes->unclear),
			changes->unclear == 1 ? "has" : "have") != 0)
		return -1;
	return changes->compared > 0
		       ? 0
		       : because(q, EXIT_CODE_BENCH,
				 "no case ran in both runs: there is nothing to compare");
}

/* What was selected and has no verdict, by reason. */
static int take_missing(struct qualification *q)
{
	const struct run *run = q->run;

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		size_t before = 0, count = 0;
		for (size_t k = 0; k < run->case_count; k++) {
			const bool same = test_case->outcome == OUTCOME_NOT_RUN &&
					  run->cases[k].outcome == OUTCOME_NOT_RUN &&
					  run_counts(&run->cases[k]) &&
					  strcmp(run->cases[k].text, test_case->text) == 0;
			before += same && k < i;
			count += same;
		}
		if (count > 0 && before == 0 &&
			because(q, EXIT_CODE_BENCH, "%zu case%s not run: %s", count, plural(count),
				test_case->text) != 0)
			return -1;
	}
	return 0;
}

/* A verdict is on one firmware, and on one that is known. */
static int take_firmware(struct qualification *q)
{
	const struct run *run = q->run;
	char text[512];

	firmwares_text(run, text, sizeof text);
	if (text[0] == '\0')
		return because(q, EXIT_CODE_BENCH, "no device said which firmware it has");
	for (size_t i = 0; i < run->device_count; i++)
		if (strcmp(run->devices[i].firmware, run->devices[0].firmware) != 0)
			return because(q, EXIT_CODE_BENCH,
				"the devices have different firmware: %s", text);
	return 0;
}

static int take_run(struct qualification *q)
{
	const struct run *run = q->run;
	const enum exit_code code = run_exit_code(run);
	char text[512];

	for (size_t i = 0; i < run->fault_count; i++)
		if (because(q, EXIT_CODE_BENCH, "the bench: %s", run->faults[i]) != 0)
			return -1;
	if (run_waived(run) > 0 && because(q, EXIT_CODE_PASS, "%zu failure%s waived",
					   run_waived(run), plural(run_waived(run))) != 0)
		return -1;
	/* Whatever else the run does not count as passed. */
	if (code == EXIT_CODE_INTERRUPTED || code == EXIT_CODE_USAGE ||
		exit_code_first(q->code, code) != q->code) {
		totals_text(run, text, sizeof text);
		return because(q, code == EXIT_CODE_NOT_RUN ? EXIT_CODE_BENCH : code, "%s%s",
			run->interrupted ? "the run was interrupted; " : "", text);
	}
	if (q->code != EXIT_CODE_PASS)
		return 0;
	totals_text(run, text, sizeof text);
	return because(q, EXIT_CODE_PASS, "%s", text);
}

static int by_weight(const void *a, const void *b)
{
	const struct qualification_reason *left = a, *right = b;

	if (left->code == right->code)
		return 0;
	return exit_code_first(left->code, right->code) == left->code ? -1 : 1;
}

/* A stable order. */
static void sort_reasons(struct qualification *q)
{
	for (size_t i = 1; i < q->reason_count; i++) {
		const struct qualification_reason reason = q->reasons[i];
		size_t k = i;
		for (; k > 0 && by_weight(&q->reasons[k - 1], &reason) > 0; k--)
			q->reasons[k] = q->reasons[k - 1];
		q->reasons[k] = reason;
	}
}

/* ---- facts ---- */

static bool is_same_change(const struct qualification_fact *known, const struct changed_fact *fact)
{
	return known->fact.run != NULL && known->fact.run->id == fact->run->id &&
	       strcmp(known->fact.base->text, fact->base->text) == 0 &&
	       strcmp(known->fact.run->text, fact->run->text) == 0;
}

static int add_fact(struct qualification *q, const struct changed_fact *fact, const char *name)
{
	for (size_t i = 0; fact->run != NULL && i < q->fact_count; i++)
		if (is_same_change(&q->facts[i], fact)) {
			q->facts[i].cases++;
			return 0;
		}
	struct qualification_fact *added = array_add(&q->facts, &q->fact_count, sizeof *q->facts);
	if (added == NULL)
		return -1;
	*added = (struct qualification_fact){.fact = *fact, .name = name, .cases = 1};
	return 0;
}

static const struct fact *known_in(
	const struct run *run, enum fact_id id, const struct run_case **shows)
{
	for (size_t i = 0; i < run->case_count; i++) {
		const struct attempt *first = run->cases[i].first;
		for (size_t k = 0; first != NULL && k < first->verdict.fact_count; k++)
			if (first->verdict.facts[k].id == id) {
				*shows = &run->cases[i];
				return &first->verdict.facts[k];
			}
	}
	return NULL;
}

static int take_facts(struct qualification *q)
{
	const struct comparison *changes = q->run->changes;
	const struct run_case *shows;

	for (size_t i = 0; i < changes->count; i++)
		for (size_t k = 0; k < changes->changes[i].fact_count; k++)
			if (add_fact(q, &changes->changes[i].facts[k], changes->changes[i].name) !=
				0)
				return -1;
	for (int id = 0; id < FACT_COUNT; id++) {
		const struct fact *base = known_in(changes->base, (enum fact_id)id, &shows);
		const struct run_case *now;
		if (base == NULL || known_in(q->run, (enum fact_id)id, &now) != NULL)
			continue;
		const struct changed_fact lost = {.base = base, .run = NULL};
		if (add_fact(q, &lost, shows->name) != 0)
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

struct qualification *qualification_of(const struct run *run)
{
	struct qualification *q = calloc(1, sizeof *q);

	if (q == NULL)
		return NULL;
	q->run = run;
	if (take_causes(q) != 0 || take_changes(q) != 0 || take_missing(q) != 0 ||
		take_firmware(q) != 0 || take_run(q) != 0 || take_facts(q) != 0) {
		qualification_free(q);
		return NULL;
	}
	sort_reasons(q);
	return q;
}

void qualification_free(struct qualification *q)
{
	if (q == NULL)
		return;
	free(q->reasons);
	free(q->facts);
	free(q);
}

const char *qualification_word(const struct qualification *q)
{
	switch (q->code) {
	case EXIT_CODE_PASS:
		return "SHIP";
	case EXIT_CODE_FIRMWARE:
		return "DO NOT SHIP";
	case EXIT_CODE_INTERRUPTED:
		return "INTERRUPTED";
	case EXIT_CODE_USAGE:
	case EXIT_CODE_NOT_RUN:
	case EXIT_CODE_BENCH:
		break;
	}
	return "NOT KNOWN";
}

void qualification_fact_text(const struct qualification_fact *fact, char *text, size_t size)
{
	char cases[64] = "";

	if (fact->cases > 1)
		snprintf(cases, sizeof cases, " in %zu cases", fact->cases);
	if (fact->fact.run == NULL)
		snprintf(text, size, "%s: %s -> not known any more (%s)",
			fact_what(fact->fact.base->id), fact->fact.base->text, fact->name);
	else
		snprintf(text, size, "%s: %s -> %s%s", fact_what(fact->fact.run->id),
			fact->fact.base->text, fact->fact.run->text, cases);
}
