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

Test(merge, two_verdicts_of_one_case_are_a_conflict_and_nothing_is_written)
{
	struct shards shards = shards_of(first_case, both);
	struct verdict pass = passed(), fail = failed("gap 3 is 81 s");

	put_verdict(&shards.written[0], "schedule/one", &pass);
	put_verdict(&shards.written[1], "schedule/one", &fail);
	merge(&shards);
	cr_expect_eq(shards.result, -1);
	cr_expect_eq(shards.err.kind, ERROR_USAGE);
	cr_expect_not_null(
		strstr(shards.err.text, "case 'schedule/one' is pass in "), "%s", shards.err.text);
	cr_expect_not_null(strstr(shards.err.text, " but fail in "), "%s", shards.err.text);
	cr_expect_neq(access(shards.output, F_OK), 0);
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
