/* SPDX-License-Identifier: MIT */
#include "cli/prove/prove.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output_folder.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/raw_clock.h"

/* A run on the stepped clock takes seconds; one that takes so long hangs. */
#define RUN_LIMIT_S 300.0

static double now_s(void)
{
	return (double)raw_clock_ns() / 1e9;
}

/* ---- sweeps ---- */

static bool is_fine_enough(const struct trial *trial)
{
	double apart = fabs(trial->caught_at - trial->healthy);

	return apart <= fabs(trial->caught_at - trial->sweep->healthy) / 20;
}

/* The sweep's setting goes to a new value, and begins with the first seed. */
static void move_to(struct trial *trial, double value)
{
	snprintf(trial->assignment, sizeof trial->assignment, "%s=%.6g", trial->sweep->setting,
		value);
	trial->seed = 1;
	trial->stage = STAGE_FEW;
}

static double value_of(const struct trial *trial)
{
	return strtod(strchr(trial->assignment, '=') + 1, NULL);
}

/* Halves the distance between what is caught with every seed and what is not. */
static void sweep_on(const struct proof *proof, struct trial *trial)
{
	if (trial->reading.caught && trial->seed < (uint64_t)proof->options->seeds) {
		trial->seed++;
		trial->stage = STAGE_FEW;
		return;
	}
	if (!trial->reading.caught && trial->stage == STAGE_FEW) {
		trial->stage = STAGE_SPEAKING;
		return;
	}
	if (trial->reading.caught) {
		trial->any_caught = true;
		trial->caught_at = value_of(trial);
	} else {
		trial->healthy = value_of(trial);
	}
	if (!trial->any_caught || is_fine_enough(trial))
		trial->done = true;
	else
		move_to(trial, (trial->healthy + trial->caught_at) / 2);
}

/* ---- one trial ---- */

static void name_folder(const struct proof *proof, struct trial *trial)
{
	static const char *const stages[] = {"few", "speaking", "whole"};

	snprintf(trial->order.folder, sizeof trial->order.folder, "%s/%s-seed-%d-%s", proof->folder,
		trial->subject->name, (int)trial->seed, stages[trial->stage]);
}

static int begin(struct proof *proof, struct trial *trial, struct error *err)
{
	trial_choose_cases(proof, trial);
	trial->order.subject = trial->subject;
	trial->order.seed = trial->seed;
	name_folder(proof, trial);
	trial->begun_s = now_s();
	trial->child = prove_start(&trial->order, err);
	proof->runs++;
	return trial->child < 0 ? -1 : 0;
}

bool trial_survived(const struct trial *trial)
{
	return trial->sweep == NULL && trial->subject->kind != SUBJECT_VARIANT &&
	       !trial->reading.caught;
}

bool trial_accused(const struct trial *trial)
{
	return trial->subject->kind == SUBJECT_VARIANT && trial->reading.outcomes[OUTCOME_FAIL] > 0;
}

bool trial_unclear(const struct trial *trial)
{
	const size_t *outcomes = trial->reading.outcomes;
	size_t tolerable = trial->subject->imperfect
				   ? outcomes[OUTCOME_MARGINAL] + outcomes[OUTCOME_INCONCLUSIVE]
				   : 0;

	tolerable += MIN(outcomes[OUTCOME_NOT_RUN], (size_t)trial->subject->not_run);
	if (trial->subject->kind != SUBJECT_VARIANT)
		return false;
	return trial->reading.fault[0] != '\0' || outcomes[OUTCOME_PASS] == 0 ||
	       outcomes[OUTCOME_MARGINAL] + outcomes[OUTCOME_INCONCLUSIVE] +
			       outcomes[OUTCOME_ERROR] + outcomes[OUTCOME_NOT_RUN] >
		       tolerable;
}

/* The run of a trial has ended: is it the last one? */
static void take(struct proof *proof, struct trial *trial)
{
	struct reading reading = prove_read(&trial->order);

	trial->child = 0;
	/* What caught a sweep's last value is the hint for the next. */
	if (trial->sweep != NULL && !reading.caught && trial->reading.by != NULL) {
		json_decref(reading.by);
		reading.by = json_incref(trial->reading.by);
	}
	reading_free(&trial->reading);
	trial->reading = reading;
	if (trial->sweep != NULL)
		sweep_on(proof, trial);
	else if (!trial->reading.caught && trial->stage != STAGE_WHOLE)
		trial->stage++;
	else
		trial->done = true;
	trial->kept = trial->done &&
		      (trial_survived(trial) || trial_accused(trial) || trial_unclear(trial));
	if (!trial->kept)
		prove_forget(&trial->order);
}

