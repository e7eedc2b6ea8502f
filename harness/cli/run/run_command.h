/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_RUN_COMMAND_H
#define WIZHIL_CLI_RUN_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/bench_file.h"
#include "cli/run/case_filter.h"
#include "cli/run/estimate.h"
#include "cli/run/streams.h"
#include "cli/run/trace.h"
#include "core/exit_code.h"

struct error;

/* wizhil run: starts the bench and the Criterion runner, waits for both, composes the reports. */

enum { RUN_SCENARIOS = 1024, RUN_SETS = 64, RUN_REPEAT = 1000, RUN_RESTS = 256 };

struct run_arguments {
	int argc;
	char **argv;	      /* for the journal */
	const char *firmware; /* a file to flash first; NULL: none */
	const char
		*firmware_version; /* glob over what AT+VER=? says then; NULL: the bench file's */
	bool firmware_was_flashed; /* --resume: by the run that goes on */
	const char *history;	   /* its database; NULL: none is kept */
	const char *baseline;	   /* folder or journal of a run; NULL: none */
	const char *bench, *clock, *profile, *judge, *output, *jobs, *tap, *events, *waivers,
		*resume;
	const char *devices[BENCH_FILE_DEVICES]; /* of the bench's devices only these */
	size_t device_count;			 /* 0: all */
	struct case_filter filter;
	char *scenarios[RUN_SCENARIOS]; /* scenario files: with no filter, these only */
	size_t scenario_count;
	double within_s;	      /* --within: what catches most in that time; 0: all */
	int shard_index, shard_count; /* --shard: from 1; count 0: all */
	char *rest[RUN_RESTS];	      /* --rest: folders of runs */
	size_t rest_count;
	const char *faults
		[RUN_SETS]; /* --fault: names in the file of faults; their settings go before --set */
	size_t fault_count;
	int maxfail;		    /* end the run after so many failures; 0: never */
	const char *notify;	    /* a command for /bin/sh when the run has ended; NULL: none */
	bool as_recorded;	    /* judge all that the recorded run had, and nothing else */
	const char *sets[RUN_SETS]; /* of the virtual devices: "name=value" */
	size_t set_count;
	int repeat; /* how often each case is driven; 0: once, or as the recorded run */
	uint64_t seed;
	bool seed_given;
	int max_reruns; /* see bench/reruns.h */
	bool require_all;
	bool forked;	  /* the cases without Criterion, for wizhil prove */
	bool each;	  /* every case on each device, instead of spread over them */
	const char *tier; /* cases up to this one; NULL: all, but on the real clock no long ones */
	bool option_cid_hex; /* AT+SETSOCKOPT names CIDs in hex, also where no profile says so */
	bool dry_run;	     /* say what would be run, and run nothing */
	enum verbosity verbosity;
	unsigned trace; /* set of enum trace */
};

/* 0 with *code set once there is a run; -1 with err set before that: nothing was touched. */
int run_suite(const struct run_arguments *arguments, enum exit_code *code, struct error *err);

/* The cases that the arguments select, and those that they leave out because long ones have to be
 * asked for; and what the event of the run says of its part (cli/run/shard.h), NULL where it has all,
 * and of what it cannot have seen for its tier or --within: {cases: their names, longest_s: of the selected
 * ones, requirements: that no selected case covers, within: see cli/run/within.h}, NULL where it has
 * all.  They are the caller's
 * references.  -1 with err set when no case is left. */
int select_cases(const struct run_arguments *arguments, bool real_clock,
	struct estimated_bench bench, json_t **selected, json_t **left_out, json_t **shard,
	json_t **unseen, struct error *err);

/* Prints what a run of these cases, each 'repeat' times, would be, and what it takes on the real
 * clock on the bench. */
int print_dry_run(const json_t *selected, const json_t *left_out, const json_t *shard,
	const json_t *unseen, int repeat, int max_reruns, struct estimated_bench bench,
	struct error *err);

#endif
