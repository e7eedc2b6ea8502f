/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <criterion/options.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/array.h"
#include "core/error.h"
#include "judge/verdict.h"
#include "runner/case.h"
#include "runner/scenario_files.h"

/*
 * wizhil-cases --describe          the list of cases as JSON
 * wizhil-cases --selected FILE     runs the cases named in the file, one a line; used by wizhil run
 *
 * wizhil-cases --forked FILE       the same without Criterion, in half the time; for wizhil prove
 *
 * Criterion takes an unknown option, and a filter that matches nothing, for a success
 * (harness/PLATFORM.md); so the selection is not left to it.
 */

static json_t *words(const char *text)
{
	json_t *list = json_array();

	while (*text != '\0') {
		size_t length = strcspn(text, " ");
		if (length > 0)
			json_array_append_new(list, json_stringn(text, length));
		text += length + (text[length] == ' ' ? 1 : 0);
	}
	return list;
}

static json_t *fact_names(const struct case_plan *plan)
{
	json_t *list = json_array();

	for (int i = 0; i < FACT_COUNT; i++)
		if (plan->facts[i])
			json_array_append_new(list, json_string(fact_name((enum fact_id)i)));
	return list;
}

/* By suite and file, then as in its file: compilers lay the entries out as they please. */
static int in_order(const void *a, const void *b)
{
	const struct case_entry *left = *(const struct case_entry *const *)a;
	const struct case_entry *right = *(const struct case_entry *const *)b;
	int suites = strcmp(left->suite, right->suite);
	int files = strcmp(left->file, right->file);

	if (suites != 0 || files != 0)
		return suites != 0 ? suites : files;
	return (left->line > right->line) - (left->line < right->line);
}

static int describe(void)
{
	json_t *list = json_array();
	/* cppcheck-suppress [comparePointers, subtractPointers] ; both ends of one section */
	size_t count = (size_t)(__stop_wizhil_cases - __start_wizhil_cases);
	const struct case_entry **entries = calloc(count, sizeof(const struct case_entry *));

	if (entries == NULL)
		return 99;
	memcpy(entries, __start_wizhil_cases, count * sizeof(const struct case_entry *));
	qsort(entries, count, sizeof(const struct case_entry *), in_order);
	for (const struct case_entry *const *entry = entries; entry < entries + count; entry++) {
		char name[96];
		struct case_plan plan = case_describe(*entry);
		snprintf(name, sizeof name, "%s/%s", (*entry)->suite, (*entry)->name);
		if (plan.trouble[0] != '\0' || plan.load.drives == 0) {
			fprintf(stderr, "wizhil-cases: case '%s': %s\n", name,
				plan.load.drives == 0 ? "it does not call drive()" : plan.trouble);
			return 2;
		}
		json_t *listed = json_pack("{s:s, s:o, s:o}", "name", name, "requirements",
			words((*entry)->requirements), "facts", fact_names(&plan));
		json_object_update_new(listed, scenario_load_json(&plan.load));
		json_array_append_new(list, listed);
	}
	json_dumpf(list, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(list);
	free(entries);
	return 0;
}

static const struct case_entry *entry_named(const char *line)
{
	char name[96];

	for (const struct case_entry *const *entry = __start_wizhil_cases;
		entry != __stop_wizhil_cases; entry++) {
		snprintf(name, sizeof name, "%s/%s", (*entry)->suite, (*entry)->name);
		if (strcmp(name, line) == 0)
			return *entry;
	}
	return NULL;
}

/* A worker without Criterion. */
struct forked {
	pid_t process;
	char name[128];
};

/* Its end is told, since it may have come before the bench knew the worker. */
static int await_forked(const struct forked *workers, size_t count)
{
	pid_t ended;
	int status, result = 0;

	while ((ended = wait(&status)) > 0) {
		if (status == 0)
			continue;
		result = 1;
		for (size_t i = 0; i < count; i++)
			if (workers[i].process == ended)
				case_ended(workers[i].name);
	}
	return result;
}

/* In the worker: the case, or a scenario file. */
static int try_case(const char *name)
{
	char failure[VERDICT_TEXT + 32];
	struct case_entry of_file = {0};
	struct error err = {0};
	const int behind = scenario_files_selected(name);
	const struct case_entry *entry = behind > 0 ? &of_file : entry_named(name);

	if (behind > 0 && scenario_files_entry(name + behind, &of_file, &err) != 0) {
		fprintf(stderr, "wizhil-cases: %s\n", err.text);
		return 1;
	}
	return case_try(entry, failure, sizeof failure) ? 0 : 1;
}

/* Runs each case of the file in a fork of this process: nothing is loaded again for it.  Where one
 * cannot be started the others end with this process, as they do with Criterion. */
static int run_forked(const char *path)
{
	char name[sizeof((struct forked *)NULL)->name];
	const pid_t runner = getpid();
	struct forked *workers = NULL;
	size_t count = 0;
	int result = 2;
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return 2;
	while (fgets(name, sizeof name, file) != NULL) {
		struct forked *worker = array_add(&workers, &count, sizeof *workers);
		if (worker == NULL)
			goto out;
		snprintf(worker->name, sizeof worker->name, "%.*s", (int)strcspn(name, "\n"), name);
		const bool known = scenario_files_selected(worker->name) > 0 ||
				   entry_named(worker->name) != NULL;
		worker->process = known ? fork() : -1;
		if (worker->process == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != runner)
				_exit(127);
			_exit(try_case(worker->name));
		}
		if (worker->process < 0) {
			fprintf(stderr, "wizhil-cases: cannot start case '%s': %s\n", worker->name,
				known ? strerror(errno) : "no such case");
			goto out;
		}
	}
	result = await_forked(workers, count);
out:
	fclose(file);
	free(workers);
	return result;
}

