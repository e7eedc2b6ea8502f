/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_CAPTURE_FILE_H
#define WIZHIL_WIRE_CAPTURE_FILE_H

#include <stddef.h>
#include <stdint.h>

struct error;

/* Reads capture files (pcap and pcapng, microseconds and nanoseconds, also compressed by gzip)
 * packet by packet, also of a pcapng file with unlike interfaces, where it can be opened again. */

struct capture_file;

struct captured_packet {
	uint64_t frame;	      /* number in the file, from 1 */
	int64_t time_ns;      /* since 1970; may go backwards */
	const uint8_t *bytes; /* valid until the next call */
	size_t captured;      /* bytes that are there */
	size_t wire_length;   /* bytes on the wire */
	int link_type;	      /* the DLT_* value for packet_decode */
};

/* Opens a file, "-" for standard input.  NULL with err set (ERROR_USAGE).  The caller ends it with
 * capture_file_close(). */
struct capture_file *capture_file_open(const char *path, struct error *err);

/* Octets of the file; 0 when it is compressed or none (standard input, a pipe). */
uint64_t capture_file_size(const struct capture_file *file);

/* The next packet: 1; 0 at the end of the file; -1 with err set when the file is damaged or cut
 * off, after all packets that are whole. */
int capture_file_next(struct capture_file *file, struct captured_packet *packet, struct error *err);

/* NULL is fine. */
void capture_file_close(struct capture_file *file);

#endif
