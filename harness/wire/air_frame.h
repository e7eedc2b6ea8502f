/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_AIR_FRAME_H
#define WIZHIL_WIRE_AIR_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A frame of IEEE 802.11 as a link: who sent it to whom over the air, again or not, and how long it
 * is.  All of it can be read of encrypted frames, too.  Pure; any bytes may come.  The network packet
 * of a frame that can be read is packet_decode()'s matter.
 */

enum air_kind {
	AIR_OTHER,
	AIR_BEACON, /* transmitter: the access point */
	AIR_DATA,
	AIR_KEYS, /* data in which station and access point agree on keys (EAPOL, in the clear) */
	AIR_NULL, /* data without any: tells of power save */
	AIR_ACK,  /* receiver: who sent what it acknowledges; no transmitter */
	AIR_BLOCK_ACK /* the same, of several; with a transmitter */
};

struct air_frame {
	enum air_kind kind;
	uint8_t receiver[6], transmitter[6];
	/* DATA, KEYS and NULL: */
	bool to_access_point, from_access_point; /* both: between access points */
	bool retry;				 /* sent once more */
	bool asleep;	   /* its transmitter goes to sleep behind it (power management) */
	bool fragment;	   /* a part of a packet */
	bool several;	   /* more than one packet (A-MSDU) */
	uint16_t sequence; /* 0 to 4095: the same when it is sent once more */
	/* DATA and KEYS: octets behind the 802.11 header, without the check sequence of the frame: what
	 * encryption adds, and 8 octets of LLC and SNAP before the network packet. */
	uint32_t body;
};

/* Reads a frame of which 'captured' octets are there and on the air were 'length'.  False where it is
 * none that can be relied on: too short, damaged, or of a link type (DLT_*) that is not 802.11. */
bool air_frame_read(int linktype, const uint8_t *bytes, size_t captured, size_t length,
	struct air_frame *frame);

/* Whether captures of the link type are of a monitor. */
bool air_frame_link_type(int linktype);

#endif
