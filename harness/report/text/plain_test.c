/* SPDX-License-Identifier: MIT */
#include "report/text/plain.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "report/model/run_live.h"
#include "report/model/written_run.h"

static void tell(
	void *context, const struct run *run, const struct run_case *test_case, const json_t *event)
{
	plain_tell(context, run, test_case, event);
}

/* What is told of a run with one of each outcome. */
static char *lines_of(bool verbose, bool timed)
{
	struct written_run run = colourful_run();
	struct error err = {0};
	char *text = NULL;
	size_t size;
	struct plain plain = {.stream = open_memstream(&text, &size),
		.verbose = verbose,
		.timed = timed,
		.now = "12:34:56"};
	struct run_live *live = run_live_open(run.folder, &err);

	cr_assert_not_null(live, "%s", err.text);
	cr_assert_eq(run_live_read(live, tell, &plain, &err), 0);
	run_live_close(live);
	fclose(plain.stream);
	run_remove(&run);
	return text;
}

Test(plain, has_a_line_for_each_case_as_it_ends)
{
	char *text = lines_of(false, false);

	cr_expect_str_eq(text,
		"[1/6] pass          schedule/passes: gap 3 75.0 s against 75 s\n"
		"[2/6] marginal      schedule/is_close: KA-TIME-01: gap 3 is close\n"
		"[3/6] FAIL          format/fails: KA-TIME-01: gap 3 is 81 s, expected 75 s\n"
		"[4/6] inconclusive  format/is_unclear: KA-TIME-01: the capture has a hole\n"
		"[5/6] ERROR         schedule/breaks: the worker ended\n"
		"[6/6] not run       schedule/waits: no room\n",
		"%s", text);
	free(text);
}

Test(plain, tells_more_when_it_is_verbose)
{
	char *text = lines_of(true, false);

	cr_expect_not_null(strstr(text, "left is up: S2W APP VERSION=1.2\n"), "%s", text);
	cr_expect_not_null(strstr(text, "left begins schedule/passes\n"), "%s", text);
	cr_expect_not_null(strstr(text, "format/fails alone on the device: pass\n"), "%s", text);
	cr_expect_not_null(strstr(text, "fault: cannot open '/dev/ttyUSB0'"), "%s", text);
	free(text);
}

Test(plain, begins_each_line_with_the_time_where_that_is_wanted)
{
	char *text = lines_of(true, true);
	size_t lines = 0;

	for (char *rest = NULL, *line = strtok_r(text, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest), lines++)
		cr_expect_eq(strncmp(line, "12:34:56  ", 10), 0, "%s", line);
	cr_expect_gt(lines, 6);
	free(text);
}
