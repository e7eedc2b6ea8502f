/* SPDX-License-Identifier: MIT */
#include "report/text/annotations.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/expected_test.h"
#include "report/model/written_run.h"
#include "report/report.h"

static char *annotations_of(const struct written_run *run)
{
	struct error err = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_eq(report_annotate(run->folder, stream, &err), 0, "%s", err.text);
	fclose(stream);
	return text;
}

Test(annotations, each_cause_has_a_line_and_marginal_passes_have_none)
{
	struct written_run run = colourful_run();
	char *text = annotations_of(&run);

	expect_whole("report", "annotations-of-causes.txt", text);
	free(text);
	run_remove(&run);
}

Test(annotations, nothing_that_a_device_says_ends_the_line)
{
	struct written_run run = hostile_run();
	char *text = annotations_of(&run);

	expect_whole("report", "annotations-hostile.txt", text);
	free(text);
	run_remove(&run);
}

Test(annotations, a_folder_without_a_run_is_an_error)
{
	struct error err = {0};

	cr_assert_eq(report_annotate("/tmp/wizhil-no-such-run", stdout, &err), -1);
	cr_expect_eq(err.kind, ERROR_USAGE);
}
