/* SPDX-License-Identifier: MIT */
#include "report/formats/run_database.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/json_text.h"
#include "core/text_buffer.h"
#include "report/model/attempt.h"
#include "report/model/legs.h"
#include "report/text/headline.h"

struct run_database {
	sqlite3 *file;
};

/* user_version of the files that this program writes. */
#define VERSION "3"

/* How often a case came to each outcome in a run: once, or as often as it was repeated. */
#define CASES                                                                                      \
	"CREATE TABLE IF NOT EXISTS case_outcome ("                                                \
	" run INTEGER NOT NULL REFERENCES run (id), name TEXT NOT NULL, passed INTEGER NOT NULL,"  \
	" failed INTEGER NOT NULL, others INTEGER NOT NULL, PRIMARY KEY (run, name));"

static const char tables[] =
	"CREATE TABLE IF NOT EXISTS run ("
	" id INTEGER PRIMARY KEY, started TEXT NOT NULL, bench TEXT NOT NULL, seed INTEGER NOT "
	"NULL,"
	" clock TEXT NOT NULL, profile TEXT NOT NULL, firmware TEXT NOT NULL, total INTEGER NOT "
	"NULL,"
	" passed INTEGER NOT NULL, failed INTEGER NOT NULL, models TEXT NOT NULL,"
	" wall_s REAL NOT NULL, note TEXT NOT NULL DEFAULT '', UNIQUE (started, bench, seed, "
	"wall_s));"
	"CREATE TABLE IF NOT EXISTS leg ("
	" run INTEGER NOT NULL REFERENCES run (id), leg TEXT NOT NULL, count INTEGER NOT NULL,"
	" mean_s REAL NOT NULL, least_s REAL NOT NULL, most_s REAL NOT NULL,"
	" window_s REAL NOT NULL DEFAULT 0, outside INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY (run, leg));" CASES "PRAGMA user_version = " VERSION ";";

/* From each older version to the next.  Version 1 did not say how a run was made, nor how wide a window
 * is, and version 2 not how each case ended. */
static const char *const upgrades[] = {
	[1] = "BEGIN IMMEDIATE;"
	      "ALTER TABLE run ADD COLUMN note TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE leg ADD COLUMN window_s REAL NOT NULL DEFAULT 0;"
	      "ALTER TABLE leg ADD COLUMN outside INTEGER NOT NULL DEFAULT 0;"
	      "PRAGMA user_version = 2;"
	      "COMMIT;",
	[2] = "BEGIN IMMEDIATE;" CASES "PRAGMA user_version = 3;"
	      "COMMIT;"};

/* ---- SQLite ---- */

static int trouble(const struct run_database *database, struct error *err)
{
	return error_set(
		err, ERROR_BENCH, "cannot use the history: %s", sqlite3_errmsg(database->file));
}

static int run_sql(const struct run_database *database, const char *sql, struct error *err)
{
	return sqlite3_exec(database->file, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : trouble(database, err);
}

static sqlite3_stmt *prepare(
	const struct run_database *database, const char *sql, struct error *err)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(database->file, sql, -1, &statement, NULL) == SQLITE_OK)
		return statement;
	(void)trouble(database, err);
	return NULL;
}

static void bind_text(sqlite3_stmt *statement, int place, const char *text)
{
	sqlite3_bind_text(statement, place, text, -1, SQLITE_TRANSIENT);
}

/* Carries out a statement without rows, and ends it. */
static int finish(const struct run_database *database, sqlite3_stmt *statement, struct error *err)
{
	int failed = sqlite3_step(statement) == SQLITE_DONE ? 0 : trouble(database, err);

	sqlite3_finalize(statement);
	return failed;
}

static int user_version(const struct run_database *database, struct error *err)
{
	sqlite3_stmt *statement = prepare(database, "PRAGMA user_version", err);
	int version = -1;

	if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return version;
}

static bool is_empty(const struct run_database *database)
{
	struct error ignored = {0};
	sqlite3_stmt *statement = prepare(database, "SELECT count(*) FROM sqlite_master", &ignored);
	bool empty = statement != NULL && sqlite3_step(statement) == SQLITE_ROW &&
		     sqlite3_column_int(statement, 0) == 0;

	sqlite3_finalize(statement);
	return empty;
}

struct run_database *run_database_open(const char *path, struct error *err)
{
	struct run_database *database = calloc(1, sizeof *database);

