/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_BASIS_H
#define WIZHIL_DIAGNOSE_BASIS_H

#include <stddef.h>

#include "diagnose/diagnosis.h"

/* What a conclusion rests on: the frames that show it, how sure they make it, and what would change
 * it.  Pure. */

enum confidence {
	CONFIDENCE_SHOWN,  /* the frames show it: nothing outside of the capture could change it */
	CONFIDENCE_LIKELY, /* they are best explained by it */
	CONFIDENCE_OPEN	   /* the capture does not decide it */
};

/* A frame, and what it is. */
struct basis_frame {
	struct place at;
	const char *what; /* "first unanswered probe" */
};

enum { BASIS_FRAMES = 8 };

struct basis {
	enum confidence confidence;
	size_t frame_count;
	struct basis_frame frames[BASIS_FRAMES]; /* in the order of cause and effect */
	const char *change;			 /* what would change it, a clause without an end */
};

struct basis basis_of(const struct diagnosed_direction *direction);

/* "shown", "likely", "open". */
const char *confidence_name(enum confidence confidence);

#endif
