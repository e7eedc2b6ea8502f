/* SPDX-License-Identifier: MIT */
#include "report/model/merge.h"

#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file_copy.h"
#include "core/json_text.h"
#include "core/text_buffer.h"
#include "report/text/headline.h"
#include "report/formats/journal.h"
#include "report/model/run.h"

/* More than these are counted only. */
enum { CONFLICTS_NAMED = 5 };

enum { EVIDENCE_FILES = 3 };
static const char *const evidence_keys[EVIDENCE_FILES] = {"timeline", "pcapng", "transcript"};

struct shard {
	const char *folder;
	struct run *run;
};

struct merge {
	struct shard *shards;
	size_t count;
	const char *output;
	struct journal *journal;
	char conflicts[700];
	size_t conflict_count;
};

/* ---- conflicts ---- */

__attribute__((format(printf, 2, 3))) static void conflict(
	struct merge *merge, const char *format, ...)
{
	struct text_buffer conflicts =
		text_buffer_behind(merge->conflicts, sizeof merge->conflicts);
	va_list arguments;

	if (++merge->conflict_count > CONFLICTS_NAMED)
		return;
	text_add(&conflicts, "%s", conflicts.length == 0 ? "" : "; ");
	va_start(arguments, format);
	text_add_v(&conflicts, format, arguments);
	va_end(arguments);
}

static void must_agree(struct merge *merge, const struct shard *shard, const char *what,
	const char *first, const char *other)
{
	if (strcmp(first, other) != 0)
		conflict(merge, "%s is '%.60s' in '%.60s' but '%.60s' in '%.60s'", what, first,
			merge->shards[0].folder, other, shard->folder);
}

static const struct run_case *with_verdict(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->case_count; i++)
		if (!run->cases[i].of_run && run->cases[i].first != NULL &&
			strcmp(run->cases[i].name, name) == 0)
			return &run->cases[i];
	return NULL;
}

static void find_case_conflicts(struct merge *merge, size_t which)
{
	const struct run *run = merge->shards[which].run;

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (test_case->of_run || test_case->first == NULL ||
			(i > 0 && strcmp(run->cases[i - 1].name, test_case->name) == 0))
			continue;
		for (size_t j = 0; j < which; j++) {
			const struct run_case *other =
				with_verdict(merge->shards[j].run, test_case->name);
			if (other != NULL)
				conflict(merge, "case '%s' is %s in '%.60s' but %s in '%.60s'",
					test_case->name, outcome_name(other->outcome),
					merge->shards[j].folder, outcome_name(test_case->outcome),
					merge->shards[which].folder);
		}
	}
}

static const char *firmware_of(const struct run *run)
{
	for (size_t i = 0; i < run->device_count; i++)
		if (run->devices[i].firmware[0] != '\0')
			return run->devices[i].firmware;
	return "";
}

static int find_conflicts(struct merge *merge, struct error *err)
{
	const struct run *first = merge->shards[0].run;
	char wanted[512], other[512];

	for (size_t i = 1; i < merge->count; i++) {
		const struct shard *shard = &merge->shards[i];
		must_agree(merge, shard, "the clock", first->clock, shard->run->clock);
		must_agree(merge, shard, "the profile", first->profile, shard->run->profile);
		must_agree(
			merge, shard, "the firmware", firmware_of(first), firmware_of(shard->run));
		settings_text(first, wanted, sizeof wanted);
		settings_text(shard->run, other, sizeof other);
		must_agree(merge, shard, "the setting of the device", wanted, other);
		if (first->repeat != shard->run->repeat)
			conflict(merge, "'%.60s' has %d repetitions but '%.60s' has %d",
				merge->shards[0].folder, first->repeat, shard->folder,
				shard->run->repeat);
		find_case_conflicts(merge, i);
	}
	if (merge->conflict_count == 0)
		return 0;
	return error_set(err, ERROR_USAGE, "cannot merge, %zu conflict%s: %s%s",
		merge->conflict_count, merge->conflict_count == 1 ? "" : "s", merge->conflicts,
		merge->conflict_count > CONFLICTS_NAMED ? "; and more" : "");
}

/* ---- devices of one name ---- */

static const char *mac_of(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->device_count; i++)
		if (strcmp(run->devices[i].name, name) == 0)
			return run->devices[i].mac;
	return NULL;
}

/* The name of a shard's device in the merged run: a number behind it for each other device of that
 * name in the shards before. */
