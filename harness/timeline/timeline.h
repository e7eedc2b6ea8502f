/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_TIMELINE_TIMELINE_H
#define WIZHIL_TIMELINE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/names.h"
#include "core/units.h"
#include "scenario/scenario.h"
#include "uart/at_code.h"
#include "uart/at_command.h"
#include "wire/keepalive.h"

struct error;

/*
 * The timeline: everything that happened in one scenario, on one clock, in the order of time.
 * It is the whole of what the judge knows.  Written as JSON lines (one header, one line an event)
 * and read back without loss: a recorded run is judged again without hardware.
 *
 * Times are ns since the start of the run on the bench's clock.  Each event carries a bound on the
 * error of its time: the truth lies within t_ns - error_ns .. t_ns + error_ns.
 */

enum event_kind {
	EVENT_SEGMENT,	/* a TCP segment of the connection on the wire */
	EVENT_COMMAND,	/* an AT command line was written to the UART: command, text */
	EVENT_RESPONSE, /* its final answer: code, form, text ("ERROR: INVALID INPUT"), step */
	EVENT_NOTICE,	/* an asynchronous line: code, form, text, cid */
	EVENT_DATA, /* a data frame from the device: size octets came from the peer; ok: as sent */
	EVENT_OPENED,  /* the device gave the connection a CID: cid */
	EVENT_LISTING, /* AT+CID=? was answered; listed: the connection's CID is in it */
	EVENT_PEER,    /* the peer did or saw something: act */
	EVENT_STEP,    /* the bench carried out step 'step' of the scenario */
	EVENT_START,   /* second 0 of the scenario (device lane) */
	EVENT_WATCHED, /* the watch ended: wire and UART were seen from the first event to here */
	EVENT_ARP,  /* the device asked for the hardware address of the connection's peer (the first
			* connection that has this peer stands for all) */
	EVENT_AIR,  /* what a monitor of the air heard, or did not: air, size, ok, from_ns */
	EVENT_FAULT /* a fault of the evidence: fault, reason, text */
};

/* What the peer did, and what its end of the connection saw. */
enum peer_act {
	ACT_NONE,
	ACT_CONNECTED, /* saw the connection open */
	ACT_REFUSED,   /* saw its SYN refused */
	ACT_SPEAKS,    /* answers again */
	ACT_SILENT,    /* answers nothing from here on */
	ACT_GONE,      /* its host has no address any more */
	ACT_REBOOTED,  /* forgot the connection: answers RST */
	ACT_RESET,     /* sent RST */
	ACT_CLOSED,    /* sent FIN */
	ACT_CLOSED_BY_DEVICE,
	ACT_RESET_BY_DEVICE,
	ACT_SENT,	 /* its application sent size octets */
	ACT_RECEIVED,	 /* its application got size octets; ok: those that the device was given */
	ACT_RAW_SEGMENT, /* the bench sent a segment in its name, past its TCP */
};

/* What a fault does to the evidence. */
enum evidence_fault {
	FAULT_NONE,
	FAULT_CAPTURE_DROP, /* frames lost between from_ns and t_ns: voids counts and absences there */
	FAULT_CLOCK_STEP, /* time passed that was not measured: voids the legs across it */
	FAULT_STAMPS, /* what was stamped between from_ns and t_ns has a large error_ns: explains
		       * it, and voids nothing */
	FAULT_REBOOT, /* the module rebooted */
	FAULT_DISASSOCIATED,
	FAULT_SILENT_DEVICE, /* a command got no answer in time */
	FAULT_NO_CONNECTION, /* the module refused to open the connection, or it had ended, so that
			      * what the scenario does to it could not be done */
	FAULT_PROVOKED,	     /* the scenario did what the module breaks down at; text names it */
	FAULT_NO_LINK, /* the peer's interface had no link between from_ns and t_ns: no frame came or
			 * went */
	FAULT_LATE_STEP, /* what the module was to be told at from_ns it was told at t_ns: excuses
			  * what comes of it, and carries no pass away */
	FAULT_BENCH,	 /* the bench could not do what the scenario asks */
};

/* What the air shows beyond the wire. */
enum air_record {
	AIR_WATCHED, /* the monitor heard the link from from_ns to t_ns; ok: and what the module
		      * acknowledges */
	AIR_SENT, /* a frame of the module's, of size octets as a network packet, which did not come to
		   * the wire; ok: the access point acknowledged it */
	AIR_UNDELIVERED, /* a frame on the wire to the module, of size octets, which was not sent on the
			  * air, or not acknowledged there; ok: one was, and it may have been another
			  * one of its length and time */
	AIR_ASLEEP	 /* the module's radio slept from from_ns to t_ns */
};

