/* SPDX-License-Identifier: MIT */
#include "wire/recording.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

/* A file of the recording.  Rings have thousands of files: each is open from its first packet's
 * time to its end only. */
struct part {
	const char *path;
	struct capture_file *file; /* NULL: not yet, or not any more */
	bool ended;
	bool has_head;
	struct captured_packet head; /* the next packet */
	int64_t first_ns;	     /* time of the first packet; INT64_MAX: there is none */
	uint64_t frames;
	uint64_t octets, octets_read;
	struct error fault;
};

struct recording {
	size_t count;
	struct part *parts;
	size_t *order; /* indices of parts, by first_ns */
	size_t begun;  /* so many of them are open, or have ended */
	size_t active; /* the earliest of order that has not ended */
};

static void end_part(struct part *part)
{
	if (part->file != NULL)
		part->octets_read = part->octets;
	capture_file_close(part->file);
	part->file = NULL;
	part->ended = true;
	part->has_head = false;
}

static void read_head(struct part *part)
{
	int status = capture_file_next(part->file, &part->head, &part->fault);

	part->has_head = status == 1;
	if (status != 1)
		end_part(part);
}

static int open_part(struct part *part, struct error *err)
{
	part->file = capture_file_open(part->path, err);
	if (part->file == NULL)
		return -1;
	part->octets = capture_file_size(part->file);
	read_head(part);
	part->first_ns = part->has_head ? part->head.time_ns : INT64_MAX;
	return 0;
}

/* Among several, a file waits closed for its turn; standard input cannot be opened again. */
static void put_aside(struct recording *recording, struct part *part)
{
	if (recording->count == 1 || !part->has_head || strcmp(part->path, "-") == 0)
		return;
	capture_file_close(part->file);
	part->file = NULL;
	part->has_head = false;
}

static void sort_by_time(struct recording *recording)
{
	for (size_t i = 0; i < recording->count; i++) {
		size_t at = i;
		int64_t first = recording->parts[i].first_ns;
		for (; at > 0 && recording->parts[recording->order[at - 1]].first_ns > first; at--)
			recording->order[at] = recording->order[at - 1];
		recording->order[at] = i;
	}
}

struct recording *recording_open(const char *const *paths, size_t count, struct error *err)
{
	struct recording *recording = calloc(1, sizeof *recording);

	if (recording == NULL || (recording->parts = calloc(count, sizeof(struct part))) == NULL ||
		(recording->order = calloc(count, sizeof(size_t))) == NULL) {
		(void)error_set(err, ERROR_MEMORY, "out of memory");
		recording_close(recording);
		return NULL;
	}
	recording->count = count;
	for (size_t i = 0; i < count; i++) {
		recording->parts[i].path = paths[i];
		if (open_part(&recording->parts[i], err) != 0) {
			recording_close(recording);
			return NULL;
		}
		put_aside(recording, &recording->parts[i]);
	}
	sort_by_time(recording);
	return recording;
}

/* Opens what begins before 'until'. */
static void begin_parts(struct recording *recording, int64_t until)
{
	while (recording->begun < recording->count) {
		struct part *part = &recording->parts[recording->order[recording->begun]];
		if (part->first_ns > until)
			return;
		recording->begun++;
		if (part->file == NULL && !part->ended && open_part(part, &part->fault) != 0)
			end_part(part);
	}
}

/* The open part with the earliest packet; NULL at the end. */
static struct part *earliest(struct recording *recording)
{
	struct part *found = NULL;

	while (recording->active < recording->begun &&
		recording->parts[recording->order[recording->active]].ended)
		recording->active++;
	for (size_t i = recording->active; i < recording->begun; i++) {
		struct part *part = &recording->parts[recording->order[i]];
		if (part->has_head && (found == NULL || part->head.time_ns < found->head.time_ns))
			found = part;
	}
	if (recording->begun == recording->count)
		return found;
	int64_t next = recording->parts[recording->order[recording->begun]].first_ns;
	if (found != NULL && found->head.time_ns < next)
		return found;
	begin_parts(recording, found != NULL ? found->head.time_ns : next);
	return next == INT64_MAX && found == NULL ? NULL : earliest(recording);
}

static int give(struct recording *recording, struct part *part, struct recorded_packet *packet)
{
	part->has_head = false;
	part->frames = part->head.frame;
	part->octets_read += part->head.captured;
	packet->packet = part->head;
	packet->file = (size_t)(part - recording->parts);
	return 1;
}

/* Most recordings are one file: nothing has to be compared. */
static int next_of_single(struct part *part, struct recorded_packet *packet)
{
	if (part->file == NULL)
		return 0;
	if (capture_file_next(part->file, &packet->packet, &part->fault) != 1) {
		end_part(part);
		return 0;
	}
	part->frames = packet->packet.frame;
	part->octets_read += packet->packet.captured;
	packet->file = 0;
	return 1;
}

/* The head is read on the call after it was given away: until then its octets are valid. */
int recording_next(struct recording *recording, struct recorded_packet *packet)
{
	struct part *part = recording->parts;

	if (recording->count == 1 && !part->has_head)
		return next_of_single(part, packet);
	/* (The first packet of a single file was read when it was opened.) */
	if (recording->count == 1)
		return give(recording, part, packet);
	for (size_t i = recording->active; i < recording->begun; i++) {
		part = &recording->parts[recording->order[i]];
		if (part->file != NULL && !part->has_head)
			read_head(part);
	}
	part = earliest(recording);
	return part == NULL ? 0 : give(recording, part, packet);
}

uint64_t recording_frames(const struct recording *recording, size_t file)
{
	return recording->parts[file].frames;
}

void recording_progress(const struct recording *recording, uint64_t *octets_read, uint64_t *octets)
{
	/* Of each frame libpcap's file has 16 octets more. */
	const uint64_t header = 16;

	*octets_read = *octets = 0;
	for (size_t i = 0; i < recording->count; i++) {
		const struct part *part = &recording->parts[i];
		*octets_read += part->octets_read + (part->ended ? 0 : part->frames * header);
		*octets += part->octets;
	}
}

const struct error *recording_fault(const struct recording *recording, size_t file)
{
	return &recording->parts[file].fault;
}

void recording_close(struct recording *recording)
{
	if (recording == NULL)
		return;
	for (size_t i = 0; recording->parts != NULL && i < recording->count; i++)
		capture_file_close(recording->parts[i].file);
	free(recording->parts);
	free(recording->order);
	free(recording);
}
