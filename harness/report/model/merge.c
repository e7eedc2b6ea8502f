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
#include "report/model/attempt.h"
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

/* That the bench was broken is no verdict. */
static bool has_verdict(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (!test_case->of_run && test_case->first != NULL &&
			test_case->first->verdict.outcome != OUTCOME_ERROR &&
			strcmp(test_case->name, name) == 0)
			return true;
	}
	return false;
}

static const char *firmware_of(const struct run *run)
{
	for (size_t i = 0; i < run->device_count; i++)
		if (run->devices[i].firmware[0] != '\0')
			return run->devices[i].firmware;
	return "";
}

/* Racks may keep the same profile at other paths. */
static const char *profile_of(const struct run *run)
{
	const char *digest = json_string_value(
		json_object_get(json_object_get(run_event(run), "settings"), "profile_sha256"));

	return digest == NULL ? run->profile : digest;
}

static const char *selection_of(const struct run *run)
{
	const char *digest = json_string_value(json_object_get(run->shard, "selection_sha256"));

	return digest == NULL ? "" : digest;
}

/* The first shard that has a part of a selection; NULL: none. */
static const struct shard *first_part(const struct merge *merge)
{
	for (size_t i = 0; i < merge->count; i++)
		if (merge->shards[i].run->shard != NULL)
			return &merge->shards[i];
	return NULL;
}

static void must_have_agreed_selection(struct merge *merge, const struct shard *shard)
{
	const struct shard *first = first_part(merge);

	if (shard->run->shard != NULL &&
		strcmp(selection_of(first->run), selection_of(shard->run)) != 0)
		conflict(merge, "'%.60s' and '%.60s' are parts of different selections",
			first->folder, shard->folder);
}

