/* SPDX-License-Identifier: MIT */
#include "diagnose/sighting.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/array.h"
#include "core/error.h"

/* Blocks are written so many at a time. */
enum { PART_CONNECTIONS = 512, BLOCK_SIGHTINGS = 85, BLOCKS_WRITTEN = 64 };
/* A part with more is not sorted in memory. */
enum { SORTED_MAX = 100000 };
#define NO_BLOCK UINT64_MAX

/* Sightings lie in a chain of blocks in the file, the latest in memory. */
struct block {
	uint64_t before; /* number of the block that was full before it */
	uint64_t count;
	struct sighting sightings[BLOCK_SIGHTINGS];
};

struct chain {
	struct block *block; /* NULL: it is empty */
	uint64_t count;	     /* of sightings, in the file and in memory */
};

struct sighting_store {
	int file; /* -1: nothing had to be written */
	uint64_t blocks;
	uint64_t unwritten; /* of them, in memory, see 'buffer' */
	struct block *buffer;
	size_t part_count;
	struct chain *parts;
	/* Those of a part that has too many: a chain for each connection, from the last sighting to
	 * the first. */
	struct chain own[PART_CONNECTIONS];
	size_t own_next; /* PART_CONNECTIONS: all have been given */
	/* One part, or one connection of it, sorted. */
	size_t next_part;
	size_t unsorted_at;
	struct sighting *sorted, *unsorted;
	size_t sorted_count, sorted_at, room;
};

#define SPAN_MAX ((UINT64_C(1) << 56) - 1)

_Static_assert(sizeof(struct sighting) == 48, "each probe has two");

/* The longest span means that no packet was seen. */
static uint64_t span_of(int64_t from_ns, int64_t to_ns)
{
	uint64_t span = to_ns > from_ns ? (uint64_t)to_ns - (uint64_t)from_ns : 0;

	if (from_ns == SEGMENT_NO_TIME)
		return SPAN_MAX;
	return span < SPAN_MAX ? span : SPAN_MAX - 1;
}

int64_t sighting_real_ns(const struct sighting *sighting, int side)
{
	uint64_t span = (uint64_t)sighting->since_high[side] << 48 |
			(uint64_t)sighting->since_middle[side] << 32 | sighting->since_low[side];

	return span == SPAN_MAX ? SEGMENT_NO_TIME : sighting->time_ns - (int64_t)span;
}

void sighting_set_real(
	struct sighting *sighting, const int64_t real_ns[2], const uint8_t real_ttl[2])
{
	for (int side = 0; side < 2; side++) {
		uint64_t span = span_of(real_ns[side], sighting->time_ns);
		sighting->since_low[side] = (uint32_t)span;
		sighting->since_middle[side] = (uint16_t)(span >> 32);
		sighting->since_high[side] = (uint8_t)(span >> 48);
		sighting->real_ttl[side] = real_ttl[side];
	}
}

struct sighting_store *sighting_store_new(void)
{
	struct sighting_store *store = calloc(1, sizeof *store);

	if (store == NULL)
		return NULL;
	store->file = -1;
	store->own_next = PART_CONNECTIONS;
	return store;
}

void sighting_store_free(struct sighting_store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->part_count; i++)
		free(store->parts[i].block);
	for (size_t i = 0; i < PART_CONNECTIONS; i++)
		free(store->own[i].block);
	free(store->parts);
	free(store->buffer);
	free(store->sorted);
	free(store->unsorted);
	if (store->file >= 0)
		(void)close(store->file);
	free(store);
}

static int open_file(struct sighting_store *store, struct error *err)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];

	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	store->file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (store->file >= 0)
		return 0;
	/* Not every file system has files without a name. */
	(void)snprintf(path, sizeof path, "%s/wizhil-XXXXXX", folder);
	store->file = mkostemp(path, O_CLOEXEC);
	if (store->file < 0)
		return error_errno(
			err, ERROR_BENCH, "cannot create a temporary file in '%s'", folder);
	(void)unlink(path);
	return 0;
}

static int write_out(struct sighting_store *store, struct error *err)
{
	const char *bytes = (const char *)store->buffer;
	off_t at = (off_t)((store->blocks - store->unwritten) * sizeof(struct block));
	size_t left = (size_t)store->unwritten * sizeof(struct block);

	if (store->file < 0 && open_file(store, err) != 0)
		return -1;
	while (left > 0) {
		ssize_t written = pwrite(store->file, bytes, left, at);
		if (written <= 0)
			return error_errno(err, ERROR_BENCH,
				"cannot write the temporary file (try: TMPDIR=/var/tmp)");
		bytes += written;
		at += written;
		left -= (size_t)written;
	}
	store->unwritten = 0;
	return 0;
}

