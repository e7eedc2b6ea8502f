/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "diagnose/sentence.h"
#include "diagnose/worst.h"
#include "judge/verdict.h"

static void expect_duration(int64_t ns, const char *expected)
{
	char text[64] = "";
	FILE *stream = fmemopen(text, sizeof text, "w");

	sentence_write_duration(stream, ns);
	(void)fclose(stream);
	cr_expect_str_eq(text, expected);
}

Test(sentence, durations_have_as_many_digits_as_tell_something)
{
	expect_duration(320 * NS_PER_US, "0.32 ms");
	expect_duration(-320 * NS_PER_US, "-0.32 ms");
	expect_duration(NS_PER_S / 10 - 1, "100.00 ms");
	expect_duration(NS_PER_S / 10, "0.10 s");
	expect_duration(100 * NS_PER_S - 1, "100.00 s");
	expect_duration(100 * NS_PER_S, "100.0 s");
	expect_duration(10800 * NS_PER_S - 1, "10800.0 s");
	expect_duration(10800 * NS_PER_S, "3 h 00 min");
	expect_duration(INT64_C(7384) * 60 * NS_PER_S, "123 h 04 min");
}

Test(sentence, times_are_utc_to_the_millisecond)
{
	char text[64] = "";
	FILE *stream = fmemopen(text, sizeof text, "w");

	sentence_write_time(stream, INT64_C(1700000000) * NS_PER_S + 7 * NS_PER_MS + 999999);
	(void)fclose(stream);
	cr_expect_str_eq(text, "2023-11-14 22:13:20.007Z");
}

Test(sentence, each_reason_has_its_words)
{
	cr_expect_str_eq(sentence_lookalike(SEGMENT_AFTER_FIN), "after its own FIN");
	cr_expect_str_eq(
		sentence_lookalike(SEGMENT_UNACKNOWLEDGED), "of an octet not yet acknowledged");
	cr_expect_str_eq(sentence_lookalike(SEGMENT_TOO_SOON), "right after traffic");
	cr_expect_str_eq(sentence_lookalike(SEGMENT_ZERO_WINDOW_PROBE), "of a closed window");
	cr_expect_str_eq(sentence_lookalike(SEGMENT_DUPLICATE), "captured twice");
	cr_expect_str_eq(sentence_lookalike(SEGMENT_UNDECIDABLE), "no evidence either way");
}

/* ---- the worst of many ---- */

static void keep(struct worst *worst, int rank, size_t number)
{
	if (worst_wants(worst, rank, number))
		worst_keep(worst, rank, number, strdup("x"));
}

static void expect_numbers(struct worst *worst, const size_t *numbers, size_t count)
{
	worst_sort(worst);
	cr_assert_eq(worst->count, count);
	for (size_t i = 0; i < count; i++)
		cr_expect_eq(worst->entries[i].number, numbers[i], "place %zu has %zu", i,
			worst->entries[i].number);
	worst_release(worst);
}

Test(worst, the_worst_are_kept_and_come_first)
{
	static const int ranks[] = {1, 5, 3, 2, 9, 4, 8, 7, 6, 0};
	struct worst worst;

	cr_assert_eq(worst_init(&worst, 4), 0);
	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
		keep(&worst, ranks[i], i + 1);
	expect_numbers(&worst, (const size_t[]){5, 7, 8, 9}, 4);
}

Test(worst, of_those_that_are_as_bad_the_first_are_kept)
{
	struct worst worst;

	cr_assert_eq(worst_init(&worst, 3), 0);
	for (size_t i = 1; i <= 6; i++)
		keep(&worst, 2, i);
	expect_numbers(&worst, (const size_t[]){1, 2, 3}, 3);
}

Test(worst, whatever_the_order_of_coming)
{
	for (size_t step = 1; step < 31; step++) {
		struct worst worst;

		cr_assert_eq(worst_init(&worst, 7), 0);
		for (size_t i = 0; i < 31; i++)
			keep(&worst, (int)(i * step % 31), i * step % 31);
		expect_numbers(&worst, (const size_t[]){30, 29, 28, 27, 26, 25, 24}, 7);
	}
}

static int rank_of(struct diagnosed_direction direction, struct diagnosis_counts *counts)
{
	const struct diagnosed_connection connection = {
		.direction_count = 1, .directions = {direction}};

	return diagnosis_count(counts, &connection);
}

Test(worst, a_finding_weighs_more_than_an_outcome)
{
	const struct finding warning = {.severity = SEVERITY_WARNING},
			     failure = {.severity = SEVERITY_FAILURE},
			     note = {.severity = SEVERITY_NOTE};
	struct diagnosis_counts counts = {0};
	const int dead = rank_of(
		(struct diagnosed_direction){.probe_count = 1, .outcome = KEEPALIVE_DEAD}, &counts);
	const int refused = rank_of(
		(struct diagnosed_direction){.probe_count = 1, .outcome = KEEPALIVE_REFUSED},
		&counts);
	const int undecided = rank_of(
		(struct diagnosed_direction){.probe_count = 1, .outcome = KEEPALIVE_UNDECIDED},
		&counts);
	const int alive =
		rank_of((struct diagnosed_direction){.probe_count = 1, .outcome = KEEPALIVE_ALIVE},
			&counts);
	const int warned = rank_of(
		(struct diagnosed_direction){
			.outcome = KEEPALIVE_ALIVE, .finding_count = 1, .findings = &warning},
		&counts);
	const int failed = rank_of(
		(struct diagnosed_direction){
			.outcome = KEEPALIVE_ALIVE, .finding_count = 1, .findings = &failure},
		&counts);
	const int suspected = rank_of((struct diagnosed_direction){.signs.suspects = 2}, &counts);

	cr_expect(failed > warned && warned > dead && dead > refused && refused > undecided &&
		  undecided > alive);
	cr_expect_eq(alive, 0);
	cr_expect_eq(suspected, undecided);
	cr_expect_eq(rank_of((struct diagnosed_direction){.lookalike_count = 1}, &counts), -1);
	cr_expect_eq(rank_of((struct diagnosed_direction){.finding_count = 1, .findings = &note},
			     &counts),
		-1);
	cr_expect_eq(counts.connections, 7);
	cr_expect_eq(counts.lookalikes, 2);
	cr_expect_eq(counts.unprobed, 2);
	cr_expect_eq(counts.by_outcome[KEEPALIVE_UNDECIDED], 2);
	cr_expect_eq(counts.by_outcome[KEEPALIVE_DEAD], 1);
}

Test(worst, a_connection_counts_by_its_worse_direction)
{
	const struct diagnosed_connection connection = {.direction_count = 2,
		.directions = {{.probe_count = 1, .outcome = KEEPALIVE_ALIVE},
			{.probe_count = 1, .outcome = KEEPALIVE_DEAD}}};
	struct diagnosis_counts counts = {0};

	cr_expect_eq(diagnosis_count(&counts, &connection), 3);
	cr_expect_eq(counts.by_outcome[KEEPALIVE_DEAD], 1);
	cr_expect_eq(counts.connections, 1);
}
