/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include <string.h>

#include "core/text_buffer.h"

/* What holds for every connection of every scenario, whatever the scenario is about.  A law looks
 * at what happened to be seen: it needs no parameter, and asks for nothing to happen.  An
 * expectation that needs the scenario to do something is none. */
static const struct {
	enum expectation_kind kind;
	/* What breaks it makes expectations of schedule and death fail, too, and is to be named first. */
	bool cause;
} laws[] = {
	{EXPECT_connects, true},
	{EXPECT_no_notice_while_alive, true},
	{EXPECT_no_death_after_an_answer, true},
	{EXPECT_probe_format, true},
	{EXPECT_segments_sound, true},
	{EXPECT_window_not_shrunk, false},
	{EXPECT_own_time_to_live, false},
	{EXPECT_own_addresses_and_ports, false},
	{EXPECT_gaps_of_75_s, false},
	{EXPECT_data_delivered, false},
	{EXPECT_data_acknowledged, false},
	{EXPECT_closed_by_fin, false},
	{EXPECT_fin_answered, false},
	{EXPECT_nothing_else_delivered, false},
	{EXPECT_reset_at_snd_nxt, false},
	{EXPECT_notice_after_the_end, false},
	{EXPECT_cid_freed, false},
};

/* Facts that each connection shows, whatever the scenario is about: what the profile pins of them
 * holds everywhere. */
static const enum fact_id everywhere[] = {FACT_form_of_syn, FACT_form_of_syn_ack, FACT_form_of_ack,
	FACT_form_of_data, FACT_form_of_probe, FACT_form_of_fin, FACT_form_of_rst};

/* Does the verdict accuse the connection of it already? */
static bool is_accused(const struct verdict *verdict, const struct check *broken)
{
	for (size_t i = 0; i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		if (check->outcome == OUTCOME_FAIL && check->connection == broken->connection &&
			strcmp(check->requirement, broken->requirement) == 0)
			return true;
	}
	return false;
}

/* Adds the first failure of a law, and says how many more of the same there were. */
static void add_broken(struct verdict *verdict, const struct subject *s, bool cause)
{
	const struct check *first = NULL;
	size_t more = 0;

	for (size_t i = 0; i < s->verdict->check_count; i++) {
		const struct check *check = &s->verdict->checks[i];
		if (check->outcome != OUTCOME_FAIL)
			continue;
		more += first != NULL;
		first = first == NULL ? check : first;
	}
	if (first == NULL || is_accused(verdict, first))
		return;
	struct check broken = *first;
	broken.cause = cause;
	struct text_buffer text = text_buffer(broken.text, sizeof broken.text);
	if (s->timeline->scenario.connection_count > 1)
		text_add(&text,
			"connection '%s': ", s->timeline->scenario.connections[s->connection].name);
	text_add(&text, "%s", first->text);
	if (more > 0)
		text_add(&text, " (and %zu more)", more);
	verdict_add(verdict, &broken);
}

void judge_laws(
	struct verdict *verdict, const struct timeline *timeline, const struct profile *profile)
{
	/* Of the laws alone: one that holds, or has nothing to look at, leaves the verdict as it is. */
	struct verdict found;

	for (int i = 0; i < timeline->scenario.connection_count; i++) {
		struct subject s = subject_of(&found, timeline, i, profile);
		for (size_t j = 0; j < sizeof laws / sizeof *laws; j++) {
			const struct expectation law = expectation_new(laws[j].kind, i);
			verdict_clear(&found);
			judge_expectation(&s, &law);
			add_broken(verdict, &s, laws[j].cause);
		}
		for (size_t j = 0; j < sizeof everywhere / sizeof *everywhere; j++) {
			const struct expectation_parameters none = {0};
			if (profile_pin(profile, everywhere[j]) == NULL)
				continue;
			verdict_clear(&found);
			judge_fact(&s, everywhere[j], fact_requirement(everywhere[j]), &none);
			add_broken(verdict, &s, false);
		}
	}
}
