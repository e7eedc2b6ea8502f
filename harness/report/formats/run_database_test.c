/* SPDX-License-Identifier: MIT */
#include "report/formats/run_database.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "report/model/written_run.h"

/* A history in a file of its own. */
struct kept {
	char path[64];
	struct run_database *database;
	struct error err;
};

static struct kept kept_begin(void)
{
	struct kept kept = {.path = "/tmp/wizhil-history-XXXXXX"};
	int file = mkstemp(kept.path);

	cr_assert(file >= 0);
	close(file);
	kept.database = run_database_open(kept.path, &kept.err);
	cr_assert_not_null(kept.database, "%s", kept.err.text);
	return kept;
}

static void kept_end(struct kept *kept)
{
	run_database_close(kept->database);
	unlink(kept->path);
}

/* Adds a run of schedule/one with this verdict and schedule/two that passed, with this seed: another
 * run of the same module. */
static int add_seed(struct kept *kept, const struct verdict *verdict, int64_t seed)
{
	struct written_run written = run_begin();
	struct verdict fine = passed();

	put_verdict(&written, "schedule/one", verdict);
	put_verdict(&written, "schedule/two", &fine);
	put_end(&written, verdict->outcome == OUTCOME_PASS ? 0 : 1);
	struct run *run = read_run(&written);
	run->seed = seed;
	int added = run_database_add(kept->database, run, &kept->err);
	cr_assert_geq(added, 0, "%s", kept->err.text);
	run_free(run);
	run_remove(&written);
	return added;
}

static int add(struct kept *kept, const struct verdict *verdict)
{
	return add_seed(kept, verdict, 1);
}

static json_t *trend_of(struct kept *kept)
{
	json_t *trend = run_database_trend(kept->database, &kept->err);

	cr_assert_not_null(trend, "%s", kept->err.text);
	return trend;
}

Test(run_database, tells_what_passed_and_where_legs_lay_in_their_window)
{
	struct kept kept = kept_begin();
	struct verdict fail = failed("gap 3 is 81 s");

	fail.checks[0].measured_ns = 81000000000;
	cr_expect_eq(add(&kept, &fail), 1);
	json_t *trend = trend_of(&kept), *run = json_array_get(trend, 0);
	cr_assert_eq(json_array_size(trend), 1);
	cr_expect_eq(json_integer_value(json_object_get(run, "total")), 2);
	cr_expect_eq(json_integer_value(json_object_get(run, "passed")), 1);
	cr_expect_eq(json_integer_value(json_object_get(run, "failed")), 1);
	json_t *leg = json_array_get(json_object_get(run, "legs"), 0);
	cr_expect_str_eq(json_string_value(json_object_get(leg, "leg")), "gap");
	cr_expect_eq(json_integer_value(json_object_get(leg, "count")), 2);
	cr_expect_float_eq(json_number_value(json_object_get(leg, "least_s")), 0.012, 1e-9);
	cr_expect_float_eq(json_number_value(json_object_get(leg, "most_s")), 6.0, 1e-9);
	char text[2048] = "";
	FILE *stream = fmemopen(text, sizeof text, "w");
	run_database_write(trend, stream);
	fclose(stream);
	cr_expect_not_null(strstr(text, "gap\n  window +- 0.100 s\n"), "%s", text);
	cr_expect_eq(json_integer_value(json_object_get(leg, "outside")), 1);
	cr_expect_float_eq(json_number_value(json_object_get(leg, "window_s")), 0.1, 1e-9);
	cr_expect_not_null(strstr(text, "+6.000, 2 measured, 1 outside)\n"), "%s", text);
	json_decref(trend);
	kept_end(&kept);
}

static json_t *run_of(const char *firmware, const char *started, int passed, double mean_s)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:[{s:s, s:i, s:f, s:f, s:f, s:f, s:i}]}",
		"firmware", firmware, "started", started, "total", 10, "passed", passed, "failed",
		10 - passed, "legs", "leg", "gap", "count", 5, "mean_s", mean_s, "least_s", mean_s,
		"most_s", mean_s, "window_s", 0.5, "outside", 0);
}

Test(run_database, tells_by_firmware_how_runs_and_legs_went)
{
	json_t *trend = json_pack("[o, o, o]", run_of("1.0", "monday", 10, 0.1),
		run_of("2.0", "tuesday", 8, 0.2), run_of("1.0", "wednesday", 9, 0.3));
	char text[2048] = "";
	FILE *stream = fmemopen(text, sizeof text, "w");

	run_database_write(trend, stream);
	fclose(stream);
	json_decref(trend);
	cr_expect_not_null(strstr(text, "95.0 %  19 of 20 passed, 1 failed"), "%s", text);
	const char *legs = strstr(text, "gap\n  window +- 0.500 s\n  1.0\n    monday");
	cr_assert_not_null(legs, "%s", text);
	cr_expect_not_null(strstr(legs, "wednesday"), "%s", text);
	cr_expect_lt(strstr(legs, "wednesday"), strstr(legs, "  2.0\n    tuesday"), "%s", text);
	cr_expect_not_null(strstr(legs, "+0.200 s  (+0.100 to +0.300, 10 measured)"), "%s", text);
}

Test(run_database, takes_a_run_once)
{
	struct kept kept = kept_begin();
	struct verdict fine = passed();

	cr_expect_eq(add(&kept, &fine), 1);
	cr_expect_eq(add(&kept, &fine), 0);
	json_t *trend = trend_of(&kept);
	cr_expect_eq(json_array_size(trend), 1);
	json_decref(trend);
	kept_end(&kept);
}

