/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/prove/prove.h"
#include "core/error.h"
#include "core/json_text.h"
#include "report/model/attempt.h"
#include "report/model/run.h"

/* ---- how it is started ---- */

/* The command's words behind "wizhil"; the list is the caller's to free, 'number' must outlive
 * it. */
static const char **words_of(const struct run_order *order, char number[24])
{
	const struct subject *subject = order->subject;
	size_t cases = json_array_size(order->cases), n = 0;
	const char **words = calloc(22 + 2 * (subject->set_count + cases), sizeof *words);

	if (words == NULL)
		return NULL;
	words[n++] = "wizhil";
	words[n++] = "run";
	for (size_t i = 0; i < subject->set_count; i++) {
		words[n++] = "--set";
		words[n++] = subject->sets[i];
	}
	if (subject->bench != NULL) {
		words[n++] = "--bench";
		words[n++] = subject->bench;
	}
	if (subject->profile != NULL) {
		words[n++] = "--profile";
		words[n++] = subject->profile;
	}
	snprintf(number, 24, "%" PRIu64, order->seed);
	words[n++] = "--seed";
	words[n++] = number;
	words[n++] = "--no-rerun";
	if (order->folder[0] != '\0') {
		words[n++] = "--forked";
		words[n++] = "--output";
		words[n++] = order->folder;
	}
	for (size_t i = 0; i < cases; i++) {
		words[n++] = "--filter";
		words[n++] = json_string_value(json_array_get(order->cases, i));
	}
	return words;
}

static void log_path(const struct run_order *order, char path[1300])
{
	snprintf(path, 1300, "%s.log", order->folder);
}

/* In the child: never returns. */
static void become_run(const struct run_order *order, pid_t parent, const char *const *words)
{
	char path[1300];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	log_path(order, path);
	int log = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (getppid() != parent || log < 0 || dup2(log, STDOUT_FILENO) < 0 ||
		dup2(log, STDERR_FILENO) < 0)
		_exit(127);
	/* What the person who proves wants to be told elsewhere. */
	unsetenv("GITHUB_STEP_SUMMARY");
	execv("/proc/self/exe", (char *const *)(uintptr_t)words);
	_exit(127);
}

pid_t prove_start(const struct run_order *order, struct error *err)
{
	char number[24];
	pid_t parent = getpid();
	const char **words = words_of(order, number);

	if (words == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		become_run(order, parent, words);
	if (child < 0)
		error_errno(err, ERROR_BENCH, "cannot start a run");
	free(words);
	return child;
}

void prove_command_line(const struct run_order *order, FILE *stream)
{
	struct run_order plain = *order;
	char number[24];

	plain.cases = NULL;
	plain.folder[0] = '\0';
	const char **words = words_of(&plain, number);
	for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
		fprintf(stream, strpbrk(words[i], " *'\"") == NULL ? "%s%s" : "%s'%s'",
			i == 0 ? "" : " ", words[i]);
	}
	free(words);
}

/* ---- what it left behind ---- */

static bool holds(const json_t *list, const char *word)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), word) == 0)
			return true;
	return false;
}

static void add_once(json_t *list, const char *word)
{
	if (word[0] != '\0' && !holds(list, word))
		json_array_append_new(list, json_text(word));
}

static bool is_broken(const struct subject *subject, const char *requirement)
{
	if (subject->kind == SUBJECT_AD_HOC)
		return true;
	for (size_t i = 0; i < subject->break_count; i++)
		if (strcmp(subject->breaks[i], requirement) == 0)
			return true;
	return false;
}

static void read_failed(
	struct reading *reading, const struct subject *subject, const struct run_case *test_case)
{
	bool by = is_broken(subject, test_case->requirement);

	for (size_t i = 0; test_case->first != NULL && i < test_case->first->verdict.check_count;
		i++) {
		const struct check *check = &test_case->first->verdict.checks[i];
		if (check->outcome != OUTCOME_FAIL)
			continue;
		by |= is_broken(subject, check->requirement);
		if (!is_broken(subject, check->requirement))
			add_once(reading->others, check->requirement);
	}
	if (!by)
		return;
	reading->caught = true;
	add_once(reading->by, test_case->name);
}

static void read_case(
	struct reading *reading, const struct subject *subject, const struct run_case *test_case)
{
	reading->outcomes[test_case->outcome]++;
	if (test_case->outcome == OUTCOME_PASS)
		return;
	json_array_append_new(reading->notes,
		json_pack("{s:o, s:s, s:o, s:o}", "case", json_text(test_case->name), "outcome",
			outcome_name(test_case->outcome), "requirement",
			json_text(test_case->requirement), "text", json_text(test_case->text)));
	if (test_case->outcome == OUTCOME_FAIL)
		read_failed(reading, subject, test_case);
}

/* The last line that a run which never began has left. */
static void read_log(const struct run_order *order, char *text, size_t size)
{
	char path[1300], line[256];

	log_path(order, path);
	FILE *file = fopen(path, "re");
	snprintf(text, size, "the run left no journal");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strspn(line, " \n") < strlen(line))
			snprintf(text, size, "%.*s", (int)strcspn(line, "\n"), line);
	if (file != NULL)
		fclose(file);
}

struct reading prove_read(const struct run_order *order)
{
	struct error err = {0};
	struct reading reading = {
		.by = json_array(), .others = json_array(), .notes = json_array()};
	struct run *run = run_read(order->folder, &err);

	if (run == NULL) {
		read_log(order, reading.fault, sizeof reading.fault);
		return reading;
	}
	if (run->fault_count > 0)
		snprintf(reading.fault, sizeof reading.fault, "%s", run->faults[0]);
	for (size_t i = 0; i < run->case_count; i++)
		if (run_counts(&run->cases[i]))
			read_case(&reading, order->subject, &run->cases[i]);
	run_free(run);
	return reading;
}

void reading_free(struct reading *reading)
{
	json_decref(reading->by);
	json_decref(reading->others);
	json_decref(reading->notes);
	*reading = (struct reading){0};
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

void prove_forget(const struct run_order *order)
{
	char path[1300];

	log_path(order, path);
	(void)unlink(path);
	(void)nftw(order->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
