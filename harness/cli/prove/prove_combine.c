/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "cli/prove/prove.h"
#include "core/error.h"
#include "core/text_buffer.h"

/* Healthy devices that are several of the file's at once: what a firmware may do, it may do
 * together. */

enum { FEWEST = 2, MOST = 4, TRIES = 64, MOST_SETS = 32 };

struct combination {
	char name[256];
	const char *sets[MOST_SETS];
	struct subject subject;
	int members;
};

static bool is_same_setting(const char *a, const char *b)
{
	const size_t length = strcspn(a, "=");

	return strncmp(a, b, length + 1) == 0;
}

static bool agrees(const struct combination *whole, const struct subject *subject)
{
	if (whole->subject.set_count + subject->set_count > MOST_SETS ||
		strlen(whole->name) + 1 + strlen(subject->name) >= sizeof whole->name ||
		(whole->subject.profile != NULL && subject->profile != NULL) ||
		(whole->subject.bench != NULL && subject->bench != NULL))
		return false;
	for (size_t i = 0; i < whole->subject.set_count; i++)
		for (size_t j = 0; j < subject->set_count; j++)
			if (is_same_setting(whole->sets[i], subject->sets[j]))
				return false;
	return true;
}

static void join(struct combination *whole, const struct subject *subject)
{
	struct text_buffer name = text_buffer_behind(whole->name, sizeof whole->name);

	text_add(&name, "%s%s", whole->members++ > 0 ? "+" : "", subject->name);
	for (size_t i = 0; i < subject->set_count; i++)
		whole->sets[whole->subject.set_count++] = subject->sets[i];
	if (subject->profile != NULL)
		whole->subject.profile = subject->profile;
	if (subject->bench != NULL)
		whole->subject.bench = subject->bench;
	whole->subject.imperfect |= subject->imperfect;
	whole->subject.not_run = MAX(whole->subject.not_run, subject->not_run);
}

/* The nth of all; fewer members where chance finds no others that agree. */
static void combine(struct combination *whole, unsigned nth, const struct proof *proof,
	const size_t *pool, size_t count)
{
	unsigned short random[3] = {0x330e, (unsigned short)nth, (unsigned short)(nth >> 16)};

	whole->subject = (struct subject){.kind = SUBJECT_VARIANT,
		.combined = true,
		.name = whole->name,
		.sets = whole->sets};
	(void)nrand48(random); /* the first one hardly depends on nth */
	const int members = FEWEST + (int)(nrand48(random) % (MOST - FEWEST + 1));
	for (int i = 0; i < TRIES && whole->members < members; i++) {
		const size_t at = pool[(size_t)nrand48(random) % count];
		if (agrees(whole, &proof->files.subjects[at]))
			join(whole, &proof->files.subjects[at]);
	}
}

static const struct subject *variant_named(const struct proof *proof, const char *name)
{
	for (size_t i = 0; i < proof->files.subject_count; i++)
		if (proof->files.subjects[i].kind == SUBJECT_VARIANT &&
			strcmp(proof->files.subjects[i].name, name) == 0)
			return &proof->files.subjects[i];
	return NULL;
}

/* Alone there, as it was, or left out. */
static bool put_on_bench(
	struct combination *whole, const struct subject *subject, const struct subject *bench)
{
	if (!agrees(whole, subject))
		return false;
	join(whole, subject);
	if (!agrees(whole, bench))
		return false;
	const bool combined = subject->combined;
	join(whole, bench);
	whole->subject.kind = subject->kind;
	whole->subject.combined = combined;
	whole->subject.name = subject->name;
	whole->subject.what = subject->what;
	whole->subject.where = subject->where;
	whole->subject.breaks = subject->breaks;
	whole->subject.break_count = subject->break_count;
	return true;
}

int proof_put_on_bench(struct proof *proof, struct error *err)
{
	const struct prove_options *o = proof->options;
	size_t kept = 0;

	if (o->on == NULL)
		return 0;
	const struct subject *named = variant_named(proof, o->on);
	if (named == NULL)
		return error_set(err, ERROR_USAGE, "--on '%s' is no healthy variant", o->on);
	const struct subject bench = *named;
	proof->on_bench = calloc(proof->files.subject_count + 1, sizeof *proof->on_bench);
	if (proof->on_bench == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < proof->files.subject_count; i++) {
		struct combination *whole = &proof->on_bench[kept];
		*whole =
			(struct combination){.subject = {.name = whole->name, .sets = whole->sets}};
		if (put_on_bench(whole, &proof->files.subjects[i], &bench))
			proof->files.subjects[kept++] = whole->subject;
	}
	proof->files.subject_count = kept;
	return 0;
}

static int combine_all(
	struct proof *proof, const size_t *pool, size_t pool_count, struct error *err)
{
	if (pool_count < FEWEST)
		return error_set(err, ERROR_USAGE,
			"--combine needs at least two healthy variants, found %zu", pool_count);
	for (int i = 0; i < proof->options->combinations; i++) {
		struct combination *whole = &proof->combinations[i];
		combine(whole, (unsigned)i + 1, proof, pool, pool_count);
		if (whole->members < FEWEST)
			return error_set(err, ERROR_USAGE,
				"--combine finds no variant that can be combined with '%s'",
				whole->name);
		if (proof_files_add(&proof->files, &whole->subject, err) != 0)
			return -1;
	}
	return 0;
}

int proof_combine(struct proof *proof, struct error *err)
{
	const struct prove_options *o = proof->options;
	size_t pool_count = 0;

	if (o->combinations == 0)
		return 0;
	size_t *pool = calloc(proof->files.subject_count + 1, sizeof *pool);
	proof->combinations = calloc((size_t)o->combinations, sizeof *proof->combinations);
	if (pool == NULL || proof->combinations == NULL) {
		free(pool);
		return error_set(err, ERROR_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < proof->files.subject_count; i++)
		if (proof->files.subjects[i].kind == SUBJECT_VARIANT &&
			prove_matches(proof->files.subjects[i].name, o->variant_globs,
				o->variant_glob_count))
			pool[pool_count++] = i;
	int result = combine_all(proof, pool, pool_count, err);
	free(pool);
	return result;
}