/* ---- many at once ---- */

static struct trial *next_trial(struct proof *proof)
{
	for (size_t i = 0; i < proof->trial_count; i++)
		if (!proof->trials[i].done && proof->trials[i].child == 0)
			return &proof->trials[i];
	return NULL;
}

static struct trial *trial_of(struct proof *proof, pid_t child)
{
	for (size_t i = 0; i < proof->trial_count; i++)
		if (proof->trials[i].child == child)
			return &proof->trials[i];
	return NULL;
}

static void end_children(struct proof *proof)
{
	for (size_t i = 0; i < proof->trial_count; i++) {
		struct trial *trial = &proof->trials[i];
		if (trial->child <= 0)
			continue;
		kill(trial->child, SIGKILL);
		(void)waitpid(trial->child, NULL, 0);
		trial->child = 0;
	}
}

static void end_hanging(struct proof *proof)
{
	for (size_t i = 0; i < proof->trial_count; i++)
		if (proof->trials[i].child > 0 && now_s() - proof->trials[i].begun_s > RUN_LIMIT_S)
			kill(proof->trials[i].child, SIGKILL);
}

static void show_progress(const struct proof *proof)
{
	size_t done = 0;

	if (!isatty(STDERR_FILENO))
		return;
	for (size_t i = 0; i < proof->trial_count; i++)
		done += proof->trials[i].done;
	fprintf(stderr, "\r%zu of %zu trials, %zu runs ", done, proof->trial_count, proof->runs);
	if (done == proof->trial_count)
		fputc('\n', stderr);
}

/* Runs until all trials are done; signals are blocked and taken here. */
static int run_trials(struct proof *proof, const sigset_t *signals, struct error *err)
{
	const struct timespec second = {.tv_sec = 1};
	int running = 0;

	for (;;) {
		struct trial *trial;
		while (running < proof->options->jobs && (trial = next_trial(proof)) != NULL) {
			if (begin(proof, trial, err) != 0)
				return -1;
			running++;
		}
		if (running == 0)
			return 0;
		int signal = sigtimedwait(signals, NULL, &second);
		if (signal == SIGINT || signal == SIGTERM) {
			proof->interrupted = true;
			return 0;
		}
		end_hanging(proof);
		pid_t child;
		while ((child = waitpid(-1, NULL, WNOHANG)) > 0) {
			trial = trial_of(proof, child);
			if (trial == NULL)
				continue;
			take(proof, trial);
			running--;
		}
		show_progress(proof);
	}
}

/* ---- what is to be tried ---- */

static int check_globs(const struct proof *proof, const char *option, char *const *globs,
	size_t count, int kind, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		bool found = false;
		for (size_t j = 0; kind >= 0 && j < proof->files.subject_count; j++)
			found |= (int)proof->files.subjects[j].kind == kind &&
				 prove_matches(proof->files.subjects[j].name, &globs[i], 1);
		for (size_t j = 0; kind < 0 && j < proof->files.sweep_count; j++)
			found |= prove_matches(proof->files.sweeps[j].name, &globs[i], 1);
		if (!found)
			return error_set(
				err, ERROR_USAGE, "%s '%s' matches nothing", option, globs[i]);
	}
	return 0;
}

static void add_seeds(struct proof *proof, const struct subject *subject, int seed)
{
	struct trial *trial = &proof->trials[proof->trial_count++];

	*trial = (struct trial){.subject = subject, .seed = (uint64_t)seed};
}

static int add_sweep(struct proof *proof, const struct sweep *sweep, struct error *err)
{
	struct trial *trial = &proof->trials[proof->trial_count++];

	*trial = (struct trial){.sweep = sweep, .healthy = sweep->healthy};
	trial->sets = calloc(sweep->set_count + 1, sizeof *trial->sets);
	if (trial->sets == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < sweep->set_count; i++)
		trial->sets[i] = sweep->sets[i];
	trial->sets[sweep->set_count] = trial->assignment;
	trial->moved = (struct subject){.kind = SUBJECT_FAULT,
		.name = sweep->name,
		.breaks = sweep->breaks,
		.break_count = sweep->break_count,
		.sets = trial->sets,
		.set_count = sweep->set_count + 1};
	trial->subject = &trial->moved;
	move_to(trial, sweep->to);
	return 0;
}

/* Nothing is selected: all that the files have is. */
static bool is_all(const struct prove_options *o)
{
	return o->fault_glob_count + o->variant_glob_count + o->leg_glob_count + o->set_count +
		       (size_t)o->combinations ==
	       0;
}

