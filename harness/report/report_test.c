/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/exit_code.h"
#include "report/model/written_run.h"

Test(report, is_written_in_every_format_there_is)
{
	struct written_run run = colourful_run();
	struct error err = {0};

	for (size_t i = 0; report_format(i) != NULL; i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *stream = open_memstream(&text, &size);
		cr_expect_eq(report_write(run.folder, report_format(i), stream, &err), 0);
		fclose(stream);
		cr_expect_gt(size, 0, "%s", report_format(i));
		free(text);
	}
	run_remove(&run);
}

Test(report, of_an_unknown_format_is_refused_with_those_there_are)
{
	struct error err = {0};

	cr_expect_eq(report_write("/tmp", "pdf", stdout, &err), -1);
	cr_expect_eq(err.kind, ERROR_USAGE);
	cr_expect_not_null(strstr(err.text, "'pdf' (use one of: text, junit, tap, markdown, csv"));
}

Test(report, is_appended_to_what_a_file_holds)
{
	struct written_run run = colourful_run();
	struct error err = {0};
	char path[128];

	snprintf(path, sizeof path, "%s/xmllint.txt", run.folder);
	FILE *file = fopen(path, "we");
	cr_assert_not_null(file);
	fputs("before\n", file);
	fclose(file);
	cr_expect_eq(report_append(run.folder, "markdown", path, &err), 0, "%s", err.text);
	cr_expect(tells(&run, "xmllint.txt", "before\n### :x: wizhil"));
	run_remove(&run);
}

Test(report, replaces_what_was_composed_before)
{
	struct written_run run = run_begin();
	struct verdict pass = passed();

	put_verdict(&run, "schedule/one", &pass);
	cr_expect_eq(composed(&run), EXIT_CODE_BENCH);
	put_verdict(&run, "schedule/two", &pass);
	put_end(&run, 0);
	cr_expect_eq(composed(&run), EXIT_CODE_PASS);
	cr_expect(tells(&run, REPORT_SUMMARY, "2 cases: 2 passed in"));
	run_remove(&run);
}

Test(report, says_that_a_folder_is_not_of_a_run)
{
	enum exit_code code;
	struct error err = {0};

	cr_expect_eq(report_compose("/tmp/wizhil-no-such-run", &err, &code), -1);
	cr_expect_eq(err.kind, ERROR_USAGE);
}
