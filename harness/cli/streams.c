/* SPDX-License-Identifier: MIT */
#include "cli/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "report/run_live.h"
#include "report/tap.h"

struct streams {
	const char *run_folder;
	struct run_live *live;
	FILE *tap_file; /* may be the standard output */
	struct tap_stream *tap;
};

struct streams *streams_open(const char *run_folder, const char *tap, struct error *err)
{
	struct streams *streams = calloc(1, sizeof *streams);

	if (streams == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	streams->run_folder = run_folder;
	if (tap == NULL)
		return streams;
	streams->tap_file = strcmp(tap, "-") == 0 ? stdout : fopen(tap, "we");
	if (streams->tap_file == NULL)
		error_errno(err, ERROR_USAGE, "cannot write TAP to '%s'", tap);
	else if ((streams->tap = tap_begin(streams->tap_file)) == NULL)
		error_set(err, ERROR_MEMORY, "out of memory");
	else if ((streams->live = run_live_open(run_folder, err)) != NULL)
		return streams;
	streams_free(streams);
	return NULL;
}

static void saw(
	void *context, const struct run *run, const struct run_case *one, const json_t *event)
{
	struct streams *streams = context;
	const char *kind = json_string_value(json_object_get(event, "event"));

	if (one != NULL && kind != NULL && strcmp(kind, "admitted") != 0)
		tap_case(streams->tap, run, one);
}

int streams_update(struct streams *streams, struct error *err)
{
	return streams->live == NULL ? 0 : run_live_read(streams->live, saw, streams, err);
}

int streams_end(struct streams *streams, struct error *err)
{
	if (streams->tap == NULL)
		return 0;
	if (streams_update(streams, err) != 0)
		return -1;
	struct run *run = run_read(streams->run_folder, err);
	if (run == NULL)
		return -1;
	tap_end(streams->tap, run);
	run_free(run);
	if (ferror(streams->tap_file))
		return error_set(err, ERROR_BENCH, "cannot write all of the TAP output");
	return 0;
}

int streams_step_summary(const char *run_folder, struct error *err)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");

	if (path == NULL || path[0] == '\0')
		return 0;
	return report_append(run_folder, "markdown", path, err);
}

void streams_free(struct streams *streams)
{
	if (streams == NULL)
		return;
	tap_free(streams->tap);
	if (streams->tap_file != NULL && streams->tap_file != stdout)
		fclose(streams->tap_file);
	run_live_close(streams->live);
	free(streams);
}
