/* SPDX-License-Identifier: MIT */
#include "report/formats/markdown.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "report/model/written_run.h"

Test(markdown, begins_with_the_run_in_one_sentence)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_MARKDOWN,
		"### :x: wizhil: bench fault; 1 of 6 cases failed on firmware S2W APP "
		"VERSION=1.2\n\n- result: 6 cases: 1 passed, 1 marginal, 1 failed, "));
	run_remove(&run);
}

Test(markdown, has_a_row_for_what_did_not_pass_and_folds_the_rest)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_MARKDOWN,
		"| **fail** | `format/fails` | KA-TIME-01 | gap 3 is 81 s, expected 75 s; alone on "
		"the device: pass |\n"));
	cr_expect(tells(&run, REPORT_MARKDOWN, "| not run | `schedule/waits` |  | no room |\n"));
	cr_expect(tells(&run, REPORT_MARKDOWN, "<details><summary>1 passed</summary>"));
	cr_expect(tells(
		&run, REPORT_MARKDOWN, "| `schedule/passes` | gap 3 75.0 s against 75 s |\n"));
	run_remove(&run);
}

Test(markdown, lets_no_hostile_text_be_markup)
{
	struct written_run run = hostile_run();
	char *text = text_of(&run, REPORT_MARKDOWN);

	cr_expect_null(strstr(text, "<script>"));
	cr_expect_null(strstr(text, "\n---\n"));
	cr_expect_not_null(strstr(text, "&lt;script&gt;"));
	cr_expect_not_null(strstr(text, "&#93;&#93;&gt; &amp; "));
	free(text);
	run_remove(&run);
}

Test(csv, has_a_line_for_each_measured_leg_of_each_attempt)
{
	struct written_run run = colourful_run();
	char *text = text_of(&run, REPORT_CSV);

	cr_expect_eq(strncmp(text, "case,device,firmware,repetition,attempt,leg,", 44), 0);
	cr_expect_not_null(strstr(text,
		"\r\n\"format/fails\",\"left\",\"S2W APP VERSION=1.2\",1,first,\"gap 3\","
		"\"KA-TIME-01\",fail,75.012000000,74.900000000,75.100000000,0.001000000\r\n"
		"\"format/fails\",\"left\",\"S2W APP VERSION=1.2\",1,alone,\"gap 3\","));
	free(text);
	run_remove(&run);
}