	if (database == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	if (sqlite3_open(path, &database->file) != SQLITE_OK) {
		error_set(err, ERROR_BENCH, "cannot open the history '%.300s': %s", path,
			sqlite3_errmsg(database->file));
		run_database_close(database);
		return NULL;
	}
	/* Other runs of the lab may be writing. */
	sqlite3_busy_timeout(database->file, 30000);
	int version = user_version(database, err);
	bool failed = false;
	while (!failed && version >= 1 && version < atoi(VERSION))
		failed = run_sql(database, upgrades[version++], err) != 0;
	if (!failed && version == atoi(VERSION))
		return database;
	if (failed)
		(void)trouble(database, err);
	else if (version != 0 || !is_empty(database))
		error_set(err, ERROR_USAGE, "'%.300s' is not a wizhil history of version " VERSION,
			path);
	else if (run_sql(database, tables, err) == 0)
		return database;
	run_database_close(database);
	return NULL;
}

void run_database_close(struct run_database *database)
{
	if (database == NULL)
		return;
	sqlite3_close(database->file);
	free(database);
}

int run_database_check(const char *path, struct error *err)
{
	struct run_database *database = run_database_open(path, err);
	int failed = -1;

	if (database != NULL && run_sql(database, "BEGIN IMMEDIATE; ROLLBACK;", err) == 0)
		failed = 0;
	else if (database != NULL)
		(void)error_context(err, "'%.300s'", path);
	run_database_close(database);
	if (failed != 0)
		err->kind = ERROR_USAGE;
	return failed;
}

/* ---- adding ---- */

struct kind_spread {
	size_t count, outside;
	double mean_s, least_s, most_s;
	double window_s; /* half of the narrowest */
};

static void take_check(struct kind_spread kinds[LEG_KINDS], const struct check *check)
{
	double offset_s =
		(double)check->measured_ns / 1e9 - (double)(check->from_ns + check->to_ns) / 2e9;
	const double window_s = (double)(check->to_ns - check->from_ns) / 2e9;
	struct kind_spread *kind = &kinds[check->leg.kind];

	if (kind->count++ == 0)
		*kind = (struct kind_spread){
			.count = 1, .least_s = offset_s, .most_s = offset_s, .window_s = window_s};
	kind->mean_s += (offset_s - kind->mean_s) / (double)kind->count;
	kind->outside += check->measured_ns < check->from_ns || check->measured_ns > check->to_ns;
	kind->window_s = window_s < kind->window_s ? window_s : kind->window_s;
	kind->least_s = offset_s < kind->least_s ? offset_s : kind->least_s;
	kind->most_s = offset_s > kind->most_s ? offset_s : kind->most_s;
}

static void take_legs(struct kind_spread kinds[LEG_KINDS], const struct run *run)
{
	for (size_t i = 0; i < run->case_count; i++) {
		const struct attempt *attempt = run->cases[i].first;
		for (size_t j = 0; attempt != NULL && j < attempt->verdict.check_count; j++)
			if (attempt->verdict.checks[j].measured)
				take_check(kinds, &attempt->verdict.checks[j]);
	}
}

static int add_legs(const struct run_database *database, const struct run *run, sqlite3_int64 id,
	struct error *err)
{
	struct kind_spread kinds[LEG_KINDS] = {0};

	take_legs(kinds, run);
	for (int i = 0; i < LEG_KINDS; i++) {
		const struct kind_spread *kind = &kinds[i];
		if (kind->count == 0)
			continue;
		sqlite3_stmt *statement = prepare(database,
			"INSERT INTO leg (run, leg, count, mean_s, least_s, most_s, window_s, "
			"outside)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
			err);
		if (statement == NULL)
			return -1;
		sqlite3_bind_int64(statement, 1, id);
		bind_text(statement, 2, leg_kind_name((enum leg_kind)i));
		sqlite3_bind_int64(statement, 3, (sqlite3_int64)kind->count);
		sqlite3_bind_double(statement, 4, kind->mean_s);
		sqlite3_bind_double(statement, 5, kind->least_s);
		sqlite3_bind_double(statement, 6, kind->most_s);
		sqlite3_bind_double(statement, 7, kind->window_s);
		sqlite3_bind_int64(statement, 8, (sqlite3_int64)kind->outside);
		if (finish(database, statement, err) != 0)
			return -1;
	}
	return 0;
}

/* A case that was not run says nothing; of several drives each counts. */
static int add_cases(const struct run_database *database, const struct run *run, sqlite3_int64 id,
	struct error *err)
{
	sqlite3_stmt *statement = prepare(database,
		"INSERT INTO case_outcome (run, name, passed, failed, others) VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (run, name) DO UPDATE SET passed = passed + excluded.passed,"
		" failed = failed + excluded.failed, others = others + excluded.others",
		err);
	int failed = statement == NULL ? -1 : 0;

