/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_SCENARIO_H
#define WIZHIL_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/units.h"

struct at_option;

/*
 * A scenario: one device session with 1 to 16 named connections, as data.  A case builds it by the
 * verbs below; the bench carries it out; nothing in it says how.
 *
 * Order of things: (1) *setup*: the connections are opened in the order in which they were named,
 * then the setup steps are carried out one after the other, in order; (2) *start*: the instant at
 * which the last of them was answered is second 0 of the scenario; (3) the other steps, each at its
 * time after the start, or after the death of a connection; (4) the watch ends; (5) the bench asks
 * the device for its open CIDs (AT+CID=?), closes what is open, and returns the timeline.
 *
 * A wrong scenario (unknown name, too many steps) is not reported by the verbs: 'error' holds the
 * first complaint, and the bench refuses the scenario with it.
 */

enum { SCENARIO_CONNECTIONS = 16, SCENARIO_STEPS = 128, SCENARIO_NAME = 16, SCENARIO_TEXT = 96 };

/* For steps and events that belong to no connection. */
#define NO_CONNECTION (-1)

enum connection_role {
	ROLE_TCP_CLIENT, /* the device dials, the peer listens */
	ROLE_TCP_SERVER, /* the device listens, the peer dials at once; takes one CID more for the
			    listener */
	ROLE_UDP_CLIENT
};

struct planned_connection {
	char name[SCENARIO_NAME];
	enum connection_role role;
	bool opened_later; /* by a STEP_OPEN, not in the setup */
	bool spare;	   /* the peer's end is at the bench's first spare address */
	bool wraps;	   /* of a server: see peer_wraps() */
	bool data_mode;	   /* opened by AT+NAUTO and ATA: the UART is the connection's then */
	int shares;	   /* 1 + the connection of share_end(); 0: none */
	int port_of;	   /* 1 + the connection of peer_port_of(); 0: none */
};

enum step_kind {
	STEP_OPEN,    /* the device opens the connection (again); it is a new generation of it */
	STEP_OPTION,  /* AT+SETSOCKOPT=<cid>,<text>: text is type,parameter,value,length */
	STEP_COMMAND, /* the AT command in text; "%c" stands for the connection's CID as the module
		       * prints it, "%d" for it, and "%l" for its listener's, as AT+SETSOCKOPT takes
		       * them; "%p" for the peer's address, "%n" for one that nobody has */
	STEP_CLOSE,   /* AT+NCLOSE */
	STEP_DEVICE_SENDS, /* 'size' octets through an ESC Z frame; in data mode as they are.  A frame
			      with a 'text' names that as its CID, "%" for its own, may be empty, and
			      nothing may come of it */
	STEP_PEER_SENDS,   /* 'size' octets */
	STEP_PEER_SILENT,  /* from here on the peer neither answers nor hears */
	STEP_PEER_SPEAKS,  /* and now it does again */
	STEP_PEER_REBOOTS, /* the peer forgets the connection without a word; what comes later draws
			      RST */
	STEP_PEER_RESETS,  /* RST at once */
	STEP_PEER_CLOSES,  /* FIN */
	STEP_PEER_SEGMENT, /* 'raw': what the peer's kernel would not send, or not now */
	STEP_PEER_GONE,	   /* the peer's address has no host any more: not even ARP is answered */
	STEP_PEER_DIALS,   /* the peer connects once more to the device's listener: a new
			    * generation */
	STEP_ACCESS_POINT_GOES, /* the bench's commands for it; such a scenario is exclusive */
	STEP_ACCESS_POINT_COMES,
	/* Where the module is the access point: this host, its station, leaves its network without a
	 * word, and joins it again.  Exclusive, too. */
	STEP_STATION_LEAVES,
	STEP_STATION_JOINS
};

enum step_anchor {
	ANCHOR_SETUP, /* in the setup, one after the other */
	ANCHOR_START, /* at_ns after the start */
	ANCHOR_DEATH, /* at_ns after the death of anchor_connection: its earliest sign on wire or
			 UART */
	ANCHOR_PROBE, /* at_ns after the nth probe in a row of anchor_connection to which the peer
			 sent nothing */
	ANCHOR_CALL   /* the same for any segment that calls for an answer: data, probes of a closed
			 window, keep-alive probes */
};

