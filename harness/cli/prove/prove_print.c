/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/prove/prove.h"
#include "core/json_text.h"
#include "report/text/text.h"

/* All seeds of one subject. */
struct row {
	int seeds, caught, accused, unclear;
	size_t outcomes[OUTCOME_ERROR + 1];
	const struct trial *first,
		*bad; /* bad: the first that is not as it should be; may be NULL */
};

static struct row row_of(const struct proof *proof, const struct subject *subject)
{
	struct row row = {0};

	for (size_t i = 0; i < proof->trial_count; i++) {
		const struct trial *trial = &proof->trials[i];
		if (trial->subject != subject || !trial->done)
			continue;
		if (row.first == NULL)
			row.first = trial;
		row.seeds++;
		row.caught += trial->reading.caught;
		row.accused += trial_accused(trial);
		row.unclear += trial_unclear(trial);
		for (int outcome = 0; outcome <= OUTCOME_ERROR; outcome++)
			row.outcomes[outcome] += trial->reading.outcomes[outcome];
		if (row.bad == NULL &&
			(trial_survived(trial) || trial_accused(trial) || trial_unclear(trial)))
			row.bad = trial;
	}
	return row;
}

static void print_words(FILE *stream, const json_t *words, size_t most)
{
	size_t count = json_array_size(words);

	for (size_t i = 0; i < count && i < most; i++) {
		fputs(i == 0 ? "" : ", ", stream);
		text_put(stream, TEXT_LINE, json_string_value(json_array_get(words, i)));
	}
	if (count > most)
		fprintf(stream, " and %zu more", count - most);
}

/* ---- faults ---- */

static void print_fault(FILE *stream, const struct subject *subject, const struct row *row)
{
	char caught[32];

	snprintf(caught, sizeof caught, "%d/%d", row->caught, row->seeds);
	fprintf(stream, "  %-44s %-15s %6s  ", subject->name,
		subject->break_count > 0 ? subject->breaks[0] : "any", caught);
	if (row->caught == row->seeds) {
		print_words(stream, row->first->reading.by, 1);
	} else {
		fputs("SURVIVED", stream);
		if (json_array_size(row->bad->reading.others) > 0) {
			fputs("; failed were ", stream);
			print_words(stream, row->bad->reading.others, 6);
		}
	}
	fputc('\n', stream);
}

static void print_faults(const struct proof *proof, FILE *stream)
{
	bool first = true;

	for (size_t i = 0; i < proof->files.subject_count; i++) {
		const struct subject *subject = &proof->files.subjects[i];
		struct row row = row_of(proof, subject);
		if (subject->kind == SUBJECT_VARIANT || row.seeds == 0)
			continue;
		if (first)
			fprintf(stream, "%-46s %-15s %6s  %s\n", "fault", "requirement", "caught",
				"by");
		first = false;
		print_fault(stream, subject, &row);
	}
	if (!first)
		fputc('\n', stream);
}

/* ---- variants ---- */

enum { NAME_WIDTH = 44 }; /* a longer one has a line of its own */

static void print_variants(const struct proof *proof, FILE *stream)
{
	static const enum outcome columns[] = {OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_MARGINAL,
		OUTCOME_INCONCLUSIVE, OUTCOME_ERROR, OUTCOME_NOT_RUN};
	bool first = true;

	for (size_t i = 0; i < proof->files.subject_count; i++) {
		const struct subject *subject = &proof->files.subjects[i];
		struct row row = row_of(proof, subject);
		if (subject->kind != SUBJECT_VARIANT || row.seeds == 0)
			continue;
		if (first)
			fprintf(stream, "%-46s %6s %6s %8s %12s %6s %7s\n", "healthy device",
				"pass", "fail", "marginal", "inconclusive", "error", "not run");
		first = false;
		fprintf(stream, "  %s", subject->name);
		const int length = (int)strlen(subject->name);
		fprintf(stream, length > NAME_WIDTH ? "\n  %*s" : "%*s",
			length > NAME_WIDTH ? NAME_WIDTH : NAME_WIDTH - length, "");
		for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
			static const int widths[] = {6, 6, 8, 12, 6, 7};
			fprintf(stream, " %*zu", widths[c], row.outcomes[columns[c]]);
		}
		fprintf(stream, "%s\n",
			row.accused > 0	  ? "  ACCUSED"
			: row.unclear > 0 ? "  UNCLEAR"
					  : "");
	}
	if (!first)
		fputc('\n', stream);
}

