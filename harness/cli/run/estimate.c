/* SPDX-License-Identifier: MIT */
#include "cli/run/estimate.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "core/error.h"

enum { CIDS = 16, DEVICES = 64 };

/* What a command takes: its octets at 115200 baud and back, and the module's work. */
#define COMMAND_S 0.05

/* A case, which is driven several times: each time alone on its device first, as far as it is so, and
 * then beside others. */
struct job {
	const char *name;
	double weight_s; /* of its place in the order */
	double alone_s, shared_s;
	double left_s; /* of a drive that runs already; negative: none does */
	int cids;
	bool begins_alone;
	int drives; /* that are left, the one that runs among them */
	bool runs, is_alone;
	bool was_alone; /* that part of this drive is over */
	int device;
	double end_s;
};

struct plan {
	struct job *jobs;
	size_t count;
	int devices;
	int room[DEVICES];
	int jobs_on[DEVICES];
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

static bool wants_alone(const struct job *job)
{
	return job->alone_s > 0 && !job->was_alone;
}

static void begin(struct plan *plan, struct job *job, int device)
{
	job->runs = true;
	job->is_alone = wants_alone(job);
	job->device = device;
	job->end_s = plan->now_s + (job->left_s >= 0	   ? job->left_s
					   : job->is_alone ? job->alone_s
							   : job->shared_s);
	if (job->left_s >= 0)
		job->was_alone = true;
	job->left_s = -1;
	plan->room[device] -= job->is_alone ? CIDS : job->cids;
	plan->jobs_on[device]++;
}

static void end(struct plan *plan, struct job *job)
{
	job->runs = false;
	plan->room[job->device] += job->is_alone ? CIDS : job->cids;
	plan->jobs_on[job->device]--;
	if (job->is_alone && job->shared_s > 0) {
		job->was_alone = true;
		return;
	}
	job->was_alone = false;
	job->drives--;
}

/* Who is admitted before whom, see admission.c. */
enum turn { TURN_EMPTY, TURN_SHARED, TURN_ALONE, TURNS };

static enum turn turn_of(const struct job *job)
{
	if (wants_alone(job) && !job->begins_alone)
		return TURN_ALONE;
	return job->begins_alone && !job->was_alone ? TURN_EMPTY : TURN_SHARED;
}

/* The access point is that of all devices. */
static bool takes_lab(const struct job *job)
{
	return job->begins_alone && wants_alone(job);
}

static bool is_lab_used(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->jobs[i].runs)
			return true;
	return false;
}

static bool is_lab_taken(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->jobs[i].runs && takes_lab(&plan->jobs[i]))
			return true;
	return false;
}

static void admit(struct plan *plan)
{
	bool waits = false;

	if (is_lab_taken(plan))
		return;
	for (enum turn turn = TURN_EMPTY; turn < TURNS; turn++) {
		/* What wants a device alone waits for all who can share it. */
		if (turn == TURN_ALONE && waits)
			return;
		for (size_t i = 0; i < plan->count; i++) {
			struct job *job = &plan->jobs[i];
			if (job->runs || job->drives <= 0 || turn_of(job) != turn)
				continue;
			if (takes_lab(job) && is_lab_used(plan))
				continue;
			for (int d = 0; d < plan->devices && !job->runs; d++)
				if (turn == TURN_SHARED ? plan->room[d] >= job->cids
							: plan->jobs_on[d] == 0)
					begin(plan, job, d);
			if (job->runs && takes_lab(job))
				return;
			waits |= turn == TURN_SHARED && !job->runs;
		}
	}
}

/* Those that run already have their devices. */
static void admit_running(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct job *job = &plan->jobs[i];
		int roomiest = 0;
		for (int d = 1; d < plan->devices; d++)
			if (plan->room[d] > plan->room[roomiest])
				roomiest = d;
		if (job->left_s >= 0)
			begin(plan, job, roomiest);
	}
}

/* Goes to the next time at which a job ends; false: none runs. */
static bool go_on(struct plan *plan)
{
	double next_s = INFINITY;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->jobs[i].runs && plan->jobs[i].end_s < next_s)
			next_s = plan->jobs[i].end_s;
	if (isinf(next_s))
		return false;
	plan->now_s = next_s;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->jobs[i].runs && plan->jobs[i].end_s <= next_s)
			end(plan, &plan->jobs[i]);
	return true;
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
		.left_s = left == NULL ? -1 : json_number_value(left),
		.cids = cids,
		.begins_alone = json_is_true(json_object_get(entry, "begins_alone")),
		.drives = drives == NULL ? repeat : (int)json_integer_value(drives)};
}

int estimate_run(
	const json_t *cases, int repeat, int devices, struct estimate *estimate, struct error *err)
{
	const size_t count = json_array_size(cases);
	struct plan plan = {.jobs = calloc(count + 1, sizeof *plan.jobs),
		.count = count,
		.devices = devices > DEVICES ? DEVICES : devices};
	double longest_s = 0, module_s = 0;

	if (plan.jobs == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	*estimate = (struct estimate){0};
	for (int d = 0; d < plan.devices; d++)
		plan.room[d] = CIDS;
	for (size_t i = 0; i < count; i++) {
		const json_t *entry = json_array_get(cases, i);
		struct job *job = &plan.jobs[i];
		*job = job_of(entry, repeat);
		const double drive_s = job->alone_s + job->shared_s;
		const double first_s = job->left_s >= 0 ? job->left_s : drive_s;
		const double whole_s = first_s + drive_s * (job->drives - 1);
		longest_s = whole_s > longest_s ? whole_s : longest_s;
		module_s += (job->alone_s + job->shared_s * job->cids / CIDS) * job->drives;
		estimate->alone_s += job->alone_s * job->drives;
		estimate->alone += job->alone_s > 0;
	}
	qsort(plan.jobs, count, sizeof *plan.jobs, heaviest_first);
	admit_running(&plan);
	do
		admit(&plan);
	while (go_on(&plan));
	module_s /= plan.devices;
	estimate->bound_s = longest_s > module_s ? longest_s : module_s;
	estimate->total_s = plan.now_s;
	free(plan.jobs);
	return 0;
}
