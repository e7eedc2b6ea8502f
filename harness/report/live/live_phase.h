/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_LIVE_PHASE_H
#define WIZHIL_REPORT_LIVE_PHASE_H

#include "timeline/watched.h"

/* The phase of a connection, and of the case it belongs to, in words. */

struct live_connection {
	char name[SCENARIO_NAME];
	int cid; /* -1: none */
	struct planned_keepalive keepalive;
	int unanswered, answered; /* probes: in a row now, and rounds before */
	int64_t probe_ns;	  /* the last one */
	int64_t heard_ns;	  /* the peer's last segment; 0: none */
	int64_t death_ns;	  /* its first sign on the wire or the UART; 0: it lives */
	bool noticed;		  /* the UART told of its end */
};

struct live_session {
	struct watched about; /* as it began */
	bool started;	      /* its setup is done */
	bool watched;	      /* the watch is over */
	char doing[EVENT_TEXT];
	int count;
	struct live_connection connections[SCENARIO_CONNECTIONS];
};

/* Takes in an event. */
void live_phase_take(struct live_session *session, const struct watched *what);

/* The connection that a person wants to know of: the one nearest to its death, the first that dies,
 * else any; NULL: there is none yet. */
const struct live_connection *live_phase_connection(const struct live_session *session);

/* "probe 3 of 8 answered none, next due in 41 s" */
void live_phase_text(const struct live_session *session, int64_t now_ns, char *text, size_t size);

#endif
