/* SPDX-License-Identifier: MIT */
#include "report/model/merge.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/exit_code.h"
#include "report/model/attempt.h"
#include "report/model/written_run.h"

/* Two shards, and where they are joined. */
struct shards {
	struct written_run written[2];
	char output[64];
	struct error err;
	int result;
};

static void put_module(struct written_run *run, const char *firmware, const char *mac)
{
	put_event(run, json_pack("{s:s, s:s, s:s, s:s}", "event", "device", "device", "left",
			       "firmware", firmware, "mac", mac));
}

static struct shards shards_of(const char *const *first, const char *const *second)
{
	struct shards shards = {
		.written = {run_begin_with(false, first), run_begin_with(false, second)},
		.output = "/tmp/wizhil-merge-XXXXXX"};

	cr_assert_not_null(mkdtemp(shards.output));
	rmdir(shards.output);
	return shards;
}

static void merge(struct shards *shards)
{
	char *folders[2] = {shards->written[0].folder, shards->written[1].folder};

	for (int i = 0; i < 2; i++)
		put_end(&shards->written[i], 0);
	shards->result = merge_runs(folders, 2, shards->output, "1.2.3", &shards->err);
}

static struct run *merged_run(struct shards *shards)
{
	merge(shards);
	cr_assert_eq(shards->result, 0, "%s", shards->err.text);
	struct run *run = run_read(shards->output, &shards->err);
	cr_assert_not_null(run, "%s", shards->err.text);
	return run;
}

static void shards_end(struct shards *shards)
{
	char command[256];

	snprintf(command, sizeof command, "rm -rf %s %s/evidence", shards->output,
		shards->written[0].folder);
	cr_assert_eq(system(command), 0);
	for (int i = 0; i < 2; i++)
		run_remove(&shards->written[i]);
}

static const char *const first_case[] = {"schedule/one", NULL};
static const char *const two[] = {"format/two", NULL};
static const char *const both[] = {"schedule/one", "format/two", NULL};

Test(merge, two_shards_become_one_run_with_the_cases_of_both)
{
	struct shards shards = shards_of(first_case, two);
	struct verdict pass = passed(), fail = failed("gap 3 is 81 s");

	put_verdict(&shards.written[0], "schedule/one", &pass);
	put_verdict(&shards.written[1], "format/two", &fail);
	struct run *run = merged_run(&shards);
	cr_expect_eq(run_total(run), 2);
	cr_expect_eq(run_count(run, OUTCOME_PASS), 1);
	cr_expect_eq(run_count(run, OUTCOME_FAIL), 1);
	cr_expect_str_eq(run->version, "1.2.3");
	cr_expect_eq(run_exit_code(run), EXIT_CODE_FIRMWARE);
	run_free(run);
	shards_end(&shards);
}

Test(merge, the_shard_with_the_verdict_speaks_for_a_case_that_both_selected)
{
	struct shards shards = shards_of(both, both);
	struct verdict pass = passed();

	put_not_run(&shards.written[0], "schedule/one", "left to the other rack");
	put_verdict(&shards.written[0], "format/two", &pass);
	put_verdict(&shards.written[1], "schedule/one", &pass);
	put_not_run(&shards.written[1], "format/two", "left to the other rack");
	struct run *run = merged_run(&shards);
	cr_expect_eq(run_total(run), 2);
	cr_expect_eq(run_count(run, OUTCOME_PASS), 2);
	run_free(run);
	shards_end(&shards);
}

Test(merge, two_verdicts_of_one_case_are_both_kept)
{
	struct shards shards = shards_of(first_case, both);
	struct verdict pass = passed(), fail = failed("gap 3 is 81 s");

	put_verdict(&shards.written[0], "schedule/one", &pass);
	put_verdict(&shards.written[1], "schedule/one", &fail);
	put_verdict(&shards.written[1], "format/two", &pass);
	struct run *run = merged_run(&shards);
	cr_expect_eq(run_total(run), 3);
	cr_expect_eq(run_count(run, OUTCOME_PASS), 2);
	cr_expect_eq(run_count(run, OUTCOME_FAIL), 1);
	cr_expect_eq(run_exit_code(run), EXIT_CODE_FIRMWARE);
	run_free(run);
	shards_end(&shards);
}