/* ---- legs ---- */

static void print_legs(const struct proof *proof, FILE *stream)
{
	bool first = true;

	for (size_t i = 0; i < proof->trial_count; i++) {
		const struct trial *trial = &proof->trials[i];
		if (trial->sweep == NULL || !trial->done)
			continue;
		if (first)
			fprintf(stream, "%-46s %-15s %s\n", "leg", "requirement",
				"smallest deviation caught");
		first = false;
		fprintf(stream, "  %-44s %-15s ", trial->sweep->leg, trial->sweep->breaks[0]);
		if (trial->any_caught)
			fprintf(stream, "%.4g (%s=%.4g; not %.4g)\n",
				trial->caught_at - trial->sweep->healthy, trial->sweep->setting,
				trial->caught_at, trial->healthy);
		else
			fprintf(stream, "none up to %s=%.4g\n", trial->sweep->setting,
				trial->sweep->to);
	}
	if (!first)
		fputc('\n', stream);
}

/* ---- the end ---- */

static void print_note(FILE *stream, const json_t *note)
{
	fputs("    ", stream);
	text_put(stream, TEXT_LINE, json_string_value(json_object_get(note, "outcome")));
	fputs(": ", stream);
	text_put(stream, TEXT_LINE, json_string_value(json_object_get(note, "case")));
	fputs(": ", stream);
	text_put(stream, TEXT_LINE, json_string_value(json_object_get(note, "requirement")));
	fputc(' ', stream);
	text_put(stream, TEXT_LINE, json_string_value(json_object_get(note, "text")));
	fputc('\n', stream);
}

/* What is not as it should be, with what to type to see it again. */
static void print_bad(FILE *stream, const struct subject *subject, const struct trial *trial)
{
	enum { NOTES = 8 };
	const json_t *notes = trial->reading.notes;

	fprintf(stream, "%s %s with seed %d%s%s\n", subject->name,
		trial_survived(trial)  ? "survived"
		: trial_accused(trial) ? "failed, although it is healthy"
				       : "has no verdict",
		(int)trial->seed, subject->what == NULL ? "" : ": ",
		subject->what == NULL ? "" : subject->what);
	if (trial->reading.fault[0] != '\0') {
		fputs("    the run: ", stream);
		text_put(stream, TEXT_LINE, trial->reading.fault);
		fputc('\n', stream);
	}
	for (size_t i = 0; i < json_array_size(notes) && i < NOTES; i++)
		print_note(stream, json_array_get(notes, i));
	if (json_array_size(notes) > NOTES)
		fprintf(stream, "    and %zu more\n", json_array_size(notes) - NOTES);
	fprintf(stream, "    evidence: %s\n    again:    ", trial->order.folder);
	prove_command_line(&trial->order, stream);
	fputs("\n", stream);
}

struct sums {
	size_t faults, caught, variants, accused, unclear;
};

static struct sums sums_of(const struct proof *proof)
{
	struct sums sums = {0};

	for (size_t i = 0; i < proof->files.subject_count; i++) {
		const struct subject *subject = &proof->files.subjects[i];
		struct row row = row_of(proof, subject);
		if (row.seeds == 0)
			continue;
		if (subject->kind == SUBJECT_VARIANT) {
			sums.variants++;
			sums.accused += row.accused > 0;
			sums.unclear += row.unclear > 0;
		} else {
			sums.faults++;
			sums.caught += row.caught == row.seeds;
		}
	}
	return sums;
}

