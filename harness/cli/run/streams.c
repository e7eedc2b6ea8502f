/* SPDX-License-Identifier: MIT */
#include "cli/run/streams.h"

#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/run/live.h"
#include "core/error.h"
#include "report/text/plain.h"
#include "report/report.h"
#include "report/model/run_live.h"
#include "report/model/waivers.h"
#include "report/formats/tap.h"

struct streams {
	const char *run_folder;
	struct run_live *live;
	FILE *tap_file, *events; /* may be the standard output */
	struct tap_stream *tap;
	struct live *view;
	bool for_people, silent;
	struct plain plain;
	size_t failures;
};

/* "-" is the standard output, NULL nothing. */
static int open_stream(const char *path, const char *what, FILE **stream, struct error *err)
{
	if (path == NULL)
		return 0;
	*stream = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	return *stream != NULL
		       ? 0
		       : error_errno(err, ERROR_USAGE, "cannot write %s to '%s'", what, path);
}

static bool is_terminal(const FILE *stream)
{
	return stream == stdout && isatty(STDOUT_FILENO);
}

/* Lines among a view that is redrawn would be lost. */
static bool can_draw(const struct streams *streams, const struct streams_wanted *wanted)
{
	return wanted->run.cases != NULL && wanted->verbosity == VERBOSITY_USUAL &&
	       live_can_be_drawn() && !is_terminal(streams->tap_file) &&
	       !is_terminal(streams->events);
}

struct streams *streams_open(
	const char *run_folder, const struct streams_wanted *wanted, struct error *err)
{
	struct streams *streams = calloc(1, sizeof *streams);

	if (streams == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	streams->run_folder = run_folder;
	streams->plain = (struct plain){.stream = stderr,
		.verbose = wanted->verbosity == VERBOSITY_VERBOSE,
		.timed = wanted->long_run,
		.silent = wanted->resumed};
	streams->silent = wanted->resumed;
	streams->for_people = wanted->verbosity == VERBOSITY_VERBOSE ||
			      (wanted->verbosity == VERBOSITY_USUAL && wanted->long_run);
	if (open_stream(wanted->tap, "TAP", &streams->tap_file, err) != 0 ||
		open_stream(wanted->events, "events", &streams->events, err) != 0)
		goto fail;
	if (streams->tap_file != NULL && (streams->tap = tap_begin(streams->tap_file)) == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
		goto fail;
	}
	const bool drawn = can_draw(streams, wanted);
	if (drawn || (streams->for_people && wanted->long_run && wanted->run.cases != NULL)) {
		streams->for_people &= !drawn;
		streams->view = live_new(&wanted->run, drawn, err);
		if (streams->view == NULL)
			goto fail;
	}
	streams->live = run_live_open(run_folder, err);
	if (streams->live != NULL)
		return streams;
fail:
	streams_free(streams);
	return NULL;
}

int streams_descriptor(const struct streams *streams)
{
	return streams->view == NULL ? -1 : live_descriptor(streams->view);
}

void streams_watch(const struct streams *streams, const struct watched *what)
{
	if (streams->view != NULL)
		live_tell(streams->view, what);
}

void streams_clear(struct streams *streams)
{
	if (streams->view != NULL)
		live_clear(streams->view);
}

void streams_forget_output(void)
{
	__fpurge(stdout);
	clearerr(stdout);
}

void streams_say(struct streams *streams, const char *text)
{
	streams_clear(streams);
	fprintf(stderr, "wizhil: %s\n", text);
	if (streams->view != NULL)
		live_note(streams->view, text);
}

/* A failure beside others counts when it was repeated alone. */
static bool is_failure(const struct run *run, const struct run_case *test_case, const json_t *event)
{
	const char *kind = json_string_value(json_object_get(event, "event"));
	const char *rerun = json_string_value(json_object_get(event, "rerun"));

	return test_case != NULL && kind != NULL && strcmp(kind, "verdict") == 0 &&
	       (rerun == NULL || strcmp(rerun, "alone") != 0) &&
	       test_case->outcome == OUTCOME_FAIL && waiver_of(run, test_case) == NULL;
}

size_t streams_failures(const struct streams *streams)
{
	return streams->failures;
}

/* The journal's own line again.  Who followed and went away is no trouble of the run. */
static void pass_on(struct streams *streams, const json_t *event)
{
	json_dumpf(event, streams->events, JSON_COMPACT | JSON_REAL_PRECISION(12));
	fputc('\n', streams->events);
	if (fflush(streams->events) == 0)
		return;
	streams_clear(streams);
	fputs("wizhil: the reader of --events closed; continuing without it\n", stderr);
	if (streams->events != stdout)
		fclose(streams->events);
	else
		streams_forget_output();
	streams->events = NULL;
}

static void saw(
	void *context, const struct run *run, const struct run_case *test_case, const json_t *event)
{
	struct streams *streams = context;
	const char *kind = json_string_value(json_object_get(event, "event"));

	if (kind != NULL && strcmp(kind, "resume") == 0)
		streams->silent = false;
	if (kind != NULL && strcmp(kind, "waiting") == 0 && !streams->silent)
		streams_say(streams, json_string_value(json_object_get(event, "text")));
	if (streams->events != NULL && !streams->silent)
		pass_on(streams, event);
	if (streams->tap != NULL && !streams->silent && test_case != NULL && kind != NULL &&
		strcmp(kind, "admitted") != 0)
		tap_case(streams->tap, run, test_case);
	streams->failures += is_failure(run, test_case, event);
	if (streams->for_people)
		live_wall_time(0, "%H:%M:%S", streams->plain.now);
	if (streams->for_people)
		plain_tell(&streams->plain, run, test_case, event);
	if (streams->view != NULL)
		live_saw(streams->view, run, test_case, event);
}

int streams_update(struct streams *streams, struct error *err)
{
	if (run_live_read(streams->live, saw, streams, err) != 0)
		return -1;
	if (streams->view != NULL)
		live_update(streams->view);
	return 0;
}

int streams_end(struct streams *streams, struct error *err)
{
	if (run_live_read(streams->live, saw, streams, err) != 0)
		return -1;
	/* What stands on the terminal at the end is the summary. */
	live_free(streams->view);
	streams->view = NULL;
	if (streams->tap == NULL)
		return 0;
	struct run *run = run_read(streams->run_folder, err);
	if (run == NULL)
		return -1;
	tap_end(streams->tap, run);
	run_free(run);
	if (fflush(streams->tap_file) != 0 || ferror(streams->tap_file))
		return error_set(err, ERROR_BENCH, "cannot write the complete TAP output");
	return 0;
}

int streams_step_summary(const char *run_folder, struct error *err)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");

	if (path == NULL || path[0] == '\0')
		return 0;
	return report_append(run_folder, "markdown", path, err);
}

static void close_stream(FILE *stream)
{
	if (stream != NULL && stream != stdout)
		fclose(stream);
}

void streams_free(struct streams *streams)
{
	if (streams == NULL)
		return;
	live_free(streams->view);
	tap_free(streams->tap);
	close_stream(streams->tap_file);
	close_stream(streams->events);
	run_live_close(streams->live);
	free(streams);
}