static void device_name(
	const struct merge *merge, size_t which, const char *name, char *text, size_t size)
{
	const char *mac = mac_of(merge->shards[which].run, name);
	int number = 1;

	for (size_t i = 0; i < which; i++) {
		const char *other = mac_of(merge->shards[i].run, name);
		number += other != NULL && mac != NULL && strcmp(other, mac) != 0;
	}
	if (number == 1)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%s-%d", name, number);
}

static int rename_device(const struct merge *merge, size_t which, json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "device"));
	char text[256];

	if (name == NULL)
		return 0;
	device_name(merge, which, name, text, sizeof text);
	return json_object_set_new(event, "device", json_text(text));
}

/* ---- events ---- */

/* The shard that speaks for the case: the one with its verdict, else the first that selected it. */
static bool speaks_for(const struct merge *merge, size_t which, const char *name)
{
	bool before = false;

	for (size_t i = 0; i < merge->count; i++) {
		const struct run *run = merge->shards[i].run;
		if (with_verdict(run, name) != NULL)
			return i == which;
		for (size_t j = 0; i < which && j < run->case_count && !before; j++)
			before = strcmp(run->cases[j].name, name) == 0;
	}
	return !before;
}

static int copy_evidence(
	const struct merge *merge, size_t which, const json_t *event, struct error *err)
{
	char from[4096], to[4096];

	for (size_t i = 0; i < EVIDENCE_FILES; i++) {
		const char *name = json_string_value(
			json_object_get(json_object_get(event, "evidence"), evidence_keys[i]));
		if (name == NULL || name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL)
			continue;
		snprintf(from, sizeof from, "%s/%s", merge->shards[which].folder, name);
		snprintf(to, sizeof to, "%s/%s", merge->output, name);
		if (access(from, F_OK) != 0) /* a bundle without it, or a run that was killed */
			continue;
		if (file_copy(from, to, err) != 0)
			return -1;
	}
	return 0;
}

/* The scenario files that cases of the shard were made of. */
static int copy_scenarios(const struct merge *merge, size_t which, struct error *err)
{
	char path[4096];
	glob_t files;
	int failed = 0;

	snprintf(path, sizeof path, "%s/scenarios/*.yaml", merge->shards[which].folder);
	if (glob(path, 0, NULL, &files) != 0)
		return 0;
	snprintf(path, sizeof path, "%s/scenarios", merge->output);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		failed = error_errno(err, ERROR_BENCH, "cannot create '%.200s'", path);
	for (size_t i = 0; i < files.gl_pathc && failed == 0; i++) {
		const char *name = strrchr(files.gl_pathv[i], '/');
		snprintf(path, sizeof path, "%s/scenarios%s", merge->output, name);
		failed = file_copy(files.gl_pathv[i], path, err);
	}
	globfree(&files);
	return failed;
}

/* Takes a copy of the event, for the shard's run points into its own. */
static int pass_event(struct merge *merge, size_t which, json_t *event, struct error *err)
{
	static const char *const dropped[] = {"run", "end", NULL};
	const char *kind = json_string_value(json_object_get(event, "event"));
	const char *name = json_string_value(json_object_get(event, "case"));

	for (size_t i = 0; dropped[i] != NULL; i++)
		if (kind == NULL || strcmp(kind, dropped[i]) == 0)
			return 0;
	if (name != NULL && !speaks_for(merge, which, name))
		return 0;
	if (copy_evidence(merge, which, event, err) != 0)
		return -1;
	json_t *copy = json_copy(event);
	if (copy == NULL || rename_device(merge, which, copy) != 0) {
		json_decref(copy);
		return error_set(err, ERROR_MEMORY, "out of memory");
	}
	return journal_append(merge->journal, copy, false, err);
}

