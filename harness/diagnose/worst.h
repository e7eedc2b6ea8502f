/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_WORST_H
#define WIZHIL_DIAGNOSE_WORST_H

#include <stdbool.h>
#include <stddef.h>

#include "diagnose/diagnosis.h"

/* A recording may have very many connections: people are shown the worst of them, in few words or
 * in a picture, and the number of the rest. */

/* What was written of one connection. */
struct worst_entry {
	int rank; /* higher is worse */
	size_t number;
	char *text;
};

struct worst {
	size_t limit, count;
	struct worst_entry *entries; /* a heap, the least bad first, until it is sorted */
};

struct diagnosis_counts {
	size_t connections; /* that have something to say */
	size_t unprobed;    /* of them, without any probe, and with a finding */
	size_t half_closed; /* of them, with keep-alive behind the prober's own FIN only */
	size_t lookalikes;  /* with look-alikes only */
	size_t by_outcome[4];
};

/* Counts the connection by its worse direction.  Returns its rank; -1: only look-alikes. */
int diagnosis_count(struct diagnosis_counts *counts, const struct diagnosed_connection *connection);

/* -1 when out of memory. */
int worst_init(struct worst *worst, size_t limit);

/* Is one of this rank among the worst so far?  Of two that are as bad the first one is. */
bool worst_wants(const struct worst *worst, int rank, size_t number);

/* Keeps one that is wanted; text is of malloc() and is taken. */
void worst_keep(struct worst *worst, int rank, size_t number, char *text);

/* The worst first; nothing can be kept any more. */
void worst_sort(struct worst *worst);
void worst_release(struct worst *worst);

#endif
