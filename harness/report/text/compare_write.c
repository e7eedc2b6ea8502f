/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "core/exit_code.h"
#include "core/text_buffer.h"
#include "report/model/attempt.h"
#include "report/model/compare.h"
#include "report/model/compare_groups.h"
#include "report/text/headline.h"
#include "report/text/text.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"

void comparison_headline(const struct comparison *c, char *text, size_t size)
{
	const size_t moved = c->compared - c->same - c->worse - c->better;
	char unclear[80] = "", unrun[80] = "";

	if (c->unclear > 0)
		snprintf(unclear, sizeof unclear,
			"; %zu passed before, now inconclusive or in error", c->unclear);
	if (c->unrun > 0)
		snprintf(unrun, sizeof unrun, "; %zu passed before, now not run", c->unrun);
	snprintf(text, size,
		"%zu case%s compared: %zu worse, %zu better, %zu changed, %zu the same%s%s",
		c->compared, c->compared == 1 ? "" : "s", c->worse, c->better, moved, c->same,
		unclear, unrun);
}

static void models_of_change(unsigned base, unsigned run, char *text, size_t size)
{
	char before[64], now[64];

	models_text(base, before, sizeof before);
	models_text(run, now, sizeof now);
	snprintf(text, size, "timing model: %s -> %s", before, now);
}

static const char *verdict_of(const struct comparison *c)
{
	switch (comparison_exit_code(c)) {
	case EXIT_CODE_FIRMWARE:
		return "A regression";
	case EXIT_CODE_BENCH:
		return "No regression found, but not every case that passed before has a verdict";
	case EXIT_CODE_NOT_RUN:
		return c->compared == 0
			       ? "Nothing to compare"
			       : "No regression found, but not every case that passed before was run";
	case EXIT_CODE_PASS:
	case EXIT_CODE_USAGE:
	case EXIT_CODE_INTERRUPTED:
		break;
	}
	return "No regression";
}

void comparison_verdict(const struct comparison *c, char *text, size_t size)
{
	char models[160] = "";

	if (c->other_models)
		models_of_change(c->base_models, c->run_models, models, sizeof models);
	snprintf(text, size, "%s%s%s", verdict_of(c), c->other_models ? ": another " : "", models);
}

void comparison_sentence(const struct comparison *c, char *text, size_t size)
{
	char counts[256];

	comparison_headline(c, counts, sizeof counts);
	comparison_verdict(c, text, size);
	struct text_buffer sentence = text_buffer_behind(text, size);
	text_add(&sentence, ". %s", counts);
}

void moved_leg_text(const struct moved_leg *leg, char *text, size_t size)
{
	struct text_buffer sentence = text_buffer(text, size);
	char of[32] = "";

	if (leg->run.nth > 1)
		snprintf(of, sizeof of, " (%d)", leg->run.nth);
	text_add(&sentence, "%s%s %.3f s -> %.3f s: %+.3f s, more than the uncertainty of %.3f s",
		leg_name(leg->run.id).text, of, (double)leg->base.mean_ns / 1e9,
		(double)leg->run.mean_ns / 1e9, (double)leg->by_ns / 1e9,
		(double)leg->uncertainty_ns / 1e9);
	if (leg->more == 0)
		return;
	if (leg->least_by_ns == leg->most_by_ns)
		text_add(&sentence, "; %zu more of this kind by the same amount", leg->more);
	else
		text_add(&sentence, "; %zu more of this kind by %+.3f s to %+.3f s", leg->more,
			(double)leg->least_by_ns / 1e9, (double)leg->most_by_ns / 1e9);
}

void changed_fact_text(const struct changed_fact *fact, char *text, size_t size)
{
	snprintf(text, size, "%s: %s -> %s", fact_what(fact->run->id), fact->base->text,
		fact->run->text);
}

/* "schedule/one", and where there are several devices "schedule/one (left)". */
static void name_of(
	const struct comparison *c, const struct case_change *change, char *name, size_t size)
{
	const char *device = change_device(c, change);

	snprintf(name, size, device[0] == '\0' ? "%s" : "%s (%s)", change->name, device);
}

static void firmwares_of(const struct run *run, char *text, size_t size)
{
	firmwares_text(run, text, size);
	if (text[0] == '\0')
		snprintf(text, size, "unknown firmware");
}

/* ---- for a terminal ---- */

static const char *colour_of(const struct case_change *change)
{
	if (change->worse)
		return RED;
	return change->better ? GREEN : YELLOW;
}

static void put_detail(FILE *stream, const char *text)
{
	fputs("      ", stream);
	text_wrap(stream, text, 6, 80);
}

static void put_outcomes(const struct case_change *change, FILE *stream, bool colour)
{
	fprintf(stream, "  %s%s -> %s%s  ", colour ? colour_of(change) : "",
		outcome_name(change->base->outcome), outcome_name(change->run->outcome),
		colour ? "\033[0m" : "");
}

