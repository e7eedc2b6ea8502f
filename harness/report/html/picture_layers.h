/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_PICTURE_LAYERS_H
#define WIZHIL_REPORT_PICTURE_LAYERS_H

#include "report/html/picture.h"
#include "report/html/picture_axis.h"

/* What a picture is drawn from, where everything is in it, and its layers from the bottom up. */

#define PICTURE_WIDTH 1000.0
#define PICTURE_LEFT 112.0
#define PICTURE_RIGHT 24.0
#define RULER 24.0

/* Where the lanes of a connection are: the middle of each. */
struct strip {
	bool shown, has_states;
	double label_y; /* its name; where there is only one connection it has none */
	double device_y, peer_y, state_y;
	double measure_y; /* of its first measured leg */
	int measures;
	bool complains; /* there is text above the lane of the device */
};

/* A mark of another run. */
struct ghost {
	int64_t t_ns;	/* as a time of this one */
	int connection; /* NO_CONNECTION: on the UART */
	const char *symbol;
	char text[80];
};

struct picture {
	FILE *stream;
	const struct timeline *timeline;
	const struct verdict *verdict;
	struct axis axis;
	int64_t start_ns; /* second 0 of the scenario */
	bool has_uart;	  /* else it is of a capture: the device is whoever probes */
	int connections;  /* with something to show */
	double half;	  /* of a lane's height */
	bool has_air;	  /* a monitor of it was there */
	double uart_y, air_y, height;
	struct strip strips[SCENARIO_CONNECTIONS];
	size_t ghost_count;
	struct ghost *ghosts;
};

/* Seconds after the start. */
static inline double picture_s(const struct picture *picture, int64_t t_ns)
{
	return (double)(t_ns - picture->start_ns) / 1e9;
}

/* A leg that was placed on a connection that is shown; else NULL. */
const struct check *picture_leg(const struct picture *picture, size_t index);

/* Is the leg worth a measure line of its own, and an end of it to be seen? */
bool picture_measures(const struct picture *picture, const struct check *check);

/* Is something said above the lane of the device about it? */
bool picture_complains(const struct check *check);

/* In this order: ticks; (states); lanes; (windows); the breaks, which take away what lies in them;
 * faults of the evidence. */
void picture_write_ruler(const struct picture *picture);
void picture_write_frame(const struct picture *picture);
void picture_write_breaks(const struct picture *picture);
void picture_write_faults(const struct picture *picture);

/* Behind the marks: silence, states, windows; then what is wrong with them, and the measured
 * legs. */
void picture_write_states(const struct picture *picture);
void picture_write_windows(const struct picture *picture);
void picture_write_complaints(const struct picture *picture);
void picture_write_measures(const struct picture *picture);

/* Over the lanes, below the breaks. */
void picture_write_air(const struct picture *picture);

void picture_write_marks(const struct picture *picture);

/* The symbol of an event's mark. */
const char *picture_symbol(const struct event *event);

/* Of another run: what there is, before the axis is made; then its marks. */
void picture_take_base(struct picture *picture, const struct picture_base *base);
void picture_write_base(const struct picture *picture);

#endif
