/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_EXPECT_H
#define WIZHIL_JUDGE_EXPECT_H

#include <criterion/criterion.h>

#include "judge/fake_device.h"

/* Criterion expectations on verdicts, and the judge's functions with a test's usual arguments. */

#define EXPECT_OUTCOME(verdict, expected)                                                          \
	cr_expect((verdict).outcome == (expected), "%s, expected %s: %s",                          \
		outcome_name((verdict).outcome), outcome_name(expected), (verdict).text)

#define EXPECT_MODELS(verdict, expected)                                                           \
	do {                                                                                       \
		char found_[64], wanted_[64];                                                      \
		models_text((verdict).models, found_, sizeof found_);                              \
		models_text((expected), wanted_, sizeof wanted_);                                  \
		cr_expect_str_eq(found_, wanted_);                                                 \
	} while (0)

/* What a call added to the verdict is what the running test's section of expected/SUITE.txt has next, to its last word;
 * all that JUDGE() and RECORD() add is. */
void expect_told(const struct verdict *before, const struct verdict *after);
void expect_verdict(const struct verdict *verdict); /* all of it */

/* Makes a check of the table: JUDGE(&verdict, timeline, 0, &profile, probes, .count = 8).  Without a
 * time it is the usual one. */
#define JUDGE(verdict, timeline, connection, profile, name, ...)                                   \
	judge_as(verdict, timeline, connection, profile, EXPECT_##name,                            \
		(struct expectation_parameters){__VA_ARGS__})
void judge_as(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, enum expectation_kind kind,
	struct expectation_parameters parameters);

/* The same for a fact. */
#define RECORD(verdict, timeline, connection, profile, name, ...)                                  \
	record_as(verdict, timeline, connection, profile, FACT_##name,                             \
		(struct expectation_parameters){__VA_ARGS__})
void record_as(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, enum fact_id id, struct expectation_parameters parameters);

enum { MODELS_A = MODEL_A | MODEL_A_TICK | MODEL_A_FREE | MODEL_E };

struct verdict verdict_of_first_probe(struct fake_device device);
struct verdict verdict_of_count(struct fake_device device); /* of the device's count */
struct verdict verdict_of_gaps(struct fake_device device);
struct verdict verdict_of_death(struct fake_device device);  /* count x 75 s */
struct verdict verdict_of_notice(struct fake_device device); /* within 1 s */
struct verdict verdict_of_format(struct fake_device device);
struct verdict verdict_of_alive(struct fake_device device, int rounds);
struct verdict verdict_of_cid(struct fake_device device);
struct verdict verdict_of_no_probes(struct fake_device device);
/* All that the owner asks of a silent peer: first probe, count, gaps, death, notice, quiet, CID. */
struct verdict verdict_of_all(struct fake_device device);

#endif
