/* SPDX-License-Identifier: MIT */
#include "cli/run/estimate.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/places.h"
#include "core/error.h"

/* What a command takes: its octets at 115200 baud and back, and the module's work. */
#define COMMAND_S 0.05

/* A case, which is driven several times: each time alone on its device first, as far as it is so, and
 * then beside others. */
struct job {
	const char *name;
	double weight_s; /* of its place in the order */
	double alone_s, shared_s;
	double setup_s;	       /* with nobody beside it that time, where it begins alone */
	double held_s, free_s; /* between them nobody else opens a connection; both 0: all may */
	double left_s;	       /* of a drive that runs already; negative: none does */
	struct claims claims;  /* of its part that others share */
	int drives;	       /* that are left, the one that runs among them */
	bool runs, was_alone;  /* that part of this drive is over */
	struct claims has;     /* while it runs */
	int device;
	double begun_s, end_s;
};

struct plan {
	struct job *jobs;
	size_t count;
	struct estimated_bench bench;
	struct places places;
	double now_s;
};

static double number_of(const json_t *entry, const char *key)
{
	return json_number_value(json_object_get(entry, key));
}

static int heaviest_first(const void *a, const void *b)
{
	const struct job *left = a, *right = b;
	const bool left_runs = left->left_s >= 0, right_runs = right->left_s >= 0;

	if (left_runs != right_runs)
		return right_runs - left_runs;
	if (left->weight_s < right->weight_s || left->weight_s > right->weight_s)
		return left->weight_s < right->weight_s ? 1 : -1;
	return strcmp(left->name, right->name);
}

/* What it does not share of what is next of it. */
static struct claims next_claims(const struct job *job)
{
	struct claims claims = job->claims;
	const bool alone = job->alone_s > 0 && !job->was_alone;

	claims.sharing = alone ? SHARING_NONE : claims.sharing;
	/* Its other drives do not work the access point. */
	claims.access_point &= alone || job->alone_s <= 0;
	return claims;
}

static bool is_in_setup(const struct plan *plan, const struct job *job)
{
	return job->has.sharing == SHARING_LATER && plan->now_s < job->begun_s + job->setup_s;
}

static void enter(struct plan *plan, const struct job *job)
{
	places_enter(&plan->places, job->device, &job->has,
		job->has.sharing == SHARING_NONE || is_in_setup(plan, job));
}

static void look_around(struct plan *plan)
{
	plan->places =
		(struct places){.spares = plan->bench.spares, .has_spares = plan->bench.spares > 0};
	for (int d = 0; d < plan->bench.devices; d++)
		plan->places.at[d].room = SCENARIO_CONNECTIONS;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->jobs[i].runs)
			enter(plan, &plan->jobs[i]);
}

/* When a setup may open its connections on the device. */
static double opens_from(const struct plan *plan, int device)
{
	double from_s = plan->now_s;

	for (size_t i = 0; i < plan->count; i++) {
		const struct job *job = &plan->jobs[i];
		if (job->runs && job->device == device &&
			plan->now_s >= job->begun_s + job->held_s &&
			from_s < job->begun_s + job->free_s)
			from_s = job->begun_s + job->free_s;
	}
	return from_s;
}

static void begin(struct plan *plan, struct job *job, int device)
{
	job->has = next_claims(job);
	job->device = device;
	job->begun_s = opens_from(plan, device);
	job->end_s = job->begun_s + (job->left_s >= 0			       ? job->left_s
					    : job->has.sharing == SHARING_NONE ? job->alone_s
									       : job->shared_s);
	job->was_alone |= job->left_s >= 0;
	job->left_s = -1;
	job->runs = true;
	enter(plan, job);
}

static void end(struct job *job)
{
	job->runs = false;
	if (job->has.sharing == SHARING_NONE && job->shared_s > 0) {
		job->was_alone = true;
		return;
	}
	job->was_alone = false;
	job->drives--;
}

static void admit(struct plan *plan)
{
	look_around(plan);
	for (enum turn turn = TURN_FIRST; turn < TURNS; turn++) {
		for (size_t i = 0; i < plan->count; i++) {
			struct job *job = &plan->jobs[i];
			const struct claims claims = next_claims(job);
			if (job->runs || job->drives <= 0 || claims_turn(&claims) != turn)
				continue;
			for (int d = 0; d < plan->bench.devices && !job->runs; d++)
				if (places_have_room(&plan->places, d, &claims))
					begin(plan, job, d);
		}
	}
}

