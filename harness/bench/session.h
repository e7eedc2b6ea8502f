/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_SESSION_H
#define WIZHIL_BENCH_SESSION_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/device.h"
#include "bench/places.h"
#include "core/error.h"
#include "peer/peer.h"
#include "timeline/timeline.h"
#include "wire/connection.h"
#include "wire/decode.h"
#include "wire/pcapng.h"

/*
 * A session carries out one scenario on one device and writes down what happens: its connections,
 * the peer's ends of them, the steps at their times, and the timeline.
 */

enum session_state {
	SESSION_DELAYED, /* admitted, waiting for its start offset */
	SESSION_SETUP,
	SESSION_RUNNING,
	SESSION_LISTING, /* the watch is over, AT+CID=? is in progress */
	SESSION_CLOSING,
	SESSION_FINISHED
};

enum { SESSION_FLOWS = 96, RAW_MARKS = 16 };

/* What a case may leave behind: events of its timeline, octets of its capture, and of the UART.  A case
 * that has more, of a device that floods wire or UART, ends its watch there. */
enum { CASE_EVENTS = 100000, CASE_CAPTURE = 64 << 20, CASE_UART = 16 << 20 };

/* What tells a raw segment from the kernel's when the capture shows it. */
struct raw_mark {
	bool used, stray;
	uint16_t ip_id;
	uint32_t seq, ack;
};

/* What was seen of a flow that a raw segment in the peer's name needs. */
struct raw_origin {
	bool device_seen, peer_seen;
	uint8_t device_mac[6], peer_mac[6];
	struct endpoint device, peer;
	uint32_t device_next, peer_next; /* SND.NXT of either */
	uint32_t last_seq, last_length;	 /* of the device's last segment */
	uint16_t window;		 /* of the peer's last */
	bool closed; /* a raw segment closed the window: what comes now is not accepted */
	bool has_timestamps;
	uint32_t ts_value, ts_echo;
};

/* One generation of one connection: a CID opened again is another one. */
struct flow {
	struct session *session;
	int connection, generation;
	enum connection_role role;
	uint16_t peer_port;	/* port on the peer host: no other session's, names the flow */
	uint16_t device_port;	/* 0 until the first segment */
	uint32_t peer_be;	/* the peer's address */
	int cid;		/* -1 until CONNECT, and when closed or given to another flow */
	int pending_notice_cid; /* CID it had at a death of which no notice has come; -1 */
	int listener_cid;	/* a server's */
	bool opening;		/* the opening command has no answer yet: steps for it wait */
	bool device_says_open;	/* the answer to the opening command was OK */
	bool peer_says_open;
	bool noticed;	  /* the UART told of its end */
	bool ended;	  /* the wire showed its end: FIN or RST of either side */
	int64_t death_ns; /* its earliest sign on wire or UART; TIME_NEVER */
	struct peer *peer;
	int64_t dialled_ns; /* a server's: when the peer dialled last */
	struct connection *tracked;
	struct initial_numbers numbers;
	bool device_seen;	 /* the sniffer saw a segment from the device */
	uint64_t sent, received; /* octets the peer sent and the UART delivered */
	uint64_t device_sent, peer_received;
	uint32_t uncaptured_ack; /* of the peer: what the sniffer did not see */
	int64_t syn_ack_ns;	 /* for the path's round trip; 0: not waiting */
	struct raw_origin origin;
	unsigned raw_sent; /* raw segments */
	struct raw_mark raw_marks[RAW_MARKS];
	/* The device's segments since the peer spoke last: probes, and all that call for an
	 * answer. */
	int unanswered_probes, unanswered_calls;
};

/* What the bench lends to its sessions. */
struct session_host {
	void *context;
	uint32_t peer_address_be;
	uint16_t (*next_port)(void *context);
	/* Begins to switch the access point; the bench fails the session when it does not work. */
	int (*access_point)(void *context, bool up, struct error *err);
	/* Opens the device's port by its name; NULL with err set. */
	struct port *(*open_port)(
		void *context, const struct bench_device *entry, struct error *err);
	/* Must the session open no connection now?  NULL: it may. */
	bool (*opens_held)(void *context, const struct session *session);
	/* An event entered a timeline; NULL: nobody watches. */
	void (*added)(void *context, const struct session *session, const struct event *event);
};

