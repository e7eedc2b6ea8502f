/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_PCAPNG_H
#define WIZHIL_WIRE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* Writes pcapng with a comment on each packet that deserves one, as no packaged C library does.
 * Format: draft-ietf-opsawg-pcapng; nanoseconds (if_tsresol 9). */

struct pcapng_writer;

/* Writes to "<path>.part", mode 0600, until pcapng_finish.  NULL with err set. */
struct pcapng_writer *pcapng_create(
	const char *path, int link_type, const char *interface, struct error *err);

/* comment: UTF-8 of at most 512 octets, or NULL. */
int pcapng_packet(struct pcapng_writer *writer, int64_t realtime_ns, const uint8_t *bytes,
	size_t captured, size_t length, const char *comment, struct error *err);

/* Closes the file, gives it its name, frees the writer, also when it fails. */
int pcapng_finish(struct pcapng_writer *writer, struct error *err);

#endif
