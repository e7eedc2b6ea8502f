/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "wire/connection_state.h"

/* All connections in the order of appearance, and a hash of those that a packet can belong to. */
struct connection_table {
	struct connection **all;
	size_t count, room;
	struct connection **buckets;
	size_t bucket_count; /* a power of 2 */
};

enum { FIRST_BUCKETS = 256 };

struct connection_table *connection_table_new(void)
{
	struct connection_table *table = calloc(1, sizeof *table);

	if (table == NULL)
		return NULL;
	table->bucket_count = FIRST_BUCKETS;
	table->buckets = calloc(table->bucket_count, sizeof *table->buckets);
	if (table->buckets == NULL) {
		free(table);
		return NULL;
	}
	return table;
}

void connection_table_free(struct connection_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->count; i++)
		connection_free(table->all[i]);
	free(table->all);
	free(table->buckets);
	free(table);
}

static uint64_t mix(uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t endpoint_hash(const struct endpoint *endpoint)
{
	uint64_t halves[2];

	memcpy(halves, endpoint->address, sizeof halves);
	return mix(mix(halves[0] + endpoint->port) + halves[1]);
}

/* The same for both directions. */
static uint64_t tuple_hash(const struct endpoint *a, const struct endpoint *b)
{
	return mix(endpoint_hash(a) + endpoint_hash(b));
}

static struct connection **bucket_of(
	const struct connection_table *table, const struct endpoint *a, const struct endpoint *b)
{
	return &table->buckets[tuple_hash(a, b) & (table->bucket_count - 1)];
}

static void enter(struct connection_table *table, struct connection *connection)
{
	struct connection **bucket = bucket_of(table, &connection->ends[0], &connection->ends[1]);

	connection->next = *bucket;
	*bucket = connection;
}

static void leave(struct connection_table *table, struct connection *connection)
{
	struct connection **at = bucket_of(table, &connection->ends[0], &connection->ends[1]);

	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	connection->next = NULL;
}

static int grow(struct connection_table *table)
{
	if (table->count == table->room) {
		size_t room = table->room == 0 ? FIRST_BUCKETS : table->room * 2;
		struct connection **all = realloc(table->all, room * sizeof(struct connection *));
		if (all == NULL)
			return -1;
		table->all = all;
		table->room = room;
	}
	if (table->count < table->bucket_count)
		return 0;
	size_t bucket_count =
		table->bucket_count < FIRST_BUCKETS ? FIRST_BUCKETS : table->bucket_count * 4;
	struct connection **buckets = calloc(bucket_count, sizeof(struct connection *));
	if (buckets == NULL)
		return -1;
	struct connection **old = table->buckets;
	size_t old_count = table->bucket_count;
	table->buckets = buckets;
	table->bucket_count = bucket_count;
	for (size_t i = 0; i < old_count; i++) {
		struct connection *next;
		for (struct connection *each = old[i]; each != NULL; each = next) {
			next = each->next;
			enter(table, each);
		}
	}
	free(old);
	return 0;
}

static struct connection *add(struct connection_table *table, const struct packet *packet)
{
	if (grow(table) != 0)
		return NULL;
	struct connection *connection = connection_new();
	if (connection == NULL)
		return NULL;
	connection->ends[0] = packet->source;
	connection->ends[1] = packet->destination;
	connection->index = table->count;
	table->all[table->count++] = connection;
	enter(table, connection);
	return connection;
}

static struct connection *look_up(
	const struct connection_table *table, const struct packet *packet, int *direction)
{
	const struct endpoint *source = &packet->source, *destination = &packet->destination;

	for (struct connection *each = *bucket_of(table, source, destination); each != NULL;
		each = each->next)
		for (*direction = 0; *direction < 2; ++*direction)
			if (endpoint_equal(&each->ends[*direction], source) &&
				endpoint_equal(&each->ends[!*direction], destination))
				return each;
	return NULL;
}

/* A SYN that cannot belong to what went before on its 4-tuple.  A retransmitted SYN has the same
 * initial number; in a simultaneous open each side sends its first.  A SYN-ACK with another number
 * is a server that forgot (SYN cookies), unless the connection had ended. */
static bool begins_anew(
	const struct connection *connection, const struct packet *packet, int direction)
{
	const struct side *sender = &connection->sides[direction];
	const struct side *receiver = &connection->sides[!direction];

	if ((packet->flags & SEGMENT_FLAG_SYN) == 0 || (packet->flags & SEGMENT_FLAG_RST) != 0)
		return false;
	if (sender->has_isn && sender->isn == packet->seq)
		return false;
	if ((packet->flags & SEGMENT_FLAG_ACK) != 0)
		return (connection->reset || sender->fin) && sender->seen;
	if (sender->has_isn || sender->seen)
		return true;
	return receiver->seen && !receiver->has_isn;
}

struct connection *connection_find(
	struct connection_table *table, const struct packet *packet, int *direction, bool *is_new)
{
	struct connection *connection = look_up(table, packet, direction);

	if (is_new != NULL)
		*is_new = false;
	if (connection != NULL && begins_anew(connection, packet, *direction)) {
		leave(table, connection);
		connection = NULL;
	}
	if (connection == NULL) {
		connection = add(table, packet);
		*direction = 0;
		if (is_new != NULL)
			*is_new = connection != NULL;
	}
	return connection;
}

size_t connection_count(const struct connection_table *table)
{
	return table->count;
}

struct connection *connection_at(const struct connection_table *table, size_t index)
{
	return index < table->count ? table->all[index] : NULL;
}
