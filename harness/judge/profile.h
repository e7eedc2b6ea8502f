/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_PROFILE_H
#define WIZHIL_JUDGE_PROFILE_H

#include <stdbool.h>

#include "judge/facts.h"

struct error;

/*
 * A device profile: how exact a device can be measured, and what was found out about a firmware and
 * is to stay so.  Windows are widened by the tolerances and nothing else (harness/README.md, "Time
 * and tolerance").  A pin turns what is otherwise only recorded (G and I of cases/DEVICE.md) into
 * a requirement.  What vendor or standard say (V, S: the interval, counts, the floor, the probe's
 * format) cannot be set: a device that differs there is wrong, whatever its profile.
 *
 * A profile is plain data and owns nothing.
 */

struct profile {
	char firmware[96];   /* the answer to AT+VER=? that it was characterised on */
	int jitter_ms;	     /* of any leg; 0 to 30000 */
	int skew_ppm;	     /* of the device's clock against the host's; 0 to 10000 */
	bool lossy_air;	     /* the sniffer stands behind an access point that loses frames */
	bool air_is_told;    /* by the profile; else it is lossy on the real clock */
	int cids;	     /* that the device has, 1 to 16; 0: to be counted on it */
	double loss_percent; /* with lossy_air: so many of the frames are lost, at most, in each
			      * direction */
	double loss_level; /* absences over a run of a lower probability were never sent; 0 to 1 */
	unsigned models;   /* the pinned timing model as a bit of enum timing_model; 0: none */
	char pins[FACT_COUNT][FACT_TEXT]; /* the word or answer; empty: not pinned */
};

/* 500 ms, 200 ppm, 1e-6; nothing pinned. */
struct profile profile_default(void);

/* On the real clock there is air between module and sniffer, and every air loses a frame now and then:
 * how many, only the profile could say. */
void profile_take_clock(struct profile *profile, bool stepped);

/* Reads a profile; what the file leaves out stays as in profile_default().  -1 with err set
 * (ERROR_USAGE, with file, line and column). */
int profile_read(const char *path, struct profile *profile, struct error *err);

/* What the profile pins of this fact; NULL: nothing. */
const char *profile_pin(const struct profile *profile, enum fact_id id);

/* The set of models that is pinned (bits of enum timing_model); 0: none is. */
unsigned profile_models(const struct profile *profile);

#endif