/* All scenario files are one test to Criterion: which of them ended it does not say. */
static void report_end(const struct criterion_test_stats *stats)
{
	char name[96];

	snprintf(name, sizeof name, "%s/%s", stats->test->category, stats->test->name);
	case_ended(name);
}

/* Criterion's hooks do not hear of a worker that ended before its test began; its log does. */
static void log_other_crash(struct criterion_test_stats *stats)
{
	normal_logging.log_other_crash(stats);
	report_end(stats);
}

static void log_test_crash(struct criterion_test_stats *stats)
{
	normal_logging.log_test_crash(stats);
	report_end(stats);
}

static void log_abnormal_exit(struct criterion_test_stats *stats)
{
	normal_logging.log_abnormal_exit(stats);
	report_end(stats);
}

static void log_post_test(struct criterion_test_stats *stats)
{
	normal_logging.log_post_test(stats);
	if (stats->test_status == CR_STATUS_FAILED)
		report_end(stats);
}

/* Disables every test that is not in the file; the number that is left, or -1. */
static int select_cases(struct criterion_test_set *set, const char *path)
{
	char line[128];
	int selected = 0;
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return -1;
	FOREACH_SET(struct criterion_suite_set * suite, set->suites)
	{
		FOREACH_SET(struct criterion_test * test, suite->tests)
		test->data->disabled = true;
	}
	while (fgets(line, sizeof line, file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		/* All scenario files are one test, with a parameter each. */
		bool in_file = scenario_files_selected(line) > 0;
		FOREACH_SET(struct criterion_suite_set * suite, set->suites)
		{
			FOREACH_SET(struct criterion_test * test, suite->tests)
			{
				char name[96];
				snprintf(name, sizeof name, "%s/%s", test->category, test->name);
				if (strcmp(name, in_file ? SCENARIO_FILES_SUITE "/file" : line) !=
					0)
					continue;
				test->data->disabled = false;
				selected++;
			}
		}
	}
	fclose(file);
	return selected;
}

/* What a cancelled job sends to all processes is an interrupt, which the command sees to; Criterion
 * would end itself by it, and start its workers so that they are ended. */
static void stay_deaf(struct criterion_test_set *set)
{
	normal_logging.log_pre_all(set);
	signal(SIGTERM, SIG_IGN);
}

/* A run that was killed leaves the memory that Criterion shares with its workers behind, by the number
 * of its process.  What has the number of this one is such. */
static void remove_left_over(void)
{
	char name[32];

	snprintf(name, sizeof name, "/bxf_arena_%d", (int)getpid());
	shm_unlink(name);
}

int main(int argc, char **argv)
{
	struct sigaction terminate;

	sigaction(SIGTERM, NULL, &terminate);
	if (argc == 2 && strcmp(argv[1], "--describe") == 0)
		return describe();
	if (argc == 3 && strcmp(argv[1], "--forked") == 0)
		return run_forked(argv[2]);
	remove_left_over();
	struct criterion_test_set *set = criterion_initialize();
	if (argc == 3)
		setenv("WIZHIL_SELECTION", argv[2], 1);
	int selected =
		argc == 3 && strcmp(argv[1], "--selected") == 0 ? select_cases(set, argv[2]) : -1;
	if (selected <= 0) {
		fprintf(stderr, "wizhil-cases: no case selected (try: wizhil run)\n");
		criterion_finalize(set);
		return 2;
	}
	/* One worker for each case, all at once: the bench decides who runs. */
	const char *jobs = getenv("WIZHIL_JOBS");
	criterion_options.jobs = jobs == NULL ? (size_t)selected : (size_t)strtoul(jobs, NULL, 10);
	if (criterion_options.jobs < (size_t)selected)
		criterion_options.jobs = (size_t)selected;
	static struct criterion_logger logger;
	logger = normal_logging;
	logger.log_other_crash = log_other_crash;
	logger.log_test_crash = log_test_crash;
	logger.log_abnormal_exit = log_abnormal_exit;
	logger.log_post_test = log_post_test;
	if (terminate.sa_handler == SIG_IGN)
		logger.log_pre_all = stay_deaf;
	criterion_options.logger = &logger;
	int passed = criterion_run_all_tests(set);
	criterion_finalize(set);
	return passed ? 0 : 1;
}