struct session {
	struct session *next;
	int case_index;	      /* in the bench's list */
	struct claims claims; /* what it does not share */
	struct device *device;
	const struct session_host *host;
	bool spare_there; /* the peer's host at the spare address */
	struct clock *clock;
	struct timeline *timeline;
	const struct scenario *scenario; /* = &timeline->scenario */
	enum session_state state;
	int64_t due_ns;	    /* DELAYED: when to begin; SETUP, CLOSING: when to give up */
	int setup_position; /* next thing of the setup: connections, then steps */
	int64_t start_ns;   /* second 0; TIME_NEVER before */
	bool done[SCENARIO_STEPS];
	int64_t not_before_ns[SCENARIO_STEPS]; /* a step that has to wait, a silence for an ACK */
	int64_t armed_ns[SCENARIO_STEPS];      /* when a step that follows a segment is due */
	int pending;			       /* commands given and not yet answered */
	int flow_count;
	struct flow flows[SESSION_FLOWS];
	int current[SCENARIO_CONNECTIONS]; /* index of the latest flow, -1: never opened */
	uint32_t spare_address_be;	   /* leased; 0: there is none, or it needs none */
	int spare_lock;			   /* closed with the session; -1 */
	int64_t station_first_left_ns;	   /* this host left the module's network; TIME_NEVER */
	int64_t station_left_ns;	   /* the same, and is not back */
	bool full;			   /* its evidence was, and nothing is added any more */
	bool unplugged;	       /* it ended with the port of its device: it is driven again */
	unsigned listed;       /* CIDs that the listing at the end shows */
	int64_t round_trip_ns; /* peer host - device - peer host: bound on the path's delay */
	uint64_t frames;       /* written to the capture file */
	struct pcapng_writer *pcapng;
	struct transcript *transcript;
	char evidence[3][160]; /* timeline, pcapng, transcript: relative to the run's folder */
	struct error fault;    /* the bench's own trouble with this session */
};

struct session *session_new(const char *case_name, const struct scenario *scenario,
	struct device *device, const struct session_host *host);
void session_free(struct session *session); /* peers that still stand vanish without a word */

/* Runs what is due at now_ns; call it again after every input. */
void session_run(struct session *session, int64_t now_ns);

/* When session_run has something to do next; TIME_NEVER when only inputs bring it on. */
int64_t session_deadline(const struct session *session);

/* Adds the peers' descriptors for poll; returns how many. */
int session_poll(const struct session *session, struct pollfd *polls, int room);
/* Takes what happened at the peers' sockets. */
void session_handle_peers(struct session *session);

/* A frame of the device's wire.  Taken when it belongs to one of the session's flows. */
struct wire_frame {
	int64_t t_ns, error_ns, wall_ns;
	const uint8_t *bytes;
	size_t captured, length;
	bool from_device;
	bool other_mac; /* and not from its hardware address */
	struct packet packet;
};
bool session_take_frame(struct session *session, const struct wire_frame *frame);
/* A frame that no session took: noted where it has one port of a living flow and another one that
 * is nobody's. */
void session_take_foreign(struct session *session, const struct wire_frame *frame);

void session_take_notice(struct session *session, struct flow *flow, const struct at_token *token,
	struct uart_free uart_free);

/* A notice of the end of the listener that the flow was accepted on. */
void session_take_listener_notice(struct session *session, const struct flow *flow,
	const struct at_token *token, struct uart_free uart_free);
void session_take_data(struct session *session, struct flow *flow, const struct at_token *token);
bool session_take_accept(struct session *session, const struct at_token *token);

/* True when a connection died on the wire and the UART has not said so yet. */
bool session_awaits_notice(const struct session *session);

/* A fault of the evidence that concerns the session, or one connection of it, and was so since
 * from_ns. */
void session_fault(struct session *session, int connection, enum fault_reason reason,
	int64_t from_ns, const char *text);

/* The peer's interface had no link from then until now. */
void session_note_no_link(struct session *session, int64_t from_ns);

/* Goes on with set-up or closing when an answer has come. */
void session_go_on(struct session *session);

/* The setup came to nothing, or the watch ends early, because of what was so since from_ns: what
 * follows is the bench's tidying up, and tells nothing of the device. */
void end_early(struct session *session, int connection, enum fault_reason reason, int64_t from_ns,
	const char *text);
/* Whose command is in progress; NULL: none, or no session's. */
struct session *session_asking(const struct device *device);

/* Is nobody else to come to its device now? */
bool session_bears_nobody(const struct session *session);
/* Is the CID of a connection that is dead, or may be, still to be named, which nobody else must get meanwhile? */
bool session_keeps_cid(const struct session *session);

/* The run is interrupted or the device is lost: ends where it is. */
void session_abandon(struct session *session);

#endif
