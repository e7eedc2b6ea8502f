/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_ORCHESTRA_PARTS_H
#define WIZHIL_CLI_ORCHESTRA_PARTS_H

#include <jansson.h>
#include <sys/types.h>
#include <time.h>

#include "bench/bench.h"
#include "cli/run/orchestra.h"
#include "cli/run/streams.h"
#include "core/error.h"
#include "report/formats/journal.h"

/* The insides of wizhil run: orchestra.c (waiting, and the end), orchestra_setup.c (what is run),
 * orchestra_folder.c (where it is written), orchestra_children.c (who runs it). */

struct orchestra {
	const struct run_arguments *arguments;
	struct bench_file file;
	struct bench_options options;
	struct listed_case *cases;
	char profile[4096];
	char virtual_program[4096], cases_program[4096];
	char folder[2048];
	char baseline[4096]; /* its journal; empty: none */
	char socket_folder[64], socket_path[96];
	char selection[2100], scenarios[2100];
	struct journal *journal;
	struct streams *streams;
	int control[2];
	int signals;
	pid_t bench;
	pid_t runners[BENCH_FILE_DEVICES]; /* one, or with --each one for each device; 0: ended */
	int runner_count;
	int bench_status, runner_status; /* of the runner that ended worst */
	int interrupts;
	struct error trouble; /* the first in writing down what came of the run */
	struct timespec started;
	size_t selected;
	int repeat;	       /* 1 and more */
	json_t *waivers;       /* NULL: none */
	json_t *was, *missing; /* --resume: the event of the run, and the cases that go on */
	json_t *case_list;     /* as wizhil-cases describes them */
};

/* Appends an event to the journal, which it takes; context: the orchestra.  -1 with err, which may
 * be NULL, set; a trouble is kept in the orchestra too, see orchestra_tell_trouble(). */
int orchestra_record(void *context, json_t *event, bool force, struct error *err);

/* Reads what is to be run and makes the folder of the run.  -1 with err set: nothing ran. */
int orchestra_set_up(struct orchestra *o, struct error *err);

/* Makes the folder of the run with its first lines; left_out: cases that have to be asked for. */
int orchestra_begin_folder(struct orchestra *o, json_t *left_out, struct error *err);

/* The broker's socket, and the children. */
int orchestra_listen(struct orchestra *o, struct error *err);
int orchestra_start_bench(struct orchestra *o, struct error *err);
int orchestra_start_runners(struct orchestra *o, struct error *err);

/* The last line of runner.log, cut to fit; empty where there is none. */
void orchestra_last_words(const struct orchestra *o, char *words, size_t size);
bool orchestra_runs(const struct orchestra *o); /* a runner is still there */

/* What the bench's process could not write into the journal the command hears from its socket. */
void orchestra_tell_trouble(const struct orchestra *o);
void orchestra_hear_trouble(struct orchestra *o);

#endif
