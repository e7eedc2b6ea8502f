/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_TIMELINE_WATCHED_H
#define WIZHIL_TIMELINE_WATCHED_H

#include "timeline/timeline.h"

/* What the bench tells of a session that goes on, to who watches it: each event as it enters the
 * timeline.  Of a fixed size, so that it goes through a pipe in one piece. */

enum watched_kind {
	WATCHED_BEGUN, /* it was admitted */
	WATCHED_EVENT,
	WATCHED_OVER /* its timeline was delivered */
};

struct watched {
	enum watched_kind kind;
	char case_name[96];
	char device[32];
	int repetition;	     /* 0: the run does not repeat */
	int connections;     /* of the scenario */
	int64_t t_ns;	     /* on the bench's clock */
	int64_t expected_ns; /* BEGUN: what it takes on a healthy device */
	/* EVENT */
	struct event event;
	char connection[SCENARIO_NAME];	    /* its name; empty: the device lane */
	struct planned_keepalive keepalive; /* what the connection was told so far */
};

#endif
