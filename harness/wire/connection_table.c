/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "wire/address_set.h"
#include "wire/connection_state.h"

/* Connections lie in chunks, in the order of appearance, and stay where they are.  A hash with open
 * addressing leads to the latest one of each 4-tuple. */

enum { CHUNK_SHIFT = 12, CHUNK = 1 << CHUNK_SHIFT, FIRST_SLOTS = 256 };

struct slot {
	uint32_t hash;	 /* where it belongs; nearly all that do not match are never looked up */
	uint32_t number; /* index + 1; 0: free */
};

struct connection_table {
	struct connection **chunks;
	size_t count, chunk_count;
	struct slot *slots;
	size_t slot_count; /* a power of 2 */
	size_t used_slots;
	struct address_set addresses; /* of IPv6: kept apart, most connections have none */
};

struct connection_table *connection_table_new(void)
{
	struct connection_table *table = calloc(1, sizeof *table);

	if (table == NULL)
		return NULL;
	table->slot_count = FIRST_SLOTS;
	table->slots = calloc(table->slot_count, sizeof *table->slots);
	if (table->slots == NULL) {
		free(table);
		return NULL;
	}
	return table;
}

void connection_table_free(struct connection_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->chunk_count; i++)
		free(table->chunks[i]);
	free(table->chunks);
	free(table->slots);
	address_set_release(&table->addresses);
	free(table);
}

#define MIXER UINT64_C(0x9e3779b97f4a7c15)

static uint64_t endpoint_word(const struct endpoint *endpoint)
{
	uint64_t halves[2];

	memcpy(halves, endpoint->address, sizeof halves);
	return (halves[0] << 16 ^ halves[0] >> 48 ^ endpoint->port) + halves[1] * MIXER;
}

/* The same for both directions. */
static uint32_t tuple_hash(const struct packet *packet)
{
	const uint64_t a = endpoint_word(&packet->source), b = endpoint_word(&packet->destination);
	uint64_t hash = ((a ^ b) ^ (a ^ b) >> 31) * MIXER;

	hash = (hash ^ hash >> 32) + a + b;
	return (uint32_t)((hash ^ hash >> 29) * MIXER >> 32);
}

struct connection *connection_at(const struct connection_table *table, size_t index)
{
	return index < table->count ? &table->chunks[index >> CHUNK_SHIFT][index & (CHUNK - 1)]
				    : NULL;
}

static uint8_t family_of(const struct connection *connection)
{
	return connection->six ? 6 : 4;
}

struct endpoint connection_endpoint(
	const struct connection_table *table, const struct connection *connection, int direction)
{
	uint32_t address = connection->addresses[direction];
	struct endpoint endpoint = {
		.family = family_of(connection), .port = connection->ports[direction]};

	if (!connection->six)
		memcpy(endpoint.address, &address, sizeof address);
	else
		memcpy(endpoint.address, table->addresses.addresses[address],
			sizeof endpoint.address);
	return endpoint;
}

static bool address_is(const struct connection_table *table, const struct connection *connection,
	int side, const struct endpoint *endpoint)
{
	return connection->ports[side] == endpoint->port &&
	       memcmp(table->addresses.addresses[connection->addresses[side]], endpoint->address,
		       sizeof endpoint->address) == 0;
}

static bool belongs_six(const struct connection_table *table, const struct connection *connection,
	const struct packet *packet, int *direction)
{
	for (*direction = 0; *direction < 2; ++*direction)
		if (address_is(table, connection, *direction, &packet->source) &&
			address_is(table, connection, !*direction, &packet->destination))
			return true;
	return false;
}

static bool belongs(const struct connection_table *table, const struct connection *connection,
	const struct packet *packet, int *direction)
{
	uint32_t source, destination;

	if (family_of(connection) != packet->source.family)
		return false;
	if (connection->six)
		return belongs_six(table, connection, packet, direction);
	memcpy(&source, packet->source.address, sizeof source);
	memcpy(&destination, packet->destination.address, sizeof destination);
	for (*direction = 0; *direction < 2; ++*direction)
		if (connection->ports[*direction] == packet->source.port &&
			connection->addresses[*direction] == source &&
			connection->ports[!*direction] == packet->destination.port &&
			connection->addresses[!*direction] == destination)
			return true;
	return false;
}

/* The slot of the packet's 4-tuple: a free one when it is new. */
static struct slot *slot_of(const struct connection_table *table, const struct packet *packet,
	uint32_t hash, int *direction)
{
	for (size_t at = hash & (table->slot_count - 1);; at = (at + 1) & (table->slot_count - 1)) {
		struct slot *slot = &table->slots[at];
		if (slot->number == 0)
			return slot;
		if (slot->hash == hash &&
			belongs(table, connection_at(table, slot->number - 1), packet, direction))
			return slot;
	}
}

