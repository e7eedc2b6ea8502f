/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_PCAPNG_H
#define WIZHIL_WIRE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * Writes capture files in pcapng (draft-ietf-opsawg-pcapng): one section, an
 * interface for each capture, nanosecond stamps, a comment at a packet where there is something to say.  The same calls always
 * give the same bytes.
 */

struct pcapng_writer;

/* Creates the file, mode 0600, under a temporary name beside path (path.part); link_type is a DLT_*
 * value, interface the name that the file gives.  NULL with err set.  The caller ends it with
 * pcapng_finish() or pcapng_discard(). */
struct pcapng_writer *pcapng_create(
	const char *path, int link_type, const char *interface, struct error *err);

/* The interfaces of a case's file: that of pcapng_create(), and what pcapng_add_interface() adds. */
enum { PCAPNG_WIRE, PCAPNG_AIR };

/* Adds the next interface. */
void pcapng_add_interface(struct pcapng_writer *writer, int link_type, const char *interface);

/* Appends a packet of an interface: 'captured' bytes of wire_length.  comment is UTF-8 or NULL. */
int pcapng_packet(struct pcapng_writer *writer, uint32_t interface, int64_t realtime_ns,
	const uint8_t *bytes, size_t captured, size_t wire_length, const char *comment,
	struct error *err);

/* Octets of the file so far. */
uint64_t pcapng_size(const struct pcapng_writer *writer);

/* Writes what is left and gives the file its name; whether it is on disk is the caller's matter.
 * Frees the writer in any case. */
int pcapng_finish(struct pcapng_writer *writer, struct error *err);

/* Removes the file and frees the writer.  NULL is fine. */
void pcapng_discard(struct pcapng_writer *writer);

#endif