static void put_name(const struct comparison *c, const struct case_change *change, FILE *stream)
{
	char text[400], line[400];

	name_of(c, change, text, sizeof text);
	text_line(text, line, sizeof line);
	fprintf(stream, "%s\n", line);
}

static void put_details(const struct case_change *change, FILE *stream)
{
	char text[VERDICT_TEXT + 200];

	if (change->run->outcome != change->base->outcome && !change->better)
		put_detail(stream, change->run->text);
	if (change->better)
		put_detail(stream, change->base->text);
	if (change->other_models) {
		models_of_change(change->base->first->verdict.models,
			change->run->first->verdict.models, text, sizeof text);
		put_detail(stream, text);
	}
	for (size_t i = 0; i < change->moved_count; i++) {
		moved_leg_text(&change->moved[i], text, sizeof text);
		put_detail(stream, text);
	}
	for (size_t i = 0; i < change->fact_count; i++) {
		changed_fact_text(&change->facts[i], text, sizeof text);
		put_detail(stream, text);
	}
}

/* Several changes of one cause: what they have in common, and one of them. */
static void put_group(
	const struct comparison *c, const struct change_group *group, FILE *stream, bool colour)
{
	char text[600];
	struct text_buffer line = text_buffer(text, sizeof text);

	put_outcomes(group->changes[0], stream, colour);
	if (group->count == 1) {
		put_name(c, group->changes[0], stream);
		put_details(group->changes[0], stream);
		return;
	}
	text_add(&line, "%zu cases", group->count);
	if (group->requirement[0] != '\0')
		text_add(&line, ": %s", group->requirement);
	/* The sentence of the instance is below. */
	if (group->text[0] != '\0' && strcmp(group->text, group->changes[0]->run->text) != 0 &&
		strcmp(group->text, group->changes[0]->base->text) != 0)
		text_add(&line, "%s %s", group->requirement[0] == '\0' ? ":" : ",", group->text);
	text_wrap(stream, text, 6, 80);
	fputs("      such as ", stream);
	put_name(c, group->changes[0], stream);
	put_details(group->changes[0], stream);
}

/* The cases of causes that have several, by name only. */
static void put_members(
	const struct comparison *c, const struct change_groups *groups, FILE *stream)
{
	enum { LISTED = 40 };
	size_t count = 0;

	for (size_t i = 0; i < groups->count; i++)
		for (size_t k = 0; groups->list[i].count > 1 && k < groups->list[i].count; k++) {
			if (count == 0)
				fputs("\nthese cases\n", stream);
			if (++count > LISTED)
				continue;
			put_outcomes(groups->list[i].changes[k], stream, false);
			put_name(c, groups->list[i].changes[k], stream);
		}
	if (count > LISTED)
		fprintf(stream, "  and %zu more (--format markdown lists all)\n", count - LISTED);
}

static void put_differences(const struct comparison *c, FILE *stream)
{
	struct run_difference list[RUN_DIFFERENCES];
	const size_t count = run_differences(c->base, c->run, list);
	char text[900];

	for (size_t i = 0; i < count; i++) {
		snprintf(
			text, sizeof text, "%s: %s -> %s", list[i].what, list[i].base, list[i].run);
		fputs("differs   ", stream);
		text_wrap(stream, text, 10, 80);
	}
}

static bool is_new(const struct case_change *change)
{
	return change->base == NULL;
}

static bool is_gone(const struct case_change *change)
{
	return change->run == NULL;
}

static bool is_unrun(const struct case_change *change)
{
	return change->run != NULL && change->unrun;
}

/* What cannot be compared: some by name, for the verdict must stay in sight. */
static void put_list(const struct comparison *c, const char *heading,
	bool (*belongs)(const struct case_change *), FILE *stream)
{
	enum { NAMED = 8 };
	char text[400], line[400];
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct case_change *change = &c->changes[i];
		if (!belongs(change))
			continue;
		if (count == 0)
			fprintf(stream, "\n%s\n", heading);
		if (++count > NAMED)
			continue;
		const struct run_case *test_case = change->run == NULL ? change->base : change->run;
		name_of(c, change, text, sizeof text);
		text_line(text, line, sizeof line);
		fprintf(stream, "  %-13s %s\n", outcome_name(test_case->outcome), line);
	}
	if (count > NAMED)
		fprintf(stream, "  and %zu more\n", count - NAMED);
}

void comparison_write_text(const struct comparison *c, FILE *stream, bool colour)
{
	char text[512];

	firmwares_of(c->base, text, sizeof text);
	fputs("baseline  ", stream);
	text_wrap(stream, text, 10, 80);
	firmwares_of(c->run, text, sizeof text);
	fputs("run       ", stream);
	text_wrap(stream, text, 10, 80);
	if (c->other_models) {
		models_of_change(c->base_models, c->run_models, text, sizeof text);
		fprintf(stream, "%s%s%s\n", colour ? RED : "", text, colour ? "\033[0m" : "");
	}
	put_differences(c, stream);
	struct change_groups groups = change_groups_of(c);
	if (groups.count > 0)
		fputc('\n', stream);
	for (size_t i = 0; i < groups.count; i++)
		put_group(c, &groups.list[i], stream, colour);
	put_members(c, &groups, stream);
	change_groups_free(&groups);
	put_list(c, "passed before, now not run", is_unrun, stream);
	put_list(c, "new, not compared", is_new, stream);
	put_list(c, "only in the baseline, not compared", is_gone, stream);
	comparison_headline(c, text, sizeof text);
	fprintf(stream, "\n%s\n", text);
	comparison_verdict(c, text, sizeof text);
	fprintf(stream, "%s\n", text);
}

