/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/output_folder.h"
#include "cli/run/firmware_arguments.h"
#include "cli/run/recorded.h"
#include "cli/run/resume.h"
#include "cli/run/scenario_arguments.h"
#include "cli/run/test_run.h"
#include "cli/version.h"
#include "core/error.h"
#include "core/file_copy.h"
#include "core/json_text.h"
#include "report/formats/journal.h"
#include "report/model/run.h"

/* Nothing to be made where a run goes on. */
static int make_folder(struct test_run *test_run, struct error *err)
{
	return test_run->missing != NULL ? 0
					 : output_folder_make(test_run->arguments->output, "",
						   test_run->started.tv_sec, test_run->folder,
						   sizeof test_run->folder, err);
}

/* Cases that were left out are cases of the run, which did not run; each repetition of them. */
static int record_left_out(struct test_run *test_run, const json_t *left_out, struct error *err)
{
	static const char reason[] = "it is long, and long cases are only run with --tier long";
	size_t index;
	json_t *entry;

	json_array_foreach(left_out, index, entry)
	{
		size_t devices = test_run->arguments->each ? test_run->file.device_count : 1;
		for (size_t i = 0; i < (size_t)test_run->repeat * devices; i++) {
			json_t *event = json_pack("{s:s, s:O, s:s}", "event", "not_run", "case",
				json_object_get(entry, "name"), "reason", reason);
			if (test_run->repeat > 1)
				json_object_set_new(event, "repetition",
					json_integer((json_int_t)(i / devices) + 1));
			if (test_run->arguments->each)
				json_object_set_new(event, "device",
					json_string(test_run->file.devices[i % devices].name));
			if (run_record(test_run, event, false, err) != 0)
				return -1;
		}
	}
	return 0;
}

static json_t *device_names(const struct test_run *test_run)
{
	json_t *names = json_array();

	for (size_t i = 0; i < test_run->file.device_count; i++)
		json_array_append_new(names, json_string(test_run->file.devices[i].name));
	return names;
}

static int record_run(struct test_run *test_run, json_t *left_out, struct error *err)
{
	char started[32];
	struct tm utc;
	json_t *words = json_array();
	json_t *cases = json_copy(test_run->case_list);

	gmtime_r(&test_run->started.tv_sec, &utc);
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
	for (int i = 0; i < test_run->arguments->argc; i++)
		json_array_append_new(words, json_text(test_run->arguments->argv[i]));
	json_array_extend(cases, left_out);
	json_t *event = json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:s, s:I, s:s, s:o, s:b, s:o}",
		"event", "run", "journal", JOURNAL_FORMAT, "version", wizhil_version, "argv", words,
		"bench", json_text(test_run->file.bench), "bench_file",
		json_text(test_run->arguments->bench), "clock",
		test_run->options.clock == CLOCK_KIND_STEPPED ? "stepped" : "real", "seed",
		(json_int_t)test_run->arguments->seed, "started", started, "profile",
		json_text(test_run->profile[0] == '\0' ? "default" : test_run->profile),
		"require_all", test_run->arguments->require_all, "cases", cases);
	if (wizhil_commit[0] != '\0')
		json_object_set_new(event, "commit", json_string(wizhil_commit));
	json_t *sets = json_array();
	for (size_t i = 0; i < test_run->arguments->set_count; i++)
		json_array_append_new(sets, json_text(test_run->arguments->sets[i]));
	json_object_set_new(event, "sets", sets);
	if (test_run->repeat > 1)
		json_object_set_new(event, "repeat", json_integer(test_run->repeat));
	if (test_run->arguments->each)
		json_object_set_new(event, "each", device_names(test_run));
	recorded_describe(test_run, event);
	if (test_run->shard != NULL)
		json_object_set(event, "shard", test_run->shard);
	if (test_run->unseen != NULL)
		json_object_set(event, "unseen", test_run->unseen);
	if (test_run->waivers != NULL)
		json_object_set(event, "waivers", test_run->waivers);
	if (firmware_arguments_record(test_run->arguments, test_run->firmware, event, err) != 0 ||
		resume_keep_settings(test_run, event, err) != 0) {
		json_decref(event);
		return -1;
	}
	int failed = run_record(test_run, event, true, err);
	return failed != 0 ? -1 : record_left_out(test_run, left_out, err);
}

static int write_selection(struct test_run *test_run, struct error *err)
{
	snprintf(test_run->selection, sizeof test_run->selection, "%s/selected.txt",
		test_run->folder);
	FILE *file = fopen(test_run->selection, "we");
	if (file == NULL)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", test_run->selection);
	size_t devices = test_run->arguments->each ? test_run->file.device_count : 1;
	for (size_t i = 0; i < test_run->selected / devices; i++)
		fprintf(file, "%s\n", test_run->cases[i].name);
	if (fclose(file) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", test_run->selection);
	return 0;
}

/* It must be there before anything is made. */
static int find_baseline(struct test_run *test_run, struct error *err)
{
	const char *baseline = test_run->arguments->baseline;
	struct stat status;

	if (baseline == NULL)
		return 0;
	bool is_folder = stat(baseline, &status) == 0 && S_ISDIR(status.st_mode);
	snprintf(test_run->baseline, sizeof test_run->baseline, "%s%s", baseline,
		is_folder ? "/" JOURNAL_NAME : "");
	struct run *run = run_read_journal(test_run->baseline, err);
	if (run == NULL)
		return error_context(err, "baseline");
	run_free(run);
	return 0;
}

/* The reports are composed from the run's folder alone. */
static int keep_baseline(const struct test_run *test_run, struct error *err)
{
	char path[4096];

	if (test_run->baseline[0] == '\0')
		return 0;
	snprintf(path, sizeof path, "%s/" RUN_BASELINE, test_run->folder);
	return file_copy(test_run->baseline, path, err);
}

/* The first lines of a run, and what is kept of its arguments; or that it goes on. */
static int begin_journal(struct test_run *test_run, json_t *left_out, struct error *err)
{
	const struct run_arguments *arguments = test_run->arguments;

	if (test_run->missing != NULL)
		return resume_record(test_run, err);
	test_run->journal =
		journal_create(test_run->folder, test_run->options.clock == CLOCK_KIND_REAL, err);
	if (test_run->journal == NULL || keep_baseline(test_run, err) != 0 ||
		record_run(test_run, left_out, err) != 0)
		return -1;
	return scenario_arguments_keep(
		arguments->scenarios, arguments->scenario_count, test_run->folder, err);
}

int run_begin_folder(struct test_run *test_run, json_t *left_out, struct error *err)
{
	if (find_baseline(test_run, err) != 0 || make_folder(test_run, err) != 0)
		return -1;
	test_run->options.run_folder = test_run->folder;
	snprintf(test_run->scenarios, sizeof test_run->scenarios, "%s/scenarios", test_run->folder);
	return begin_journal(test_run, left_out, err) != 0 || write_selection(test_run, err) != 0
		       ? -1
		       : 0;
}