/* Those that run already have their devices. */
static void admit_running(struct plan *plan)
{
	look_around(plan);
	for (size_t i = 0; i < plan->count; i++) {
		struct job *job = &plan->jobs[i];
		int roomiest = 0;
		for (int d = 1; d < plan->bench.devices; d++)
			if (plan->places.at[d].room > plan->places.at[roomiest].room)
				roomiest = d;
		if (job->left_s >= 0)
			begin(plan, job, roomiest);
	}
}

/* When others may come because of it. */
static double next_of(const struct plan *plan, const struct job *job)
{
	return is_in_setup(plan, job) ? fmin(job->begun_s + job->setup_s, job->end_s) : job->end_s;
}

/* Goes to the next time at which others may come; false: none runs. */
static bool go_on(struct plan *plan)
{
	double next_s = INFINITY;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->jobs[i].runs)
			next_s = fmin(next_s, next_of(plan, &plan->jobs[i]));
	if (isinf(next_s))
		return false;
	plan->now_s = next_s;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->jobs[i].runs && plan->jobs[i].end_s <= next_s)
			end(&plan->jobs[i]);
	return true;
}

static bool is_set(const json_t *entry, const char *key)
{
	return json_is_true(json_object_get(entry, key));
}

static struct job job_of(const json_t *entry, int repeat)
{
	const json_t *drives = json_object_get(entry, "drives");
	const json_t *left = json_object_get(entry, "left_s");
	const double expected_s = number_of(entry, "expected_s");
	const double commands_s = number_of(entry, "commands") * COMMAND_S;
	const double alone_s = number_of(entry, "alone_s");
	const int cids = (int)number_of(entry, "cids");
	const bool shares = expected_s - alone_s > 0.5;

	return (struct job){.name = json_string_value(json_object_get(entry, "name")),
		.weight_s = expected_s + cids * (double)CID_WEIGHT_NS / 1e9,
		.alone_s = alone_s > 0 ? alone_s + (shares ? 0 : commands_s) : 0,
		.shared_s = shares ? expected_s - alone_s + commands_s : 0,
		.setup_s = commands_s,
		.held_s = number_of(entry, "opens_held_s"),
		.free_s = number_of(entry, "opens_free_s"),
		.left_s = left == NULL ? -1 : json_number_value(left),
		.claims = {.sharing = is_set(entry, "begins_alone") ? SHARING_LATER : SHARING_ANY,
			.cids = cids,
			.access_point = is_set(entry, "access_point"),
			.spare_address = is_set(entry, "spare_address"),
			.opens_later = is_set(entry, "opens_later"),
			.names_dead_cid = is_set(entry, "names_dead_cid")},
		.drives = drives == NULL ? repeat : (int)json_integer_value(drives)};
}

int estimate_run(const json_t *cases, int repeat, struct estimated_bench bench,
	struct estimate *estimate, struct error *err)
{
	const size_t count = json_array_size(cases);
	struct plan plan = {
		.jobs = calloc(count + 1, sizeof *plan.jobs), .count = count, .bench = bench};
	double longest_s = 0, module_s = 0;

	if (plan.jobs == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	*estimate = (struct estimate){0};
	for (size_t i = 0; i < count; i++) {
		const json_t *entry = json_array_get(cases, i);
		struct job *job = &plan.jobs[i];
		*job = job_of(entry, repeat);
		const double drive_s = job->alone_s + job->shared_s;
		const double first_s = job->left_s >= 0 ? job->left_s : drive_s;
		const double whole_s = first_s + drive_s * (job->drives - 1);
		longest_s = whole_s > longest_s ? whole_s : longest_s;
		module_s +=
			(job->alone_s + job->shared_s * job->claims.cids / SCENARIO_CONNECTIONS) *
			job->drives;
		estimate->alone_s += job->alone_s * job->drives;
		estimate->alone += job->alone_s > 0;
	}
	qsort(plan.jobs, count, sizeof *plan.jobs, heaviest_first);
	admit_running(&plan);
	do
		admit(&plan);
	while (go_on(&plan));
	module_s /= bench.devices;
	estimate->bound_s = longest_s > module_s ? longest_s : module_s;
	estimate->total_s = plan.now_s;
	free(plan.jobs);
	return 0;
}
