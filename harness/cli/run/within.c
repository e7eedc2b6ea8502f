/* SPDX-License-Identifier: MIT */
#include "cli/run/within.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/prove/caught.h"
#include "core/error.h"

enum { FOLDS = 10 };

/* What one more detection of a fault is worth beside the last one. */
#define AGAIN 0.5
/* What catches nothing comes behind all that does, the shortest first. */
#define NOTHING 1e-9

double within_parse(const char *text)
{
	static const struct {
		char unit;
		double s;
	} units[] = {{'h', 3600}, {'m', 60}, {'s', 1}};
	double total_s = 0;
	size_t next = 0;

	while (*text != '\0') {
		char *end;
		if (*text < '0' || *text > '9')
			return 0;
		const double number = strtod(text, &end);
		while (next < 3 && units[next].unit != *end)
			next++;
		if (next == 3)
			return 0;
		total_s += number * units[next++].s;
		text = end + 1;
	}
	return total_s > 0 && total_s < 1e7 ? total_s : 0;
}

/* ---- the matrix, of the selected cases ---- */

struct candidate {
	json_t *entry;
	const json_t *catches; /* places of faults; NULL: the matrix does not know the case */
	double module_s, longest_s;
	bool chosen, rejected;
};

struct choice {
	struct candidate *candidates;
	size_t count;
	size_t fault_count;
	bool *held_out; /* of the faults: they do not choose */
	int *caught;	/* of the faults: by how many of the chosen ones */
	double limit_s;
	int repeat;
	struct estimated_bench bench;
	struct estimate estimate; /* of what is chosen */
};

static double number_of(const json_t *entry, const char *key)
{
	return json_number_value(json_object_get(entry, key));
}

static size_t fault_at(const struct candidate *candidate, size_t i)
{
	return (size_t)json_integer_value(json_array_get(candidate->catches, i));
}

static double worth(const struct choice *choice, const struct candidate *candidate)
{
	double sum = NOTHING;

	if (candidate->catches == NULL)
		return 1;
	for (size_t i = 0; i < json_array_size(candidate->catches); i++) {
		const size_t fault = fault_at(candidate, i);
		double one = choice->held_out[fault] ? 0 : 1;
		for (int j = 0; j < choice->caught[fault] && one > NOTHING; j++)
			one *= AGAIN;
		sum += one;
	}
	return sum;
}

static void take(struct choice *choice, struct candidate *candidate)
{
	candidate->chosen = true;
	for (size_t i = 0; i < json_array_size(candidate->catches); i++)
		choice->caught[fault_at(candidate, i)]++;
}

/* The next one that takes no more than so many seconds of a module; NULL: none. */
static struct candidate *best_within(const struct choice *choice, double room_s)
{
	struct candidate *best = NULL;
	double most = 0;

	for (size_t i = 0; i < choice->count; i++) {
		struct candidate *candidate = &choice->candidates[i];
		if (candidate->chosen || candidate->rejected || candidate->module_s > room_s ||
			candidate->longest_s > choice->limit_s)
			continue;
		const double rate = worth(choice, candidate) / candidate->module_s;
		if (best == NULL || rate > most) {
			best = candidate;
			most = rate;
		}
	}
	return best;
}

static void choose_for(struct choice *choice, double room_s)
{
	struct candidate *best;

	for (size_t i = 0; i < choice->count; i++)
		choice->candidates[i].chosen = choice->candidates[i].rejected = false;
	memset(choice->caught, 0, choice->fault_count * sizeof *choice->caught);
	while ((best = best_within(choice, room_s)) != NULL) {
		room_s -= best->module_s;
		take(choice, best);
	}
}

static json_t *chosen_of(const struct choice *choice)
{
	json_t *cases = json_array();

	for (size_t i = 0; i < choice->count; i++)
		if (choice->candidates[i].chosen)
			json_array_append(cases, choice->candidates[i].entry);
	return cases;
}

/* How long the chosen ones take. */
static int take_time(const struct choice *choice, struct estimate *estimate, struct error *err)
{
	json_t *cases = chosen_of(choice);
	const int failed = estimate_run(cases, choice->repeat, choice->bench, estimate, err);

	json_decref(cases);
	return failed;
}

/* One by one, in what time is left. */
static int fill_up(struct choice *choice, struct error *err)
{
	struct candidate *best;

	while ((best = best_within(choice, INFINITY)) != NULL) {
		struct estimate with;
		best->chosen = true;
		if (take_time(choice, &with, err) != 0)
			return -1;
		best->chosen = with.total_s <= choice->limit_s;
		best->rejected = !best->chosen;
		if (best->rejected)
			continue;
		take(choice, best);
		choice->estimate = with;
	}
	return 0;
}

/* Cases do not fill a module without gaps: so much less of it is filled at first until all of them
 * fit. */