/* Segments that the bench sends past the peer's TCP, in the peer's name.  Their numbers are the
 * right ones (all of the device's octets acknowledged, SEQ = the peer's SND.NXT) plus the
 * offsets. */
enum raw_kind {
	RAW_ACK,	/* an empty ACK: the answer to a probe */
	RAW_PROBE,	/* the peer's own keep-alive probe: SEQ = SND.NXT - 1, 'size' octets */
	RAW_RST,	/* RST without ACK */
	RAW_UNREACHABLE /* ICMP destination unreachable about the device's last segment */
};

struct raw_plan {
	enum raw_kind kind;
	int seq_offset, ack_offset;
	bool closed_window; /* of no octets; else the one that the peer announced last */
	bool bad_checksum;
	bool other_port;    /* from another port than the connection's: another 4-tuple */
	bool other_address; /* the same: from the bench's first spare address */
	int copies;	    /* 0: one */
	int code;	    /* of RAW_UNREACHABLE: 0 net, 1 host, 2 protocol, 3 port, ... */
};

struct step {
	enum step_kind kind;
	int connection; /* index, or NO_CONNECTION */
	enum step_anchor anchor;
	int anchor_connection;
	int64_t at_ns;
	int nth;	  /* ANCHOR_PROBE, ANCHOR_CALL: from 1 */
	bool every;	  /* the same: each time, not only the first */
	int size;	  /* octets */
	int64_t pause_ns; /* of what is typed: after its first half; 0: none */
	struct raw_plan raw;
	char text[SCENARIO_TEXT];
};

enum watch_until {
	WATCH_TIME, /* limit_ns after the start */
	WATCH_DEATH /* until every connection in 'mask' was declared dead, limit_ns at the latest */
};

struct watch {
	enum watch_until until;
	unsigned mask;	  /* connections, bit = index */
	int64_t limit_ns; /* after the start; 0: the scenario's own estimate, see
			   * scenario_limit() */
	int64_t then_ns;  /* how long to go on watching afterwards */
};

struct scenario {
	int connection_count;
	struct planned_connection connections[SCENARIO_CONNECTIONS];
	int step_count;
	struct step steps[SCENARIO_STEPS];
	struct watch watch;
	bool exclusive; /* changes what others see, which does not follow from its steps: it gets
			 * the device alone; see leases.h */
	char error[128];
};

/* What the device was told about one connection, by reading the setup steps in order: as a device
 * that accepts all that the vendor documents would have it. */
struct planned_keepalive {
	bool on;
	int count;     /* default 8 */
	int timeout_s; /* default 7200 */
	bool timed;    /* the timeout was set: it is not the device's own */
};

/* Arguments of keepalive(): what is 0 is not set, so that the vendor's default holds. */
struct keepalive_options {
	int count;
	int timeout_s;
	bool off;	    /* leave SO_KEEPALIVE off */
	bool timeout_first; /* TCP_KEEPALIVE before TCP_KEEPALIVE_CNT: the wrong order to lower
			     * both */
};

/* Arguments of the verbs that happen at a time. */
struct when {
	double at_s; /* seconds after the start, or after what one of the next three says */
	const char *after_death_of;
	int on_probe;	  /* the nth unanswered probe in a row, see ANCHOR_PROBE */
	int on_call;	  /* the nth unanswered segment in a row, see ANCHOR_CALL */
	const char *of;	  /* on_probe, on_call: of which connection; NULL: the step's own */
	bool every;	  /* on_probe, on_call: each time */
	int size;	  /* octets, for sends and the peer's probes */
	double pause_s;	  /* between two halves, in which a line or a data frame is typed */
	const char *text; /* of an option or a command */
	struct raw_plan raw;
};

struct watch_options {
	enum { TIME, DEATH } until;
	const char *of; /* DEATH of which connection; NULL: of the first one */
	double s;	/* TIME: how long; DEATH: at the latest; 0: the scenario's own estimate */
	double then_s;
};

/* An empty scenario. */
struct scenario scenario_new(void);

/* A scenario with one TCP connection that the device opens to the peer host, named 'name'. */
struct scenario tcp_client(const char *name);
/* The same, with one that the peer dials and the device accepts. */
struct scenario tcp_server(const char *name);

