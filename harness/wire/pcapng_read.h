/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_PCAPNG_READ_H
#define WIZHIL_WIRE_PCAPNG_READ_H

#include <stdint.h>
#include <stdio.h>

#include "wire/capture_file.h"

struct error;

/*
 * Reads the pcapng files that libpcap refuses in the middle: whose interfaces have unlike link types
 * or snap lengths, or whose sections have unlike byte orders.  Only blocks of packets, interfaces
 * and sections are looked into; all others are skipped.
 */

struct pcapng_reader;

/* Takes over the stream, also when it fails.  NULL with err set when out of memory. */
struct pcapng_reader *pcapng_reader_new(FILE *stream, struct error *err);

/* The next packet with its own link type, a DLT_* value: 1; 0 at the end of the file; -1 with err
 * set, in words that say what is wrong but not in which file. */
int pcapng_reader_next(
	struct pcapng_reader *reader, struct captured_packet *packet, struct error *err);

/* NULL is fine. */
void pcapng_reader_free(struct pcapng_reader *reader);

#endif