/* ---- for GitHub ---- */

static void put(FILE *stream, const char *text)
{
	text_put(stream, TEXT_MARKDOWN, text);
}

static void put_row_details(const struct case_change *change, FILE *stream)
{
	char text[VERDICT_TEXT + 200];
	const char *between = "";

	if (change->run != NULL && change->base != NULL &&
		change->run->outcome != change->base->outcome) {
		put(stream, change->better ? change->base->text : change->run->text);
		between = "<br>";
	}
	if (change->other_models) {
		models_of_change(change->base->first->verdict.models,
			change->run->first->verdict.models, text, sizeof text);
		fputs(between, stream);
		put(stream, text);
		between = "<br>";
	}
	for (size_t i = 0; i < change->moved_count; i++) {
		moved_leg_text(&change->moved[i], text, sizeof text);
		fputs(between, stream);
		put(stream, text);
		between = "<br>";
	}
	for (size_t i = 0; i < change->fact_count; i++) {
		changed_fact_text(&change->facts[i], text, sizeof text);
		fputs(between, stream);
		put(stream, text);
		between = "<br>";
	}
}

static const char *outcome_in(const struct run_case *test_case)
{
	return test_case == NULL ? "not selected" : outcome_name(test_case->outcome);
}

static void put_markdown_differences(const struct comparison *c, FILE *stream)
{
	struct run_difference list[RUN_DIFFERENCES];
	const size_t count = run_differences(c->base, c->run, list);

	for (size_t i = 0; i < count; i++) {
		fprintf(stream, "- %s: ", list[i].what);
		put(stream, list[i].base);
		fputs(" -> ", stream);
		put(stream, list[i].run);
		fputc('\n', stream);
	}
}

/* The causes, where there are fewer of them than changes; whether the changes are folded then. */
static bool put_markdown_groups(const struct comparison *c, FILE *stream)
{
	struct change_groups groups = change_groups_of(c);
	size_t changes = 0;
	char text[400];

	for (size_t i = 0; i < groups.count; i++)
		changes += groups.list[i].count;
	const bool folded = changes > groups.count;
	if (folded)
		fputs("\n| cases | baseline | run | cause | such as |\n| ---: | --- | --- | --- | --- |\n",
			stream);
	for (size_t i = 0; folded && i < groups.count; i++) {
		const struct change_group *group = &groups.list[i];
		const struct case_change *first = group->changes[0];
		fprintf(stream, "| %zu | %s | %s | ", group->count, outcome_in(first->base),
			outcome_in(first->run));
		put(stream, group->requirement);
		fputc(' ', stream);
		put(stream, group->text);
		fputs(" | ", stream);
		name_of(c, first, text, sizeof text);
		text_put_code(stream, text);
		fputs(" |\n", stream);
	}
	if (folded)
		fprintf(stream, "\n<details><summary>all %zu changes</summary>\n", c->count);
	change_groups_free(&groups);
	return folded;
}

void comparison_write_markdown(const struct comparison *c, FILE *stream)
{
	char text[512], verdict[256];

	comparison_headline(c, text, sizeof text);
	comparison_verdict(c, verdict, sizeof verdict);
	fprintf(stream, "### %s wizhil compare: %s\n\n",
		comparison_exit_code(c) == EXIT_CODE_PASS ? ":white_check_mark:" : ":x:", verdict);
	put(stream, text);
	fputs("\n\n- baseline: ", stream);
	firmwares_of(c->base, text, sizeof text);
	put(stream, text);
	fputs("\n- run: ", stream);
	firmwares_of(c->run, text, sizeof text);
	put(stream, text);
	fputc('\n', stream);
	if (c->other_models) {
		models_of_change(c->base_models, c->run_models, text, sizeof text);
		fputs("- ", stream);
		put(stream, text);
		fputc('\n', stream);
	}
	put_markdown_differences(c, stream);
	const bool folded = put_markdown_groups(c, stream);
	if (c->count > 0)
		fputs("\n| baseline | run | case | what changed |\n| --- | --- | --- | --- |\n",
			stream);
	for (size_t i = 0; i < c->count; i++) {
		const struct case_change *change = &c->changes[i];
		fprintf(stream, "| %s | %s | ", outcome_in(change->base), outcome_in(change->run));
		name_of(c, change, text, sizeof text);
		text_put_code(stream, text);
		fputs(" | ", stream);
		put_row_details(change, stream);
		fputs(" |\n", stream);
	}
	if (folded)
		fputs("\n</details>\n", stream);
}
