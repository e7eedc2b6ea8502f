/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_PCAPNG_COMMENT_H
#define WIZHIL_WIRE_PCAPNG_COMMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * A copy of a capture file with comments at its packets.  A pcapng file is copied block by block, so
 * that nothing of it is lost; any other file that capture_file.h reads becomes a pcapng file with
 * the same packets.
 */

struct capture_comments {
	/* What is to be said at a frame (from 1), UTF-8; NULL: nothing.  Called in the order of the
	 * file; the text is used before the next call. */
	const char *(*comment_of)(void *context, uint64_t frame);
	/* Is this comment of a frame with a new one out of date?  NULL: none is. */
	bool (*replaces)(const char *comment, size_t length);
	void *context;
	const char *section; /* a comment of the file itself, by which one is known that has them */
	bool again;	     /* write one that has them all the same */
};

/* Writes 'to' (mode 0600, by way of to.part; it may be 'from').  0; 1: a section has that comment
 * already, and nothing was written; -1 with err set. */
int capture_comment(const char *from, const char *to, const struct capture_comments *comments,
	struct error *err);

#endif
