/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_PICTURE_H
#define WIZHIL_REPORT_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "timeline/timeline.h"

struct timeline;
struct check;
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

/* Did the leg begin within the timeline?  One that did not is of another drive of the case, and is not
 * in the picture. */
bool picture_has(const struct timeline *timeline, const struct check *check);

/* What the marks mean; uart: those of the UART and of the bench as well. */
void picture_write_legend(FILE *stream, bool uart);

#endif
