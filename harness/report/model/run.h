/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_RUN_H
#define WIZHIL_REPORT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/exit_code.h"
#include "judge/finding.h"
#include "judge/breakdown.h"
#include "judge/loss.h"
#include "judge/outcome.h"

struct attempt;
struct error;

/*
 * A run as its journal tells it: what was selected, what became of each case, and what the run as a
 * whole comes to.  All reports are written from this.
 *
 * Strings belong to the run and are never NULL unless it is said.  They may hold whatever a device
 * said: write them by report/text/text.h only.
 */

/* What takes the verdict from a case. */
enum cut_off { NOT_CUT_OFF, CUT_OFF_BY_USER, CUT_OFF_BY_FAULT };

/* A case on a device.  A run over each of several devices, or with repetitions, has several of one
 * name, one behind the other. */
struct run_case {
	const char *name;   /* "suite/case" */
	const char *device; /* it ran on this one; empty: on none yet */
	int repetition;	    /* from 1; 0: the run does not repeat */
	bool of_run;	    /* no case, but what must hold over all of them, see run.cases */
	char suite[96];	    /* what stands before the last '/'; "run" where there is none */
	const char *title;  /* what stands behind it */
	const json_t *requirements; /* array of strings; may be NULL */
	struct attempt
		*first; /* (report/model/attempt.h) the one that counts; NULL: there is none */
	struct attempt *alone;	   /* once more, with the device to itself; NULL: there is none */
	struct attempt *partial;   /* it was cut off, and this is what there was by then; or NULL */
	const char *error;	   /* it ended without a verdict; NULL: it did not */
	const char *not_run;	   /* why it was not run; NULL: it was */
	enum cut_off cut_off;	   /* what took its verdict */
	const char *fault;	   /* CUT_OFF_BY_FAULT: one of run.faults */
	double admitted_s, done_s; /* on the bench's clock; negative: it never came to that */

	/* What it comes to. */
	enum outcome outcome;
	const char *text;		 /* the decisive sentence; may be empty when it passed */
	const char *requirement;	 /* of the check that decided; may be empty */
	const struct run_waiver *waiver; /* it failed, and this takes it upon itself; NULL: none */
};

/* See report/model/waivers.h. */
struct run_waiver {
	const char *cases, *from, *before; /* glob; firmware versions, empty: no limit */
	const char *reason, *ticket, *expires;
	bool expired;		       /* when the run started: it waives nothing */
	size_t failed, passed, others; /* cases that it names */
};

struct run_device {
	const char *name, *firmware, *mac, *address; /* empty: not told */
	int baud;
	bool option_cid_hex; /* it was found to read the CIDs of options in hex, and so told */
	bool has_models;     /* something was measured that speaks about models */
	struct loss_estimate loss; /* frames of known fate, see judge/loss.h */
	unsigned models; /* timing models (cases/DEVICE.md 5) that no first verdict excludes */
	int round_trips; /* of its UART, as last told; 0: not measured */
	int64_t round_trip_least_ns, round_trip_most_ns, uart_bound_ns;
	/* What a monitor of the air heard. */
	struct run_air {
		const char *interface; /* empty: there was none */
		double watched_s;
		bool acknowledgements;
		int heard, missed, lost, undelivered;
	} air;
};

/* Cases that failed beside others: how many are to be run again alone, how many were, and how many
 * are not, since enough of the same cause and device are. */
struct reruns_seen {
	size_t wanted, done, capped;
};
/* Counts a verdict's event. */
void reruns_seen_saw(struct reruns_seen *reruns, const json_t *event);

/* What became of the host's time. */
struct run_time {
	const char *text;
	double t_s;
};

struct run_recovery {
	const char *device, *step;
	bool broke_down; /* it begins by a reboot or a silence of the device, see judge/breakdown.h */
	struct breakdown breakdown;
};

/* A finding, with the cases that made it. */
struct run_finding {
	const struct finding *finding;
	const struct run_case *first_case;
	size_t cases;
};

struct comparison;

struct run {
	const char *commit; /* of the sources of wizhil; empty: not known */
	const char *version, *bench, *bench_file, *clock, *started, *profile;
	int format;	     /* of the journal; 0: it has no number (format 1) */
	const json_t *shard; /* the part of a selection that it has: index, count, selection_sha256,
			      * parts, rest_of; NULL: all */
	const json_t *unseen; /* what its tier leaves out: cases, longest_s, requirements; NULL */
	const json_t *sets;   /* of the virtual devices, "name=value"; may be NULL */
	const char *firmware_file, *firmware_sha256; /* flashed before the cases; empty: none was */
	int64_t seed;
	bool require_all;
	bool pauses_unseen; /* the host has no RTC: a pause of its machine would not be seen */
	bool ended;	    /* the journal has its end; else the three below mean nothing */
	bool interrupted;
	int enough_failures; /* what interrupted it: so many failed cases (--maxfail); 0: a person */
	bool torn;	     /* the journal's last line is half an event */
	int repeat;	     /* how often each case was to run; 1: once */
	bool each;	     /* each case was to run on each of several devices */
	int runner;	     /* exit status of wizhil-cases; -1: a signal ended it */
	double wall_s;
	double device_s;	   /* the latest time on the bench's clock */
	struct loss_estimate loss; /* of a run that names no device; else see devices */

