/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_TEST_RUN_H
#define WIZHIL_CLI_TEST_RUN_H

#include <jansson.h>
#include <sys/types.h>
#include <time.h>

#include "bench/bench.h"
#include "cli/run/run_command.h"
#include "cli/run/streams.h"
#include "core/error.h"
#include "report/formats/journal.h"

/*
 * A run of the suite while it goes on:
 *
 *   run_command.c   waits for its children, and ends it
 *   run_setup.c     what is run, on what
 *   run_folder.c    the folder it is written to, and what stands there before a case runs
 *   run_journal.c   what is appended to its journal
 *   recorded.c      what a recorded run says that is judged again
 *   run_socket.c    the folder of its sockets, and what killed runs left of theirs
 *   run_stuck.c     a signal to end, while nobody reads what is written
 *   run_children.c  the processes of the bench and of the cases
 */

struct test_run {
	const struct run_arguments *arguments;
	struct bench_file file;
	struct bench_options options;
	struct listed_case *cases;
	char profile[4096];
	char virtual_program[4096], cases_program[4096];
	char firmware[4096]; /* to be flashed first; empty: none */
	char folder[2048];
	char baseline[4096]; /* its journal; empty: none */
	char socket_folder[96], socket_path[108];
	int socket_lock; /* the folder of the sockets, locked */
	char selection[2100], scenarios[2100];
	struct journal *journal;
	struct streams *streams;
	int control[2];
	int signals;
	pid_t bench;
	pid_t runners[BENCH_FILE_DEVICES]; /* one, or with --each one for each device; 0: ended */
	int runner_count;
	int64_t bench_ended_ns;		 /* by raw_clock_ns() */
	int bench_status, runner_status; /* of the runner that ended worst */
	int interrupts;
	struct error first_error; /* in writing down what came of the run */
	struct timespec started;  /* on the wall clock */
	int64_t begun_ns;	  /* raw_clock_ns() then */
	size_t selected;
	int repeat;	 /* 1 and more */
	json_t *waivers; /* NULL: none */
	json_t *shard;	 /* what the event of the run says of its part; NULL: it has all */
	struct known_mac macs[BENCH_FILE_DEVICES]; /* --resume: of the modules that the run had */
	size_t mac_count;
	struct run *recorded; /* --judge: what is judged again, see recorded.h; NULL: nothing */
	struct recorded_case *recorded_cases;
	json_t *was, *missing; /* --resume: the event of the run, and the cases that go on */
	json_t *case_list;     /* as wizhil-cases describes them */
	json_t *unseen;	       /* for its tier, see select_cases(); NULL: nothing */
};

/* Appends an event to the journal, which it takes; context: the run.  -1 with err, which may
 * be NULL, set; an error is kept in the run, too, see run_send_error(). */
int run_record(void *context, json_t *event, bool force, struct error *err);

/* Reads what is to be run and makes the folder of the run.  -1 with err set: nothing ran. */
int run_set_up(struct test_run *test_run, struct error *err);

/* Makes the folder of the run with its first lines; left_out: cases that have to be asked for. */
int run_begin_folder(struct test_run *test_run, json_t *left_out, struct error *err);

/* The broker's socket, and the children. */
int run_listen(struct test_run *test_run, struct error *err);
void run_remove_sockets(struct test_run *test_run);
int run_start_bench(struct test_run *test_run, struct error *err);
int run_start_runners(struct test_run *test_run, struct error *err);

/* The last line of runner.log, cut to fit; empty where there is none. */
void run_last_log_line(const struct test_run *test_run, char *words, size_t size);
bool run_has_runners(const struct test_run *test_run); /* a runner is still there */

/* While the command only writes to who follows the run, a signal to end is heeded within some seconds
 * also where nobody reads that: it ends with EXIT_CODE_INTERRUPTED, without reports. */
void run_watch_writes(const struct test_run *test_run);
void run_watch_no_writes(void);

/* What the bench's process could not write into the journal the command hears from its socket. */
void run_send_error(const struct test_run *test_run);
void run_read_error(struct test_run *test_run);

#endif
