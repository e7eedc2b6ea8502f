/* SPDX-License-Identifier: MIT */
#include "cli/run/tier.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

#define QUICK_S 400.0
#define STANDARD_S 1300.0
enum { CIDS = 16 };

static const char *const names[TIER_COUNT] = {"quick", "standard", "long"};

static double number_of(const json_t *entry, const char *key)
{
	return json_number_value(json_object_get(entry, key));
}

enum tier case_tier(const json_t *entry)
{
	double expected_s = number_of(entry, "expected_s");

	if (expected_s < QUICK_S)
		return TIER_QUICK;
	return expected_s < STANDARD_S ? TIER_STANDARD : TIER_LONG;
}

double case_module_s(const json_t *entry)
{
	return json_is_true(json_object_get(entry, "exclusive"))
		       ? number_of(entry, "expected_s")
		       : number_of(entry, "cid_s") / (double)CIDS;
}

const char *tier_name(enum tier tier)
{
	return names[tier];
}

int tier_parse(const char *name, enum tier *tier, struct error *err)
{
	for (int i = 0; i < TIER_COUNT; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*tier = (enum tier)i;
		return 0;
	}
	return error_set(err, ERROR_USAGE, "unknown tier '%s' (use quick, standard or long)", name);
}

json_t *cases_up_to(const json_t *cases, enum tier tier)
{
	json_t *within = json_array();

	for (size_t i = 0; i < json_array_size(cases); i++) {
		json_t *entry = json_array_get(cases, i);
		if (case_tier(entry) <= tier)
			json_array_append(within, entry);
	}
	return within;
}

/* One case of those that share a device. */
struct job {
	double length_s;
	double next_s; /* of the next drive: of one that runs already, what is left */
	bool runs;
	int cids;
	int drives;   /* that are left, the one that runs among them */
	double end_s; /* once it is admitted; 0 before */
};

/* Those that run already have their CIDs. */
static int longest_first(const void *a, const void *b)
{
	const struct job *left = a, *right = b;

	if (left->runs != right->runs)
		return right->runs - left->runs;
	return (left->length_s < right->length_s) - (left->length_s > right->length_s);
}

/* Admits what has room at this time, in order. */
static void admit(struct job *jobs, size_t count, int *room, double now_s)
{
	for (size_t i = 0; i < count; i++) {
		if (jobs[i].drives == 0 || jobs[i].end_s > 0 || jobs[i].cids > *room)
			continue;
		*room -= jobs[i].cids;
		jobs[i].end_s = now_s + jobs[i].next_s;
		jobs[i].next_s = jobs[i].length_s;
	}
}

/* The next time at which a running job ends; gives its CIDs back.  0: none runs. */
static double next_end(struct job *jobs, size_t count, int *room)
{
	double next_s = 0;

	for (size_t i = 0; i < count; i++)
		if (jobs[i].end_s > 0 && (next_s <= 0 || jobs[i].end_s < next_s))
			next_s = jobs[i].end_s;
	for (size_t i = 0; i < count; i++) {
		if (jobs[i].end_s <= 0 || jobs[i].end_s > next_s)
			continue;
		*room += jobs[i].cids;
		jobs[i].end_s = 0;
		jobs[i].drives--;
	}
	return next_s;
}

static double schedule(struct job *jobs, size_t count, int devices)
{
	int room = CIDS * devices;
	double now_s = 0;

	qsort(jobs, count, sizeof *jobs, longest_first);
	for (;;) {
		admit(jobs, count, &room, now_s);
		double next_s = next_end(jobs, count, &room);
		if (next_s <= 0)
			return now_s;
		now_s = next_s;
	}
}

static struct job job_of(const json_t *entry, int repeat)
{
	const json_t *drives = json_object_get(entry, "drives");
	const json_t *left = json_object_get(entry, "left_s");
	double length_s = number_of(entry, "expected_s");

	return (struct job){.length_s = length_s,
		.next_s = left == NULL ? length_s : json_number_value(left),
		.runs = left != NULL,
		.cids = (int)number_of(entry, "cids"),
		.drives = drives == NULL ? repeat : (int)json_integer_value(drives)};
}

int estimate_run(
	const json_t *cases, int repeat, int devices, struct estimate *estimate, struct error *err)
{
	size_t count = json_array_size(cases), shared = 0;
	struct job *jobs = calloc(count + 1, sizeof *jobs);
	double longest_s = 0, cid_s = 0;

	if (jobs == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	*estimate = (struct estimate){0};
	for (size_t i = 0; i < count; i++) {
		const json_t *entry = json_array_get(cases, i);
		struct job job = job_of(entry, repeat);
		double whole_s = job.next_s + job.length_s * (job.drives - 1);
		if (json_is_true(json_object_get(entry, "exclusive"))) {
			estimate->exclusive_s += whole_s / devices;
			estimate->exclusive++;
			continue;
		}
		longest_s = whole_s > longest_s ? whole_s : longest_s;
		cid_s += number_of(entry, "cid_s") * job.drives;
		jobs[shared++] = job;
	}
	cid_s /= CIDS * devices;
	estimate->bound_s = longest_s > cid_s ? longest_s : cid_s;
	estimate->shared_s = schedule(jobs, shared, devices);
	free(jobs);
	return 0;
}
