/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_MERGE_H
#define WIZHIL_REPORT_MERGE_H

#include <stddef.h>

struct error;

/*
 * Joins the shards of one run (the same firmware and profile, other cases or other benches) into a
 * run folder of its own: one journal, all evidence.  Reports are composed from it as from any.
 *
 * What cannot be one run is a conflict, and nothing is written: selections, firmwares, profiles,
 * clocks, versions or numbers of repetitions that differ.  Verdicts of several shards on one case
 * are all kept, as its repetitions.  Devices of one name and another MAC address are told apart by a
 * number behind the name.
 *
 * Shards know the whole selection (wizhil run --shard): cases of one that is missing are not run,
 * and its absence is a fault.  A run of what others left (wizhil run --rest) completes them: it
 * stands behind them as a run does behind one that it resumes.
 */

/* Makes the folder 'output', which must not be there.  version, argc, argv: for the journal.  -1
 * with err set: conflicts, all of them, or a folder that holds no run (ERROR_USAGE); trouble with
 * a file (ERROR_BENCH). */
int merge_runs(char *const *folders, size_t count, const char *output, const char *version,
	struct error *err);

#endif
