/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_SHARD_H
#define WIZHIL_CLI_SHARD_H

#include <jansson.h>

struct error;
struct run_arguments;

/*
 * wizhil run --shard I/N and --rest RUN: the part of a selection that a run has.
 *
 * The selection is split longest first, by the time for which a case keeps a module busy, each to
 * the part that has least so far.  That depends on the list of cases only, so every machine with
 * this version makes the same parts without asking the others.
 */

enum { SHARDS_MAX = 256 };

/* "2/4".  -1: it is not that, with 1 <= I <= N <= SHARDS_MAX. */
int shard_parse(const char *text, int *index, int *count);

/* The cases of list (read_case_list()) that the runs of --rest selected, whole: with those of the
 * other shards, if they are shards.  The caller's reference; NULL with err set (ERROR_USAGE): a
 * folder is not a run. */
json_t *shard_rest_cases(
	const struct run_arguments *arguments, const json_t *list, struct error *err);

/* Reduces *selected to the part that the arguments ask for, without the cases that have a verdict
 * in a run of --rest.  Returns what the event of the run says of it ("shard" in
 * reports/schema/journal.schema.json).  NULL with err set (ERROR_USAGE): nothing is left. */
json_t *shard_take(const struct run_arguments *arguments, json_t **selected, struct error *err);

#endif
