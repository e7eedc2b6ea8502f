/* SPDX-License-Identifier: MIT */
#include "cli/run/resume.h"
#include "cli/run/firmware_arguments.h"
#include "cli/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/digest.h"
#include "core/error.h"
#include "core/json_text.h"
#include "report/model/run.h"

static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* ---- settings ---- */

static int keep_digest(json_t *settings, const char *key, const char *path, struct error *err)
{
	char hex[DIGEST_TEXT];

	if (path == NULL || path[0] == '\0')
		return 0;
	if (digest_file(path, hex, err) != 0)
		return -1;
	return json_object_set_new(settings, key, json_string(hex));
}

int resume_keep_settings(const struct test_run *test_run, json_t *event, struct error *err)
{
	const struct run_arguments *arguments = test_run->arguments;
	json_t *settings = json_object(), *sets = json_array();

	for (size_t i = 0; i < arguments->set_count; i++)
		json_array_append_new(sets, json_text(arguments->sets[i]));
	json_object_set_new(settings, "sets", sets);
	json_t *devices = json_array();
	for (size_t i = 0; i < arguments->device_count; i++)
		json_array_append_new(devices, json_text(arguments->devices[i]));
	json_object_set_new(settings, "devices", devices);
	json_object_set_new(settings, "max_reruns", json_integer(arguments->max_reruns));
	json_object_set_new(settings, "option_cid_hex", json_boolean(arguments->option_cid_hex));
	if (keep_digest(settings, "bench_sha256", arguments->bench, err) != 0 ||
		keep_digest(settings, "profile_sha256", test_run->profile, err) != 0) {
		json_decref(settings);
		return -1;
	}
	return json_object_set_new(event, "settings", settings);
}

static int must_be(const char *what, const char *was, const char *given, struct error *err)
{
	if (given == NULL || strcmp(was == NULL ? "" : was, given) == 0)
		return 0;
	return error_set(err, ERROR_USAGE, "cannot resume with %s '%s': the run was made with '%s'",
		what, given, was == NULL ? "" : was);
}

static int must_hold(const char *what, const char *path, const char *digest, struct error *err)
{
	char hex[DIGEST_TEXT];

	if (digest == NULL)
		return 0;
	if (digest_file(path, hex, err) != 0)
		return -1;
	if (strcmp(hex, digest) == 0)
		return 0;
	return error_set(err, ERROR_USAGE,
		"cannot resume: the %s '%s' was changed since the run was made", what, path);
}

/* What chooses other cases or another folder makes another run. */
static int check_arguments(const struct run_arguments *arguments, struct error *err)
{
	const struct {
		bool given;
		const char *option;
	} others[] = {
		{arguments->filter.globs.count > 0, "--filter"},
		{arguments->filter.excluded.count > 0, "--exclude"},
		{arguments->filter.requirements.count > 0, "--requirement"},
		{arguments->filter.failed_in != NULL, "--last-failed"},
		{arguments->scenario_count > 0, "scenario files"},
		{arguments->tier != NULL, "--tier"},
		{arguments->within_s > 0, "--within"},
		{arguments->judge != NULL, "--judge"},
		{arguments->output != NULL, "--output"},
		{arguments->repeat != 0, "--repeat"},
		{arguments->waivers != NULL, "--waivers"},
		{arguments->baseline != NULL, "--baseline"},
		{arguments->each, "--each"},
		{arguments->shard_count > 0, "--shard"},
		{arguments->rest_count > 0, "--rest"},
		{arguments->device_count > 0, "--device"},
		{arguments->set_count > 0, "--set"},
		{arguments->fault_count > 0, "--fault"},
		{arguments->firmware != NULL, "--firmware"},
		{arguments->firmware_version != NULL, "--firmware-version"},
		{arguments->dry_run, "--dry-run"},
	};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i].given)
			return error_set(err, ERROR_USAGE,
				"%s cannot be used with --resume, which keeps the cases and settings of the run",
				others[i].option);
	return 0;
}

static int take_settings(
	struct test_run *test_run, struct run_arguments *arguments, struct error *err)
{
	const json_t *settings = json_object_get(test_run->was, "settings");
	const json_t *sets = json_object_get(settings, "sets");
	const char *profile = string_of(test_run->was, "profile");
	uint64_t seed = (uint64_t)json_integer_value(json_object_get(test_run->was, "seed"));
	bool has_profile = profile != NULL && strcmp(profile, "default") != 0;

	if (must_be("version", string_of(test_run->was, "version"), wizhil_version, err) != 0 ||
		must_be("clock", string_of(test_run->was, "clock"), arguments->clock, err) != 0 ||
		must_be("profile", profile, arguments->profile, err) != 0)
		return -1;
	if (arguments->seed_given && arguments->seed != seed)
		return error_set(err, ERROR_USAGE,
			"cannot resume with seed %llu: the run was made with %llu",
			(unsigned long long)arguments->seed, (unsigned long long)seed);
	if (arguments->bench == NULL)
		arguments->bench = string_of(test_run->was, "bench_file");
	if (must_hold("bench file", arguments->bench, string_of(settings, "bench_sha256"), err) !=
			0 ||
		(has_profile && must_hold("profile", profile, string_of(settings, "profile_sha256"),
					err) != 0))
		return -1;
	arguments->clock = string_of(test_run->was, "clock");
	arguments->seed = seed;
	arguments->profile = has_profile ? profile : NULL;
	arguments->repeat = (int)json_integer_value(json_object_get(test_run->was, "repeat"));
	arguments->require_all = json_is_true(json_object_get(test_run->was, "require_all"));
	const json_t *devices = json_object_get(settings, "devices");
	for (size_t i = 0; i < json_array_size(devices) && i < BENCH_FILE_DEVICES; i++)
		arguments->devices[arguments->device_count++] =
			json_string_value(json_array_get(devices, i));
	/* Runs of before had one at most. */
	if (string_of(settings, "device") != NULL)
		arguments->devices[arguments->device_count++] = string_of(settings, "device");
	const json_t *max_reruns = json_object_get(settings, "max_reruns");
	if (max_reruns != NULL)
		arguments->max_reruns = (int)json_integer_value(max_reruns);
	else if (json_is_true(json_object_get(settings, "no_rerun")))
		arguments->max_reruns = 0;
	firmware_arguments_keep(arguments, json_object_get(test_run->was, "firmware"));
	arguments->option_cid_hex = json_is_true(json_object_get(settings, "option_cid_hex"));
	for (size_t i = 0; i < json_array_size(sets) && i < RUN_SETS; i++)
		arguments->sets[arguments->set_count++] =
			json_string_value(json_array_get(sets, i));
	return 0;
}

