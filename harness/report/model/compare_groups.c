/* SPDX-License-Identifier: MIT */
#include "report/model/compare_groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/text_alike.h"
#include "core/text_buffer.h"
#include "core/units.h"
#include "report/model/causes.h"
#include "report/text/headline.h"

/* Moves this close are one: of a ratio, and of a length. */
#define SAME_RATIO 0.004
#define SAME_MOVE_NS (200 * NS_PER_MS)

/* ---- causes ---- */

static enum change_kind kind_of(const struct case_change *change)
{
	if (change->worse && change->run->outcome == OUTCOME_FAIL)
		return CHANGE_WORSE;
	if (change->other_models)
		return CHANGE_MODELS;
	if (change->unclear)
		return CHANGE_UNCLEAR;
	return change->better ? CHANGE_BETTER : CHANGE_OTHER;
}

static double ratio_of(const struct moved_leg *leg)
{
	return leg->base.mean_ns == 0 ? 0 : (double)leg->run.mean_ns / (double)leg->base.mean_ns;
}

static bool is_same_move(const struct case_change *change, const struct case_change *other)
{
	if (change->moved_count == 0 || other->moved_count == 0)
		return change->moved_count == other->moved_count;
	const struct moved_leg *leg = &change->moved[0], *its = &other->moved[0];
	return leg->run.id.kind == its->run.id.kind &&
	       (fabs(ratio_of(leg) - ratio_of(its)) <= SAME_RATIO ||
		       llabs(leg->by_ns - its->by_ns) <= SAME_MOVE_NS);
}

static bool is_same_fact(const struct case_change *change, const struct case_change *other)
{
	if (change->fact_count == 0 || other->fact_count == 0)
		return change->fact_count == other->fact_count;
	return change->facts[0].run->id == other->facts[0].run->id &&
	       text_is_alike(change->facts[0].base->text, other->facts[0].base->text) &&
	       text_is_alike(change->facts[0].run->text, other->facts[0].run->text);
}

struct open_group {
	struct change_group group;
	const struct cause *cause; /* NULL: of none */
};

static bool belongs(const struct open_group *open, enum change_kind kind, const struct cause *cause,
	const struct case_change *change)
{
	const struct case_change *first = open->group.changes[0];

	if (open->group.kind != kind || open->cause != cause)
		return false;
	return cause != NULL || (change->base->outcome == first->base->outcome &&
					change->run->outcome == first->run->outcome &&
					change->other_models == first->other_models &&
					is_same_move(change, first) && is_same_fact(change, first));
}

/* The first leg that moved: "first probe 600.0 s -> 675.0 s (ratio 1.125, +75.00 s)". */
static void write_move(const struct case_change *change, char *text, size_t size)
{
	const struct moved_leg *leg = change->moved_count > 0 ? &change->moved[0] : NULL;

	text[0] = '\0';
	if (leg != NULL)
		snprintf(text, size, "%s %.2f s -> %.2f s (ratio %.3f, %+.2f s)",
			leg_kind_name(leg->run.id.kind), (double)leg->base.mean_ns / 1e9,
			(double)leg->run.mean_ns / 1e9, ratio_of(leg), (double)leg->by_ns / 1e9);
	else if (change->fact_count > 0)
		changed_fact_text(&change->facts[0], text, size);
}

static int take(struct open_group **groups, size_t *count, enum change_kind kind,
	const struct cause *cause, const struct case_change *change)
{
	struct open_group *open = NULL;

	for (size_t i = 0; i < *count && open == NULL; i++)
		if (belongs(&(*groups)[i], kind, cause, change))
			open = &(*groups)[i];
	if (open == NULL) {
		open = array_add(groups, count, sizeof **groups);
		if (open == NULL)
			return -1;
		*open = (struct open_group){
			.group = {.kind = kind, .requirement = ""}, .cause = cause};
		if (cause != NULL) {
			open->group.requirement = cause->requirement;
			snprintf(open->group.text, sizeof open->group.text, "%s", cause->text);
		} else {
			write_move(change, open->group.text, sizeof open->group.text);
		}
	}
	const struct case_change **place =
		array_add(&open->group.changes, &open->group.count, sizeof *open->group.changes);
	if (place == NULL)
		return -1;
	*place = change;
	return 0;
}

