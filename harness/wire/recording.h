/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_RECORDING_H
#define WIZHIL_WIRE_RECORDING_H

#include <stddef.h>
#include <stdint.h>

#include "wire/capture_file.h"

struct error;

/*
 * Several capture files as one recording, in the order of time: the ring of files that a capture
 * program leaves, or captures of one time from two places.  Within a file the order of its packets
 * stays, even where its stamps go back.
 *
 * A file that is damaged ends there; the others go on, and recording_fault() says what happened.
 */

struct recording;

struct recorded_packet {
	struct captured_packet packet; /* frame counts from 1 in its file */
	size_t file;		       /* index of the path */
};

/* Opens the files; "-" is standard input.  paths must outlive it.  NULL with err set (ERROR_USAGE)
 * when one of them cannot be read at all.  The caller ends it with recording_close(). */
struct recording *recording_open(const char *const *paths, size_t count, struct error *err);

/* The next packet: 1, valid until the next call; 0 at the end. */
int recording_next(struct recording *recording, struct recorded_packet *packet);

/* Frames of that file that were read so far. */
uint64_t recording_frames(const struct recording *recording, size_t file);

/* Octets of all files that were read so far, and how many there are (0: not known), for
 * progress. */
void recording_progress(const struct recording *recording, uint64_t *octets_read, uint64_t *octets);

/* What went wrong in reading the file: kind is ERROR_NONE when nothing did. */
const struct error *recording_fault(const struct recording *recording, size_t file);

/* NULL is fine. */
void recording_close(struct recording *recording);

#endif
