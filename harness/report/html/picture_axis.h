/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_PICTURE_AXIS_H
#define WIZHIL_REPORT_PICTURE_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The time axis of a picture.  Between two moments that are drawn the scale is one and the same,
 * but for breaks: the middle of a long idle time is taken out, and so is the middle of many rounds
 * that repeat themselves.  Both are seen in the picture, and no time has a place inside one.
 */

/* A moment at which something happened. */
struct moment {
	int64_t t_ns;
	int worth;	  /* 0: may be left out among many; more: is left out later */
	int64_t until_ns; /* set by axis_make: of those joined to it the last one */
};

struct axis_piece {
	int64_t from_ns, to_ns;
	double from_x, to_x;
	bool broken;	 /* not to scale: time was taken out */
	size_t left_out; /* moments inside it that are not drawn */
};

enum { AXIS_PIECES = 400 };

struct axis {
	double from_x, to_x;
	double per_s; /* width of a second where it is not broken */
	size_t count;
	struct axis_piece pieces[AXIS_PIECES]; /* one behind the other */
};

/* Lays the moments out between from_x and to_x.  They are sorted and joined in place; at least one
 * is needed. */
void axis_make(struct axis *axis, struct moment *moments, size_t count, double from_x, double to_x);

/* The place of a time; one before or behind the axis is at its edge. */
double axis_x(const struct axis *axis, int64_t t_ns);

/* Is the time drawn, not inside a break? */
bool axis_shows(const struct axis *axis, int64_t t_ns);

#endif
