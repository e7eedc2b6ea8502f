/* SPDX-License-Identifier: MIT */
#include "cli/prove/prove.h"

#include <string.h>

/* Which cases a trial needs next. */

/* The few cases that are tried first: those that caught a subject with another seed, or else some
 * of those that speak for what it breaks. */
enum { HINTS = 3, SAMPLE = 10 };

/* The cases that name one of the requirements; empty: none does. */
static json_t *speaking_cases(const json_t *cases, const struct subject *subject)
{
	json_t *names = json_array();
	size_t index, at;
	json_t *entry, *id;

	json_array_foreach(cases, index, entry)
	{
		bool speaks = false;
		json_array_foreach(json_object_get(entry, "requirements"), at,
			id) for (size_t i = 0; i < subject->break_count; i++) speaks |=
			strcmp(json_string_value(id), subject->breaks[i]) == 0;
		if (speaks)
			json_array_append(names, json_object_get(entry, "name"));
	}
	return names;
}

/* Some of them, from all over the suite. */
static json_t *sample_of(json_t *names)
{
	const size_t count = json_array_size(names);
	json_t *some = json_array();

	for (size_t i = 0; i < SAMPLE && i < count; i++)
		json_array_append(
			some, json_array_get(names, count <= SAMPLE ? i : i * count / SAMPLE));
	json_decref(names);
	return some;
}

/* What caught the same subject before, with another seed. */
static json_t *few_cases(const struct proof *proof, const struct trial *trial)
{
	json_t *names = json_array();

	if (trial->sweep != NULL && trial->reading.by != NULL)
		json_array_extend(names, trial->reading.by);
	for (size_t i = 0; trial->sweep == NULL && i < proof->trial_count; i++) {
		const struct trial *other = &proof->trials[i];
		if (other->subject == trial->subject && other->done && other->reading.caught)
			json_array_extend(names, other->reading.by);
	}
	for (size_t i = json_array_size(names); i > HINTS; i--)
		json_array_remove(names, i - 1);
	if (json_array_size(names) > 0)
		return names;
	json_decref(names);
	return sample_of(speaking_cases(proof->cases, trial->subject));
}

void trial_choose_cases(const struct proof *proof, struct trial *trial)
{
	const bool whole = proof->options->full || trial->subject->kind != SUBJECT_FAULT;

	json_decref(trial->order.cases);
	trial->order.cases = NULL;
	if (whole)
		trial->stage = STAGE_WHOLE;
	for (; trial->stage != STAGE_WHOLE; trial->stage++) {
		trial->order.cases = trial->stage == STAGE_FEW
					     ? few_cases(proof, trial)
					     : speaking_cases(proof->cases, trial->subject);
		if (json_array_size(trial->order.cases) > 0)
			return;
		json_decref(trial->order.cases);
		trial->order.cases = NULL;
	}
}