	for (size_t i = 0; i < run->case_count && failed == 0; i++) {
		const enum outcome outcome = run->cases[i].outcome;
		if (outcome == OUTCOME_NOT_RUN)
			continue;
		const bool passed = outcome == OUTCOME_PASS || outcome == OUTCOME_MARGINAL;
		sqlite3_bind_int64(statement, 1, id);
		bind_text(statement, 2, run->cases[i].name);
		sqlite3_bind_int(statement, 3, passed);
		sqlite3_bind_int(statement, 4, outcome == OUTCOME_FAIL);
		sqlite3_bind_int(statement, 5, !passed && outcome != OUTCOME_FAIL);
		failed = sqlite3_step(statement) == SQLITE_DONE ? 0 : trouble(database, err);
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	return failed;
}

/* What makes the run another than most: a trend over such runs is none. */
static void note_text(const struct run *run, char *text, size_t size)
{
	char settings[256], devices[32];
	struct text_buffer note = text_buffer(text, size);

	settings_text(run, settings, sizeof settings);
	snprintf(devices, sizeof devices, "%zu", run->device_count);
	const struct {
		bool holds;
		const char *before, *what;
	} parts[] = {{settings[0] != '\0', "set ", settings},
		{run->profile[0] != '\0' && strcmp(run->profile, "default") != 0, "profile ",
			run->profile},
		{strcmp(run->clock, "real") == 0, "", "real clock"},
		{run->device_count > 1, devices, " devices"}, {run->repeat > 1, "", "repeated"},
		{run->interrupted, "", "interrupted"}, {run->fault_count > 0, "", "bench fault"}};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].holds)
			text_add_item(&note, "%s%s", parts[i].before, parts[i].what);
}

static int add_run(const struct run_database *database, const struct run *run, struct error *err)
{
	size_t passed = run_count(run, OUTCOME_PASS) + run_count(run, OUTCOME_MARGINAL);
	char models[64], firmwares[512], note[512];
	sqlite3_stmt *statement = prepare(database,
		"INSERT OR IGNORE INTO run (started, bench, seed, clock, profile, firmware, total,"
		" passed, failed, models, wall_s, note)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
		err);

	if (statement == NULL)
		return -1;
	models_text(run_models(run), models, sizeof models);
	bind_text(statement, 1, run->started);
	bind_text(statement, 2, run->bench);
	sqlite3_bind_int64(statement, 3, run->seed);
	bind_text(statement, 4, run->clock);
	bind_text(statement, 5, run->profile);
	firmwares_text(run, firmwares, sizeof firmwares);
	bind_text(statement, 6, firmwares);
	sqlite3_bind_int64(statement, 7, (sqlite3_int64)run_total(run));
	sqlite3_bind_int64(statement, 8, (sqlite3_int64)passed);
	sqlite3_bind_int64(statement, 9, (sqlite3_int64)run_count(run, OUTCOME_FAIL));
	bind_text(statement, 10, models);
	sqlite3_bind_double(statement, 11, run->wall_s);
	note_text(run, note, sizeof note);
	bind_text(statement, 12, note);
	if (finish(database, statement, err) != 0)
		return -1;
	if (sqlite3_changes(database->file) == 0)
		return 0;
	const sqlite3_int64 id = sqlite3_last_insert_rowid(database->file);
	return add_legs(database, run, id, err) == 0 && add_cases(database, run, id, err) == 0 ? 1
											       : -1;
}

int run_database_add(struct run_database *database, const struct run *run, struct error *err)
{
	struct error ignored = {0};

	if (run_sql(database, "BEGIN IMMEDIATE", err) != 0)
		return -1;
	int added = add_run(database, run, err);
	if (added >= 0 && run_sql(database, "COMMIT", err) == 0)
		return added;
	(void)run_sql(database, "ROLLBACK", &ignored);
	return -1;
}

/* ---- the trend ---- */

static json_t *column_text(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return json_text(text == NULL ? "" : text);
}

