/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "judge/profile.h"
#include "judge/verdict.h"

/* Reads a text as a profile; the file's name is cut from the message. */
static int read_text(const char *text, struct profile *profile, char *message, size_t size)
{
	char path[] = "/tmp/wizhil-profile-XXXXXX";
	struct error err = {0};

	int file = mkstemp(path);
	cr_assert_geq(file, 0);
	cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
	close(file);
	int result = profile_read(path, profile, &err);
	unlink(path);
	snprintf(message, size, "%s", err.kind == ERROR_USAGE ? err.text + sizeof path : err.text);
	return result;
}

static struct profile profile_of(const char *text)
{
	struct profile profile;
	char message[256];

	cr_assert_eq(read_text(text, &profile, message, sizeof message), 0, "%s", message);
	return profile;
}

static void expect_wrong(const char *text, const char *wanted)
{
	struct profile profile;
	char message[256];

	cr_expect_eq(read_text(text, &profile, message, sizeof message), -1, "%s", text);
	cr_expect_str_eq(message, wanted);
}

Test(profile, the_default_pins_nothing)
{
	struct profile profile = profile_default();

	cr_expect_eq(profile.jitter_ms, 500);
	cr_expect_eq(profile.skew_ppm, 200);
	cr_expect_eq(profile_models(&profile), 0);
	for (int i = 0; i < FACT_COUNT; i++)
		cr_expect_null(
			profile_pin(&profile, (enum fact_id)i), "%s", fact_name((enum fact_id)i));
}

Test(profile, what_is_left_out_stays_as_by_default)
{
	struct profile profile = profile_of("firmware: 2.3.1\ntolerances: { jitter_ms: 600 }\n");

	cr_expect_str_eq(profile.firmware, "2.3.1");
	cr_expect_eq(profile.jitter_ms, 600);
	cr_expect_eq(profile.skew_ppm, 200);
	cr_expect_eq(profile_models(&profile), 0);
	cr_expect_null(profile_pin(&profile, FACT_rst_at_death));
}

Test(profile, pins_are_read)
{
	struct profile profile = profile_of("firmware: x\n"
					    "pins:\n"
					    "  timing_model: B\n"
					    "  notice_fin: disconnect\n"
					    "  error_below_floor: 'ERROR: INVALID INPUT'\n"
					    "  notice_abort: socket-failure\n"
					    "  rst_at_death: false\n");

	cr_expect_str_eq(profile_pin(&profile, FACT_notice_fin), "disconnect");
	cr_expect_null(profile_pin(&profile, FACT_notice_rst));
	cr_expect_str_eq(profile_pin(&profile, FACT_notice_abort), "socket-failure");
	cr_expect_str_eq(profile_pin(&profile, FACT_rst_at_death), "false");
	cr_expect_str_eq(profile_pin(&profile, FACT_error_below_floor), "ERROR: INVALID INPUT");
	cr_expect_eq(profile_models(&profile), MODEL_B);
}

struct model_case {
	const char word[8];
	unsigned model;
};

ParameterizedTestParameters(profile, each_timing_model_can_be_pinned)
{
	static struct model_case cases[] = {{"A", MODEL_A}, {"A-tick", MODEL_A_TICK},
		{"A-free", MODEL_A_FREE}, {"B", MODEL_B}, {"D", MODEL_D}, {"E", MODEL_E}};

	return cr_make_param_array(struct model_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct model_case *c, profile, each_timing_model_can_be_pinned)
{
	char text[64];

	snprintf(text, sizeof text, "firmware: x\npins: { timing_model: %s }\n", c->word);
	struct profile profile = profile_of(text);
	cr_expect_eq(profile_models(&profile), c->model, "%s", c->word);
}

Test(profile, an_interval_is_refused_wherever_it_stands)
{
	expect_wrong("firmware: x\ninterval: 60\n",
		"2:1: 'interval' is defined by the vendor or a standard (V, S) and cannot be set in a profile; a device that differs fails");
	expect_wrong("firmware: x\npins: { interval_s: 60 }\n",
		"2:9: 'interval_s' is defined by the vendor or a standard (V, S) and cannot be set in a profile; a device that differs fails");
	expect_wrong("firmware: x\ntolerances: { interval: 60 }\n",
		"2:15: 'interval' is defined by the vendor or a standard (V, S) and cannot be set in a profile; a device that differs fails");
}

Test(profile, counts_are_refused)
{
	expect_wrong("firmware: x\npins: { count: 7 }\n",
		"2:9: 'count' is defined by the vendor or a standard (V, S) and cannot be set in a profile; a device that differs fails");
}

Test(profile, it_names_the_firmware_it_came_from)
{
	expect_wrong("pins: {}\n", "1:1: the profile lacks the key 'firmware'");
}

Test(profile, a_jitter_that_hides_a_whole_interval_is_refused)
{
	expect_wrong("firmware: x\ntolerances: { jitter_ms: 75000 }\n",
		"2:26: jitter_ms must be 0 to 30000, not '75000'");
}

Test(profile, the_air_of_the_real_clock_is_lossy_unless_it_is_told_not_to_be)
{
	struct profile unstated = profile_default(), stated = profile_default();

	profile_take_clock(&unstated, true);
	cr_expect_not(unstated.lossy_air);
	profile_take_clock(&unstated, false);
	cr_expect(unstated.lossy_air);
	stated = profile_of("firmware: any\ntolerances:\n  lossy_air: false\n");
	profile_take_clock(&stated, false);
	cr_expect_not(stated.lossy_air);
}

Test(profile, the_way_of_the_uart_is_the_benchs)
{
	expect_wrong("firmware: x\ntolerances: { uart_latency_ms: 20 }\n",
		"2:15: uart_latency_ms is a property of the bench and is measured in each run (remove the key)");
}

Test(profile, the_profile_in_the_fixtures_is_the_default)
{
	struct profile profile;
	struct error err = {0};
	const struct profile expected = profile_default();

	cr_assert_eq(profile_read(WIZHIL_SOURCE "/fixtures/profiles/wizfi210.yaml", &profile, &err),
		0, "%s", err.text);
	cr_expect_eq(profile.jitter_ms, expected.jitter_ms);
	cr_expect_eq(profile.skew_ppm, expected.skew_ppm);
	cr_expect_eq(profile_models(&profile), 0);
}
