/* SPDX-License-Identifier: MIT */
#include "bench/ladder.h"

#include <unistd.h>

#include "bench/fake_device_test.h"

static struct stand *stand_of_deaf(const char *wakes_by)
{
	struct stand *s = stand_new(1, 0);

	s->fakes[0].deaf = true;
	s->fakes[0].wakes_by = wakes_by;
	return s;
}

/* The rungs that the journal names, each with a blank. */
static void rungs(const struct stand *s, char *text, size_t size)
{
	static const char mark[] = "\"step\":\"";
	size_t used = 0;

	text[0] = '\0';
	for (const char *at = s->journal; (at = strstr(at, mark)) != NULL;) {
		at += sizeof mark - 1;
		used += (size_t)snprintf(
			text + used, size - used, "%.*s; ", (int)strcspn(at, "\""), at);
	}
}

static void expect_rungs(struct stand *s, const char *expected)
{
	char text[1024];

	stand_begin(s);
	stand_until_ready(s);
	rungs(s, text, sizeof text);
	cr_expect_str_eq(text, expected);
	stand_free(s);
}

Test(ladder, a_device_that_answers_climbs_nothing)
{
	expect_rungs(stand_new(1, 0), "");
}

Test(ladder, begins_with_the_end_of_a_data_frame)
{
	expect_rungs(stand_of_deaf("\x1b"
				   "E"),
		"ESC E; answers after ESC E; ");
}

Test(ladder, goes_on_with_the_way_out_of_data_mode)
{
	expect_rungs(stand_of_deaf("+++"), "ESC E; +++; answers after +++; ");
}

Test(ladder, then_resets_by_command)
{
	expect_rungs(stand_of_deaf("AT+RESET"),
		"ESC E; +++; other baud rates; AT+RESET; answers after AT+RESET; ");
}

Test(ladder, finds_another_speed)
{
	struct stand *s = stand_new(1, 0);

	s->fakes[0].baud = 19200;
	expect_rungs(s, "ESC E; +++; other baud rates; answers after other baud rates; answers at "
			"19200 baud, the bench file says 115200; ");
}

Test(ladder, asks_twice_at_each_of_the_eight_speeds)
{
	struct stand *s = stand_of_deaf(NULL);

	stand_begin(s);
	stand_until_ready(s);
	/* AT, ESC E, +++ (whose end is "+++AT") and AT+RESET at the first one, the sweep at the seven others. */
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT\n"), 2 + 7 + 1);
	cr_expect_eq(lines_with(s->fakes[0].heard, "ATV1"), 4 + 7);
	cr_expect_eq(s->fakes[0].device->baud, 115200);
	stand_free(s);
}

Test(ladder, does_not_claim_a_speed_that_the_port_refuses)
{
	struct stand *s = stand_of_deaf(NULL);

	s->fakes[0].refuses_baud = 57600;
	stand_begin(s);
	stand_until_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT\n"), 2 + 6 + 1);
	cr_expect_not_null(
		strstr(s->journal,
			"all baud rates but 57600, which the port refuses, AT+RESET were tried"),
		"%s", s->journal);
	stand_free(s);
}

Test(ladder, where_the_speed_is_not_known_it_is_looked_for_after_the_reset_too)
{
	struct stand *s = stand_of_deaf(NULL);

	s->entries[0].uart.baud = 0;
	stand_begin(s);
	stand_until_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "ATV1"), 4 + 7 + 7);
	stand_free(s);
}

Test(ladder, pulls_the_reset_pin_where_there_is_one)
{
	struct stand *s = stand_of_deaf(NULL);
	char file[64], command[128];

	snprintf(file, sizeof file, "%s/pulled", s->folder);
	snprintf(command, sizeof command, "echo $WIZHIL_DEVICE > %s", file);
	s->entries[0].reset.command = command;
	s->entries[0].power.cycle = "exit 7";
	stand_begin(s);
	stand_until_ready(s);
	cr_expect_eq(access(file, F_OK), 0);
	cr_expect_not_null(strstr(s->journal, "\"step\":\"the reset pin\""));
	cr_expect_not_null(strstr(s->journal, "\"step\":\"a power cycle\""));
	cr_expect_not_null(strstr(s->bench->fault.text,
				   "AT+RESET, the reset pin, a power cycle were tried; the power "
				   "command exited with 7"),
		"%s", s->bench->fault.text);
	stand_free(s);
}

Test(ladder, at_its_end_says_what_was_tried_and_what_would_allow_more)
{
	struct stand *s = stand_of_deaf(NULL);

	stand_begin(s);
	stand_until_ready(s);
	cr_expect(s->bench->lost[0]);
	cr_expect_str_eq(s->bench->fault.text,
		"device 'device-0' on 'fake-device-0' does not answer AT (check power, wiring and "
		"baud rate; ESC E, +++, all baud rates, AT+RESET were tried; 'reset:' and 'power:' in the bench file add further steps)");
	stand_free(s);
}

Test(ladder, waits_for_the_answers_to_what_a_late_device_was_asked_before)
{
	struct stand *s = stand_new(1, 0);

	fake_answers(&s->fakes[0], "AT", NULL, 1);
	stand_begin(s);
	stand_until_ready(s);
	/* 2 s without an answer, then ATV1, and 3 s later once more. */
	cr_expect_eq(s->bench->clock.now_ns, 5 * NS_PER_S);
	cr_expect(s->fakes[0].device->ready);
	stand_free(s);
}
