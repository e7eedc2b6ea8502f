/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPRODUCE_PLAN_H
#define WIZHIL_REPRODUCE_PLAN_H

#include "reproduce/observed.h"
#include "scenario/scenario_file.h"

/* From what was seen of a connection to what host and peer did: the steps of a scenario, each at
 * its time after second 0.  Pure. */

/* How the connection went, as far as the peer and the host made it so. */
enum ending {
	ENDING_ALIVE,	  /* the peer answers to the end of the capture, until the host closes the
			   * connection, or until the device gives it up */
	ENDING_SILENT,	  /* the peer fell silent and stayed so */
	ENDING_NOTHING,	  /* nothing is seen of either side after a while */
	ENDING_REBOOTED,  /* the peer answered with RST */
	ENDING_PEER_ENDED /* FIN or RST of the peer's own accord */
};

struct plan {
	enum connection_role role;
	size_t begin; /* the first event that is reproduced */
	int64_t start_ns;
	enum ending ending;
	int64_t ended_ns;	  /* when; ALIVE: the end of the capture */
	int64_t last_received_ns; /* the peer's last segment before that */
	int64_t gave_up_ns;	  /* RST (or FIN, of a silent peer) of the device; 0: none */
	int answered;		  /* probes */
	int unanswered;		  /* probes in a row at the end */
	int survived;	     /* the most probes in a row that a segment of the peer's followed */
	int missed_rounds;   /* times that probes were lost and a later one was answered */
	int retransmissions; /* of the device */
	int peer_probes;
	bool device_gone;		 /* nothing of the device's came behind the last of them */
	int stray_resets, stray_answers; /* of the peer: ROLE_STRAY */
	bool closed_window;		 /* the peer closed it, and the device probed it */
	int probes_after_end;		 /* of the device, when the peer had ended the connection */
	int soft_icmps, hard_icmps;	 /* about the device's segments: codes 0, 1, 5; others */
	bool host_closed;		 /* by FIN or RST, before ended_ns: what a host does */
	bool cut;			 /* at ended_ns: what comes later is not reproduced */
	bool trimmed;			 /* the beginning was left out: it has too many exchanges */
	bool end_trimmed;		 /* and the end */
};

/* Adds the steps to the scenario, which has the connection 0, and what is known of each to the
 * comments.  strip: every exchange of data keeps its time and carries two octets. */
struct plan plan_steps(const struct observed *observed, bool strip, struct scenario *scenario,
	struct scenario_comments *comments);

#endif
