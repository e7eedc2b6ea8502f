/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "report/formats/profile_yaml.h"
#include "report/model/written_run.h"

static struct fact said(enum fact_id id, const char *text)
{
	struct fact fact = {.id = id};

	snprintf(fact.text, sizeof fact.text, "%s", text);
	return fact;
}

static struct fact figure(enum fact_id id, double value, double error)
{
	struct fact fact = {.id = id, .number = true, .value = value, .error = error};

	snprintf(fact.text, sizeof fact.text, "%.1f +- %.1f %s", value, error, fact_unit(id));
	return fact;
}

static struct verdict with(struct fact fact)
{
	struct verdict verdict = passed();

	verdict_add_fact(&verdict, &fact);
	return verdict;
}

/* The text of the fact says nothing: the set is the verdict's. */
static struct verdict with_models(unsigned models)
{
	struct verdict verdict = with(said(FACT_timing_model, "none"));

	verdict.models = models;
	return verdict;
}

/* A run of two cases on one device of firmware 2.4.0. */
static struct written_run run_with(const struct verdict *verdict, const struct verdict *two)
{
	struct written_run run = run_begin();

	put_event(&run, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "event", "device", "device",
				"left", "firmware", "2.4.0", "mac", "02:d0:07:00:00:01", "address",
				"192.0.2.10", "baud", 115200));
	put_verdict(&run, "schedule/one", verdict);
	put_verdict(&run, "schedule/two", two);
	put_end(&run, 0);
	return run;
}

/* The profile's text; the caller frees it.  It is read back, too. */
static char *profile_of(struct written_run *written, struct profile *back)
{
	const struct profile tolerances = {.jitter_ms = 700, .skew_ppm = 100};
	struct profile_counts counts;
	struct error err = {0};
	char path[128], *text = NULL;
	size_t size = 0;
	struct run *run = read_run(written);

	FILE *stream = open_memstream(&text, &size);
	cr_assert_eq(
		profile_yaml_write(run, NULL, &tolerances, written->folder, stream, &counts, &err),
		0, "%s", err.text);
	fclose(stream);
	run_free(run);
	snprintf(path, sizeof path, "%s/profile.yaml", written->folder);
	stream = fopen(path, "we");
	cr_assert_not_null(stream);
	fputs(text, stream);
	fclose(stream);
	cr_assert_eq(profile_read(path, back, &err), 0, "%s\n%s", err.text, text);
	unlink(path);
	run_remove(written);
	return text;
}

#define EXPECT_TEXT(text, words)                                                                   \
	cr_expect(strstr(text, words) != NULL, "no '%s' in\n%s", words, text)

Test(profile_yaml, what_is_known_is_pinned_and_read_back)
{
	struct verdict verdict = with(said(FACT_notice_fin, "disconnect"));
	struct verdict two = with(said(FACT_error_length_2, "ERROR: \"INVALID\" INPUT"));
	struct written_run run = run_with(&verdict, &two);
	struct profile back;
	char *text = profile_of(&run, &back);

	cr_expect_str_eq(back.firmware, "2.4.0");
	cr_expect_str_eq(profile_pin(&back, FACT_notice_fin), "disconnect");
	cr_expect_str_eq(profile_pin(&back, FACT_error_length_2), "ERROR: \"INVALID\" INPUT");
	cr_expect_eq(back.jitter_ms, 700);
	free(text);
}

Test(profile_yaml, what_two_cases_found_out_differently_is_not_known)
{
	struct verdict verdict = with(said(FACT_notice_fin, "disconnect"));
	struct verdict two = with(said(FACT_notice_fin, "none"));
	struct written_run run = run_with(&verdict, &two);
	struct profile back = {0};
	struct profile_counts counts;
	struct error err = {0};

	put_verdict(&run, "schedule/three", &verdict);
	struct run *read = read_run(&run);
	cr_expect_eq(profile_yaml_write(read, NULL, &back, run.folder, stderr, &counts, &err), -1);
	EXPECT_TEXT(err.text, "no fact was recorded");
	run_free(read);
	run_remove(&run);
}

Test(profile_yaml, a_disputed_fact_is_said_with_both_cases)
{
	struct verdict verdict = with(said(FACT_notice_fin, "disconnect"));
	struct verdict two = with(said(FACT_notice_fin, "none"));
	struct fact close = said(FACT_notice_close, "none");
	struct profile back;

	verdict_add_fact(&two, &close);
	struct written_run run = run_with(&verdict, &two);
	char *text = profile_of(&run, &back);
	cr_expect_null(profile_pin(&back, FACT_notice_fin));
	EXPECT_TEXT(text, "'disconnect' in schedule/one, 'none' in schedule/two");
	free(text);
}

Test(profile_yaml, of_timing_models_the_one_that_all_cases_leave_is_pinned)
{
	struct verdict verdict = with_models(MODEL_A | MODEL_A_TICK | MODEL_E);
	struct verdict two = with_models(MODEL_A_TICK | MODEL_A_FREE);
	struct written_run run = run_with(&verdict, &two);
	struct profile back;
	char *text = profile_of(&run, &back);

	cr_expect_str_eq(profile_pin(&back, FACT_timing_model), "A-tick");
	free(text);
}

Test(profile_yaml, several_timing_models_are_none)
{
	struct verdict verdict = with_models(MODEL_A | MODEL_A_TICK);
	struct verdict two = with(said(FACT_notice_close, "none"));
	struct written_run run = run_with(&verdict, &two);
	struct profile back;
	char *text = profile_of(&run, &back);

	cr_expect_null(profile_pin(&back, FACT_timing_model));
	EXPECT_TEXT(text, "A, A-tick all explain the measurements");
	free(text);
}

Test(profile_yaml, why_a_fact_is_not_known_is_said)
{
	struct verdict verdict = with(said(FACT_notice_close, "none"));
	struct verdict two = verdict_new();
	struct check unknown = {.outcome = OUTCOME_INCONCLUSIVE, .models = MODELS_ALL};
	const struct fact_gap gap = {.id = FACT_notice_fin,
		.reason = GAP_watch_has_no_end,
		.text = "the watch has no end"};
	struct profile back;

	strcpy(unknown.requirement, "KA-NOTICE-08");
	verdict_add(&two, &unknown);
	verdict_add_gap(&two, &gap);
	struct written_run run = run_with(&verdict, &two);
	char *text = profile_of(&run, &back);
	EXPECT_TEXT(
		text, "\n# notice_fin (the line when the peer sends FIN): the watch has no end\n");
	free(text);
}

Test(profile_yaml, of_two_figures_the_surer_one_is_kept_and_never_pinned)
{
	struct verdict verdict = with(figure(FACT_clock_skew, 40, 30));
	struct verdict two = with(figure(FACT_clock_skew, 51, 2));
	struct written_run run = run_with(&verdict, &two);
	struct profile back;
	char *text = profile_of(&run, &back);

	EXPECT_TEXT(text, "clock_skew: \"51.0 +- 2.0 ppm\"");
	cr_expect_eq(back.skew_ppm, 100, "and it widens no window");
	cr_expect_null(profile_pin(&back, FACT_clock_skew));
	free(text);
}

Test(profile_yaml, an_answer_that_cannot_be_printed_is_not_pinned)
{
	struct verdict verdict = with(said(FACT_error_length_2, "ERROR\x1b[31m"));
	struct verdict two = with(said(FACT_notice_close, "none"));
	struct written_run run = run_with(&verdict, &two);
	struct profile back;
	char *text = profile_of(&run, &back);

	cr_expect_null(profile_pin(&back, FACT_error_length_2));
	free(text);
}
