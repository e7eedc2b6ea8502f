/* SPDX-License-Identifier: MIT */
#include "judge/loss.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/names.h"
#include "core/units.h"
#include "judge/verdict.h"
#include "scenario/scenario.h"

/* A burst of interference takes frames of several connections at once: that is one event, and no
 * independent ones. */
#define LOSS_BURST_NS (3 * NS_PER_S)

/* Fewer absences accuse nobody, however many frames arrived: so few need no independence. */
enum { ABSENCES_AT_LEAST = 3 };

/* Each probe up to this one is a place of its own. */
enum { PLACES = 8 };

#define ONE_MINUS_CONFIDENCE 0.001

static const char *const kind_names[LOSS_KINDS] = {
	[LOSS_PROBE] = "probe",
	[LOSS_ANSWER] = "answer",
	[LOSS_RESET] = "reset",
	[LOSS_END] = "end",
};

const char *loss_kind_name(enum loss_kind kind)
{
	return kind_names[kind];
}

bool loss_kind_find(const char *name, enum loss_kind *kind)
{
	const int found = names_find(NAMES(kind_names), name);

	if (found >= 0)
		*kind = (enum loss_kind)found;
	return found >= 0;
}

void losses_add(struct losses *losses, const struct loss_count *count)
{
	for (size_t i = 0; i < losses->count; i++) {
		struct loss_count *c = &losses->counts[i];
		if (c->kind != count->kind || c->k != count->k || c->of != count->of ||
			c->connection != count->connection)
			continue;
		if (c->absent == 0)
			c->absent_ns = count->absent_ns;
		c->due += count->due;
		c->absent += count->absent;
		return;
	}
	if (losses->count < LOSS_COUNTS)
		losses->counts[losses->count++] = *count;
}

/* ---- probabilities ---- */

