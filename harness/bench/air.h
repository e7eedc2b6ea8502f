/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_AIR_H
#define WIZHIL_BENCH_AIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timeline/timeline.h"
#include "wire/air_frame.h"

/*
 * One module's frames on the air, as a monitor hears them, against those on the peer's wire.  A frame
 * of the module's that is on the air and not on the wire was sent and lost; a frame of the peer's
 * that is on the wire and was not acknowledged on the air was not delivered.
 *
 * What is on the air is encrypted.  A frame of each side belong to each other by direction, length
 * and time, and where it could be two, neither counts as delivered: what is claimed in the end is
 * that something was never sent, or was delivered and not heeded.
 *
 * Pure: times are given, nothing is read.  Frames of either side may come in any order, within
 * AIR_SETTLE_NS; behind that time they are decided.
 */

/* From the air to the wire an access point takes no longer; back it may hold a frame while the module
 * sleeps.  Stamps of the two captures may be apart by so much. */
#define AIR_WAY_NS (1 * NS_PER_S)
#define AIR_SLEEP_NS (3 * NS_PER_S)
#define AIR_APART_NS (100 * NS_PER_MS)
/* How old a frame is when it is decided. */
#define AIR_SETTLE_NS (8 * NS_PER_S)
/* An access point sends a beacon each 0.1 s: so long without one, and the monitor hears nothing. */
#define AIR_BEACON_GAP_NS (500 * NS_PER_MS)
/* A shorter sleep is none that anybody has to see. */
#define AIR_ASLEEP_NS (1 * NS_PER_S)

enum { AIR_PENDING = 1024, AIR_SPANS = 128 };

/* A frame of one direction: on the air, with all times that it was sent, or on the wire. */
struct air_pending {
	enum direction direction;
	bool on_wire;
	int64_t t_ns, last_ns, error_ns;
	uint32_t octets; /* on the air: its body; on the wire: of the network packet */
	uint16_t sequence;
	int tries;
	bool acknowledged, paired, tried;
	bool doubtful; /* it may be the one that another of its length was not delivered for */
};

struct air_span {
	int64_t from_ns, to_ns;
};

struct air {
	bool has_module;
	uint8_t module[6];
	bool has_access_point;
	uint8_t access_point[6];
	size_t pending_count;
	struct air_pending pending[AIR_PENDING]; /* in the order of time */
	int64_t order_ns[2]; /* when each side's last frame on the air was sent */
	bool last_is_ours;   /* the access point's last frame was for the module */
	uint32_t overhead;   /* octets that the air adds to a network packet; 0: not known */
	int heard,
		missed; /* of the module's frames on the wire, those that were heard on the air */
	int acknowledged[2]; /* frames of either direction */
	int lost[2];	     /* those that were told of */
	/* The times in which it was heard. */
	bool watching;
	int64_t watched_from_ns, beacon_ns;
	int64_t watched_ns; /* all of them, before the present one */
	size_t span_count;
	struct air_span spans[AIR_SPANS];
	/* Since when the module sleeps; 0: it does not. */
	int64_t asleep_ns;
	size_t sleep_count;
	struct air_span sleeps[AIR_SPANS];
};

void air_init(struct air *air);

/* Whose frames are looked at.  Another module begins anew. */
void air_set_module(struct air *air, const uint8_t mac[6]);

/* A frame that the monitor heard, of anybody.  Returns whether it is of the module's link. */
bool air_take(struct air *air, const struct air_frame *frame, int64_t t_ns, int64_t error_ns);

/* A frame on the wire, from the module or to its own address: octets of its network packet. */
void air_take_wire(struct air *air, enum direction direction, uint32_t octets, int64_t t_ns);

/* How long the link was heard, up to the last beacon. */
int64_t air_watched_ns(const struct air *air);

/* From since_ns to now_ns the monitor may have missed frames of its own doing. */
void air_blind(struct air *air, int64_t since_ns, int64_t now_ns);

/* Decides the frames that are old enough; each that was lost is told of, as an event of the device
 * lane: AIR_SENT or AIR_UNDELIVERED. */
typedef void air_lost_fn(void *context, const struct event *event);
void air_decide(struct air *air, int64_t now_ns, air_lost_fn *lost, void *context);

/* The times from from_ns on, up to what is decided at now_ns, in which the monitor watched, and those
 * in which the module slept: events AIR_WATCHED and AIR_ASLEEP. */
void air_tell_spans(
	const struct air *air, int64_t from_ns, int64_t now_ns, air_lost_fn *tell, void *context);

#endif
