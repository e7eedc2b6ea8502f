/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_CONNECTION_H
#define WIZHIL_WIRE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/decode.h"
#include "wire/keepalive.h"

/*
 * Follows TCP connections segment by segment.  Streaming: a small constant memory for each
 * connection, no I/O, no clock; the same for live frames and for captures.
 */

struct connection;

/* A connection of which nothing has been seen.  NULL when out of memory; the caller frees it.  One
 * that connection_find() returned belongs to its table. */
struct connection *connection_new(void);
void connection_free(struct connection *connection); /* NULL is fine */

/*
 * Takes the next TCP packet of the connection in the order of capture; direction 0 or 1 is who
 * sends it, frame a number for it that is not 0.  time_ns may go backwards.  Fills out.
 */
void connection_track(struct connection *connection, const struct packet *packet, int64_t time_ns,
	uint64_t frame, int direction, struct tracked_segment *out);

/*
 * Takes it, as connection_track() does, when it is what most segments are: data in order, or an ACK
 * that something called for, of a connection in which both ends are known and nothing is open.  Its
 * class is SEGMENT_DATA or SEGMENT_OTHER, and there is nothing else to say of it.  False: it is left
 * for connection_track().
 */
bool connection_pass(
	struct connection *connection, const struct packet *packet, int64_t time_ns, int direction);

/* All connections of a capture, by their 4-tuples. */
struct connection_table;

/* NULL when out of memory. */
struct connection_table *connection_table_new(void);
/* Frees it with its connections.  NULL is fine. */
void connection_table_free(struct connection_table *table);

/*
 * The connection of a TCP packet, made when there is none: its first packet has direction 0.  A SYN
 * with another initial number on a 4-tuple that was in use begins a new connection; the one before
 * stays in the table.  is_new may be NULL.  NULL when out of memory.
 */
struct connection *connection_find(
	struct connection_table *table, const struct packet *packet, int *direction, bool *is_new);

/* The same in steps, for captures with more connections than a cache holds: whoever has several
 * packets at hand asks for all their hashes, then fetches all their connections from memory, then
 * finds them. */
uint32_t connection_hash(const struct connection_table *table, const struct packet *packet);
void connection_fetch(const struct connection_table *table, uint32_t hash);
struct connection *connection_find_hashed(struct connection_table *table,
	const struct packet *packet, uint32_t hash, int *direction, bool *is_new);

/* The latest connection on the 4-tuple of a TCP packet; NULL: there is none, and none is made. */
struct connection *connection_known(
	const struct connection_table *table, const struct packet *packet, int *direction);

/* Number of connections; each has an index below it, in the order in which they appeared. */
size_t connection_count(const struct connection_table *table);
struct connection *connection_at(const struct connection_table *table, size_t index);
size_t connection_index(const struct connection *connection);

/* Times of the last real packets that side 0, 1 sent; SEGMENT_NO_TIME: none was seen. */
void connection_last_real(const struct connection *connection, int64_t real_ns[2]);

/* Time of the last packet of any kind; SEGMENT_NO_TIME: there was none. */
int64_t connection_last(const struct connection *connection);

/* Neither FIN nor RST was seen. */
bool connection_is_open(const struct connection *connection);

/* Whether side 0, 1 has sent octets that the other one has not acknowledged, or may have some that
 * a closed window holds back. */
void connection_outstanding(const struct connection *connection, bool outstanding[2]);

/* An octet for the table's user, 0 at first. */
uint8_t *connection_note(struct connection *connection);

/* A frame for the table's user; all zero at first. */
struct connection_mark {
	uint32_t frame;
	uint16_t file;
};
struct connection_mark connection_mark(const struct connection *connection);
void connection_set_mark(struct connection *connection, struct connection_mark mark);

/* And an octet for each direction, 0 at first. */
uint8_t *connection_tally(struct connection *connection, int direction);

/* The end that sends in a direction. */
struct endpoint connection_endpoint(
	const struct connection_table *table, const struct connection *connection, int direction);

#endif
