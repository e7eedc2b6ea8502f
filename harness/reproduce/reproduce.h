/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPRODUCE_REPRODUCE_H
#define WIZHIL_REPRODUCE_REPRODUCE_H

#include "judge/profile.h"
#include "judge/verdict.h"
#include "reproduce/observed.h"
#include "scenario/scenario_file.h"

struct error;

/*
 * From a connection of a customer's capture to a scenario that does the same to a device: the
 * options that explain what was seen, what host and peer did, and what the requirements ask of the
 * device there.  Pure.
 *
 * What is expected comes from the requirements, with their figures (75 s, count, count x 75 s), and
 * never from what the capture shows.  The capture only chooses: the judge looks at it with all
 * expectations that suit its ending, in the order of cause and effect (format, first probe, gaps,
 * count, death, notice, after the death).  The first one that the capture breaks is the bug; the
 * later ones that it breaks as well are its consequences and are left out, so that the scenario
 * fails by the bug's own requirement and by no other.
 */

struct reproduce_request {
	const char *name;    /* of the scenario */
	const char *capture; /* its name, for the comments */
	bool off;	     /* SO_KEEPALIVE was never switched on */
	bool has_options;    /* it is known what was set: */
	struct planned_keepalive options;
	const char *options_source; /* and by what: "as given by --options" */
	/* Each exchange of data keeps its time and carries two octets: one would look like a
	 * probe. */
	bool strip_payload;
	const struct profile *profile;
};

struct reproduction {
	struct scenario_file file;
	struct scenario_comments comments; /* its head points to 'head' */
	char head[2048];
	int broken;		    /* index of the expectation that the capture breaks; -1: none */
	char finding[VERDICT_TEXT]; /* what the judge says of it */
};

/* The observed connection's FROM_DEVICE side is the device; its timeline gets what a live one has
 * besides segments, so it serves once.  reproduction is large: not for a stack.  Returns 0, or -1
 * with err set. */
int reproduce(struct observed *observed, const struct reproduce_request *request,
	struct reproduction *reproduction, struct error *err);

#endif