static int find_conflicts(struct merge *merge, struct error *err)
{
	const struct run *first = merge->shards[0].run;
	char wanted[512], other[512];

	for (size_t i = 1; i < merge->count; i++) {
		const struct shard *shard = &merge->shards[i];
		must_agree(
			merge, shard, "the version of wizhil", first->version, shard->run->version);
		/* Sources that are told to be others judge otherwise. */
		if (first->commit[0] != '\0' && shard->run->commit[0] != '\0')
			must_agree(merge, shard, "the commit of wizhil", first->commit,
				shard->run->commit);
		must_agree(merge, shard, "the clock", first->clock, shard->run->clock);
		must_agree(merge, shard, "the profile", profile_of(first), profile_of(shard->run));
		must_agree(
			merge, shard, "the firmware", firmware_of(first), firmware_of(shard->run));
		settings_text(first, wanted, sizeof wanted);
		settings_text(shard->run, other, sizeof other);
		must_agree(merge, shard, "the setting of the device", wanted, other);
		if (first->repeat != shard->run->repeat)
			conflict(merge, "'%.60s' has %d repetitions but '%.60s' has %d",
				merge->shards[0].folder, first->repeat, shard->folder,
				shard->run->repeat);
		must_have_agreed_selection(merge, shard);
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

static bool selected(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->case_count; i++)
		if (!run->cases[i].of_run && strcmp(run->cases[i].name, name) == 0)
			return true;
	return false;
}

/* Each shard with a verdict on the case speaks for it; if there is none, the first that selected
 * it. */
static bool speaks_for(const struct merge *merge, size_t which, const char *name)
{
	bool before = false;

	if (has_verdict(merge->shards[which].run, name))
		return true;
	for (size_t i = 0; i < merge->count; i++) {
		if (has_verdict(merge->shards[i].run, name))
			return false;
		before |= i < which && selected(merge->shards[i].run, name);
	}
	return !before;
}

/* How many of the shards before have a verdict on the case. */
static int verdicts_before(const struct merge *merge, size_t which, const char *name)
{
	int count = 0;

	for (size_t i = 0; i < which; i++)
		count += has_verdict(merge->shards[i].run, name);
	return count;
}

/* Verdicts of several shards on one case are kept as its repetitions. */
static int number_repetition(const struct merge *merge, size_t which, json_t *event)
{
	const struct run *run = merge->shards[which].run;
	const char *name = json_string_value(json_object_get(event, "case"));
	const json_int_t own = json_integer_value(json_object_get(event, "repetition"));
	const int before = name == NULL ? 0 : verdicts_before(merge, which, name);

	if (before == 0)
		return 0;
	return json_object_set_new(event, "repetition",
		json_integer((own == 0 ? 1 : own) + (json_int_t)run->repeat * before));
}

/* The evidence of a further verdict on a case has its file names already. */
static void evidence_name(const struct merge *merge, size_t which, const char *case_name,
	const char *name, char *text, size_t size)
{
	const int before = case_name == NULL ? 0 : verdicts_before(merge, which, case_name);
	const char *slash = strrchr(name, '/');
	const char *file = slash == NULL ? name : slash + 1;

	if (before == 0)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%.*sshard-%zu.%s", (int)(file - name), name, which + 1, file);
}

/* Copies the files that the event names, and names them in 'copy' as they are called now. */
static int copy_evidence(const struct merge *merge, size_t which, const json_t *event, json_t *copy,
	struct error *err)
{
	const char *of = json_string_value(json_object_get(event, "case"));
	const json_t *evidence = json_object_get(event, "evidence");
	char from[4096], to[4096], now[512];
	json_t *names = evidence == NULL ? NULL : json_copy(json_object_get(event, "evidence"));

	for (size_t i = 0; i < EVIDENCE_FILES; i++) {
		const char *name = json_string_value(json_object_get(evidence, evidence_keys[i]));
		if (name == NULL || name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL)
			continue;
		evidence_name(merge, which, of, name, now, sizeof now);
		json_object_set_new(names, evidence_keys[i], json_text(now));
		snprintf(from, sizeof from, "%s/%s", merge->shards[which].folder, name);
		snprintf(to, sizeof to, "%s/%s", merge->output, now);
		if (access(from, F_OK) != 0) /* a bundle without it, or a run that was killed */
			continue;
		if (file_copy(from, to, err) != 0) {
			json_decref(names);
			return -1;
		}
	}
	if (names != NULL)
		json_object_set_new(copy, "evidence", names);
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
	json_t *copy = json_copy(event);
	if (copy == NULL || rename_device(merge, which, copy) != 0 ||
		number_repetition(merge, which, copy) != 0) {
		json_decref(copy);
		return error_set(err, ERROR_MEMORY, "out of memory");
	}
	if (copy_evidence(merge, which, event, copy, err) != 0) {
		json_decref(copy);
		return -1;
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

static bool selected_by_any(const struct merge *merge, const char *name)
{
	for (size_t i = 0; i < merge->count; i++)
		if (selected(merge->shards[i].run, name))
			return true;
	return false;
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

/* Of a case that no shard has only the name is known. */
static int join_missing(const struct merge *merge, json_t *cases)
{
	const struct shard *first = first_part(merge);
	size_t index, place;
	json_t *part, *name;
	int failed = 0;

	if (first == NULL)
		return 0;
	json_array_foreach(json_object_get(first->run->shard, "parts"), index, part)
	{
		json_array_foreach(part, place, name)
		{
			if (json_is_string(name) &&
				!selected_by_any(merge, json_string_value(name)))
				failed |= json_array_append_new(
					cases, json_pack("{s:O}", "name", name));
		}
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

	(void)json_object_del(event, "shard"); /* it has them all */
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
	failed |= join_missing(merge, cases);
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

/* ---- what no shard has ---- */

/* The names of the part that no shard selected; the caller's reference. */
static json_t *missing_of(const struct merge *merge, const json_t *part)
{
	json_t *missing = json_array();
	size_t index;
	json_t *name;

	json_array_foreach(part, index, name)
	{
		if (json_is_string(name) && !selected_by_any(merge, json_string_value(name)))
			json_array_append(missing, name);
	}
	return missing;
}

/* They are cases of the run, which nobody ran. */
static int put_missing(struct merge *merge, const json_t *names, const char *why, struct error *err)
{
	char text[128];
	size_t index;
	json_t *name;

	snprintf(text, sizeof text, "%s: %zu case%s", why, json_array_size(names),
		json_array_size(names) == 1 ? "" : "s");
	if (journal_append(merge->journal, json_pack("{s:s, s:s}", "event", "fault", "text", text),
		    false, err) != 0)
		return -1;
	json_array_foreach(names, index, name)
	{
		if (journal_append(merge->journal,
			    json_pack("{s:s, s:O, s:s}", "event", "not_run", "case", name, "reason",
				    why),
			    false, err) != 0)
			return -1;
	}
	return 0;
}

static int put_missing_parts(struct merge *merge, struct error *err)
{
	const struct shard *first = first_part(merge);
	const json_t *parts = first == NULL ? NULL : json_object_get(first->run->shard, "parts");
	char why[64];
	size_t index;
	json_t *part;
	int failed = 0;

	json_array_foreach(parts, index, part)
	{
		json_t *missing = missing_of(merge, part);
		const size_t count = json_array_size(missing);
		snprintf(why, sizeof why, "shard %zu of %zu is %smissing", index + 1,
			json_array_size(parts), count == json_array_size(part) ? "" : "partly ");
		if (count > 0 && failed == 0)
			failed = put_missing(merge, missing, why, err);
		json_decref(missing);
	}
	return failed;
}

/* ---- faults, and the end ---- */

static bool is_rest(const struct shard *shard)
{
	return json_object_get(shard->run->shard, "rest_of") != NULL;
}

/* What a shard comes to stands behind its events: a later shard that was resumed clears what stands
 * before. */
static int put_faults(struct merge *merge, bool of_rests, struct error *err)
{
	for (size_t i = 0; i < merge->count; i++) {
		const struct run *run = merge->shards[i].run;
		if (is_rest(&merge->shards[i]) != of_rests)
			continue;
		for (size_t j = 0; j < run->fault_count; j++) {
			json_t *event = json_pack(
				"{s:s, s:o}", "event", "fault", "text", json_text(run->faults[j]));
			if (run->fault_is_usage)
				json_object_set_new(event, "exit", json_integer(EXIT_CODE_USAGE));
			if (journal_append(merge->journal, event, false, err) != 0)
				return -1;
		}
		if (!run->interrupted)
			continue;
		json_t *event = json_pack("{s:s}", "event", "interrupt");
		if (run->enough_failures > 0)
			json_object_set_new(event, "failures", json_integer(run->enough_failures));
		if (journal_append(merge->journal, event, false, err) != 0)
			return -1;
	}
	return 0;
}

/* Shards whose rest was run elsewhere go on with it, as a run does that is resumed. */
static int put_resume(struct merge *merge, const struct shard *rest, struct error *err)
{
	return journal_append(merge->journal,
		json_pack("{s:s, s:o, s:[s, o], s:[]}", "event", "resume", "started",
			json_text(rest->run->started), "argv", "wizhil merge",
			json_text(rest->folder), "cases"),
		false, err);
}

/* As long as all shards that count have an end; one that has none was killed, and so is the
 * whole. */
static int put_end(struct merge *merge, bool of_rests, struct error *err)
{
	double wall_s = 0;
	int runner = 0;
	bool interrupted = false;

	for (size_t i = 0; i < merge->count; i++) {
		const struct run *run = merge->shards[i].run;
		if (is_rest(&merge->shards[i]) != of_rests)
			continue;
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

/* Of the shards that ran the rest of others, or of all other shards. */
static int put_shards(struct merge *merge, bool of_rests, struct error *err)
{
	bool first = true;

	for (size_t i = 0; i < merge->count; i++) {
		if (is_rest(&merge->shards[i]) != of_rests)
			continue;
		if (of_rests && first &&
			(put_end(merge, false, err) != 0 ||
				put_resume(merge, &merge->shards[i], err) != 0))
			return -1;
		first = false;
		if (copy_scenarios(merge, i, err) != 0 || pass_events(merge, i, err) != 0)
			return -1;
	}
	return put_faults(merge, of_rests, err);
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
	bool rests = false;
	for (size_t i = 0; i < merge->count; i++)
		rests |= is_rest(&merge->shards[i]);
	if (put_shards(merge, false, err) != 0 || (rests && put_shards(merge, true, err) != 0) ||
		put_missing_parts(merge, err) != 0)
		return -1;
	return put_end(merge, rests, err);
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
