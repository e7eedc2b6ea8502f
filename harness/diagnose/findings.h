/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_FINDINGS_H
#define WIZHIL_DIAGNOSE_FINDINGS_H

#include "diagnose/direction.h"

/* What is wrong with the keep-alive of one direction, by the judge of the live bench: the sightings
 * become a timeline, and the checks that fail on it are the findings. */

struct findings;

/* NULL when out of memory. */
struct findings *findings_new(const struct diagnosis_request *request);
/* The request, as given. */
const struct diagnosis_request *findings_request(const struct findings *findings);

void findings_free(struct findings *findings);

/* Judges a direction; fills in its findings and models, which lie in 'findings' until the next call
 * for the same side.  -1 when out of memory. */
int findings_judge(struct findings *findings, const struct sighted *sighted,
	struct diagnosed_direction *direction);

#endif