void proof_print(const struct proof *proof, FILE *stream)
{
	const struct sums sums = sums_of(proof);

	print_faults(proof, stream);
	print_variants(proof, stream);
	print_legs(proof, stream);
	for (size_t i = 0; i < proof->files.subject_count; i++) {
		const struct subject *subject = &proof->files.subjects[i];
		struct row row = row_of(proof, subject);
		if (row.bad != NULL)
			print_bad(stream, subject, row.bad);
	}
	fprintf(stream, "%zu of %zu faults caught, %zu of %zu healthy devices accused", sums.caught,
		sums.faults, sums.accused, sums.variants);
	if (sums.unclear > 0)
		fprintf(stream, ", %zu unclear", sums.unclear);
	fprintf(stream, "; seeds 1 to %d, %zu runs in %.0f s%s\n", proof->options->seeds,
		proof->runs, proof->wall_s, proof->interrupted ? ", interrupted" : "");
}

/* ---- JSON ---- */

static json_t *trial_json(const struct trial *trial)
{
	const struct reading *reading = &trial->reading;
	json_t *outcomes = json_object();

	for (int outcome = 0; outcome <= OUTCOME_ERROR; outcome++)
		json_object_set_new(outcomes, outcome_name((enum outcome)outcome),
			json_integer((json_int_t)reading->outcomes[outcome]));
	return json_pack("{s:I, s:b, s:b, s:b, s:b, s:O, s:O, s:O, s:o, s:o, s:o}", "seed",
		(json_int_t)trial->seed, "whole_suite", trial->stage == STAGE_WHOLE, "caught",
		reading->caught, "accused", trial_accused(trial), "unclear", trial_unclear(trial),
		"caught_by", reading->by, "other_requirements", reading->others, "not_passed",
		reading->notes, "cases", outcomes, "fault_of_the_run", json_text(reading->fault),
		"evidence", trial->kept ? json_text(trial->order.folder) : json_null());
}

static json_t *texts_json(const char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_text(texts[i]));
	return list;
}

static json_t *subject_json(const struct proof *proof, const struct subject *subject)
{
	json_t *trials = json_array();

	for (size_t i = 0; i < proof->trial_count; i++)
		if (proof->trials[i].subject == subject && proof->trials[i].done)
			json_array_append_new(trials, trial_json(&proof->trials[i]));
	if (json_array_size(trials) == 0) {
		json_decref(trials);
		return NULL;
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:o}", "name", json_text(subject->name), "what",
		json_text(subject->what == NULL ? "" : subject->what), "breaks",
		texts_json(subject->breaks, subject->break_count), "settings",
		texts_json(subject->sets, subject->set_count), "imperfect_bench",
		subject->imperfect, "trials", trials);
}

static json_t *legs_json(const struct proof *proof)
{
	json_t *legs = json_array();

	for (size_t i = 0; i < proof->trial_count; i++) {
		const struct trial *trial = &proof->trials[i];
		if (trial->sweep == NULL || !trial->done)
			continue;
		json_array_append_new(legs,
			json_pack("{s:o, s:o, s:o, s:f, s:o, s:f, s:o}", "name",
				json_text(trial->sweep->name), "leg", json_text(trial->sweep->leg),
				"setting", json_text(trial->sweep->setting), "healthy",
				trial->sweep->healthy, "caught_at",
				trial->any_caught ? json_real(trial->caught_at) : json_null(),
				"not_caught_at", trial->healthy, "breaks",
				texts_json(trial->sweep->breaks, trial->sweep->break_count)));
	}
	return legs;
}

json_t *proof_to_json(const struct proof *proof)
{
	const struct sums sums = sums_of(proof);
	json_t *faults = json_array(), *variants = json_array();

	for (size_t i = 0; i < proof->files.subject_count; i++) {
		const struct subject *subject = &proof->files.subjects[i];
		json_t *json = subject_json(proof, subject);
		if (json != NULL)
			json_array_append_new(
				subject->kind == SUBJECT_VARIANT ? variants : faults, json);
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:b, s:o, s:o, s:o}",
		"faults_tried", (json_int_t)sums.faults, "faults_caught", (json_int_t)sums.caught,
		"variants_tried", (json_int_t)sums.variants, "variants_accused",
		(json_int_t)sums.accused, "variants_unclear", (json_int_t)sums.unclear, "seeds",
		(json_int_t)proof->options->seeds, "runs", (json_int_t)proof->runs, "wall_s",
		proof->wall_s, "interrupted", proof->interrupted, "faults", faults, "variants",
		variants, "legs", legs_json(proof));
}