/* Four fifths full, it doubles. */
static int grow_slots(struct connection_table *table)
{
	if ((table->used_slots + 1) * 5 < table->slot_count * 4)
		return 0;
	size_t slot_count = table->slot_count * 2;
	struct slot *slots = calloc(slot_count, sizeof *slots);
	if (slots == NULL)
		return -1;
	for (size_t i = 0; i < table->slot_count; i++) {
		struct slot slot = table->slots[i];
		if (slot.number == 0)
			continue;
		size_t at = slot.hash & (slot_count - 1);
		while (slots[at].number != 0)
			at = (at + 1) & (slot_count - 1);
		slots[at] = slot;
	}
	free(table->slots);
	table->slots = slots;
	table->slot_count = slot_count;
	return 0;
}

static int grow_chunks(struct connection_table *table)
{
	if (table->count < table->chunk_count << CHUNK_SHIFT)
		return 0;
	struct connection *chunk = calloc(CHUNK, sizeof *chunk);
	if (chunk == NULL)
		return -1;
	struct connection **place =
		array_add(&table->chunks, &table->chunk_count, sizeof *table->chunks);
	if (place == NULL) {
		free(chunk);
		return -1;
	}
	*place = chunk;
	return 0;
}

/* The address as it is, or its place. */
static int keep_address(
	struct connection_table *table, const struct endpoint *endpoint, uint32_t *address)
{
	if (endpoint->family == 4) {
		memcpy(address, endpoint->address, sizeof *address);
		return 0;
	}
	return address_set_add(&table->addresses, endpoint->address, address);
}

static struct connection *add(struct connection_table *table, const struct packet *packet)
{
	if (table->count == UINT32_MAX || grow_chunks(table) != 0)
		return NULL;
	size_t index = table->count;
	struct connection *connection = &table->chunks[index >> CHUNK_SHIFT][index & (CHUNK - 1)];
	if (keep_address(table, &packet->source, &connection->addresses[0]) != 0 ||
		keep_address(table, &packet->destination, &connection->addresses[1]) != 0)
		return NULL;
	connection_init(connection);
	connection->six = packet->source.family == 6;
	connection->ports[0] = packet->source.port;
	connection->ports[1] = packet->destination.port;
	connection->index = (uint32_t)table->count++;
	return connection;
}

/* A SYN that cannot belong to what went before on its 4-tuple.  A retransmitted SYN has the same
 * initial number; in a simultaneous open each side sends its first.  A SYN-ACK with another number
 * is a server that forgot (SYN cookies), unless the connection had ended and it answers no SYN of
 * it: one that RST refused may be sent again. */
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
		return (connection->reset || sender->fin) && sender->seen &&
		       !(receiver->has_isn && packet->ack == receiver->isn + 1);
	if (sender->has_isn || sender->seen)
		return true;
	return receiver->seen && !receiver->has_isn;
}

uint32_t connection_hash(const struct connection_table *table, const struct packet *packet)
{
	uint32_t hash = tuple_hash(packet);

	__builtin_prefetch(&table->slots[hash & (table->slot_count - 1)]);
	return hash;
}

void connection_fetch(const struct connection_table *table, uint32_t hash)
{
	enum { CACHE_LINE = 64 };

	for (size_t at = hash & (table->slot_count - 1); table->slots[at].number != 0;
		at = (at + 1) & (table->slot_count - 1)) {
		if (table->slots[at].hash != hash)
			continue;
		const char *bytes = (const char *)connection_at(table, table->slots[at].number - 1);
		for (size_t i = 0; i < sizeof(struct connection); i += CACHE_LINE)
			__builtin_prefetch(bytes + i, 1);
		return;
	}
}

struct connection *connection_find_hashed(struct connection_table *table,
	const struct packet *packet, uint32_t hash, int *direction, bool *is_new)
{
	struct slot *slot = slot_of(table, packet, hash, direction);

	if (is_new != NULL)
		*is_new = false;
	if (slot->number != 0) {
		struct connection *connection = connection_at(table, slot->number - 1);
		if (!begins_anew(connection, packet, *direction))
			return connection;
	} else {
		if (grow_slots(table) != 0)
			return NULL;
		slot = slot_of(table, packet, hash, direction);
		table->used_slots++;
	}
	struct connection *connection = add(table, packet);
	*direction = 0;
	if (connection == NULL)
		return NULL;
	*slot = (struct slot){.hash = hash, .number = connection->index + 1};
	if (is_new != NULL)
		*is_new = true;
	return connection;
}

struct connection *connection_find(
	struct connection_table *table, const struct packet *packet, int *direction, bool *is_new)
{
	return connection_find_hashed(table, packet, tuple_hash(packet), direction, is_new);
}

struct connection *connection_known(
	const struct connection_table *table, const struct packet *packet, int *direction)
{
	const struct slot *slot = slot_of(table, packet, tuple_hash(packet), direction);

	return slot->number == 0 ? NULL : connection_at(table, slot->number - 1);
}

size_t connection_count(const struct connection_table *table)
{
	return table->count;
}
