/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_SESSION_PARTS_H
#define WIZHIL_BENCH_SESSION_PARTS_H

#include "bench/session.h"

struct error;

/* What the files of a session share: session.c (its life), session_commands.c (AT commands and
 * their answers, and how connections are opened), session_steps.c (the steps of its scenario). */

#define COMMAND_TIMEOUT_NS (10 * NS_PER_S)
#define CONNECT_TIMEOUT_NS (90 * NS_PER_S)
/* From the last thing done in a setup to when both sides say that the connection is open. */
#define OPEN_TIMEOUT_NS (60 * NS_PER_S)
/* How long the sniffer may take to show a segment of a connection that is open. */
#define SEEN_TIMEOUT_NS (2 * NS_PER_S)

enum command_kind { COMMAND_STEP, COMMAND_OPEN, COMMAND_LIST, COMMAND_CLOSE };

/* Where an answer goes: 'context' of command_done(), which frees it.  step -1: none; flow: an
 * index, -1: none.  NULL when out of memory. */
struct pending_command *pending_command_new(
	struct session *session, enum command_kind kind, int step, int flow);
void command_done(void *context, const struct at_answer *answer);

/* The device gave the number to this flow: whoever had it has it no more. */
void take_cid(struct session *session, struct flow *flow, int cid);
/* The device took the flow's CID from it, and did not tell of its death: what it tells of this CID
 * may be that. */
void keep_notice_pending(struct session *session, struct flow *flow);
void drop_cid(struct session *session, struct flow *flow);

/* The setup came to nothing, because of what was so since from_ns: what follows is the bench's
 * tidying up, and tells nothing of the device. */
void abandon_setup(struct session *session, int connection, enum fault_reason reason,
	int64_t from_ns, const char *text);

/* The connection's latest flow; NULL when it was never opened. */
struct flow *flow_of(struct session *session, int connection);

/* Has the device open the connection: a new flow. */
void open_flow(struct session *session, int connection);

/* Has the peer connect to the connection's listener: a new flow. */
void dial_again(struct session *session, int connection);

/* What the bench could not do, for the timeline. */
void bench_trouble(struct session *session, struct flow *flow, const struct error *err);

/* Carries the step out, or leaves it for later. */
void run_step(struct session *session, int index);
/* When the step is due; TIME_NEVER when nothing has told yet. */
int64_t step_time(struct session *session, int index);

/* Goes on with set-up or closing when an answer has come. */
void session_go_on(struct session *session);

#endif