static int choose(struct choice *choice, struct error *err)
{
	double room_s = choice->limit_s * choice->bench.devices;

	for (;;) {
		choose_for(choice, room_s);
		if (take_time(choice, &choice->estimate, err) != 0)
			return -1;
		if (choice->estimate.total_s <= choice->limit_s)
			return fill_up(choice, err);
		room_s *= 0.99 * choice->limit_s / choice->estimate.total_s;
	}
}

/* ---- what it is worth ---- */

static bool is_caught_by_any(const struct choice *choice, size_t fault)
{
	for (size_t i = 0; i < choice->count; i++)
		for (size_t j = 0; j < json_array_size(choice->candidates[i].catches); j++)
			if (fault_at(&choice->candidates[i], j) == fault)
				return true;
	return false;
}

/* Neighbours in the file are of one kind, and are held out together: else the others of its kind would
 * choose for a fault that nobody has seen. */
static bool is_of_fold(const struct choice *choice, size_t fault, int fold)
{
	return fault * FOLDS / choice->fault_count == (size_t)fold;
}

/* Of the faults that all the cases catch: how many of them those do that the others chose. */
static int measure_unseen(struct choice *choice, size_t known, double *percent, struct error *err)
{
	size_t hits = 0;

	for (int fold = 0; fold < FOLDS; fold++) {
		for (size_t fault = 0; fault < choice->fault_count; fault++)
			choice->held_out[fault] = is_of_fold(choice, fault, fold);
		if (choose(choice, err) != 0)
			return -1;
		for (size_t fault = 0; fault < choice->fault_count; fault++)
			hits += choice->held_out[fault] && choice->caught[fault] > 0;
	}
	memset(choice->held_out, 0, choice->fault_count * sizeof *choice->held_out);
	*percent = known == 0 ? 0 : 100 * (double)hits / (double)known;
	return 0;
}

static int choose_and_measure(struct choice *choice, json_t **said, struct error *err)
{
	size_t known = 0, caught = 0, cases = 0, unknown = 0;
	double percent;

	for (size_t fault = 0; fault < choice->fault_count; fault++)
		known += is_caught_by_any(choice, fault);
	if (measure_unseen(choice, known, &percent, err) != 0 || choose(choice, err) != 0)
		return -1;
	for (size_t fault = 0; fault < choice->fault_count; fault++)
		caught += choice->caught[fault] > 0;
	for (size_t i = 0; i < choice->count; i++) {
		cases += choice->candidates[i].chosen;
		unknown += choice->candidates[i].catches == NULL;
	}
	if (cases == 0)
		return error_set(err, ERROR_USAGE,
			"no selected case takes less than %.0f s (--within)", choice->limit_s);
	*said = json_pack("{s:f, s:f, s:I, s:I, s:I, s:I, s:f, s:I}", "limit_s", choice->limit_s,
		"estimated_s", choice->estimate.total_s, "cases", (json_int_t)cases, "of",
		(json_int_t)choice->count, "caught", (json_int_t)caught, "known", (json_int_t)known,
		"unseen_percent", percent, "new", (json_int_t)unknown);
	return *said == NULL ? error_set(err, ERROR_MEMORY, "out of memory") : 0;
}

static void add_candidate(struct choice *choice, json_t *entry, const json_t *matrix)
{
	const char *name = json_string_value(json_object_get(entry, "name"));
	const double module_s = number_of(entry, "module_s");

	/* Opening, closing and asking takes a second, too. */
	choice->candidates[choice->count++] = (struct candidate){.entry = entry,
		.catches = json_object_get(json_object_get(matrix, "cases"), name),
		.module_s = (module_s < 1 ? 1 : module_s) * choice->repeat,
		.longest_s = number_of(entry, "expected_s") * choice->repeat};
}

json_t *within_choose(json_t **selected, double limit_s, int repeat, struct estimated_bench bench,
	struct error *err)
{
	json_t *matrix = caught_read(NULL, err), *said = NULL;
	const size_t faults = json_array_size(json_object_get(matrix, "faults"));
	const size_t size = json_array_size(*selected);

	if (matrix == NULL)
		return NULL;
	struct choice choice = {.candidates = calloc(size, sizeof *choice.candidates),
		.fault_count = faults,
		.held_out = calloc(faults + 1, sizeof *choice.held_out),
		.caught = calloc(faults + 1, sizeof *choice.caught),
		.limit_s = limit_s,
		.repeat = repeat,
		.bench = bench};
	if (choice.candidates == NULL || choice.held_out == NULL || choice.caught == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
	} else {
		for (size_t i = 0; i < size; i++)
			add_candidate(&choice, json_array_get(*selected, i), matrix);
		if (choose_and_measure(&choice, &said, err) == 0) {
			json_t *chosen = chosen_of(&choice);
			json_decref(*selected);
			*selected = chosen;
		}
	}
	free(choice.candidates);
	free(choice.held_out);
	free(choice.caught);
	json_decref(matrix);
	return said;
}