static double log_choose(int n, int k)
{
	return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

/* The terms from and to the most probable one of them: the others are small, and follow from it. */
static double binomial_sum(int from, int to, int n, double p)
{
	const double odds = p / (1 - p), negligible = 1e-18;
	int middle = (int)((n + 1) * p);

	middle = middle < from ? from : middle > to ? to : middle;
	const double most = exp(log_choose(n, middle) + middle * log(p) + (n - middle) * log1p(-p));
	double sum = most, term = most;
	for (int i = middle; i < to && term > negligible * sum; i++) {
		term *= (n - i) / (i + 1.0) * odds;
		sum += term;
	}
	term = most;
	for (int i = middle; i > from && term > negligible * sum; i--) {
		term *= i / (n - i + 1.0) / odds;
		sum += term;
	}
	return sum > 1 ? 1 : sum;
}

double binomial_tail(int k, int n, double p)
{
	if (k <= 0 || (p >= 1 && k <= n))
		return 1;
	return k > n || p <= 0 ? 0 : binomial_sum(k, n, n, p);
}

double loss_bound(struct loss_estimate e)
{
	double low = 0, high = 1;

	if (e.frames <= 0 || e.lost >= e.frames)
		return 1;
	/* The p by which so few losses, or fewer, have the probability that the confidence
	 * leaves. */
	for (int i = 0; i < 60; i++) {
		const double middle = (low + high) / 2;
		if (binomial_sum(0, e.lost, e.frames, middle) > ONE_MINUS_CONFIDENCE)
			low = middle;
		else
			high = middle;
	}
	return high > 1.0 / e.frames ? high : 1.0 / e.frames;
}

/* ---- over a run ---- */

/* The frames that a hypothesis is about: those of a kind at a place. */
struct hypothesis {
	enum loss_kind kind;
	int place;
};

static bool is_about(const struct hypothesis *h, const struct loss_count *count)
{
	if (h == NULL || count->kind != h->kind)
		return false;
	return h->place == LOSS_PLACE_ANY ||
	       (h->place == LOSS_PLACE_LAST ? count->k == count->of : count->k == h->place);
}

static void estimate_add(
	struct loss_estimate *e, const struct verdict *verdict, const struct hypothesis *without)
{
	if (verdict == NULL)
		return;
	e->frames += verdict->losses.arrived + verdict->losses.lost;
	e->lost += verdict->losses.lost;
	for (size_t i = 0; i < verdict->losses.count; i++) {
		const struct loss_count *c = &verdict->losses.counts[i];
		if (is_about(without, c))
			continue;
		e->frames += c->due;
		e->lost += c->absent;
	}
}

static struct loss_estimate estimate_without(
	const struct loss_source *sources, size_t count, const struct hypothesis *without)
{
	struct loss_estimate e = {0};

	for (size_t i = 0; i < count; i++) {
		estimate_add(&e, sources[i].first, without);
		estimate_add(&e, sources[i].alone, without);
	}
	return e;
}

struct loss_estimate losses_estimate(const struct loss_source *sources, size_t count)
{
	return estimate_without(sources, count, NULL);
}

/* The check of the connection that a lost frame left inconclusive; NULL: none. */
static const struct check *excused_check(const struct verdict *verdict, int connection)
{
	for (size_t i = 0; i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		if (check->lost_frames && check->outcome == OUTCOME_INCONCLUSIVE &&
			check->connection == connection)
			return check;
	}
	return NULL;
}

/* One connection of one case. */
struct unit {
	int due, absent;
	int of;
	int64_t absent_ns;
	const struct check *excused;
};

enum { CONNECTIONS = SCENARIO_CONNECTIONS };

static void take_units(
	struct unit units[CONNECTIONS], const struct verdict *verdict, const struct hypothesis *h)
{
	for (size_t i = 0; verdict != NULL && i < verdict->losses.count; i++) {
		const struct loss_count *c = &verdict->losses.counts[i];
		if (!is_about(h, c) || c->connection < 0 || c->connection >= CONNECTIONS)
			continue;
		struct unit *unit = &units[c->connection];
		unit->due += c->due;
		if (c->absent == 0)
			continue;
		if (unit->excused == NULL)
			unit->excused = excused_check(verdict, c->connection);
		/* What left no check in doubt is explained otherwise. */
		if (unit->excused == NULL)
			continue;
		if (unit->absent == 0 || c->absent_ns < unit->absent_ns)
			unit->absent_ns = c->absent_ns;
		unit->of = unit->absent == 0 || unit->of == c->of ? c->of : 0;
		unit->absent += c->absent;
	}
}

/* The requirements of the checks that absences left inconclusive. */
struct tally {
	const struct check *of;
	int times;
};
enum { TALLIES = 32 };

/* What was found out about a hypothesis. */
struct trial {
	struct tally tallies[TALLIES]; /* in the order in which they came */
	struct loss_finding finding;
	double due_squeezed; /* sum over the connections of the probability of an absence */
	size_t time_count;
	int64_t *times; /* of absences, room for all connections */
};

static void count_requirement(struct trial *trial, const struct check *check)
{
	for (int i = 0; i < TALLIES; i++) {
		struct tally *tally = &trial->tallies[i];
		if (tally->of != NULL && strcmp(tally->of->requirement, check->requirement) != 0)
			continue;
		tally->of = check;
		tally->times++;
		return;
	}
}

/* A device that does not heed answers declares living peers dead, whatever the cases are about.  Of
 * what came equally often the first. */
static void name_requirement(struct trial *trial)
{
	static const char living_peers_live[] = "KA-LIVE-01";
	const struct tally *most = &trial->tallies[0];

	if (trial->finding.kind == LOSS_ANSWER) {
		memcpy(trial->finding.requirement, living_peers_live, sizeof living_peers_live);
		return;
	}

	for (int i = 1; i < TALLIES; i++)
		if (trial->tallies[i].times > most->times)
			most = &trial->tallies[i];
	if (most->of != NULL)
		memcpy(trial->finding.requirement, most->of->requirement,
			sizeof trial->finding.requirement);
}

static void try_unit(struct trial *trial, const struct unit *unit)
{
	struct loss_finding *f = &trial->finding;

	if (unit->due == 0)
		return;
	f->due++;
	trial->due_squeezed += 1 - pow(1 - f->bound, unit->due);
	if (unit->absent == 0)
		return;
	if (trial->time_count == 0)
		f->of = unit->of;
	else if (f->of != unit->of)
		f->of = 0;
	count_requirement(trial, unit->excused);
	trial->times[trial->time_count++] = unit->absent_ns;
}

static int earlier(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int count_bursts(int64_t *times, size_t count)
{
	int bursts = 0;
	int64_t last = 0;

	qsort(times, count, sizeof *times, earlier);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || times[i] - last > LOSS_BURST_NS) {
			bursts++;
			last = times[i];
		}
	return bursts;
}

static int count_absences(
	const struct loss_source *sources, size_t count, const struct hypothesis *h)
{
	int absent = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; sources[i].first != NULL && k < sources[i].first->losses.count;
			k++)
			if (is_about(h, &sources[i].first->losses.counts[k]))
				absent += sources[i].first->losses.counts[k].absent;
	return absent;
}

/* The trials of a connection are as many as frames were due, so that connections differ: their mean
 * gives a tail that is no smaller than the true one (Hoeffding 1956). */
