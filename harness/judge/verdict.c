/* SPDX-License-Identifier: MIT */
#include "judge/verdict.h"

#include <stdio.h>
#include <string.h>

#include "core/names.h"
#include "core/text_buffer.h"

static const char *const outcomes[] = {
	[OUTCOME_NOT_RUN] = "not run",
	[OUTCOME_PASS] = "pass",
	[OUTCOME_MARGINAL] = "marginal",
	[OUTCOME_INCONCLUSIVE] = "inconclusive",
	[OUTCOME_FAIL] = "fail",
	[OUTCOME_ERROR] = "error",
};

const char *outcome_name(enum outcome outcome)
{
	return outcomes[outcome];
}

int outcome_parse(const char *name, enum outcome *outcome)
{
	const int found = names_find(NAMES(outcomes), name);

	if (found >= 0)
		*outcome = (enum outcome)found;
	return found < 0 ? -1 : 0;
}

void verdict_clear(struct verdict *verdict)
{
	verdict->outcome = OUTCOME_ERROR;
	verdict->models = MODELS_ALL;
	verdict->check_count = verdict->finding_count = verdict->fact_count = 0;
	verdict->gap_count = 0;
	verdict->losses.level = 0;
	verdict->losses.arrived = verdict->losses.lost = 0;
	verdict->losses.count = 0;
	verdict->requirement[0] = '\0';
	strcpy(verdict->text, "nothing was evaluated");
}

struct verdict verdict_new(void)
{
	struct verdict verdict;

	/* Its lists have room for far more than is ever in them: 57 kB that nobody need clear. */
	verdict_clear(&verdict);
	return verdict;
}

static bool holds(const struct check *check)
{
	return check->outcome == OUTCOME_PASS || check->outcome == OUTCOME_MARGINAL;
}

/* One model holds for a device: a check that holds only by models that others exclude fails. */
static void fit_models(struct verdict *verdict, struct check *check)
{
	char before[64], after[64], text[VERDICT_TEXT];

	if (!holds(check))
		return;
	if ((verdict->models & check->models) != 0) {
		verdict->models &= check->models;
		return;
	}
	models_text(verdict->models, before, sizeof before);
	models_text(check->models, after, sizeof after);
	memcpy(text, check->text, sizeof text);
	snprintf(check->text, sizeof check->text,
		"%.200s; only model %s explains it, but the earlier measurements allow only model %s",
		text, after, before);
	check->outcome = OUTCOME_FAIL;
	check->models = 0;
}

/* Takes the mildest check out, when it is milder than the one that wants in. */
static bool make_room(struct verdict *verdict, enum outcome wanted)
{
	size_t mildest = 0;

	if (verdict->check_count < VERDICT_CHECKS)
		return true;
	for (size_t i = 1; i < verdict->check_count; i++)
		if (verdict->checks[i].outcome < verdict->checks[mildest].outcome)
			mildest = i;
	if (verdict->checks[mildest].outcome >= wanted)
		return false;
	verdict->check_count--;
	memmove(&verdict->checks[mildest], &verdict->checks[mildest + 1],
		(verdict->check_count - mildest) * sizeof *verdict->checks);
	return true;
}

static void decide(struct verdict *verdict)
{
	const struct check *worst = &verdict->checks[0];

	for (size_t i = 1; i < verdict->check_count; i++)
		if (verdict->checks[i].outcome > worst->outcome ||
			(verdict->checks[i].outcome == worst->outcome && verdict->checks[i].cause &&
				!worst->cause))
			worst = &verdict->checks[i];
	verdict->outcome = worst->outcome;
	memcpy(verdict->text, worst->text, sizeof verdict->text);
	if (worst->outcome == OUTCOME_PASS)
		verdict->requirement[0] = '\0';
	else
		memcpy(verdict->requirement, worst->requirement, sizeof verdict->requirement);
}

void verdict_add(struct verdict *verdict, const struct check *check)
{
	struct check fitted = *check;

	fit_models(verdict, &fitted);
	if (!make_room(verdict, fitted.outcome))
		return;
	verdict->checks[verdict->check_count++] = fitted;
	decide(verdict);
}

void verdict_add_finding(struct verdict *verdict, const struct finding *finding)
{
	for (size_t i = 0; i < verdict->finding_count; i++)
		if (strcmp(verdict->findings[i].text, finding->text) == 0)
			return;
	if (verdict->finding_count < VERDICT_FINDINGS)
		verdict->findings[verdict->finding_count++] = *finding;
}

void verdict_add_fact(struct verdict *verdict, const struct fact *fact)
{
	for (size_t i = 0; i < verdict->fact_count; i++) {
		if (verdict->facts[i].id == fact->id) {
			verdict->facts[i] = *fact;
			return;
		}
	}
	if (verdict->fact_count < VERDICT_FACTS)
		verdict->facts[verdict->fact_count++] = *fact;
}

void verdict_add_gap(struct verdict *verdict, const struct fact_gap *gap)
{
	for (size_t i = 0; i < verdict->gap_count; i++)
		if (verdict->gaps[i].id == gap->id)
			return;
	if (verdict->gap_count < VERDICT_GAPS)
		verdict->gaps[verdict->gap_count++] = *gap;
}