/* Adds a connection.  Returns its index, NO_CONNECTION on a complaint. */
int add_connection(struct scenario *s, const char *name, enum connection_role role);

/* The peer's end of the connection is at a spare address of the bench, which no other session has
 * meanwhile. */
void at_spare_address(struct scenario *s, const char *name);

/* The sequence numbers of the peer, who dials this server, begin so that 0 comes behind its first
 * PEER_WRAPS_AFTER octets: RCV.NXT of the device wraps (RFC 9293 3.4). */
enum { PEER_WRAPS_AFTER = 100 };
void peer_wraps(struct scenario *s, const char *name);

/* The connection is opened by AT+NAUTO and ATA: the UART is in data mode then, until it is left by a
 * command, and again when it is returned to by another (cases/DEVICE.md 4).  What the device sends for it meanwhile goes out as it is, and so does
 * what it receives; the notices come in between (AT+XDUM=0).  Such a scenario is exclusive. */
void in_data_mode(struct scenario *s, const char *name);

/* The connection has an end in common with one of its role that was named before: clients the peer's
 * port, servers the device's listener, which the peer dials once more. */
void share_end(struct scenario *s, const char *name, const char *with);

/* The peer dials this server from the port that it has at the other one, too: another listener, or
 * another address of the peer, is what tells the two connections apart. */
void peer_port_of(struct scenario *s, const char *name, const char *with);

/* Index of the connection, NO_CONNECTION when there is none of that name. */
int scenario_connection(const struct scenario *s, const char *name);

/* Adds a copy of the step. */
void add_step(struct scenario *s, struct step step);

/* The vendor's recipe in the setup: SO_KEEPALIVE on, then the count, then the timeout. */
void keepalive_with(struct scenario *s, const char *name, struct keepalive_options options);
#define keepalive(s, name, ...) keepalive_with(s, name, (struct keepalive_options){__VA_ARGS__})

/* One AT+SETSOCKOPT in the setup, fields as text, so that wrong ones can be sent too. */
void option(struct scenario *s, const char *name, const char *type, const char *parameter,
	const char *value, const char *length);

/* An AT command in the setup; "%c" and "%d" stand for the connection's CID, see STEP_COMMAND (name
 * may be NULL). */
void command(struct scenario *s, const char *name, const char *text);

void act_with(struct scenario *s, const char *name, enum step_kind kind, struct when when);
/* An AT+SETSOCKOPT, or another AT command, at a time:
 * option_at(s, "a", "65535,8,0,4", .at_s = 50) */
#define option_at(s, name, fields, ...)                                                            \
	act_with(s, name, STEP_OPTION, (struct when){.text = (fields), __VA_ARGS__})
#define command_at(s, name, line, ...)                                                             \
	act_with(s, name, STEP_COMMAND, (struct when){.text = (line), __VA_ARGS__})
#define peer_falls_silent(s, name, ...)                                                            \
	act_with(s, name, STEP_PEER_SILENT, (struct when){__VA_ARGS__})
#define peer_speaks_again(s, name, ...)                                                            \
	act_with(s, name, STEP_PEER_SPEAKS, (struct when){__VA_ARGS__})
#define peer_reboots(s, name, ...) act_with(s, name, STEP_PEER_REBOOTS, (struct when){__VA_ARGS__})
#define peer_resets(s, name, ...) act_with(s, name, STEP_PEER_RESETS, (struct when){__VA_ARGS__})
#define peer_closes(s, name, ...) act_with(s, name, STEP_PEER_CLOSES, (struct when){__VA_ARGS__})
#define peer_sends(s, name, ...) act_with(s, name, STEP_PEER_SENDS, (struct when){__VA_ARGS__})
#define peer_dials(s, name, ...) act_with(s, name, STEP_PEER_DIALS, (struct when){__VA_ARGS__})
#define peer_is_gone(s, name, ...) act_with(s, name, STEP_PEER_GONE, (struct when){__VA_ARGS__})
#define access_point_goes(s, name, ...)                                                            \
	act_with(s, name, STEP_ACCESS_POINT_GOES, (struct when){__VA_ARGS__})
#define access_point_comes(s, name, ...)                                                           \
	act_with(s, name, STEP_ACCESS_POINT_COMES, (struct when){__VA_ARGS__})
