/* SPDX-License-Identifier: MIT */
#include "report/legs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/models.h"
#include "report/run_parts.h"

static int nth_of(const struct verdict *verdict, size_t check)
{
	const struct check *wanted = &verdict->checks[check];
	int nth = 1;

	for (size_t i = 0; i < check; i++) {
		const struct check *other = &verdict->checks[i];
		if (other->measured && other->connection == wanted->connection &&
			strcmp(other->leg, wanted->leg) == 0 &&
			strcmp(other->requirement, wanted->requirement) == 0)
			nth++;
	}
	return nth;
}

static struct leg *find(const struct legs *legs, const struct check *check, int nth)
{
	for (size_t i = 0; i < legs->count; i++) {
		struct leg *leg = &legs->list[i];
		if (leg->nth == nth && leg->connection == check->connection &&
			strcmp(leg->name, check->leg) == 0 &&
			strcmp(leg->requirement, check->requirement) == 0)
			return leg;
	}
	return NULL;
}

static int take(struct legs *legs, const struct check *check, int nth)
{
	struct leg *leg = find(legs, check, nth);

	if (leg == NULL) {
		leg = run_grow(&legs->list, &legs->count, sizeof *legs->list);
		if (leg == NULL)
			return -1;
		snprintf(leg->name, sizeof leg->name, "%s", check->leg);
		snprintf(leg->requirement, sizeof leg->requirement, "%s", check->requirement);
		leg->connection = check->connection;
		leg->nth = nth;
		leg->least_ns = leg->most_ns = check->measured_ns;
		leg->worst = check->outcome;
	}
	leg->count++;
	leg->mean_ns += (check->measured_ns - leg->mean_ns) / (int64_t)leg->count;
	if (check->measured_ns < leg->least_ns)
		leg->least_ns = check->measured_ns;
	if (check->measured_ns > leg->most_ns)
		leg->most_ns = check->measured_ns;
	if (check->error_ns > leg->error_ns)
		leg->error_ns = check->error_ns;
	if (check->outcome > leg->worst)
		leg->worst = check->outcome;
	leg->from_ns = check->from_ns;
	leg->to_ns = check->to_ns;
	return 0;
}

int legs_of(const struct run *run, const char *name, const char *device, struct legs *legs)
{
	*legs = (struct legs){0};
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *one = &run->cases[i];
		if (one->first == NULL || !run_case_is(one, name, device))
			continue;
		const struct verdict *verdict = &one->first->verdict;
		for (size_t j = 0; j < verdict->check_count; j++) {
			if (!verdict->checks[j].measured)
				continue;
			if (take(legs, &verdict->checks[j], nth_of(verdict, j)) != 0) {
				legs_free(legs);
				return -1;
			}
		}
	}
	return 0;
}

void legs_free(struct legs *legs)
{
	free(legs->list);
	*legs = (struct legs){0};
}

int64_t leg_uncertainty(const struct leg *leg)
{
	struct profile profile = profile_default();

	if (leg->count > 1)
		return leg->error_ns + (leg->most_ns - leg->least_ns);
	return leg->error_ns + leg_tolerance(&profile, leg->mean_ns);
}