/* ---- what is missing ---- */

static int done_of(const struct run *run, const char *name)
{
	int done = 0;

	/* Its repetitions stand one behind the other. */
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (strcmp(test_case->name, name) != 0)
			continue;
		if (!run_case_is_reached(test_case))
			break;
		done++;
	}
	return done;
}

/* The entries of the run's list that are not done, each with 'done'. */
static json_t *missing_of(const struct run *run, const json_t *cases)
{
	json_t *missing = json_array();
	size_t index;
	const json_t *entry;

	json_array_foreach(cases, index, entry)
	{
		const char *name = string_of(entry, "name");
		int done = name == NULL ? run->repeat : done_of(run, name);
		if (done >= run->repeat)
			continue;
		json_t *copy = json_copy((json_t *)(uintptr_t)entry);
		json_object_set_new(copy, "done", json_integer(done));
		json_array_append_new(missing, copy);
	}
	return missing;
}

/* The first event of the journal. */
static json_t *read_run_event(const char *folder, struct error *err)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/" JOURNAL_NAME, folder);
	FILE *file = fopen(path, "re");
	json_t *event = file == NULL ? NULL : json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL);
	if (file != NULL)
		fclose(file);
	if (event == NULL)
		error_set(err, ERROR_USAGE, "'%s' is not a run journal", path);
	return event;
}

/* A name in the bench file says nothing of the module that is behind it now. */
static void take_macs(struct test_run *test_run, const struct run *run)
{
	for (size_t i = 0; i < run->device_count && test_run->mac_count < BENCH_FILE_DEVICES; i++) {
		struct known_mac *known = &test_run->macs[test_run->mac_count];
		uint8_t *mac = known->mac;
		snprintf(known->device, sizeof known->device, "%s", run->devices[i].name);
		if (sscanf(run->devices[i].mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1],
			    &mac[2], &mac[3], &mac[4], &mac[5]) == 6)
			test_run->mac_count++;
	}
}

int resume_begin(struct test_run *test_run, struct run_arguments *arguments, struct error *err)
{
	if (check_arguments(arguments, err) != 0)
		return -1;
	snprintf(test_run->folder, sizeof test_run->folder, "%s", arguments->resume);
	struct run *run = run_read(test_run->folder, err);
	if (run == NULL)
		return -1;
	bool is_real = strcmp(run->clock, "real") == 0;
	test_run->was = read_run_event(test_run->folder, err);
	take_macs(test_run, run);
	if (test_run->was != NULL)
		test_run->missing = missing_of(run, json_object_get(test_run->was, "cases"));
	run_free(run);
	if (test_run->was == NULL)
		return -1;
	if (json_object_get(test_run->was, "each") != NULL)
		return error_set(err, ERROR_USAGE, "cannot resume '%s': it was run with --each",
			test_run->folder);
	if (json_array_size(test_run->missing) == 0)
		return error_set(err, ERROR_USAGE,
			"nothing to resume: '%s' is complete (try: wizhil report %s)",
			test_run->folder, test_run->folder);
	if (take_settings(test_run, arguments, err) != 0)
		return -1;
	test_run->journal = journal_resume(test_run->folder, is_real, err);
	return test_run->journal == NULL ? -1 : 0;
}

int resume_done(const struct test_run *test_run, const char *case_name)
{
	size_t index;
	const json_t *entry;

	json_array_foreach(test_run->missing, index, entry)
	{
		const char *name = string_of(entry, "name");
		if (name != NULL && strcmp(name, case_name) == 0)
			return (int)json_integer_value(json_object_get(entry, "done"));
	}
	return 0;
}

int resume_record(struct test_run *test_run, struct error *err)
{
	char started[32];
	struct tm utc;
	json_t *words = json_array(), *cases = json_array();
	size_t index;
	const json_t *entry;

	gmtime_r(&test_run->started.tv_sec, &utc);
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
	for (int i = 0; i < test_run->arguments->argc; i++)
		json_array_append_new(words, json_text(test_run->arguments->argv[i]));
	json_array_foreach(test_run->missing, index, entry)
	{
		json_array_append_new(
			cases, json_pack("{s:O, s:O}", "name", json_object_get(entry, "name"),
				       "done", json_object_get(entry, "done")));
	}
	return run_record(test_run,
		json_pack("{s:s, s:i, s:s, s:o, s:o}", "event", "resume", "journal", JOURNAL_FORMAT,
			"started", started, "argv", words, "cases", cases),
		true, err);
}
