/* SPDX-License-Identifier: MIT */
#include "diagnose/worst.h"

#include <stdlib.h>

#include "judge/finding.h"

static int outcome_rank(enum keepalive_outcome outcome)
{
	switch (outcome) {
	case KEEPALIVE_DEAD:
		return 3;
	case KEEPALIVE_REFUSED:
		return 2;
	case KEEPALIVE_UNDECIDED:
		return 1;
	case KEEPALIVE_ALIVE:
		break;
	}
	return 0;
}

static int direction_rank(const struct diagnosed_direction *direction)
{
	enum { PER_SEVERITY = 10 };
	int severity = 0;

	for (size_t i = 0; i < direction->finding_count; i++)
		if ((int)direction->findings[i].severity + 1 > severity)
			severity = (int)direction->findings[i].severity + 1;
	if (!direction_speaks(direction))
		return -1;
	return severity * PER_SEVERITY + outcome_rank(direction->outcome);
}

bool direction_speaks(const struct diagnosed_direction *direction)
{
	if (direction->probe_count > 0 || direction->signs.suspects > 0 ||
		direction->signs.behind_fin > 0)
		return true;
	for (size_t i = 0; i < direction->finding_count; i++)
		if (direction->findings[i].severity > SEVERITY_NOTE)
			return true;
	return false;
}

int diagnosis_count(struct diagnosis_counts *counts, const struct diagnosed_connection *connection)
{
	const struct diagnosed_direction *worst = NULL;
	int rank = -1;

	for (size_t i = 0; i < connection->direction_count; i++) {
		int here = direction_rank(&connection->directions[i]);
		if (here > rank) {
			rank = here;
			worst = &connection->directions[i];
		}
	}
	if (worst == NULL)
		counts->lookalikes++;
	else if (worst->probe_count == 0 && worst->signs.behind_fin > 0)
		counts->half_closed++;
	else if (worst->probe_count == 0 && worst->signs.suspects == 0)
		counts->unprobed++;
	else
		counts->by_outcome[worst->outcome]++;
	counts->connections += worst != NULL;
	return rank;
}

/* ---- the heap ---- */

int worst_init(struct worst *worst, size_t limit)
{
	*worst = (struct worst){.limit = limit};
	worst->entries = calloc(limit, sizeof *worst->entries);
	return worst->entries == NULL ? -1 : 0;
}

static bool worse(const struct worst_entry *a, const struct worst_entry *b)
{
	return a->rank != b->rank ? a->rank > b->rank : a->number < b->number;
}

static void swap(struct worst_entry *a, struct worst_entry *b)
{
	struct worst_entry kept = *a;

	*a = *b;
	*b = kept;
}

/* The least bad of the heap goes to its place. */
static void sift_down(struct worst *worst, size_t at)
{
	for (;;) {
		size_t least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < worst->count;
			child++)
			if (worse(&worst->entries[least], &worst->entries[child]))
				least = child;
		if (least == at)
			return;
		swap(&worst->entries[least], &worst->entries[at]);
		at = least;
	}
}

bool worst_wants(const struct worst *worst, int rank, size_t number)
{
	struct worst_entry entry = {.rank = rank, .number = number};

	return worst->count < worst->limit || worse(&entry, &worst->entries[0]);
}

void worst_keep(struct worst *worst, int rank, size_t number, char *text)
{
	const struct worst_entry entry = {rank, number, text};

	if (worst->count == worst->limit) {
		free(worst->entries[0].text);
		worst->entries[0] = entry;
		sift_down(worst, 0);
		return;
	}
	size_t at = worst->count++;
	worst->entries[at] = entry;
	while (at > 0 && worse(&worst->entries[(at - 1) / 2], &worst->entries[at])) {
		swap(&worst->entries[(at - 1) / 2], &worst->entries[at]);
		at = (at - 1) / 2;
	}
}

static int compare(const void *a, const void *b)
{
	return worse(a, b) ? -1 : 1;
}

void worst_sort(struct worst *worst)
{
	qsort(worst->entries, worst->count, sizeof *worst->entries, compare);
}

void worst_release(struct worst *worst)
{
	for (size_t i = 0; i < worst->count; i++)
		free(worst->entries[i].text);
	free(worst->entries);
	*worst = (struct worst){0};
}
