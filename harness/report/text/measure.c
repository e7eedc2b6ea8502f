/* SPDX-License-Identifier: MIT */
#include "report/text/measure.h"

#include <math.h>
#include <stdio.h>

#include "judge/verdict.h"
#include "scenario/keepalive_interval.h"

/* How far inside its window, from 0 at the edge to 1 in the middle; negative: outside. */
static double margin_of(const struct check *check)
{
	double half = (double)(check->to_ns - check->from_ns) / 2;
	double off = (double)check->measured_ns - ((double)check->from_ns + half);

	return half <= 0 ? 1 : 1 - fabs(off) / half;
}

/* Without a lower bound a leg says little: it came in time. */
static bool is_only_bounded_above(const struct check *check)
{
	return check->from_ns <= 0;
}

/* The higher, the more a leg says. */
static int weight_of(const struct check *check)
{
	if (!check->measured)
		return -1;
	if (check->leg.kind == LEG_DEATH)
		return 3;
	if (check->leg.kind == LEG_FIRST_PROBE)
		return 2;
	return is_only_bounded_above(check) ? 0 : 1;
}

const struct check *decisive_leg(const struct verdict *verdict)
{
	const struct check *best = NULL;

	for (size_t i = 0; i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		int more = weight_of(check) - (best == NULL ? -1 : weight_of(best));
		if (more > 0 || (more == 0 && best != NULL && margin_of(check) < margin_of(best)))
			best = check;
	}
	return best;
}

void measure_text(const struct check *check, char *text, size_t size)
{
	const double measured_s = (double)check->measured_ns / 1e9;
	const int64_t middle_ns = check->from_ns + (check->to_ns - check->from_ns) / 2;
	const double middle_s = (double)middle_ns / 1e9;
	const int64_t probes = middle_ns / KEEPALIVE_INTERVAL_NS;

	if (is_only_bounded_above(check))
		snprintf(text, size, "%s %.1f s within %.1f s", leg_name(check->leg).text,
			measured_s, (double)check->to_ns / 1e9);
	else if (check->leg.kind == LEG_DEATH && probes > 0 &&
		 middle_ns % KEEPALIVE_INTERVAL_NS == 0)
		snprintf(text, size, "%.1f s against %d x 75 = %.0f s", measured_s, (int)probes,
			middle_s);
	else
		snprintf(text, size, "%s %.1f s against %.*f s", leg_name(check->leg).text,
			measured_s, middle_ns % NS_PER_S == 0 ? 0 : 1, middle_s);
}