static bool is_selected(const struct prove_options *o, const struct subject *subject)
{
	const bool bad = subject->kind == SUBJECT_FAULT;
	char *const *globs = bad ? o->fault_globs : o->variant_globs;
	const size_t count = bad ? o->fault_glob_count : o->variant_glob_count;

	return subject->kind == SUBJECT_AD_HOC || subject->combined || is_all(o) ||
	       (count > 0 && prove_matches(subject->name, globs, count));
}

/* What is in no file. */
static int add_subjects(struct proof *proof, struct error *err)
{
	const struct prove_options *o = proof->options;
	const struct subject ad_hoc = {.kind = SUBJECT_AD_HOC,
		.name = "as-set",
		.sets = o->sets,
		.set_count = o->set_count};

	if (o->set_count > 0 && proof_files_add(&proof->files, &ad_hoc, err) != 0)
		return -1;
	return proof_combine(proof, err) != 0 ? -1 : proof_put_on_bench(proof, err);
}

/* All of a seed before the next one: what caught a fault is then known. */
static int plan_trials(struct proof *proof, struct error *err)
{
	const struct prove_options *o = proof->options;

	if (add_subjects(proof, err) != 0)
		return -1;
	proof->trials =
		calloc(proof->files.subject_count * (size_t)o->seeds + proof->files.sweep_count,
			sizeof *proof->trials);
	if (proof->trials == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	for (int seed = 1; seed <= o->seeds; seed++)
		for (size_t i = 0; i < proof->files.subject_count; i++)
			if (is_selected(o, &proof->files.subjects[i]))
				add_seeds(proof, &proof->files.subjects[i], seed);
	for (size_t i = 0; i < proof->files.sweep_count; i++)
		if (((is_all(o) && o->on == NULL) || o->leg_glob_count > 0) &&
			prove_matches(
				proof->files.sweeps[i].name, o->leg_globs, o->leg_glob_count) &&
			add_sweep(proof, &proof->files.sweeps[i], err) != 0)
			return -1;
	return 0;
}

static int read_files(struct proof *proof, struct error *err)
{
	const struct prove_options *o = proof->options;

	if (proof_files_read(o->fault_file, o->variant_file, &proof->files, err) != 0)
		return -1;
	if (check_globs(proof, "--faults", o->fault_globs, o->fault_glob_count, SUBJECT_FAULT,
		    err) != 0 ||
		check_globs(proof, "--variants", o->variant_globs, o->variant_glob_count,
			SUBJECT_VARIANT, err) != 0)
		return -1;
	return check_globs(proof, "--legs", o->leg_globs, o->leg_glob_count, -1, err);
}

int prove(const struct prove_options *options, struct proof *proof, struct error *err)
{
	sigset_t signals, before;
	const double begun_s = now_s();

	*proof = (struct proof){.options = options};
	proof->cases = read_case_list(err);
	if (proof->cases == NULL || read_files(proof, err) != 0 || plan_trials(proof, err) != 0 ||
		output_folder_make(proof->options->output, "prove-", time(NULL), proof->folder,
			sizeof proof->folder, err) != 0) {
		proof_free(proof);
		return -1;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &before);
	int result = run_trials(proof, &signals, err);
	end_children(proof);
	sigprocmask(SIG_SETMASK, &before, NULL);
	proof->wall_s = now_s() - begun_s;
	if (result != 0)
		proof_free(proof);
	return result;
}

void proof_free(struct proof *proof)
{
	for (size_t i = 0; i < proof->trial_count; i++) {
		struct trial *trial = &proof->trials[i];
		json_decref(trial->order.cases);
		reading_free(&trial->reading);
		free(trial->sets);
	}
	free(proof->trials);
	free(proof->combinations);
	free(proof->on_bench);
	json_decref(proof->cases);
	proof_files_free(&proof->files);
	*proof = (struct proof){0};
}

enum exit_code proof_exit_code(const struct proof *proof)
{
	enum exit_code code = EXIT_CODE_PASS;

	if (proof->interrupted)
		return EXIT_CODE_INTERRUPTED;
	for (size_t i = 0; i < proof->trial_count; i++) {
		const struct trial *trial = &proof->trials[i];
		if (trial_survived(trial) || trial_accused(trial) ||
			(trial->sweep != NULL && !trial->any_caught))
			return EXIT_CODE_FIRMWARE;
		if (trial_unclear(trial))
			code = EXIT_CODE_BENCH;
	}
	return code;
}
