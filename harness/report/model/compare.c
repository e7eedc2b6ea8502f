/* SPDX-License-Identifier: MIT */
#include "report/model/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/exit_code.h"
#include "report/model/attempt.h"

/* How good an outcome is for a release; the higher the worse. */
static int badness(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_PASS:
		return 0;
	case OUTCOME_MARGINAL:
		return 1;
	case OUTCOME_NOT_RUN:
		return 2;
	case OUTCOME_INCONCLUSIVE:
		return 3;
	case OUTCOME_ERROR:
		return 4;
	case OUTCOME_FAIL:
		return 5;
	}
	return 5;
}

static const struct run_case *worst_of(const struct run *run, const char *name, const char *device)
{
	const struct run_case *worst = NULL;

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (test_case->of_run || !run_case_is(test_case, name, device))
			continue;
		if (worst == NULL || badness(test_case->outcome) > badness(worst->outcome))
			worst = test_case;
	}
	return worst;
}

/* ---- legs and facts ---- */

static const struct leg *same_leg(const struct legs *legs, const struct leg *wanted)
{
	for (size_t i = 0; i < legs->count; i++) {
		const struct leg *leg = &legs->list[i];
		if (leg->nth == wanted->nth && leg->connection == wanted->connection &&
			leg_is(leg->id, wanted->id) &&
			strcmp(leg->requirement, wanted->requirement) == 0)
			return leg;
	}
	return NULL;
}

static void join(struct moved_leg *moved, const struct moved_leg *another)
{
	size_t more = moved->more + 1;
	int64_t least = moved->least_by_ns < another->by_ns ? moved->least_by_ns : another->by_ns;
	int64_t most = moved->most_by_ns > another->by_ns ? moved->most_by_ns : another->by_ns;

	if (llabs(another->by_ns) > llabs(moved->by_ns))
		*moved = *another;
	moved->more = more;
	moved->least_by_ns = least;
	moved->most_by_ns = most;
}

static int keep_moved(struct case_change *change, const struct moved_leg *moved)
{
	for (size_t i = 0; i < change->moved_count; i++)
		if (change->moved[i].run.id.kind == moved->run.id.kind) {
			join(&change->moved[i], moved);
			return 0;
		}
	struct moved_leg *added =
		array_add(&change->moved, &change->moved_count, sizeof *change->moved);
	if (added == NULL)
		return -1;
	*added = *moved;
	return 0;
}

static int compare_legs(const struct comparison *c, struct case_change *change)
{
	struct legs base, run;
	int failed = 0;

	if (legs_of(c->base, change->name, change->device, &base) != 0)
		return -1;
	if (legs_of(c->run, change->name, change->device, &run) != 0) {
		legs_free(&base);
		return -1;
	}
	for (size_t i = 0; failed == 0 && i < run.count; i++) {
		const struct leg *before = same_leg(&base, &run.list[i]);
		if (before == NULL)
			continue;
		int64_t by = run.list[i].mean_ns - before->mean_ns;
		int64_t uncertainty = leg_uncertainty(before) + leg_uncertainty(&run.list[i]);
		if (llabs(by) <= uncertainty)
			continue;
		const struct moved_leg moved = {*before, run.list[i], by, uncertainty, 0, by, by};
		failed = keep_moved(change, &moved);
	}
	legs_free(&base);
	legs_free(&run);
	return failed;
}

static const struct fact *fact_of(const struct run_case *test_case, enum fact_id id)
{
	if (test_case->first == NULL)
		return NULL;
	for (size_t i = 0; i < test_case->first->verdict.fact_count; i++)
		if (test_case->first->verdict.facts[i].id == id)
			return &test_case->first->verdict.facts[i];
	return NULL;
}

static bool fact_changed(const struct fact *base, const struct fact *run)
{
	if (base->number && run->number)
		return fabs(base->value - run->value) > base->error + run->error;
	return strcmp(base->text, run->text) != 0;
}

static int compare_facts(struct case_change *change)
{
	for (int id = 0; id < FACT_COUNT; id++) {
		const struct fact *base = fact_of(change->base, (enum fact_id)id);
		const struct fact *run = fact_of(change->run, (enum fact_id)id);
		if (base == NULL || run == NULL || !fact_changed(base, run))
			continue;
		struct changed_fact *fact =
			array_add(&change->facts, &change->fact_count, sizeof *change->facts);
		if (fact == NULL)
			return -1;
		*fact = (struct changed_fact){base, run};
	}
	return 0;
}

/* ---- cases ---- */

static void change_reset(struct case_change *change)
{
	free(change->moved);
	free(change->facts);
}

static bool passes(const struct run_case *test_case)
{
	return test_case->outcome == OUTCOME_PASS || test_case->outcome == OUTCOME_MARGINAL;
}

static bool ran(const struct run_case *test_case)
{
	return test_case != NULL && test_case->outcome != OUTCOME_NOT_RUN;
}

