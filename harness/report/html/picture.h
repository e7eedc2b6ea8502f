/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_PICTURE_H
#define WIZHIL_REPORT_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "timeline/timeline.h"

struct timeline;
struct verdict;

/*
 * A timeline as a picture, inline SVG for an HTML page that has the symbols and the style of
 * reports/templates: lanes for the UART and, for each connection, what the device sent, what the
 * peer sent and what the peer did; the windows in which the judge expected something; the
 * legs it measured.
 *
 * Marks carry their time and what they are as <title>; the attribute data-axis of the <svg> tells
 * where times are: "seconds after the start:x" for each end of a piece of the axis, those between
 * which time was left out joined by '~', the others by a blank.
 */
void picture_write(FILE *stream, const struct timeline *timeline, const struct verdict *verdict);

/* The same with what another run had, pale: its timeline, or where that is not there (NULL) the legs
 * of its verdict. */
struct picture_base {
	const struct timeline *timeline;
	const struct verdict *verdict;
};
void picture_write_over(FILE *stream, const struct timeline *timeline,
	const struct verdict *verdict, const struct picture_base *base);

/* What the marks mean; uart: those of the UART and of the bench as well. */
void picture_write_legend(FILE *stream, bool uart);

#endif