Test(merge, a_verdict_outweighs_the_error_of_a_broken_bench)
{
	struct shards shards = shards_of(first_case, first_case);
	struct verdict pass = passed(), broken = measured(OUTCOME_ERROR, MODELS_ALL, "no sniffer");

	put_verdict(&shards.written[0], "schedule/one", &broken);
	put_verdict(&shards.written[1], "schedule/one", &pass);
	struct run *run = merged_run(&shards);
	cr_expect_eq(run_total(run), 1);
	cr_expect_eq(run_count(run, OUTCOME_PASS), 1);
	run_free(run);
	shards_end(&shards);
}

/* A shard of this selection with these of its cases; the names of NULL end. */
static struct written_run shard_begin(
	int index, const char *selection, const char *const *cases, const char *rest_of)
{
	struct written_run run = run_begin_bare();
	json_t *list = json_array(), *rest = json_array();

	for (size_t i = 0; cases[i] != NULL; i++)
		json_array_append_new(list, json_pack("{s:s}", "name", cases[i]));
	json_t *shard = json_pack("{s:i, s:i, s:s, s:[[s], [s]]}", "index", index, "count", 2,
		"selection_sha256", selection, "parts", "schedule/one", "format/two");
	if (rest_of != NULL) {
		json_array_append_new(rest, json_string(rest_of));
		json_object_set(shard, "rest_of", rest);
	}
	json_decref(rest);
	put_event(&run, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "event", "run", "version",
				"0.1.0", "bench", "virtual", "clock", "stepped", "started",
				"2026-12-01T00:00:00Z", "cases", list, "shard", shard));
	return run;
}

static struct shards shards_with(struct written_run first, struct written_run second)
{
	struct shards shards = {.written = {first, second}, .output = "/tmp/wizhil-merge-XXXXXX"};

	cr_assert_not_null(mkdtemp(shards.output));
	rmdir(shards.output);
	return shards;
}

Test(merge, parts_of_different_selections_are_a_conflict)
{
	struct shards shards = shards_with(
		shard_begin(1, "aa", first_case, NULL), shard_begin(2, "bb", two, NULL));

	merge(&shards);
	cr_expect_eq(shards.result, -1);
	cr_expect_not_null(strstr(shards.err.text, "are parts of different selections"), "%s",
		shards.err.text);
	cr_expect_neq(access(shards.output, F_OK), 0);
	shards_end(&shards);
}

Test(merge, the_cases_of_a_missing_shard_are_not_run_and_the_merged_run_is_at_fault)
{
	struct shards shards = shards_with(
		shard_begin(1, "aa", first_case, NULL), shard_begin(1, "aa", first_case, NULL));
	struct verdict pass = passed();

	put_verdict(&shards.written[0], "schedule/one", &pass);
	put_verdict(&shards.written[1], "schedule/one", &pass);
	struct run *run = merged_run(&shards);
	cr_expect_eq(run_total(run), 3);
	cr_expect_eq(run_count(run, OUTCOME_NOT_RUN), 1);
	cr_assert_geq(run->fault_count, 1);
	cr_expect_str_eq(run->faults[0], "shard 2 of 2 is missing: 1 case");
	cr_expect_eq(run_exit_code(run), EXIT_CODE_BENCH);
	run_free(run);
	shards_end(&shards);
}

