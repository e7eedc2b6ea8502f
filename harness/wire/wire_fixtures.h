/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_WIRE_FIXTURES_H
#define WIZHIL_WIRE_WIRE_FIXTURES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/units.h"
#include "wire/connection.h"
#include "wire/raw_segment.h"

/* For the tests of this folder only: segments to build frames of, and a conversation to track. */

static inline struct endpoint ipv4_endpoint(uint8_t last, uint16_t port)
{
	return (struct endpoint){.address = {192, 0, 2, last}, .family = 4, .port = port};
}

/* A segment from 192.0.2.10:1024 to 192.0.2.1:80 with 4 octets "ping". */
static inline struct raw_tcp plain_segment(void)
{
	static const uint8_t ping[] = {'p', 'i', 'n', 'g'};

	return (struct raw_tcp){.source_mac = {2, 0, 0, 0, 0, 10},
		.destination_mac = {2, 0, 0, 0, 0, 1},
		.source = ipv4_endpoint(10, 1024),
		.destination = ipv4_endpoint(1, 80),
		.ip_id = 7,
		.ttl = 100,
		.seq = 1000,
		.ack = 2000,
		.flags = SEGMENT_FLAG_ACK | SEGMENT_FLAG_PSH,
		.window = 1400,
		.payload = ping,
		.length = sizeof ping};
}

/* The path of a new file in a new folder below the temporary folder; the test process ends soon
 * and leaves it, the name is in a static buffer. */
static inline const char *scratch_path(const char *name)
{
	static char path[128];
	char folder[] = "/tmp/wizhil-wire-XXXXXX";

	if (mkdtemp(folder) == NULL)
		abort();
	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

/* Removes the file of scratch_path and its folder. */
static inline void scratch_remove(const char *path)
{
	char folder[128];

	(void)unlink(path);
	(void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
	(void)rmdir(folder);
}

#endif