static json_t *legs_json(const struct run_database *database, sqlite3_int64 id, struct error *err)
{
	sqlite3_stmt *statement = prepare(database,
		"SELECT leg, count, mean_s, least_s, most_s, window_s, outside FROM leg"
		" WHERE run = ?1 ORDER BY leg",
		err);
	json_t *legs = json_array();

	if (statement == NULL) {
		json_decref(legs);
		return NULL;
	}
	sqlite3_bind_int64(statement, 1, id);
	while (sqlite3_step(statement) == SQLITE_ROW)
		json_array_append_new(
			legs, json_pack("{s:o, s:I, s:f, s:f, s:f, s:f, s:I}", "leg",
				      column_text(statement, 0), "count",
				      (json_int_t)sqlite3_column_int64(statement, 1), "mean_s",
				      sqlite3_column_double(statement, 2), "least_s",
				      sqlite3_column_double(statement, 3), "most_s",
				      sqlite3_column_double(statement, 4), "window_s",
				      sqlite3_column_double(statement, 5), "outside",
				      (json_int_t)sqlite3_column_int64(statement, 6)));
	sqlite3_finalize(statement);
	return legs;
}

json_t *run_database_trend(struct run_database *database, struct error *err)
{
	sqlite3_stmt *statement = prepare(database,
		"SELECT id, started, firmware, bench, clock, total, passed, failed, models, note "
		"FROM run"
		" ORDER BY started, id",
		err);
	json_t *trend = json_array();

	while (statement != NULL && trend != NULL && sqlite3_step(statement) == SQLITE_ROW) {
		json_t *legs = legs_json(database, sqlite3_column_int64(statement, 0), err);
		json_t *run =
			legs == NULL
				? NULL
				: json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o}",
					  "started", column_text(statement, 1), "firmware",
					  column_text(statement, 2), "bench",
					  column_text(statement, 3), "clock",
					  column_text(statement, 4), "total",
					  (json_int_t)sqlite3_column_int64(statement, 5), "passed",
					  (json_int_t)sqlite3_column_int64(statement, 6), "failed",
					  (json_int_t)sqlite3_column_int64(statement, 7), "models",
					  column_text(statement, 8), "note",
					  column_text(statement, 9), "legs", legs);
		if (run == NULL || json_array_append_new(trend, run) != 0) {
			json_decref(trend);
			trend = NULL;
		}
	}
	if (statement == NULL) {
		json_decref(trend);
		return NULL;
	}
	sqlite3_finalize(statement);
	if (trend == NULL)
		error_set(err, ERROR_MEMORY, "out of memory");
	return trend;
}

json_t *run_database_cases(struct run_database *database, struct error *err)
{
	/* Runs of other settings (note) are not of the same module. */
	sqlite3_stmt *statement = prepare(database,
		"SELECT firmware, note, name, count(*), sum(c.passed), sum(c.failed), sum(c.others)"
		" FROM case_outcome c JOIN run r ON r.id = c.run GROUP BY firmware, note, name"
		" ORDER BY min(r.started), firmware, note, name",
		err);
	json_t *cases = json_array();

	while (statement != NULL && cases != NULL && sqlite3_step(statement) == SQLITE_ROW)
		json_array_append_new(
			cases, json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "firmware",
				       column_text(statement, 0), "note", column_text(statement, 1),
				       "case", column_text(statement, 2), "runs",
				       (json_int_t)sqlite3_column_int64(statement, 3), "passed",
				       (json_int_t)sqlite3_column_int64(statement, 4), "failed",
				       (json_int_t)sqlite3_column_int64(statement, 5), "others",
				       (json_int_t)sqlite3_column_int64(statement, 6)));
	sqlite3_finalize(statement);
	if (statement == NULL) {
		json_decref(cases);
		return NULL;
	}
	if (cases == NULL)
		error_set(err, ERROR_MEMORY, "out of memory");
	return cases;
}

static int write_trend(struct run_database *database, const char *run_folder, struct error *err)
{
	char path[4096];
	json_t *trend = run_database_trend(database, err);

	if (trend == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/" RUN_TREND, run_folder);
	int failed = json_dump_file(trend, path, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(trend);
	return failed == 0 ? 0 : error_errno(err, ERROR_BENCH, "cannot write '%.300s'", path);
}

int run_database_keep(const char *path, const char *run_folder, struct error *err)
{
	struct run_database *database = run_database_open(path, err);
	struct run *run = database == NULL ? NULL : run_read(run_folder, err);
	int failed = run == NULL || run_database_add(database, run, err) < 0 ||
		     write_trend(database, run_folder, err) != 0;

	run_free(run);
	run_database_close(database);
	return failed ? -1 : 0;
}