Test(merge, a_run_of_the_rest_completes_a_shard_that_was_killed)
{
	struct shards shards = shards_with(
		shard_begin(1, "aa", both, NULL), shard_begin(1, "aa", two, "reports/killed"));
	char *folders[2] = {shards.written[0].folder, shards.written[1].folder};
	struct verdict pass = passed();

	put_verdict(&shards.written[0], "schedule/one", &pass);
	put_fault(&shards.written[0], "the node went down");
	put_verdict(&shards.written[1], "format/two", &pass);
	put_end(&shards.written[1], 0);
	cr_assert_eq(merge_runs(folders, 2, shards.output, "1.2.3", &shards.err), 0, "%s",
		shards.err.text);
	struct run *run = run_read(shards.output, &shards.err);
	cr_assert_not_null(run, "%s", shards.err.text);
	cr_expect_eq(run_count(run, OUTCOME_PASS), 2);
	cr_expect_eq(run->fault_count, 0);
	cr_assert_geq(run->resumed_count, 2);
	cr_expect_not_null(strstr(run->resumed[0], "it was killed"), "%s", run->resumed[0]);
	cr_expect_not_null(strstr(run->resumed[1], "the node went down"), "%s", run->resumed[1]);
	cr_expect_eq(run_exit_code(run), EXIT_CODE_PASS);
	run_free(run);
	shards_end(&shards);
}

Test(merge, the_fault_of_a_shard_outlives_another_one_that_was_resumed)
{
	struct shards shards = shards_of(first_case, two);
	struct verdict pass = passed();

	put_verdict(&shards.written[0], "schedule/one", &pass);
	put_fault(&shards.written[0], "the sniffer lost its interface");
	put_event(&shards.written[1], json_pack("{s:s, s:s, s:[], s:[]}", "event", "resume",
					      "started", "2026-12-01T00:00:00Z", "argv", "cases"));
	put_verdict(&shards.written[1], "format/two", &pass);
	struct run *run = merged_run(&shards);
	cr_assert_eq(run->fault_count, 1);
	cr_expect_str_eq(run->faults[0], "the sniffer lost its interface");
	cr_expect_eq(run_exit_code(run), EXIT_CODE_BENCH);
	run_free(run);
	shards_end(&shards);
}

Test(merge, two_firmwares_are_a_conflict)
{
	struct shards shards = shards_of(first_case, two);

	put_module(&shards.written[0], "2.4.0", "00:08:dc:00:00:01");
	put_module(&shards.written[1], "2.5.0", "00:08:dc:00:00:01");
	merge(&shards);
	cr_expect_eq(shards.result, -1);
	cr_expect_not_null(
		strstr(shards.err.text, "the firmware is '2.4.0' in "), "%s", shards.err.text);
	shards_end(&shards);
}

Test(merge, two_modules_of_one_name_are_told_apart)
{
	struct shards shards = shards_of(first_case, two);
	struct verdict pass = passed();

	put_module(&shards.written[0], "2.4.0", "00:08:dc:00:00:01");
	put_module(&shards.written[1], "2.4.0", "00:08:dc:00:00:02");
	put_verdict(&shards.written[0], "schedule/one", &pass);
	put_verdict(&shards.written[1], "format/two", &pass);
	struct run *run = merged_run(&shards);
	cr_assert_eq(run->device_count, 2);
	cr_expect_str_eq(run->devices[0].name, "left");
	cr_expect_str_eq(run->devices[1].name, "left-2");
	cr_expect_str_eq(run->devices[1].mac, "00:08:dc:00:00:02");
	run_free(run);
	shards_end(&shards);
}

Test(merge, the_evidence_comes_along)
{
	struct shards shards = shards_of(first_case, two);
	struct verdict pass = passed();
	char path[256], text[16] = "";

	put_verdict(&shards.written[0], "schedule/one", &pass);
	struct run *before = read_run(&shards.written[0]);
	snprintf(path, sizeof path, "%s/evidence", shards.written[0].folder);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/%s", shards.written[0].folder,
		before->cases[0].first->timeline);
	FILE *file = fopen(path, "w");
	cr_assert_not_null(file, "%s", path);
	fputs("timeline\n", file);
	fclose(file);
	merge(&shards);
	cr_assert_eq(shards.result, 0, "%s", shards.err.text);
	snprintf(path, sizeof path, "%s/%s", shards.output, before->cases[0].first->timeline);
	file = fopen(path, "r");
	cr_assert_not_null(file, "%s", path);
	cr_expect_not_null(fgets(text, sizeof text, file));
	cr_expect_str_eq(text, "timeline\n");
	fclose(file);
	run_free(before);
	shards_end(&shards);
}