#define station_leaves(s, name, ...)                                                               \
	act_with(s, name, STEP_STATION_LEAVES, (struct when){__VA_ARGS__})
#define station_joins(s, name, ...)                                                                \
	act_with(s, name, STEP_STATION_JOINS, (struct when){__VA_ARGS__})
/* The raw segments; fields of the raw_plan as .raw.ack_offset = 1 and so on. */
#define peer_answers(s, name, ...)                                                                 \
	act_with(s, name, STEP_PEER_SEGMENT, (struct when){.raw.kind = RAW_ACK, __VA_ARGS__})
#define peer_probes(s, name, ...)                                                                  \
	act_with(s, name, STEP_PEER_SEGMENT, (struct when){.raw.kind = RAW_PROBE, __VA_ARGS__})
#define peer_sends_stray_reset(s, name, ...)                                                       \
	act_with(s, name, STEP_PEER_SEGMENT, (struct when){.raw.kind = RAW_RST, __VA_ARGS__})
#define peer_is_unreachable(s, name, ...)                                                          \
	act_with(s, name, STEP_PEER_SEGMENT,                                                       \
		(struct when){.raw.kind = RAW_UNREACHABLE, __VA_ARGS__})
#define device_sends(s, name, ...) act_with(s, name, STEP_DEVICE_SENDS, (struct when){__VA_ARGS__})
#define device_closes(s, name, ...) act_with(s, name, STEP_CLOSE, (struct when){__VA_ARGS__})
#define device_opens(s, name, ...) act_with(s, name, STEP_OPEN, (struct when){__VA_ARGS__})

void watch_with(struct scenario *s, struct watch_options options);
#define watch(s, ...) watch_with(s, (struct watch_options){__VA_ARGS__})

/* A new connection's: off, 8, 7200 s. */
struct planned_keepalive planned_keepalive_default(void);

/* The AT+SETSOCKOPT that a step is, as uart/ reads it; AT_OPTION_OTHER for all other steps. */
struct at_option step_option(const struct step *step);

/* What a step says of a keep-alive option: a STEP_OPTION, or an AT+SETSOCKOPT as STEP_COMMAND. */
enum option_kind {
	OPTION_NONE,	   /* nothing: another command, another option */
	OPTION_DOCUMENTED, /* as the vendor documents it: length 4, a decimal value in range */
	OPTION_OTHER	   /* a keep-alive option, but nothing says what a device makes of it */
};
enum option_kind step_option_kind(const struct step *step);

/* Does to the plan what the step's option does on a device that takes it: one that is below the
 * floor is refused and changes nothing. */
void planned_keepalive_apply(struct planned_keepalive *keepalive, const struct step *step);

/* Whether the step asks for what is below the floor of the plan (timeout < count x 75 s), in the form
 * that the vendor documents. */
bool planned_keepalive_refuses(const struct planned_keepalive *keepalive, const struct step *step);

/* What the setup asks of the connection's keep-alive. */
struct planned_keepalive scenario_keepalive(const struct scenario *s, int connection);

/* Whether it works the access point, which all devices of the bench have in common. */
bool scenario_uses_access_point(const struct scenario *s);
/* Whether it works this host as the station of a module that is the access point. */
bool scenario_uses_station(const struct scenario *s);
/* Either: the link between this host and all modules is not there for a while. */
bool scenario_breaks_link(const struct scenario *s);
/* Does it need an address that nobody has: for a peer that goes, or for a command to nobody? */
bool scenario_uses_spare_address(const struct scenario *s);

/* CIDs to lease: one for each connection, one more for each server's listener. */
int scenario_cids(const struct scenario *s);

/* When the watch ends at the latest, in ns after the start and without then_ns: watch.limit_ns, or,
 * for WATCH_DEATH with none given, the last step's time, plus for the slowest timing model 75 s x
 * (ceil(T/75) + N), plus a tick of 75 s and 10 s for the rest. */
int64_t scenario_limit(const struct scenario *s);

/* What it takes on a healthy device (the estimate of wizhil list), in ns after the start: for
 * WATCH_DEATH the death as course_death() has it, the limit at most, plus then_ns. */
int64_t scenario_expected(const struct scenario *s);

#endif
