/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/run/orchestra_parts.h"
#include "cli/run/resume.h"
#include "cli/run/scenario_arguments.h"
#include "core/error.h"
#include "core/file_copy.h"
#include "core/json_text.h"
#include "report/model/run.h"

#ifndef WIZHIL_VERSION
#define WIZHIL_VERSION "0"
#endif

/* Nothing to be made where a run goes on. */
static int make_folder(struct orchestra *o, struct error *err)
{
	char stamp[32];
	struct tm utc;

	if (o->missing != NULL)
		return 0;
	if (o->arguments->output != NULL) {
		snprintf(o->folder, sizeof o->folder, "%s", o->arguments->output);
		if (mkdir(o->folder, 0700) == 0)
			return 0;
		if (errno == EEXIST)
			return error_set(err, ERROR_USAGE,
				"output folder '%s' is there already (a run never overwrites one)",
				o->folder);
		return error_errno(err, ERROR_USAGE, "cannot make output folder '%s'", o->folder);
	}
	if (mkdir("reports", 0777) != 0 && errno != EEXIST)
		return error_errno(err, ERROR_USAGE, "cannot make folder 'reports' here");
	gmtime_r(&o->started.tv_sec, &utc);
	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &utc);
	for (int i = 1; i < 1000; i++) {
		if (i == 1)
			snprintf(o->folder, sizeof o->folder, "reports/%s", stamp);
		else
			snprintf(o->folder, sizeof o->folder, "reports/%s-%d", stamp, i);
		if (mkdir(o->folder, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return error_errno(err, ERROR_USAGE, "cannot make a folder below 'reports'");
}

int orchestra_record(void *context, json_t *event, bool force, struct error *err)
{
	struct orchestra *o = context;
	struct error trouble = {0};

	/* The bench's own events: in its process there is no bench to wait for. */
	if (o->arguments->trace != 0 && o->bench == 0)
		trace_journal(o->arguments->trace, event, stderr);
	if (journal_append(o->journal, event, force, &trouble) == 0)
		return 0;
	if (o->trouble.kind == ERROR_NONE)
		o->trouble = trouble;
	if (err != NULL)
		*err = trouble;
	return -1;
}

/* Cases that were left out are cases of the run, which did not run; each repetition of them. */
static int record_left_out(struct orchestra *o, const json_t *left_out, struct error *err)
{
	static const char reason[] =
		"it is long, and long cases have to be asked for (--tier long)";
	size_t index;
	json_t *entry;

	json_array_foreach(left_out, index, entry)
	{
		size_t devices = o->arguments->each ? o->file.device_count : 1;
		for (size_t i = 0; i < (size_t)o->repeat * devices; i++) {
			json_t *event = json_pack("{s:s, s:O, s:s}", "event", "not_run", "case",
				json_object_get(entry, "name"), "reason", reason);
			if (o->repeat > 1)
				json_object_set_new(event, "repetition",
					json_integer((json_int_t)(i / devices) + 1));
			if (o->arguments->each)
				json_object_set_new(event, "device",
					json_string(o->file.devices[i % devices].name));
			if (orchestra_record(o, event, false, err) != 0)
				return -1;
		}
	}
	return 0;
}

static json_t *device_names(const struct orchestra *o)
{
	json_t *names = json_array();

	for (size_t i = 0; i < o->file.device_count; i++)
		json_array_append_new(names, json_string(o->file.devices[i].name));
	return names;
}

static int record_run(struct orchestra *o, json_t *left_out, struct error *err)
{
	char started[32];
	struct tm utc;
	json_t *words = json_array();
	json_t *cases = json_copy(o->case_list);

	gmtime_r(&o->started.tv_sec, &utc);
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
	for (int i = 0; i < o->arguments->argc; i++)
		json_array_append_new(words, json_text(o->arguments->argv[i]));
	json_array_extend(cases, left_out);
	json_t *event = json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:I, s:s, s:o, s:b, s:o}",
		"event", "run", "version", WIZHIL_VERSION, "argv", words, "bench",
		json_text(o->file.bench), "bench_file", json_text(o->arguments->bench), "clock",
		o->options.clock == CLOCK_KIND_STEPPED ? "stepped" : "real", "seed",
		(json_int_t)o->arguments->seed, "started", started, "profile",
		json_text(o->profile[0] == '\0' ? "default" : o->profile), "require_all",
		o->arguments->require_all, "cases", cases);
	json_t *sets = json_array();
	for (size_t i = 0; i < o->arguments->set_count; i++)
		json_array_append_new(sets, json_text(o->arguments->sets[i]));
	json_object_set_new(event, "sets", sets);
	if (o->repeat > 1)
		json_object_set_new(event, "repeat", json_integer(o->repeat));
	if (o->arguments->each)
		json_object_set_new(event, "each", device_names(o));
	if (o->waivers != NULL)
		json_object_set(event, "waivers", o->waivers);
	if (resume_keep_settings(o, event, err) != 0) {
		json_decref(event);
		return -1;
	}
	int failed = orchestra_record(o, event, true, err);
	return failed != 0 ? -1 : record_left_out(o, left_out, err);
}

static int write_selection(struct orchestra *o, struct error *err)
{
	snprintf(o->selection, sizeof o->selection, "%s/selected.txt", o->folder);
	FILE *file = fopen(o->selection, "we");
	if (file == NULL)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", o->selection);
	size_t devices = o->arguments->each ? o->file.device_count : 1;
	for (size_t i = 0; i < o->selected / devices; i++)
		fprintf(file, "%s\n", o->cases[i].name);
	if (fclose(file) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", o->selection);
	return 0;
}

/* It must be there before anything is made. */
static int find_baseline(struct orchestra *o, struct error *err)
{
	const char *baseline = o->arguments->baseline;
	struct stat status;

	if (baseline == NULL)
		return 0;
	bool is_folder = stat(baseline, &status) == 0 && S_ISDIR(status.st_mode);
	snprintf(o->baseline, sizeof o->baseline, "%s%s", baseline,
		is_folder ? "/" JOURNAL_NAME : "");
	struct run *run = run_read_journal(o->baseline, err);
	if (run == NULL)
		return error_context(err, "baseline");
	run_free(run);
	return 0;
}

/* The reports are composed from the run's folder alone. */
static int keep_baseline(const struct orchestra *o, struct error *err)
{
	char path[4096];

	if (o->baseline[0] == '\0')
		return 0;
	snprintf(path, sizeof path, "%s/" RUN_BASELINE, o->folder);
	return file_copy(o->baseline, path, err);
}

/* The first lines of a run, and what is kept of its arguments; or that it goes on. */
static int begin_journal(struct orchestra *o, json_t *left_out, struct error *err)
{
	const struct run_arguments *arguments = o->arguments;

	if (o->missing != NULL)
		return resume_record(o, err);
	o->journal = journal_create(o->folder, o->options.clock == CLOCK_KIND_REAL, err);
	if (o->journal == NULL || keep_baseline(o, err) != 0 || record_run(o, left_out, err) != 0)
		return -1;
	return scenario_arguments_keep(
		arguments->scenarios, arguments->scenario_count, o->folder, err);
}

int orchestra_begin_folder(struct orchestra *o, json_t *left_out, struct error *err)
{
	if (find_baseline(o, err) != 0 || make_folder(o, err) != 0)
		return -1;
	o->options.run_folder = o->folder;
	snprintf(o->scenarios, sizeof o->scenarios, "%s/scenarios", o->folder);
	return begin_journal(o, left_out, err) != 0 || write_selection(o, err) != 0 ? -1 : 0;
}