static int write_block(struct sighting_store *store, struct chain *chain, struct error *err)
{
	if (store->buffer == NULL)
		store->buffer = malloc(BLOCKS_WRITTEN * sizeof *store->buffer);
	if (store->buffer == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	if (store->unwritten == BLOCKS_WRITTEN && write_out(store, err) != 0)
		return -1;
	store->buffer[store->unwritten++] = *chain->block;
	chain->block->before = store->blocks++;
	chain->block->count = 0;
	return 0;
}

static int read_block(struct sighting_store *store, struct block *block, struct error *err)
{
	uint64_t number = block->before, written = store->blocks - store->unwritten;

	if (number >= written) {
		*block = store->buffer[number - written];
		return 0;
	}
	off_t at = (off_t)(number * sizeof *block);
	if (pread(store->file, block, sizeof *block, at) != (ssize_t)sizeof *block)
		return error_errno(err, ERROR_BENCH, "cannot read the temporary file");
	return 0;
}

static int grow(struct sighting_store *store, size_t part)
{
	const size_t before = store->part_count;

	if (array_reserve(&store->parts, &store->part_count, part + 16, sizeof *store->parts) != 0)
		return -1;
	memset(store->parts + before, 0, (store->part_count - before) * sizeof *store->parts);
	return 0;
}

static int append(struct sighting_store *store, struct chain *chain,
	const struct sighting *sighting, struct error *err)
{
	if (chain->block == NULL) {
		chain->block = malloc(sizeof *chain->block);
		if (chain->block == NULL)
			return error_set(err, ERROR_MEMORY, "out of memory");
		chain->block->before = NO_BLOCK;
		chain->block->count = 0;
	}
	if (chain->block->count == BLOCK_SIGHTINGS && write_block(store, chain, err) != 0)
		return -1;
	chain->block->sightings[chain->block->count++] = *sighting;
	chain->count++;
	return 0;
}

int sighting_store_add(
	struct sighting_store *store, const struct sighting *sighting, struct error *err)
{
	size_t number = sighting->connection / PART_CONNECTIONS;

	if (number >= store->part_count && grow(store, number) != 0)
		return error_set(err, ERROR_MEMORY, "out of memory");
	return append(store, &store->parts[number], sighting, err);
}

static int make_room(struct sighting_store *store, size_t count, struct error *err)
{
	if (count <= store->room)
		return 0;
	free(store->sorted);
	free(store->unsorted);
	store->room = count + count / 2;
	store->sorted = malloc(store->room * sizeof *store->sorted);
	store->unsorted = calloc(store->room, sizeof *store->unsorted);
	if (store->sorted == NULL || store->unsorted == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	return 0;
}

static size_t place_in_part(const struct sighting *sighting)
{
	return sighting->connection % PART_CONNECTIONS;
}

typedef int take_sighting(
	struct sighting_store *store, const struct sighting *sighting, struct error *err);

/* Empties the chain, from the last sighting to the first, as it goes. */
static int take_all(
	struct sighting_store *store, struct chain *chain, take_sighting *take, struct error *err)
{
	struct block *block = chain->block;
	int status = 0;

	*chain = (struct chain){.block = NULL};
	while (status == 0) {
		for (size_t i = (size_t)block->count; status == 0 && i-- > 0;)
			status = take(store, &block->sightings[i], err);
		if (block->before == NO_BLOCK)
			break;
		if (status == 0)
			status = read_block(store, block, err);
	}
	free(block);
	return status;
}

static int take_unsorted(
	struct sighting_store *store, const struct sighting *sighting, struct error *err)
{
	(void)err;
	store->unsorted[--store->unsorted_at] = *sighting;
	return 0;
}

static int take_own(
	struct sighting_store *store, const struct sighting *sighting, struct error *err)
{
	return append(store, &store->own[place_in_part(sighting)], sighting, err);
}

/* What was turned round twice is in order. */
static int take_sorted(
	struct sighting_store *store, const struct sighting *sighting, struct error *err)
{
	(void)err;
	store->sorted[store->sorted_count++] = *sighting;
	return 0;
}

/* By connection; what belongs to one stays in its order. */
static void sort_part(struct sighting_store *store, size_t count)
{
	size_t starts[PART_CONNECTIONS + 1] = {0};

	for (size_t i = 0; i < count; i++)
		starts[place_in_part(&store->unsorted[i]) + 1]++;
	for (size_t i = 1; i <= PART_CONNECTIONS; i++)
		starts[i] += starts[i - 1];
	for (size_t i = 0; i < count; i++)
		store->sorted[starts[place_in_part(&store->unsorted[i])]++] = store->unsorted[i];
	store->sorted_count = count;
	store->sorted_at = 0;
}

static int sort_in_memory(struct sighting_store *store, struct chain *part, struct error *err)
{
	const size_t count = (size_t)part->count;

	if (make_room(store, count, err) != 0)
		return -1;
	store->unsorted_at = count;
	if (take_all(store, part, take_unsorted, err) != 0)
		return -1;
	sort_part(store, count);
	return 0;
}

static int give_own(struct sighting_store *store, struct chain *own, struct error *err)
{
	if (make_room(store, (size_t)own->count, err) != 0)
		return -1;
	store->sorted_at = store->sorted_count = 0;
	return take_all(store, own, take_sorted, err);
}

/* However many there are, each sighting is read once, or twice. */
static int sort_next(struct sighting_store *store, struct error *err)
{
	if (store->own_next < PART_CONNECTIONS) {
		struct chain *own = &store->own[store->own_next++];
		return own->block == NULL ? 0 : give_own(store, own, err);
	}
	struct chain *part = &store->parts[store->next_part++];
	if (part->block == NULL)
		return 0;
	if (part->count <= SORTED_MAX)
		return sort_in_memory(store, part, err);
	store->own_next = 0;
	return take_all(store, part, take_own, err);
}

/* A probe may acknowledge more than was seen when its answer goes on from there: the capture missed
 * it. */
static void confirm(struct sighting *probe, const struct sighting *by)
{
	if (by->class == SEGMENT_PROBE_ANSWER && by->seq_offset == probe->ack_offset)
		probe->ack_offset = 0;
}

/* A candidate is what a later segment of the other side says. */
static void settle(struct sighting *candidate, const struct sighting *by)
{
	if (candidate->class == SEGMENT_PROBE)
		confirm(candidate, by);
	if ((by->bits & (SIGHTING_PROVES | SIGHTING_CLOSED)) == 0)
		return;
	if ((by->bits & SIGHTING_CLOSED) != 0) {
		candidate->class = SEGMENT_ZERO_WINDOW_PROBE;
		return;
	}
	candidate->class = SEGMENT_PROBE;
	candidate->bits |= SIGHTING_JOINED;
	candidate->seq_offset = -1;
	candidate->ack_offset = 0;
}

/* The one before it that is of the same side, and is its candidate; end: there is none. */
static size_t candidate_before(const struct sighting *sightings, size_t end)
{
	for (size_t i = end; i-- > 0 && sighting_direction(&sightings[i]) ==
						sighting_direction(&sightings[end]);)
		if (sightings[i].class == SEGMENT_UNDECIDABLE &&
			(sightings[i].bits & SIGHTING_CANDIDATE) != 0)
			return i;
	return end;
}

/* The closing segment of a side tells what its candidates were since the other side spoke; of a
 * single one its SEQ says nothing: an octet between may not have been captured. */
static void settle_own(struct sighting *sightings, size_t end)
{
	const bool probes = (sightings[end].bits & SIGHTING_OWN_PROBES) != 0;
	size_t i = candidate_before(sightings, end), next = end;

	if (probes && (i == end || candidate_before(sightings, i) == i))
		return;
	for (; i != next; next = i, i = candidate_before(sightings, i)) {
		sightings[i].class = probes ? SEGMENT_PROBE : SEGMENT_OTHER;
		if (!probes)
			continue;
		sightings[i].bits |= SIGHTING_JOINED;
		sightings[i].seq_offset = -1;
		sightings[i].ack_offset = 0;
	}
}

static void settle_candidates(struct sighting *sightings, size_t count)
{
	struct sighting *candidates[2] = {NULL, NULL};

	for (size_t i = 0; i < count; i++) {
		const int side = sighting_direction(&sightings[i]);
		if (candidates[!side] != NULL)
			settle(candidates[!side], &sightings[i]);
		if ((sightings[i].bits & (SIGHTING_OWN_PROBES | SIGHTING_OWN_ACKS)) != 0)
			settle_own(sightings, i);
		if ((sightings[i].bits & SIGHTING_CANDIDATE) != 0 ||
			sightings[i].class == SEGMENT_PROBE)
			candidates[side] = &sightings[i];
	}
}

/* An answer that was captured before its probe goes behind it. */
static void put_behind(struct sighting *answer, struct sighting *probe)
{
	const int64_t real_ns[2] = {sighting_real_ns(answer, 0), sighting_real_ns(answer, 1)};
	const uint8_t real_ttl[2] = {answer->real_ttl[0], answer->real_ttl[1]};
	struct sighting moved = *answer;

	moved.class = SEGMENT_PROBE_ANSWER;
	if (moved.time_ns < probe->time_ns)
		moved.time_ns = probe->time_ns;
	sighting_set_real(&moved, real_ns, real_ttl);
	*answer = *probe;
	*probe = moved;
}

static void order_answers(struct sighting *sightings, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct sighting *answer = &sightings[i - 1];
		if ((sightings[i].bits & SIGHTING_ANSWERED) == 0 ||
			answer->class != SEGMENT_UNSOLICITED_ACK)
			continue;
		if (sightings[i].class == SEGMENT_PROBE)
			put_behind(answer, &sightings[i]);
		else
			answer->class = SEGMENT_OTHER;
	}
}

ptrdiff_t sighting_store_next(
	struct sighting_store *store, const struct sighting **sightings, struct error *err)
{
	while (store->sorted_at == store->sorted_count) {
		if (store->next_part == store->part_count && store->own_next == PART_CONNECTIONS)
			return 0;
		if (sort_next(store, err) != 0)
			return -1;
	}
	size_t begin = store->sorted_at, end = begin;
	while (end < store->sorted_count &&
		store->sorted[end].connection == store->sorted[begin].connection)
		end++;
	store->sorted_at = end;
	settle_candidates(store->sorted + begin, end - begin);
	order_answers(store->sorted + begin, end - begin);
	*sightings = store->sorted + begin;
	return (ptrdiff_t)(end - begin);
}
