/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_SESSION_EVENTS_H
#define WIZHIL_BENCH_SESSION_EVENTS_H

#include "bench/session.h"

/* What a session writes down: each function adds one kind of event to its timeline, stamped now. */

/* The one way into the timeline; tells who watches. */
void session_add(struct session *session, const struct event *event);

void session_note_command(struct session *session, const struct flow *flow, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void session_note_answer(
	struct session *session, const struct flow *flow, int step, const struct at_answer *answer);
void session_note_opened(struct session *session, const struct flow *flow);
/* AT+CID=? was answered: these CIDs are open, a bit each. */
void session_note_listing(struct session *session, unsigned open);
/* The end of the watch; and where the peer's interface has no link, that. */
/* Where this host, the module's station, has left its network: since when nothing was heard of it. */
void session_note_station_away(struct session *session);
void session_note_watched(struct session *session);

void session_note_start(struct session *session);
void session_note_step(struct session *session, int index);
void session_note_peer(
	struct session *session, const struct flow *flow, enum peer_act act, int size);
void session_note_fault(
	struct session *session, int connection, enum fault_reason reason, const char *text);

/* The octets of a connection's stream, a pure function of their place in it: printable, so that
 * neither XON/XOFF nor ESC occur. */
void session_pattern(int connection, uint64_t offset, unsigned char *octets, size_t length);

#endif
