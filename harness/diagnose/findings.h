/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_FINDINGS_H
#define WIZHIL_DIAGNOSE_FINDINGS_H

#include "diagnose/diagnosis.h"
#include "diagnose/sighting.h"

/* What is wrong with the keep-alive of one direction, by the judge of the live bench: the sightings
 * become a timeline, and the checks that fail on it are the findings. */

struct findings;

/* NULL when out of memory. */
struct findings *findings_new(const struct diagnosis_request *request);
void findings_free(struct findings *findings);

/* Judges a direction; fills in its findings and models, which lie in 'findings' until the next call
 * for the same side.  last_ns: the end of the recording.  -1 when out of memory. */
int findings_judge(struct findings *findings, const struct sighting *sightings, size_t count,
	int64_t last_ns, struct diagnosed_direction *direction);

#endif
