/* SPDX-License-Identifier: MIT */
/*
 * What the judge says of timelines that were recorded (judge/recorded/), and of what comes of each when something is
 * wrong with one of its events: it is missing, comes later, comes twice, or the capture lost frames then.  One letter
 * for each event, P pass, M marginal, F fail, I inconclusive, E error; of a fact that was found its word's first one.
 * All connections, all checks with a usual parameter, and one fact of each method; those that never say more than that
 * they do not know are left out.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/expected_test.h"
#include "judge/expect.h"

#define FOLDER WIZHIL_SOURCE "/harness/judge/recorded/"

enum { NAME = 96 };

static char names[][NAME] = {
	"connections_after_its_return_are_kept_alive.jsonl",
	"its_loss_is_told_by_the_disassociation_event.jsonl",
	"a_new_connection_has_timers_of_its_own.jsonl",
	"nothing_is_sent_after_a_close.jsonl",
	"what_commands_draw_on_the_dead_cid.jsonl",
	"end_by_retransmission.jsonl",
	"notice_of_fin.jsonl",
	"options_of_an_accepted_connection.jsonl",
	"count_lowered_in_mid_probing.jsonl",
	"switched_on_late_it_probes.jsonl",
	"whether_lower_case_is_accepted.jsonl",
	"which_error_a_timeout_below_the_floor_draws.jsonl",
	"a_fin_of_an_idle_peer_ends_the_connection_at_once.jsonl",
	"a_rebooted_peer_ends_its_own_connection_only_with_count_1.jsonl",
	"a_rebooted_peer_is_noticed_at_the_first_probe.jsonl",
	"a_rst_after_the_last_probe_ends_the_connection_at_once.jsonl",
	"a_closed_window_of_an_idle_peer_does_not_stop_keepalive.jsonl",
	"a_duplicate_30_s_after_the_answer_does_not_answer_the_next_round.jsonl",
	"a_probe_of_the_peer_is_answered_without_keepalive.jsonl",
	"a_segment_from_another_port_or_address_is_none_of_the_connection.jsonl",
	"an_answer_with_a_bad_checksum_is_none.jsonl",
	"data_goes_through_a_window_that_opens_again.jsonl",
	"data_of_the_peer_arrives_from_an_accepted_connection.jsonl",
	"data_of_the_peer_right_before_a_probe_ends_the_round.jsonl",
	"data_sent_in_mid_probing_is_retransmitted_and_ends_the_probing.jsonl",
	"what_a_rst_within_the_window_does.jsonl",
};

enum { CHANGE_NONE, MISSING, LATER, TWICE, LOST_FRAMES, CHANGES };

static const char *const changes[] = {"", "missing", "later", "twice", "lost frames"};

static const enum fact_id facts[] = {FACT_timing_model, FACT_below_floor, FACT_notice_abort,
	FACT_rst_at_death, FACT_option_cid, FACT_cid_allocation, FACT_accepted_options,
	FACT_answer_never_sent, FACT_maxrt, FACT_maxrt_1, FACT_maxrt_idle, FACT_default_timeout,
	FACT_cid_misread, FACT_peer_probe, FACT_option_restart, FACT_option_latency,
	FACT_clock_skew, FACT_error_unknown_type, FACT_answers_to_commands};

enum { FACTS = sizeof facts / sizeof *facts, LAWS = EXPECTATION_KINDS + FACTS, ROWS };

static struct timeline *recorded(const char *name)
{
	char path[256];
	struct error err = {0};

	snprintf(path, sizeof path, FOLDER "%s", name);
	FILE *stream = fopen(path, "re");
	cr_assert_not_null(stream, "no %s", path);
	struct timeline *timeline = timeline_read(stream, &err);
	fclose(stream);
	cr_assert_not_null(timeline, "%s: %s", path, err.text);
	return timeline;
}

static struct timeline *changed(const struct timeline *from, int change, size_t nth)
{
	struct timeline *timeline = timeline_new(from->case_name, &from->scenario);

	cr_assert_not_null(timeline);
	timeline->stepped = from->stepped;
	timeline->path_delay_ns = from->path_delay_ns;
	timeline->uart = from->uart;
	for (size_t i = 0; i < from->count; i++) {
		struct event event = from->events[i];
		if (i == nth && change == MISSING)
			continue;
		if (i == nth && change == LATER)
			event.t_ns += S(3);
		cr_assert_eq(timeline_add(timeline, &event), 0);
		if (i != nth || change < TWICE)
			continue;
		event.t_ns += S(0.2);
		if (change == LOST_FRAMES)
			event = (struct event){.t_ns = from->events[i].t_ns + S(0.1),
				.from_ns = from->events[i].t_ns - S(0.1),
				.kind = EVENT_FAULT,
				.fault = FAULT_CAPTURE_DROP,
				.connection = NO_CONNECTION,
				.cid = -1,
				.step = -1};
		cr_assert_eq(timeline_add(timeline, &event), 0);
	}
	return timeline;
}

static struct expectation_parameters parameters_of(
	const struct history *history, enum expectation_kind kind)
{
	const unsigned needs = expectation_rule(kind)->needs;
	const int count = history->plan.count > 0 ? history->plan.count : 1;
	struct expectation_parameters parameters = expectation_new(kind, 0).parameters;

	if ((needs & PARAMETER_COUNT) != 0)
		parameters.count = count;
	if ((needs & PARAMETER_IN) != 0)
		parameters.time_ns = count * S(75);
	if ((needs & (PARAMETER_FOR | PARAMETER_WITHIN)) != 0)
		parameters.time_ns = S(30);
	if ((needs & PARAMETER_ANSWER) != 0)
		snprintf(parameters.answer, sizeof parameters.answer, "OK");
	return parameters;
}

static void judge_row(struct verdict *v, const struct timeline *timeline, int connection,
	const struct profile *profile, int row)
{
	if (row == LAWS) {
		judge_laws(v, timeline, profile);
		judge_provoked(v, timeline, "KA-AFTER-08");
		return;
	}
	struct subject s = subject_of(v, timeline, connection, profile);
	if (row >= EXPECTATION_KINDS) {
		const enum fact_id id = facts[row - EXPECTATION_KINDS];
		const struct expectation_parameters none = {0};
		judge_fact(&s, id, fact_requirement(id), &none);
		return;
	}
	struct expectation expectation = expectation_new((enum expectation_kind)row, connection);
	expectation.parameters = parameters_of(&s.generations[0].history, expectation.kind);
	judge_expectation(&s, &expectation);
}

static char letter_of(const struct verdict *v, int row)
{
	if (row == LAWS && v->check_count == 0)
		return '.';
	if (row >= EXPECTATION_KINDS && v->fact_count > 0)
		return (char)tolower((unsigned char)v->facts[0].text[0]);
	return (char)toupper((unsigned char)outcome_name(v->outcome)[0]);
}

static const char *name_of(int row)
{
	return row == LAWS		 ? "laws and breakdowns"
	       : row < EXPECTATION_KINDS ? expectation_words[row]
					 : fact_name(facts[row - EXPECTATION_KINDS]);
}

/* The figures of what was measured on the timeline as it was recorded. */
static void put_measures(FILE *stream, const struct verdict *v)
{
	for (size_t i = 0; i < v->check_count; i++) {
		const struct check *check = &v->checks[i];
		if (check->measured)
			fprintf(stream, " %.3f+-%.3f in %.3f..%.3f",
				(double)check->measured_ns / 1e9, (double)check->error_ns / 1e9,
				(double)check->from_ns / 1e9, (double)check->to_ns / 1e9);
	}
	for (size_t i = 0; i < v->fact_count; i++)
		fprintf(stream, " '%s'", v->facts[i].text);
}

