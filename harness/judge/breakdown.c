/* SPDX-License-Identifier: MIT */
#include "judge/breakdown.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text_buffer.h"
#include "judge/loss.h"

/* Reboots that one stimulus provokes come within this time of each other behind it. */
#define DELAYS_APART_S 1.0

/* So many pairs of stimulus and delay are looked at: the least probable of so many hypotheses is
 * as much more probable (Bonferroni). */
#define HYPOTHESES 100.0

/* Fewer accuse nobody, however small their share of the time. */
enum { BREAKDOWNS_AT_LEAST = 3 };

static bool is_same(const struct breakdown *first, const struct breakdown *other)
{
	return other->fault == first->fault && !other->shared && other->after != NULL &&
	       strcmp(other->after, first->after) == 0 &&
	       fabs(other->delay_s - first->delay_s) <= DELAYS_APART_S / 2;
}

/* How probable is it that those which are the same as this one are so by chance?  The last of them
 * is why the question is asked, and is not counted. */
static struct breakdown_finding try_same(
	const struct breakdown *breakdowns, size_t count, const struct breakdown *first)
{
	struct breakdown_finding f = {.fault = first->fault, .after = first->after, .chance = 1};
	double share = 0;

	for (size_t i = 0; i < count; i++) {
		f.all += breakdowns[i].fault == first->fault && !breakdowns[i].shared;
		if (!is_same(first, &breakdowns[i]))
			continue;
		f.same++;
		f.times = breakdowns[i].times;
		share = breakdowns[i].share;
	}
	if (f.same >= BREAKDOWNS_AT_LEAST)
		f.chance = HYPOTHESES * binomial_tail(f.same - 1, f.all - 1, share);
	return f;
}

bool breakdowns_judge(const struct breakdown *breakdowns, size_t count, double level,
	struct breakdown_finding *finding)
{
	*finding = (struct breakdown_finding){.chance = 1};
	for (size_t i = 0; i < count; i++) {
		if (breakdowns[i].after == NULL || breakdowns[i].shared)
			continue;
		const struct breakdown_finding f = try_same(breakdowns, count, &breakdowns[i]);
		if (f.chance < finding->chance)
			*finding = f;
	}
	finding->death = finding->after != NULL && strstr(finding->after, "RST") != NULL;
	return finding->chance < level;
}

static const char *what_it_did(enum evidence_fault fault)
{
	return fault == FAULT_REBOOT ? "rebooted" : "stopped answering";
}

void breakdown_finding_text(const struct breakdown_finding *f, char *text, size_t size)
{
	const double exponent = f->chance <= 1e-300 ? -300 : ceil(log10(f->chance));

	snprintf(text, size,
		"the module %s %d of %d times after %s, of which there were %d; by chance below 1e%.0f",
		what_it_did(f->fault), f->same, f->all, f->after, f->times, exponent);
}

void breakdowns_text(const struct breakdown *breakdowns, size_t count, char *text, size_t size)
{
	enum { SHOWN = 3 };
	struct text_buffer out = text_buffer(text, size);

	for (size_t i = 0; i < count && i < SHOWN; i++) {
		const struct breakdown *b = &breakdowns[i];
		text_add(&out, "%s %s at %.1f s", i == 0 ? "the module" : ",",
			what_it_did(b->fault), b->t_s);
		if (b->shared)
			text_add(&out, ", as another device did at that moment");
		else if (b->after != NULL)
			text_add(&out, ", after %s", b->after);
	}
	if (count > SHOWN)
		text_add(&out, " and %zu more times", count - SHOWN);
	text_add(&out, "; why is not known");
}
