/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_WIFI_H
#define WIZHIL_DIAGNOSE_WIFI_H

#include <stddef.h>
#include <stdint.h>

#include "wire/decode.h"

/*
 * What the frames of a Wi-Fi monitor tell that cannot be read: how many a station sent to another,
 * how many of them again, how many were acknowledged, and how long they were.  Bounded: of more
 * pairs of stations than fit the later ones are only counted.
 */

enum { WIFI_LINKS = 32 };

struct wifi_link {
	uint8_t from[6], to[6]; /* of the radio link: one of them is an access point, mostly */
	uint64_t frames, retried, acknowledged;
	uint16_t shortest, longest; /* octets of 802.11 */
	int64_t first_ns, last_ns;
	int64_t pause_ns; /* the longest one between two frames of this link */
	uint64_t pending; /* not acknowledged so far */
};

struct wifi {
	uint64_t encrypted; /* data frames, those to groups too */
	uint64_t damaged;
	size_t link_count;
	struct wifi_link links[WIFI_LINKS];
	struct wifi_link *waiting; /* the link of the latest data frame; NULL: none */
};

/* The next frame, of any kind. */
void wifi_take(struct wifi *wifi, const struct packet *packet, int64_t time_ns);

/* Room for a MAC as text. */
enum { MAC_TEXT = 18 };

/* "02:00:00:00:00:0a" into text; returns text. */
char *mac_format(const uint8_t mac[6], char *text);

#endif