static int pass_events(struct merge *merge, size_t which, struct error *err)
{
	size_t index;
	json_t *event;

	json_array_foreach(merge->shards[which].run->kept, index, event)
	{
		if (json_is_object(event) && pass_event(merge, which, event, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- what the run as a whole is ---- */

static const json_t *run_event(const struct run *run)
{
	size_t index;
	const json_t *event;

	json_array_foreach(run->kept, index, event)
	{
		const char *kind = json_string_value(json_object_get(event, "event"));
		if (kind != NULL && strcmp(kind, "run") == 0)
			return event;
	}
	return NULL;
}

/* Adds the entries that are not there yet; key NULL: they are strings themselves. */
static int join(json_t *into, const json_t *from, const char *key)
{
	size_t index, place;
	json_t *entry, *other;

	json_array_foreach(from, index, entry)
	{
		bool known = false;
		json_array_foreach(into, place, other)
		{
			known |= key == NULL ? json_equal(entry, other)
					     : json_equal(json_object_get(entry, key),
						       json_object_get(other, key));
		}
		if (!known && json_array_append(into, entry) != 0)
			return -1;
	}
	return 0;
}

static int join_devices(const struct merge *merge, size_t which, json_t *into, const json_t *from)
{
	size_t index;
	const json_t *entry;
	char text[256];
	int failed = 0;

	json_array_foreach(from, index, entry)
	{
		if (!json_is_string(entry))
			continue;
		device_name(merge, which, json_string_value(entry), text, sizeof text);
		json_t *item = json_pack("[o]", json_text(text));
		failed |= join(into, item, NULL);
		json_decref(item);
	}
	return failed;
}

static json_t *merged_run_event(const struct merge *merge, const char *version)
{
	json_t *cases = json_array(), *each = json_array(), *argv = json_array();
	json_t *event = json_deep_copy(run_event(merge->shards[0].run));
	char bench[512];
	struct text_buffer benches = text_buffer(bench, sizeof bench);
	int failed = json_array_append_new(argv, json_text("wizhil merge"));

	for (size_t i = 0; i < merge->count; i++) {
		const struct run *run = merge->shards[i].run;
		const json_t *of = run_event(run);
		failed |= join(cases, json_object_get(of, "cases"), "name");
		failed |= join_devices(merge, i, each, json_object_get(of, "each"));
		failed |= json_array_append_new(argv, json_text(merge->shards[i].folder));
		if (strstr(bench, run->bench) == NULL)
			text_add(&benches, "%s%s", benches.length == 0 ? "" : " + ", run->bench);
		if (run->require_all)
			failed |= json_object_set_new(event, "require_all", json_true());
	}
	failed |= json_object_set_new(event, "version", json_text(version));
	failed |= json_object_set_new(event, "bench", json_text(bench));
	failed |= json_object_set_new(event, "cases", cases);
	failed |= json_object_set_new(event, "argv", argv);
	if (json_array_size(each) > 0)
		failed |= json_object_set(event, "each", each);
	json_decref(each);
	if (failed == 0)
		return event;
	json_decref(event);
	return NULL;
}

/* As long as all shards have an end; one that has none was killed, and so is the whole. */
static int put_end(struct merge *merge, struct error *err)
{
	double wall_s = 0;
	int runner = 0;
	bool interrupted = false;

	for (size_t i = 0; i < merge->count; i++) {
		const struct run *run = merge->shards[i].run;
		if (!run->ended)
			return 0;
		wall_s = run->wall_s > wall_s ? run->wall_s : wall_s;
		runner = runner == 0 ? run->runner : runner;
		interrupted |= run->interrupted;
	}
	return journal_append(merge->journal,
		json_pack("{s:s, s:f, s:b, s:i}", "event", "end", "wall_s", wall_s, "interrupted",
			interrupted, "runner", runner),
		false, err);
}

static int write_merged(struct merge *merge, const char *version, struct error *err)
{
	char evidence[4096];

	snprintf(evidence, sizeof evidence, "%s/evidence", merge->output);
	if (mkdir(merge->output, 0700) != 0)
		return error_errno(
			err, ERROR_USAGE, "cannot create output folder '%.200s'", merge->output);
	if (mkdir(evidence, 0700) != 0)
		return error_errno(err, ERROR_BENCH, "cannot create '%.200s'", evidence);
	merge->journal = journal_create(merge->output, true, err);
	if (merge->journal == NULL ||
		journal_append(merge->journal, merged_run_event(merge, version), false, err) != 0)
		return -1;
	for (size_t i = 0; i < merge->count; i++)
		if (copy_scenarios(merge, i, err) != 0 || pass_events(merge, i, err) != 0)
			return -1;
	return put_end(merge, err);
}

int merge_runs(char *const *folders, size_t count, const char *output, const char *version,
	struct error *err)
{
	struct merge merge = {.count = 0, .output = output};
	int failed = 0;

	merge.shards = calloc(count, sizeof *merge.shards);
	if (merge.shards == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < count && failed == 0; i++) {
		struct run *run = run_read(folders[i], err);
		failed = run == NULL ? -1 : 0;
		if (run != NULL)
			merge.shards[merge.count++] = (struct shard){folders[i], run};
	}
	if (failed == 0)
		failed = find_conflicts(&merge, err);
	if (failed == 0)
		failed = write_merged(&merge, version, err);
	journal_close(merge.journal);
	for (size_t i = 0; i < merge.count; i++)
		run_free(merge.shards[i].run);
	free(merge.shards);
	return failed;
}
