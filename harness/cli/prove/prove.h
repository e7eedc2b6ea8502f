/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_PROVE_H
#define WIZHIL_CLI_PROVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "core/exit_code.h"
#include "judge/outcome.h"

struct error;

/*
 * wizhil prove: the worth of the suite in two numbers, the share of faulty devices that it catches
 * and how many good ones it accuses.  What a faulty or a good device is made of stands in files
 * (settings of the virtual device); nothing here knows any of their names.
 *
 *   prove_file	reads the files: subjects and sweeps
 *   prove_combine	healthy devices that are several of the file's at once
 *   prove_run	one run of the suite on such a device, as a process of its own, and its reading
 *   prove	which runs are needed, many at once, and what they come to
 *   prove_print	the matrix, and the same as JSON
 *   caught	which case catches which fault, for wizhil run --within
 */

enum subject_kind { SUBJECT_FAULT, SUBJECT_VARIANT, SUBJECT_AD_HOC };

/* A device that is tried. */
struct subject {
	enum subject_kind kind;
	const char *name;
	const char *what; /* may be NULL */
	const char *where;
	const char *const *breaks; /* a fault: the requirements one of which must fail */
	size_t break_count;
	const char *const *sets; /* "name=value" of the virtual device */
	size_t set_count;
	const char *profile; /* what it is judged by; NULL: the default one */
	const char *bench;   /* file; NULL: the default one */
	bool imperfect;	     /* a healthy device on a bench that is not: inconclusive is allowed */
	int not_run; /* a healthy device that lacks something: so many cases at most are not run */
	bool combined; /* several healthy devices of the file at once */
};

/* A setting that is moved away from where it is healthy, to find the least that is caught. */
struct sweep {
	const char *name;
	const char *leg; /* what a person calls it */
	const char *setting;
	const char *const *sets; /* besides */
	size_t set_count;
	double healthy, to; /* 'to' must be caught */
	const char *const *breaks;
	size_t break_count;
};

struct yaml_file;

struct proof_files {
	struct yaml_file *faults_yaml, *variants_yaml; /* own it all */
	struct subject *subjects;
	size_t subject_count;
	const struct sweep *sweeps;
	size_t sweep_count;
};

/* Reads both files (NULL: those that come with the program); settings are the device's to check.  -1 with err set. */
int proof_files_read(
	const char *faults, const char *variants, struct proof_files *files, struct error *err);
/* Adds one whose texts outlive the files; earlier ones move.  -1 with err set. */
int proof_files_add(struct proof_files *files, const struct subject *subject, struct error *err);
void proof_files_free(struct proof_files *files);

/* What a run showed. */
struct reading {
	size_t outcomes[OUTCOME_ERROR + 1]; /* cases that came to each */
	bool caught;	 /* one failed, of a requirement that the subject breaks (ad hoc: of any) */
	json_t *by;	 /* names of the cases that caught it */
	json_t *others;	 /* other requirements that failed */
	json_t *notes;	 /* {case, outcome, requirement, text} of each that did not pass */
	char fault[256]; /* what is wrong with the run itself; empty: nothing */
};

void reading_free(struct reading *reading);

/* One run of the suite, or of part of it. */
struct run_order {
	const struct subject *subject;
	uint64_t seed;
	json_t *cases; /* names; NULL: all */
	char folder[1200];
};

/* Starts wizhil run in a process of its own.  Returns its pid; -1 with err set. */
pid_t prove_start(const struct run_order *order, struct error *err);

/* The same as a person would type it; for messages. */
void prove_command_line(const struct run_order *order, FILE *stream);

/* Reads what the run of the order left behind.  The caller frees it. */
struct reading prove_read(const struct run_order *order);

/* Removes the run's folder. */
void prove_forget(const struct run_order *order);

/* A subject with one seed, or a sweep with all of them. */
struct trial {
	const struct subject *subject;
	const struct sweep *sweep; /* else NULL */
	uint64_t seed;
	enum trial_stage { STAGE_FEW, STAGE_SPEAKING, STAGE_WHOLE } stage;
	bool done, kept; /* kept: its last run's folder is there */
	pid_t child;
	double begun_s;
	struct run_order order;
	struct reading reading; /* of the last run */
	/* Of a sweep. */
	struct subject moved;
	char assignment[96];
	const char **sets;
	double healthy, caught_at;
	bool any_caught;
};

struct prove_options {
	char *const *fault_globs, *const *variant_globs, *const *leg_globs;
	size_t fault_glob_count, variant_glob_count, leg_glob_count;
	const char *const *sets;
	size_t set_count;
	const char *fault_file, *variant_file; /* NULL: those that come with the program */
	const char *output;
	const char *matrix; /* where caught.h goes; NULL: nowhere */
	int seeds, jobs;
	int combinations; /* of healthy devices */
	const char *on;	  /* a healthy device of the file, whose bench and profile all have; NULL */
	bool json, full;
};

struct proof {
	const struct prove_options *options;
	struct proof_files files;
	struct combination *combinations; /* the texts of those among the files' subjects */
	struct combination *on_bench;	  /* of those that are on another bench, with options->on */
	json_t *cases;			  /* as wizhil list --json */
	char folder[1024];
	struct trial *trials; /* by seed, then in the files' order; sweeps last */
	size_t trial_count;
	size_t runs;
	double wall_s;
	bool interrupted;
};

/* Runs what the options select.  0 with *proof to be freed, also when it was interrupted; -1 with
 * err set. */
int prove(const struct prove_options *options, struct proof *proof, struct error *err);
void proof_free(struct proof *proof);

/* Does the name match one of the globs?  It does where there are none. */
bool prove_matches(const char *name, char *const *globs, size_t count);

/* Adds as many combinations of two to four selected healthy devices as the options ask for, no two
 * of which say something of the same setting.  The same ones each time; more of them go on from
 * there.  -1 with err set. */
int proof_combine(struct proof *proof, struct error *err);

/* Puts every subject on the bench of the healthy device that the options name: its settings and its
 * profile besides.  What has the same setting, or a profile of its own, is left out.  -1 with err
 * set. */
int proof_put_on_bench(struct proof *proof, struct error *err);

/* Sets the order's cases for the trial's stage, or for a later one where it has none. */
void trial_choose_cases(const struct proof *proof, struct trial *trial);

/* A fault that was not caught, or a good device that was accused. */
bool trial_survived(const struct trial *trial);
bool trial_accused(const struct trial *trial);
/* A good device on a good bench about which no verdict was reached somewhere. */
bool trial_unclear(const struct trial *trial);

enum exit_code proof_exit_code(const struct proof *proof);
void proof_print(const struct proof *proof, FILE *stream);
/* A new reference; NULL out of memory. */
json_t *proof_to_json(const struct proof *proof);

#endif