static struct loss_finding try_hypothesis(
	const struct loss_source *sources, size_t count, const struct hypothesis *h, int64_t *times)
{
	if (count_absences(sources, count, h) < ABSENCES_AT_LEAST)
		return (struct loss_finding){.chance = 1};
	struct trial trial = {.finding = {.kind = h->kind,
				      .place = h->place,
				      .others = estimate_without(sources, count, h),
				      .chance = 1},
		.times = times};
	struct loss_finding *f = &trial.finding;

	f->bound = loss_bound(f->others);
	for (size_t i = 0; i < count; i++) {
		struct unit units[CONNECTIONS] = {0};
		take_units(units, sources[i].first, h);
		take_units(units, sources[i].alone, h);
		for (int c = 0; c < CONNECTIONS; c++)
			try_unit(&trial, &units[c]);
	}
	name_requirement(&trial);
	f->absent = count_bursts(trial.times, trial.time_count);
	const double mean = f->due == 0 ? 0 : trial.due_squeezed / f->due;
	if (f->absent >= ABSENCES_AT_LEAST && f->absent > f->due * mean + 1)
		f->chance = binomial_tail(f->absent, f->due, mean);
	return *f;
}

static double level_of(const struct loss_source *sources, size_t count)
{
	double level = 1;

	for (size_t i = 0; i < count; i++)
		if (sources[i].first != NULL && sources[i].first->losses.level > 0 &&
			sources[i].first->losses.level < level)
			level = sources[i].first->losses.level;
	return level < 1 ? level : 0;
}

/* The least probable one of the places of a probe of its own; where none is below the level, the
 * last probe, and then all. */
static struct loss_finding least_probable(const struct loss_source *sources, size_t count,
	enum loss_kind kind, double level, int64_t *times)
{
	struct loss_finding least = {.chance = 1};

	for (int place = 1; place <= PLACES; place++) {
		const struct loss_finding f =
			try_hypothesis(sources, count, &(struct hypothesis){kind, place}, times);
		if (f.chance < least.chance)
			least = f;
	}
	if (least.chance >= level)
		least = try_hypothesis(
			sources, count, &(struct hypothesis){kind, LOSS_PLACE_LAST}, times);
	if (least.chance >= level)
		least = try_hypothesis(
			sources, count, &(struct hypothesis){kind, LOSS_PLACE_ANY}, times);
	return least;
}

size_t losses_judge(
	const struct loss_source *sources, size_t count, struct loss_finding findings[LOSS_KINDS])
{
	const double level = level_of(sources, count);
	int64_t *times = calloc(count * CONNECTIONS + 1, sizeof *times);
	size_t found = 0;

	for (int kind = 0; kind < LOSS_KINDS && times != NULL && level > 0; kind++) {
		findings[found] =
			least_probable(sources, count, (enum loss_kind)kind, level, times);
		found += findings[found].chance < level;
	}
	free(times);
	return found;
}

bool loss_finding_is_about(const struct loss_finding *finding, const struct verdict *verdict)
{
	const struct hypothesis h = {finding->kind, finding->place};

	for (size_t i = 0; i < verdict->losses.count; i++) {
		const struct loss_count *c = &verdict->losses.counts[i];
		if (c->absent > 0 && is_about(&h, c) &&
			excused_check(verdict, c->connection) != NULL)
			return true;
	}
	return false;
}

/* ---- for people ---- */

bool loss_text(const struct loss_estimate *e, char *text, size_t size)
{
	snprintf(text, size, "%d of %d frames, at most %.2g %%", e->lost, e->frames,
		100 * loss_bound(*e));
	return e->frames > 0;
}

static void place_text(const struct loss_finding *f, char *text, size_t size)
{
	if (f->place == LOSS_PLACE_LAST)
		snprintf(text, size, "the last probe");
	else if (f->place == LOSS_PLACE_ANY)
		snprintf(text, size, "a probe");
	else if (f->of > 0)
		snprintf(text, size, "probe %d of %d", f->place, f->of);
	else
		snprintf(text, size, "probe %d", f->place);
}

void loss_finding_text(const struct loss_finding *f, char *text, size_t size)
{
	const double exponent = f->chance <= 1e-300 ? -300 : ceil(log10(f->chance));
	char place[32], what[96];

	place_text(f, place, sizeof place);
	switch (f->kind) {
	case LOSS_PROBE:
		snprintf(what, sizeof what, "%s missing", place);
		break;
	case LOSS_ANSWER:
		snprintf(what, sizeof what, "the answer to %s ignored", place);
		break;
	case LOSS_RESET:
		snprintf(what, sizeof what, "no RST to a segment after the death");
		break;
	case LOSS_END:
		snprintf(what, sizeof what, "the peer's %s ignored",
			f->place == LOSS_END_FIN   ? "FIN"
			: f->place == LOSS_END_RST ? "RST"
						   : "FIN or RST");
		break;
	}
	snprintf(text, size,
		"%s on %d of %d connections; %d of %d other frames lost; by chance below 1e%.0f",
		what, f->absent, f->due, f->others.lost, f->others.frames, exponent);
}