	size_t case_count, device_count, recovery_count, fault_count, finding_count, waiver_count;
	struct run_case *cases; /* as selected, then what holds over all of each device */
	struct run_device *devices;
	struct run_recovery *recoveries;
	struct run_time *times;
	size_t time_count;
	const char **faults; /* what is wrong with bench, harness or journal; each text once */
	bool fault_is_usage; /* one of them is for the user to mend: a wrong bench file */
	struct finding other_models; /* of devices with one firmware; no text: they agree */
	struct run_finding *findings;
	struct run_waiver *waivers;
	struct reruns_seen reruns;
	size_t resumed_count;
	const char **resumed; /* when it was resumed, and what had ended it; a line each */

	struct run *baseline; /* see run_read_with_baseline(); NULL: none */
	json_t *trend;	      /* of the history, see RUN_TREND; NULL: none is kept */
	struct comparison
		*changes; /* since the baseline (report/model/compare.h); NULL: no baseline */

	json_t *kept;  /* what the strings point into */
	json_t *index; /* of cases: "name\ndevice\nrepetition" to place */
};

/* The reason of a case that was not run because the user wanted the run to end. */
extern const char run_interrupted[];

void run_cut_off_by_fault(struct run_case *test_case, const char *fault);

/* The check over the cases of a device that is in every run; others are there when they fail. */
extern const char run_one_model[];
/* What is there when a device broke down. */
extern const char run_keeps_running[];

/* What a report calls it: "title", and behind it device and repetition where the run has several of
 * it: "title (left, repetition 2)". */
void run_case_title(
	const struct run *run, const struct run_case *test_case, char *title, size_t size);

/* Is it the case of that name, on that device or on any (NULL)? */
bool run_case_is(const struct run_case *test_case, const char *name, const char *device);

/* Is its verdict there, or the reason why it has none? */
bool run_case_has_ended(const struct run_case *test_case);

/* Is there nothing left to do for it: a verdict, or left out from the beginning?  That the bench
 * was broken, or the run ended before, is none. */
bool run_case_is_reached(const struct run_case *test_case);

/* How long the case had the device, in seconds of the bench's clock; negative when unknown. */
double run_case_seconds(const struct run_case *test_case);

/* Does it count as a case of the run?  What must hold over the run does when it is broken. */
bool run_counts(const struct run_case *test_case);

/* The timing models that no device of the run excludes; 0: nothing speaks about models. */
unsigned run_models(const struct run *run);

/* How many cases count, and how many came to this; a waived failure is none of these. */
size_t run_total(const struct run *run);
size_t run_count(const struct run *run, enum outcome outcome);
size_t run_waived(const struct run *run);

/* How many of them are no case's, but of what must hold over all of them. */
size_t run_checks(const struct run *run, enum outcome outcome);

/* Reads <run folder>/journal.jsonl and decides what each case and the run come to.  A last line
 * that is torn is left out, one in the middle is a fault; unknown events are ignored.  NULL with
 * err set: no journal (ERROR_USAGE), none of a run, out of memory.  The caller frees it. */
struct run *run_read(const char *run_folder, struct error *err);

/* The same of a journal by its own path. */
struct run *run_read_journal(const char *path, struct error *err);

/* As run_read(); where the folder holds the journal of a baseline (RUN_BASELINE), the run has what
 * changed since then, and where it holds the trend of a history (RUN_TREND), that. */
#define RUN_BASELINE "baseline.jsonl"
#define RUN_TREND "history.json"
struct run *run_read_with_baseline(const char *run_folder, struct error *err);

/* How a run that did not come to its end ended: "interrupted; ", "ended after 3 failures; "; or "". */
void run_cut_short_text(const struct run *run, char *text, size_t size);

/* The exit code of the run (harness/README.md): 130 interrupted, 2 a fault of the bench file, 1 a
 * failed case, 99 a fault or a case that is inconclusive or in error, 77 nothing ran, or not all
 * with require_all, else 0. */
enum exit_code run_exit_code(const struct run *run);

/* run may be NULL. */
void run_free(struct run *run);

#endif
