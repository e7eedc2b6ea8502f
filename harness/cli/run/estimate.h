/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_ESTIMATE_H
#define WIZHIL_CLI_ESTIMATE_H

#include <jansson.h>
#include <stdbool.h>

struct error;

/*
 * What a run on the real clock takes, in seconds and without the bring-up of its devices: its cases
 * are admitted by the bench's own rules (bench/places.h).  Cases are entries of the list, see
 * read_case_list(); each is driven 'repeat' times, again once it has ended; an entry may say that so
 * many drives are left of it ("drives"), and so many seconds of the one that runs ("left_s").
 */
struct estimate {
	double total_s;
	double bound_s; /* the least: the longest case, or what all keep a module busy for */
	double alone_s; /* of all devices: with one case alone */
	size_t alone;	/* how many cases these are */
};

struct estimated_bench {
	int devices;
	int spares;	 /* addresses */
	bool limited_ap; /* its module is the access point */
};

/* -1 with err set when out of memory. */
int estimate_run(const json_t *cases, int repeat, struct estimated_bench bench,
	struct estimate *estimate, struct error *err);

#endif