static bool says_of_models(const struct run_case *test_case)
{
	return test_case->first != NULL && passes(test_case);
}

/* Fills in what changed; the case is in both runs, and ran in this one. */
static int compare_case(struct comparison *c, struct case_change *change)
{
	const struct run_case *base = change->base, *run = change->run;

	c->compared++;
	change->other_models = says_of_models(base) && says_of_models(run) &&
			       (base->first->verdict.models & run->first->verdict.models) == 0;
	change->worse = change->other_models ||
			(run->outcome == OUTCOME_FAIL && base->outcome != OUTCOME_FAIL);
	change->better = passes(run) && !passes(base);
	change->unclear = passes(base) && !passes(run) && !change->worse;
	c->worse += change->worse;
	c->better += change->better;
	c->unclear += change->unclear;
	return compare_legs(c, change) != 0 || compare_facts(change) != 0 ? -1 : 0;
}

static bool changed(const struct case_change *change)
{
	if (change->base == NULL || change->run == NULL)
		return true;
	/* A margin that was lost or won is no other verdict: both pass. */
	const bool other_outcome = change->base->outcome != change->run->outcome &&
				   !(passes(change->base) && passes(change->run));
	return other_outcome || change->other_models || change->moved_count > 0 ||
	       change->fact_count > 0;
}

static int take_case(struct comparison *c, const char *name, const char *device)
{
	struct case_change change = {.name = name, .device = device};

	change.base = worst_of(c->base, name, device);
	change.run = worst_of(c->run, name, device);
	c->only_base += change.run == NULL;
	c->only_run += change.base == NULL;
	change.unrun = change.base != NULL && passes(change.base) && !ran(change.run);
	c->unrun += change.unrun;
	if (change.base != NULL && ran(change.run) && compare_case(c, &change) != 0) {
		change_reset(&change);
		return -1;
	}
	if (!changed(&change)) {
		c->same += ran(change.run);
		return 0;
	}
	struct case_change *place = array_add(&c->changes, &c->count, sizeof *c->changes);
	if (place == NULL) {
		change_reset(&change);
		return -1;
	}
	*place = change;
	return 0;
}

/* Each name once, or once a device, in the order in which the run has them. */
static int take_names(struct comparison *c, const struct run *run, bool missing_only)
{
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		const char *device = c->base->each && c->run->each ? test_case->device : NULL;
		bool again = i > 0 && run_case_is(&run->cases[i - 1], test_case->name, device);
		if (test_case->of_run || again ||
			(missing_only && worst_of(c->run, test_case->name, device) != NULL))
			continue;
		if (take_case(c, test_case->name, device) != 0)
			return -1;
	}
	return 0;
}

static int weight(const struct case_change *change)
{
	if (change->worse)
		return 0;
	if (change->other_models)
		return 1;
	if (change->unclear || change->unrun)
		return 2;
	if (change->better)
		return 3;
	return change->base != NULL && change->run != NULL ? 4 : 5;
}

/* A stable order: worst first, else as the runs have them. */
static void sort_changes(struct comparison *c)
{
	for (size_t i = 1; i < c->count; i++) {
		struct case_change change = c->changes[i];
		size_t j = i;
		for (; j > 0 && weight(&c->changes[j - 1]) > weight(&change); j--)
			c->changes[j] = c->changes[j - 1];
		c->changes[j] = change;
	}
}

struct comparison *compare_runs(const struct run *base, const struct run *run)
{
	struct comparison *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->base = base;
	c->run = run;
	c->base_models = run_models(base);
	c->run_models = run_models(run);
	c->other_models =
		c->base_models != 0 && c->run_models != 0 && (c->base_models & c->run_models) == 0;
	if (take_names(c, run, false) != 0 || take_names(c, base, true) != 0) {
		comparison_free(c);
		return NULL;
	}
	sort_changes(c);
	return c;
}

void comparison_free(struct comparison *comparison)
{
	if (comparison == NULL)
		return;
	for (size_t i = 0; i < comparison->count; i++)
		change_reset(&comparison->changes[i]);
	free(comparison->changes);
	free(comparison);
}

const char *change_device(const struct comparison *c, const struct case_change *change)
{
	const struct run *run = change->run == NULL ? c->base : c->run;
	const struct run_case *test_case = change->run == NULL ? change->base : change->run;

	return run->device_count > 1 ? test_case->device : "";
}

enum exit_code comparison_exit_code(const struct comparison *c)
{
	if (c->worse > 0 || c->other_models)
		return EXIT_CODE_FIRMWARE;
	if (c->unclear > 0)
		return EXIT_CODE_BENCH;
	return c->compared == 0 || (c->unrun > 0 && !c->partial) ? EXIT_CODE_NOT_RUN
								 : EXIT_CODE_PASS;
}
