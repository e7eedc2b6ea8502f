/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_SESSION_COMMANDS_H
#define WIZHIL_BENCH_SESSION_COMMANDS_H

#include "bench/session.h"

/* The AT commands of a session and their answers, and what these make of its connections: which flow has
 * which CID, and how one is opened. */

#define COMMAND_TIMEOUT_NS (10 * NS_PER_S)
#define CONNECT_TIMEOUT_NS (90 * NS_PER_S)

enum command_kind {
	COMMAND_STEP,
	COMMAND_OPEN,
	COMMAND_LIST,
	COMMAND_FIND, /* the list, for a CID that no answer named */
	COMMAND_CLOSE
};

/* Where an answer goes: 'context' of command_done(), which frees it.  step -1: none; flow: an
 * index, -1: none.  NULL when out of memory. */
struct pending_command *pending_command_new(
	struct session *session, enum command_kind kind, int step, int flow);
/* Its command was given to the device just now: what has its time goes before what has none, and what names
 * the flow's CID is not asked when that is another's by then. */
void pending_command_queued(struct pending_command *command, bool names_cid);
void command_done(void *context, const struct at_answer *answer);

/* The device gave the number to this flow: whoever had it has it no more. */
void take_cid(struct session *session, struct flow *flow, int cid);
/* The device took the flow's CID from it, and did not tell of its death: what it tells of this CID
 * may be that. */
void keep_notice_pending(struct session *session, struct flow *flow);
void drop_cid(struct session *session, struct flow *flow);

/* The connection's latest flow; NULL when it was never opened. */
struct flow *flow_of(struct session *session, int connection);

/* Has the device open the connection: a new flow. */
void open_flow(struct session *session, int connection);

/* Has the peer connect to the connection's listener: a new flow. */
void dial_again(struct session *session, int connection);

/* What the bench could not do, for the timeline. */
void bench_trouble(struct session *session, struct flow *flow, const struct error *err);

#endif