static int worse_first(const void *a, const void *b)
{
	const struct change_group *group = a, *other = b;

	if (group->kind != other->kind)
		return group->kind < other->kind ? -1 : 1;
	if (group->count != other->count)
		return group->count > other->count ? -1 : 1;
	return (group->changes[0] > other->changes[0]) - (group->changes[0] < other->changes[0]);
}

struct change_groups change_groups_of(const struct comparison *c)
{
	struct change_groups groups = {0};
	struct causes now = causes_of(c->run), before = causes_of(c->base);
	struct open_group *open = NULL;
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct case_change *change = &c->changes[i];
		if (change->base == NULL || change->run == NULL || change->unrun)
			continue;
		const enum change_kind kind = kind_of(change);
		const struct cause *cause = NULL;
		if (kind == CHANGE_WORSE || kind == CHANGE_UNCLEAR)
			cause = cause_of(&now, change->run);
		else if (kind == CHANGE_BETTER)
			cause = cause_of(&before, change->base);
		if (take(&open, &count, kind, cause, change) != 0)
			break;
	}
	groups.list = calloc(count + 1, sizeof *groups.list);
	for (size_t i = 0; i < count; i++)
		if (groups.list != NULL && open[i].group.count > 0)
			groups.list[groups.count++] = open[i].group;
		else
			free(open[i].group.changes);
	if (groups.count > 1)
		qsort(groups.list, groups.count, sizeof *groups.list, worse_first);
	free(open);
	causes_free(&now);
	causes_free(&before);
	return groups;
}

void change_groups_free(struct change_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		free(groups->list[i].changes);
	free(groups->list);
	*groups = (struct change_groups){0};
}

/* ---- what else differs ---- */

static void devices_text(const struct run *run, char *text, size_t size)
{
	struct text_buffer devices = text_buffer(text, size);

	for (size_t i = 0; i < run->device_count; i++)
		text_add_item(&devices, "%s%s%s", run->devices[i].name,
			run->devices[i].mac[0] == '\0' ? "" : " ", run->devices[i].mac);
}

static void clock_text(const struct run *run, char *text, size_t size)
{
	snprintf(text, size, "%s, seed %lld", run->clock, (long long)run->seed);
}

static void profile_text(const struct run *run, char *text, size_t size)
{
	snprintf(text, size, "%s", run->profile);
}

static void bench_text(const struct run *run, char *text, size_t size)
{
	snprintf(text, size, "%s", run->bench);
}

static void version_text(const struct run *run, char *text, size_t size)
{
	snprintf(text, size, "%s", run->version);
}

size_t run_differences(
	const struct run *base, const struct run *run, struct run_difference list[RUN_DIFFERENCES])
{
	static const struct {
		const char *what;
		void (*text)(const struct run *run, char *text, size_t size);
	} rows[] = {
		{"settings", settings_text},
		{"profile", profile_text},
		{"device", devices_text},
		{"bench", bench_text},
		{"clock", clock_text},
		{"wizhil", version_text},
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct run_difference *row = &list[count];
		row->what = rows[i].what;
		row->base[0] = row->run[0] = '\0';
		rows[i].text(base, row->base, sizeof row->base);
		rows[i].text(run, row->run, sizeof row->run);
		if (strcmp(row->base, row->run) == 0)
			continue;
		if (row->base[0] == '\0')
			snprintf(row->base, sizeof row->base, "none");
		if (row->run[0] == '\0')
			snprintf(row->run, sizeof row->run, "none");
		count++;
	}
	return count;
}