struct timeline_air {
	enum air_record kind;
	int tries;	/* SENT, UNDELIVERED: how often it was sent on the air */
	uint64_t frame; /* UNDELIVERED: its number, as segment.frame */
	int heard,
		missed; /* WATCHED: of the module's frames on the wire in the run up to then, those
			    * that the monitor heard on the air, and those that it did not */
};

/* How it came to a fault. */
enum fault_reason {
#define REASON(name, fault, words) REASON_##name,
#include "timeline/fault_reasons.def"
#undef REASON
};

enum { PEER_ACTS = ACT_RAW_SEGMENT + 1, FAULT_REASONS = REASON_BENCH_BROKE + 1 };

enum direction { FROM_DEVICE, FROM_PEER };

enum { SEGMENT_OPTIONS = 40 };

/* What the wire's classification (wire/keepalive.h) makes of a segment. */
enum segment_role {
	ROLE_PLAIN, /* an ACK, a window update */
	ROLE_SYN,
	ROLE_FIN,
	ROLE_RST,
	ROLE_DATA,
	ROLE_RETRANSMISSION,
	ROLE_PROBE,	      /* a keep-alive probe */
	ROLE_PROBE_ANSWER,    /* the ACK that answers it */
	ROLE_PROBE_RST,	      /* the RST that answers it */
	ROLE_UNSOLICITED_ACK, /* an empty segment that nothing called for and that is no probe */
	ROLE_ZERO_WINDOW_PROBE,
	ROLE_NOT_A_PROBE, /* looks like one: after FIN, unacknowledged octet, too soon, duplicate */
	ROLE_UNDECIDABLE,
	ROLE_STRAY,	 /* sent by the bench to be ignored: a wrong checksum, a RST outside the
		     * window */
	ROLE_OTHER_TUPLE /* from the device, and of no connection: it has one port of this one and
			  * another port that is nobody's */
};

/* TCP flags as on the wire. */
enum {
	TCP_FLAG_FIN = 1,
	TCP_FLAG_SYN = 2,
	TCP_FLAG_RST = 4,
	TCP_FLAG_PSH = 8,
	TCP_FLAG_ACK = 16,
	TCP_FLAG_URG = 32
};

struct timeline_segment {
	enum direction direction;
	enum segment_role role;
	uint32_t seq, ack; /* relative to the sender's, and the receiver's, initial number */
	uint8_t flags, ttl;
	uint16_t window;
	uint32_t length; /* payload octets */
	bool goes_on;	 /* its sender spoke again and again behind it, and the timeline leaves that
			  * out: no idle time begins here */
	bool checksum_ok; /* IP and TCP, and the frame holds all of it; true as well where the
			   * capture is too short to tell */
	bool other_mac;	  /* of the device: not from its own hardware address */
	uint8_t tos;	  /* of the IP header, as the next one */
	bool dont_fragment;
	char options[SEGMENT_OPTIONS]; /* of a SYN, in their order: "mss 1460, sack permitted" */
	uint64_t frame;		       /* number in the case's capture file, from 1 */
	uint64_t answers;	       /* frame of the probe that it answers, or 0 */
	uint32_t snd_nxt, rcv_nxt; /* the sender's, before this segment, relative as seq and ack:
				    * what a probe's SEQ and ACK are measured against */
};

/* Long enough for a port below /dev/serial/by-id and what is said of it. */
enum { EVENT_TEXT = 256 };

