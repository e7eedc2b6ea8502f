/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_LAYOUT_H
#define WIZHIL_DIAGNOSE_LAYOUT_H

#include "diagnose/direction.h"
#include "timeline/timeline.h"

/* Fills the timeline, of a scenario with one connection, with what was sighted of a connection:
 * 'side' is the device.  What a stretch of traffic holds besides its beginning and its end is left
 * out.  'close' is the frame by which the device's host closed the connection of its own will, the
 * first step of the scenario; NULL: it did not.  -1 when out of memory. */
int layout_lay(struct timeline *timeline, const struct sighted *sighted, int side,
	const struct place *close);

#endif
