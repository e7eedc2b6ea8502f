/* SPDX-License-Identifier: MIT */
#include "report/formats/tap.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "report/report.h"
#include "report/model/run_live.h"
#include "report/model/written_run.h"

Test(tap, has_its_version_first_and_then_the_plan)
{
	struct written_run run = colourful_run();
	char *text = text_of(&run, REPORT_TAP);

	cr_expect_eq(strncmp(text, "TAP version 14\n1..8\n", 20), 0, "%s", text);
	free(text);
	run_remove(&run);
}

Test(tap, has_a_test_point_for_each_case_and_the_faults)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_TAP, "\nok 1 - schedule/passes\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nok 2 - schedule/is_close\n"));
	cr_expect(
		tells(&run, REPORT_TAP, "\nnot ok 3 - format/fails\n  ---\n  outcome: \"fail\"\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nnot ok 4 - format/is_unclear\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nnot ok 5 - schedule/breaks\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nok 6 - schedule/waits # SKIP no room\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nok 7 - run/one-timing-model\n"));
	cr_expect(tells(&run, REPORT_TAP, "\nnot ok 8 - run/bench\n"));
	run_remove(&run);
}

Test(tap, tells_in_yaml_why_a_case_failed)
{
	struct written_run run = colourful_run();

	cr_expect(tells(&run, REPORT_TAP,
		"  requirement: \"KA-TIME-01\"\n  message: \"gap 3 is 81 s, expected 75 s\"\n"
		"  alone: \"pass\"\n"));
	cr_expect(tells(&run, REPORT_TAP,
		"  legs:\n    - leg: \"gap 3\"\n      outcome: \"fail\"\n"
		"      measured_s: 75.012000\n      expected_s: [74.900000, 75.100000]\n"));
	run_remove(&run);
}

/* Each line is one that TAP 14 knows; text of a device cannot make one up. */
Test(tap, holds_no_line_that_hostile_text_made)
{
	struct written_run run = hostile_run();
	char *text = text_of(&run, REPORT_TAP);
	char *rest = NULL;
	size_t points = 0, opened = 0, closed = 0;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest)) {
		points += strncmp(line, "ok ", 3) == 0 || strncmp(line, "not ok ", 7) == 0;
		opened += strcmp(line, "  ---") == 0;
		closed += strcmp(line, "  ...") == 0;
		for (const char *c = line; *c != '\0'; c++)
			cr_expect((unsigned char)*c >= 0x20 && *c != 0x7f, "control byte in: %s",
				line);
	}
	cr_expect_eq(points, 6);
	cr_expect_eq(opened, 3);
	cr_expect_eq(closed, 3);
	free(text);
	cr_expect(tells(&run, REPORT_TAP, "ok 2 - sch<edule/t\\#wo # SKIP "));
	cr_expect_not(tells(&run, REPORT_TAP, "\nok 99"));
	run_remove(&run);
}

/* ---- while it runs ---- */

struct following {
	char *text;
	size_t size;
	FILE *stream;
	struct tap_stream *tap;
	struct run_live *live;
};

static struct following follow(const struct written_run *run)
{
	struct following following = {0};
	struct error err = {0};

	following.live = run_live_open(run->folder, &err);
	cr_assert_not_null(following.live, "%s", err.text);
	return following;
}

static void saw(
	void *context, const struct run *run, const struct run_case *test_case, const json_t *event)
{
	struct following *following = context;

	if (test_case != NULL &&
		strcmp(json_string_value(json_object_get(event, "event")), "admitted") != 0)
		tap_case(following->tap, run, test_case);
}

static void read_on(struct following *following)
{
	struct error err = {0};

	if (following->tap == NULL) {
		following->stream = open_memstream(&following->text, &following->size);
		following->tap = tap_begin(following->stream);
	}
	cr_assert_eq(run_live_read(following->live, saw, following, &err), 0, "%s", err.text);
}

static void stop(struct following *following)
{
	tap_free(following->tap);
	fclose(following->stream);
	run_live_close(following->live);
	free(following->text);
}

Test(tap_stream, has_a_test_point_as_soon_as_a_case_has_its_verdict)
{
	struct written_run run = run_begin();
	struct following following = follow(&run);
	struct verdict pass = passed();

	read_on(&following);
	cr_expect_str_eq(following.text, "TAP version 14\n");
	put_verdict(&run, "schedule/two", &pass);
	read_on(&following);
	cr_expect_str_eq(following.text, "TAP version 14\nok 1 - schedule/two\n");
	stop(&following);
	run_remove(&run);
}

Test(tap_stream, waits_for_the_rest_of_half_a_line)
{
	struct written_run run = run_begin();
	struct following following = follow(&run);

	put_raw(&run, "{\"event\":\"not_run\",\"case\":\"schedule/two\",");
	read_on(&following);
	cr_expect_str_eq(following.text, "TAP version 14\n");
	put_raw(&run, "\"reason\":\"no room\"}\n");
	read_on(&following);
	cr_expect_str_eq(following.text, "TAP version 14\nok 1 - schedule/two # SKIP no room\n");
	stop(&following);
	run_remove(&run);
}

Test(tap_stream, ends_with_what_is_left_and_the_plan)
{
	struct written_run run = run_begin();
	struct following following = follow(&run);
	struct verdict fail = failed("late"), pass = passed();

	put_verdict(&run, "schedule/two", &fail);
	put_alone(&run, "schedule/two", &pass);
	put_fault(&run, "broken");
	put_end(&run, 1);
	read_on(&following);
	struct run *all = read_run(&run);
	tap_end(following.tap, all);
	run_free(all);
	cr_expect_not_null(strstr(following.text, "\nnot ok 1 - schedule/two\n  ---\n"));
	cr_expect_not_null(strstr(following.text, "\nnot ok 2 - schedule/one\n  ---\n"));
	cr_expect_not_null(strstr(following.text, "\nok 3 - run/one-timing-model # SKIP"));
	cr_expect_not_null(strstr(following.text, "\nnot ok 4 - run/bench\n"));
	cr_expect_not_null(strstr(following.text, "\n1..4\n# bench: rack-3\n"));
	stop(&following);
	run_remove(&run);
}