struct event {
	int64_t t_ns;
	int64_t error_ns;
	enum event_kind kind;
	enum at_command command; /* COMMAND */
	enum at_code code;	 /* RESPONSE, NOTICE; AT_CODE_NONE: none */
	enum at_form form;	 /* RESPONSE, NOTICE */
	enum peer_act act;	 /* PEER */
	int connection; /* index into the scenario's connections, NO_CONNECTION: the device lane */
	int generation; /* of the connection, from 1: a CID opened again is another one */
	int cid;	/* NOTICE, OPENED, LISTING; -1: none */
	int step;	/* STEP, RESPONSE to a step; -1: none */
	int size;	/* DATA, AIR: octets */
	bool listed;	/* LISTING */
	bool of_listener; /* NOTICE: its CID is that of the listener that accepts the connection */
	bool ok;	  /* DATA, and PEER that received: the octets are those that were sent */
	enum evidence_fault fault; /* FAULT */
	enum fault_reason reason;  /* FAULT */
	int64_t from_ns; /* FAULT, AIR: since when, at the earliest; 0: at t_ns.  NOTICE: since when the
			    UART was free for it */
	int64_t busy_ns; /* NOTICE: since when the UART was busy before from_ns; 0: not known */
	struct timeline_segment segment; /* SEGMENT */
	struct timeline_air air;	 /* AIR */
	char text[EVENT_TEXT]; /* for people; what is decided by an event is decided by the above */
};

/* How long commands took that need no work of the module: the way to it and back, and a bound on the
 * way of what it says to the bench's stamp. */
struct round_trips {
	int count; /* 0: not measured, and the others mean nothing */
	int64_t least_ns, most_ns;
};

/* Adds a measured one. */
void round_trips_add(struct round_trips *round_trips, int64_t took_ns);

/* The bound on the way from the module's UART to the bench's stamp: the longest round trip, and
 * UART_WAY_NS at least: a pty on a loaded machine was measured at 20 ms (harness/PLATFORM.md), and
 * an adapter waits for 16. */
#define UART_WAY_NS (50 * NS_PER_MS)
int64_t round_trips_bound(const struct round_trips *round_trips);

struct timeline {
	char case_name[96];
	char device[32];
	int concurrent; /* other scenarios that ran on the device meanwhile, at most at one time */
	bool stepped;
	struct scenario scenario;
	int64_t path_delay_ns;	 /* between module and sniffer: the bound that error_ns of segments
				  holds */
	struct round_trips uart; /* of the device's UART, up to then; real clock only */
	size_t count;
	struct event *events; /* in the order of time */
};

/* An empty timeline of a scenario.  NULL when out of memory. */
struct timeline *timeline_new(const char *case_name, const struct scenario *scenario);

/* Appends a copy; an event that is earlier than those before it is put at its place in time, behind
 * those of the same time.  -1 when out of memory. */
int timeline_add(struct timeline *timeline, const struct event *event);

/* NULL is fine. */
void timeline_free(struct timeline *timeline);

/* Writes it to a stream / reads one; the caller closes the stream.  The same timeline always gives
 * the same bytes. */
int timeline_write(const struct timeline *timeline, FILE *stream, struct error *err);
struct timeline *timeline_read(FILE *stream, struct error *err);

/* The initial sequence numbers of a connection's directions, as its packets show them: zeroed at
 * first. */
struct initial_numbers {
	bool known[2];
	uint32_t seq[2];
};

struct packet;
struct tracked_segment;

/* The segment that a TCP packet of a connection is, with what tracking found out about it (its role
 * is that of its class).  The first packets make the initial numbers known: a packet's own, and by
 * what it acknowledges the other side's. */
struct timeline_segment segment_of_packet(struct initial_numbers *numbers,
	const struct packet *packet, enum direction direction,
	const struct tracked_segment *tracked, uint64_t frame);

/* Its event, of the first generation of connection 0. */
struct event event_of_segment(
	int64_t t_ns, int64_t error_ns, const struct timeline_segment *segment);

/* What a class of the wire's classifier is in a timeline. */
enum segment_role segment_role_of(enum segment_class class);

/* Reads what the device said into code, form and text, of a RESPONSE or NOTICE: a line as the codec
 * gives it, without brackets and in words. */
void event_take_line(struct event *event, const char *line);

/* Whether a RESPONSE is the answer that these words are ("OK", "ERROR: INVALID INPUT"; brackets and
 * case are nothing): by its code, and by its words where they have no code. */
bool event_is_answer(const struct event *response, const char *words);

/* The fault that it is a reason of; FAULT_NONE for REASON_OTHER. */
enum evidence_fault fault_of_reason(enum fault_reason reason);

/* "reboot", "silent device", ... */
const char *evidence_fault_name(enum evidence_fault fault);
/* By its name; FAULT_NONE for another word. */
enum evidence_fault evidence_fault_named(const char *name);

/* "silent", "closed by device", ... */
extern const struct names peer_act_names;

/* Name of the role for people: "probe", "answer", ... */
const char *segment_role_name(enum segment_role role);

#endif