Test(run_database, keeps_what_it_was_given)
{
	struct kept kept = kept_begin();
	struct verdict fine = passed();

	add(&kept, &fine);
	run_database_close(kept.database);
	kept.database = run_database_open(kept.path, &kept.err);
	cr_assert_not_null(kept.database, "%s", kept.err.text);
	json_t *trend = trend_of(&kept);
	cr_expect_eq(json_array_size(trend), 1);
	json_decref(trend);
	kept_end(&kept);
}

Test(run_database, says_of_a_run_what_made_it_another)
{
	struct kept kept = kept_begin();
	struct verdict fine = passed();
	struct written_run written = run_begin();
	char text[2048] = "";

	put_verdict(&written, "schedule/one", &fine);
	put_interrupted_end(&written);
	struct run *run = read_run(&written);
	cr_assert_eq(run_database_add(kept.database, run, &kept.err), 1, "%s", kept.err.text);
	json_t *trend = trend_of(&kept);
	FILE *stream = fmemopen(text, sizeof text, "w");
	run_database_write(trend, stream);
	fclose(stream);
	cr_expect_not_null(strstr(text, "interrupted\n"), "%s", text);
	json_decref(trend);
	run_free(run);
	run_remove(&written);
	kept_end(&kept);
}

static char *cases_of(struct kept *kept)
{
	json_t *cases = run_database_cases(kept->database, &kept->err);
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_not_null(cases, "%s", kept->err.text);
	run_database_write_cases(cases, stream);
	fclose(stream);
	json_decref(cases);
	return text;
}

Test(run_database, names_the_cases_that_are_unstable_and_those_that_never_passed)
{
	struct kept kept = kept_begin();
	struct verdict fine = passed(), fail = failed("gap 3 is 81 s"),
		       unclear = measured(OUTCOME_INCONCLUSIVE, 0, "?");

	add_seed(&kept, &fail, 1);
	char *text = cases_of(&kept);
	cr_expect_null(strstr(text, "unstable"), "%s", text);
	cr_expect_not_null(strstr(text, "cases that never passed\n"), "%s", text);
	cr_expect_not_null(strstr(text, "      0.0 %  schedule/one: 0 passed, 1 failed in 1 run\n"),
		"%s", text);
	cr_expect_null(strstr(text, "schedule/two"), "it always passed: %s", text);
	free(text);
	add_seed(&kept, &fine, 2);
	add_seed(&kept, &fine, 3);
	add_seed(&kept, &unclear, 4);
	text = cases_of(&kept);
	cr_expect_not_null(strstr(text, "unstable cases"), "%s", text);
	cr_expect_not_null(strstr(text, "     50.0 %  schedule/one: 2 passed, 1 failed, "
					"1 inconclusive or in error in 4 runs\n"),
		"%s", text);
	cr_expect_null(strstr(text, "never passed"), "%s", text);
	free(text);
	kept_end(&kept);
}

Test(run_database, takes_a_history_of_version_2_along)
{
	struct kept kept = kept_begin();
	struct verdict fine = passed();
	sqlite3 *file = NULL;

	run_database_close(kept.database);
	cr_assert_eq(sqlite3_open(kept.path, &file), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(file, "DROP TABLE case_outcome; PRAGMA user_version = 2", NULL,
			     NULL, NULL),
		SQLITE_OK);
	sqlite3_close(file);
	kept.database = run_database_open(kept.path, &kept.err);
	cr_assert_not_null(kept.database, "%s", kept.err.text);
	cr_expect_eq(add(&kept, &fine), 1);
	kept_end(&kept);
}

Test(run_database, takes_a_history_of_version_1_along)
{
	struct kept kept = kept_begin();
	struct verdict fine = passed();
	sqlite3 *file = NULL;

	run_database_close(kept.database);
	cr_assert_eq(sqlite3_open(kept.path, &file), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(file,
			     "ALTER TABLE run DROP COLUMN note;"
			     "ALTER TABLE leg DROP COLUMN window_s;"
			     "ALTER TABLE leg DROP COLUMN outside;"
			     "DROP TABLE case_outcome;"
			     "PRAGMA user_version = 1",
			     NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(file);
	kept.database = run_database_open(kept.path, &kept.err);
	cr_assert_not_null(kept.database, "%s", kept.err.text);
	cr_expect_eq(add(&kept, &fine), 1);
	kept_end(&kept);
}

Test(run_database, refuses_a_file_of_something_else)
{
	struct error err = {0};
	char path[] = "/tmp/wizhil-history-XXXXXX";
	int file = mkstemp(path);

	cr_assert_eq(write(file, "no database, but long enough to be taken for one", 48), 48);
	close(file);
	cr_expect_null(run_database_open(path, &err));
	cr_expect_eq(err.kind, ERROR_USAGE);
	cr_expect_not_null(strstr(err.text, path), "%s", err.text);
	unlink(path);
}

Test(run_database, says_that_there_is_nothing_yet)
{
	struct kept kept = kept_begin();
	json_t *trend = trend_of(&kept);
	char text[128] = "";
	FILE *stream = fmemopen(text, sizeof text, "w");

	run_database_write(trend, stream);
	fclose(stream);
	cr_expect_not_null(strstr(text, "no runs"));
	json_decref(trend);
	kept_end(&kept);
}
