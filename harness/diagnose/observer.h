/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_OBSERVER_H
#define WIZHIL_DIAGNOSE_OBSERVER_H

#include "diagnose/network.h"
#include "diagnose/sighting.h"
#include "diagnose/wifi.h"
#include "wire/connection.h"
#include "wire/holes.h"
#include "wire/recording.h"

struct error;

/* From the packets of a recording to sightings, by the tracker and the classifier of the live
 * bench. */

/* Packets are taken in batches, so that the connections of many are fetched from memory at once. */
enum { OBSERVER_BATCH = 32 };

struct observed_packet {
	int64_t time_ns;
	uint64_t number; /* in the recording, from 1 */
	uint32_t hash;
	uint32_t frame;
	uint16_t file;
	struct packet packet;
};

/* The longest silence of an open connection that had no probe before. */
struct silence {
	int64_t from_ns, to_ns;
	uint32_t connection; /* index */
};

struct observer {
	struct connection_table *table;
	struct sighting_store *sightings;
	struct network network;
	struct holes holes;
	struct wifi wifi;
	uint64_t packets;	   /* of any kind */
	uint64_t segments;	   /* of TCP */
	uint64_t unknown_link;	   /* packets of a link type that nothing is known of */
	int unknown_link_type;	   /* of the last one */
	uint64_t cut;		   /* packets without all of their headers */
	int64_t first_ns, last_ns; /* of the recording, whatever the order of its stamps */
	struct silence longest;
	struct endpoint device; /* wanted: has this host sent a probe?  family 0: not */
	bool device_probes;
	bool device_seen; /* the device is an end of a connection */
	bool checksums;	  /* wanted: whether those of the device's segments are right */
	bool idle_times;  /* wanted: the real packets that end idle times */
	bool keep_starts; /* wanted: each connection's first packet's time, in starts, and its
			   * end */
	int64_t *starts;
	size_t starts_room;
	size_t waiting;
	struct observed_packet batch[OBSERVER_BATCH];
};

/* -1 with err set when out of memory. */
int observer_init(struct observer *observer, struct error *err);

/* The next packet.  -1 with err set (memory, or the temporary file). */
int observer_take(
	struct observer *observer, const struct recorded_packet *recorded, struct error *err);

bool observer_is_device(const struct observer *observer, const struct endpoint *host);

/* Are most empty segments of the side right by their checksums, so that a wrong one of a probe or an answer
 * counts?  A machine's own are captured before its network card has put them in. */
bool observer_trusts_checksums(
	const struct observer *observer, struct connection *connection, int side);

/* When the recording has been read: before the sightings are looked at. */
int observer_finish(struct observer *observer, struct error *err);

void observer_release(struct observer *observer);

#endif