static void put_row(FILE *stream, const struct timeline *timeline, int connection, int row,
	const struct profile *profile)
{
	char letters[CHANGES][512] = {""};
	struct verdict v = verdict_new();
	bool tells = false;

	judge_row(&v, timeline, connection, profile, row);
	letters[CHANGE_NONE][0] = letter_of(&v, row);
	tells = strchr("I.", letters[CHANGE_NONE][0]) == NULL;
	for (int change = MISSING; change < CHANGES; change++)
		for (size_t i = 0; i < timeline->count && i < sizeof letters[0] - 1; i++) {
			struct timeline *other = changed(timeline, change, i);
			struct verdict of_other = verdict_new();
			judge_row(&of_other, other, connection, profile, row);
			letters[change][i] = letter_of(&of_other, row);
			tells |= strchr("I.", letters[change][i]) == NULL;
			timeline_free(other);
		}
	if (!tells)
		return;
	fprintf(stream, "%s of %s: %s", name_of(row),
		timeline->scenario.connections[connection].name, letters[CHANGE_NONE]);
	put_measures(stream, &v);
	fputc('\n', stream);
	/* One that changes nothing wherever it is made needs no line. */
	for (int change = MISSING; change < CHANGES; change++)
		if (letters[change][strspn(letters[change], letters[CHANGE_NONE])] != '\0')
			fprintf(stream, "  %-11s %s\n", changes[change], letters[change]);
}

/* Of frames that may be lost: arrived, lost, and how many of those due are absent. */
static void put_losses(FILE *stream, const struct timeline *timeline, const struct profile *profile)
{
	for (int change = CHANGE_NONE; change <= LATER; change++) {
		fprintf(stream, "losses %s:", changes[change]);
		for (size_t i = 0; i < (change == CHANGE_NONE ? 1 : timeline->count); i++) {
			struct timeline *other = changed(timeline, change, i);
			struct verdict v = verdict_new();
			int due = 0, absent = 0;
			judge_losses(&v, other, profile);
			for (size_t k = 0; k < v.losses.count; k++) {
				due += v.losses.counts[k].due;
				absent += v.losses.counts[k].absent;
			}
			fprintf(stream, " %d,%d,%d/%d", v.losses.arrived, v.losses.lost, absent,
				due);
			timeline_free(other);
		}
		fputc('\n', stream);
	}
}

static void put_all(FILE *stream, const struct timeline *timeline, const struct profile *profile)
{
	for (int c = 0; c < timeline->scenario.connection_count; c++)
		for (int row = 0; row < ROWS; row++)
			if (row != LAWS || c == 0)
				put_row(stream, timeline, c, row, profile);
}

ParameterizedTestParameters(recorded, is_judged_as_ever)
{
	return cr_make_param_array(char[NAME], names, sizeof names / sizeof *names);
}

ParameterizedTest(char *name, recorded, is_judged_as_ever)
{
	struct profile profile = profile_default();
	struct timeline *timeline = recorded(name);
	char *text = NULL, file[NAME + 16];
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	put_all(stream, timeline, &profile);
	profile.lossy_air = true;
	put_losses(stream, timeline, &profile);
	fclose(stream);
	snprintf(file, sizeof file, "recorded-%.*s.txt", (int)strcspn(name, "."), name);
	expect_whole("judge", file, text);
	free(text);
	timeline_free(timeline);
}
