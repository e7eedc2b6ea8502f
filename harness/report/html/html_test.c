/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "report/html/html_sections.h"
#include "report/html/html_text.h"
#include "report/report.h"
#include "report/model/written_run.h"

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		found++;
	return found;
}

Test(html, has_a_row_and_a_section_for_each_case_that_counts)
{
	struct written_run run = colourful_run();
	char *text = text_of(&run, REPORT_HTML);

	cr_expect_eq(count(text, "<tr data-n="), 6);
	cr_expect_eq(count(text, "<details class=\"case\""), 6);
	cr_expect_eq(count(text, "data-o=\"fail\""), 1);
	cr_expect_eq(count(text, "data-o=\"not-run\""), 1);
	free(text);
	run_remove(&run);
}

Test(html, tells_the_worst_first)
{
	struct written_run run = colourful_run();
	char *text = text_of(&run, REPORT_HTML);
	const char *first = strstr(text, "<tr data-n=");

	cr_assert_not_null(first);
	cr_expect_eq(strncmp(strstr(first, "data-o="), "data-o=\"fail\"", 13), 0);
	free(text);
	run_remove(&run);
}

Test(html, says_that_there_is_no_picture_where_the_timeline_is_gone)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_HTML, "no picture: cannot open"));
	run_remove(&run);
}

Test(html, needs_nothing_from_elsewhere)
{
	struct written_run run = colourful_run();
	char *text = text_of(&run, REPORT_HTML);

	cr_expect_eq(count(text, "<script>"), 1);
	cr_expect_eq(count(text, "{{"), 0, "a place of the template was left");
	cr_expect_eq(count(text, "http://"), count(text, "http://www.w3.org/2000/svg"),
		"a name space, which nobody fetches");
	cr_expect_eq(count(text, "https://"), 0);
	cr_expect_eq(count(text, "default-src 'none'"), 1);
	free(text);
	run_remove(&run);
}

Test(html, shows_what_a_device_said_and_never_obeys_it)
{
	struct written_run run = hostile_run();
	char *text = text_of(&run, REPORT_HTML);

	cr_expect_eq(count(text, "<script"), 1, "there is one script, the page's own");
	cr_expect_eq(count(text, "sch<edule"), 0);
	cr_expect_gt(count(text, "sch&lt;edule"), 0);
	cr_expect_eq(strcspn(text, "\x01\x07\x1b\xff"), strlen(text));
	free(text);
	run_remove(&run);
}

Test(html, is_the_same_for_the_same_run)
{
	struct written_run run = colourful_run();
	char *first = text_of(&run, REPORT_HTML);

	composed(&run);
	char *second = text_of(&run, REPORT_HTML);
	cr_expect_str_eq(first, second);
	free(first);
	free(second);
	run_remove(&run);
}

static char *written(void (*write)(FILE *stream, const char *text), const char *argument)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_not_null(stream);
	write(stream, argument);
	fclose(stream);
	return text;
}

Test(html, paths_are_relative_and_cannot_leave_their_attribute)
{
	char *text = written(html_path, "javascript:a\" b?#%");

	cr_expect_str_eq(text, "./javascript%3Aa%22%20b%3F%23%25");
	free(text);
}

Test(html, names_may_be_broken_behind_their_words)
{
	char *text = written(html_name, "of_<2>_probes");

	cr_expect_str_eq(text, "of_<wbr>&lt;2&gt;_<wbr>probes");
	free(text);
}

static json_t *run_of(const char *firmware, int passed)
{
	return json_pack("{s:s, s:s, s:i, s:i}", "firmware", firmware, "started",
		"2026-11-26T10:00:00Z", "total", 10, "passed", passed);
}

Test(html, numbers_the_firmwares_of_a_history_and_names_them_below_the_picture)
{
	json_t *trend =
		json_pack("[o, o, o]", run_of("<one>", 10), run_of("two", 8), run_of("<one>", 9));
	char text[16384] = "";
	FILE *stream = fmemopen(text, sizeof text, "w");

	html_write_trend(trend, stream);
	fclose(stream);
	json_decref(trend);
	const char *list = strstr(text, "</svg>");
	cr_assert_not_null(list);
	cr_expect_not_null(strstr(list, "<li>&lt;one&gt;: 2 runs, 19 of 20 passed</li>\n"
					"<li>two: 1 run, 8 of 10 passed</li>"),
		"%s", list);
	cr_expect_eq(count(text, ">1</text>"), 2);
	cr_expect_eq(count(text, ">2</text>"), 1);
	cr_expect_eq(count(text, "two</text>"), 0, "names have no room in the picture");
}
