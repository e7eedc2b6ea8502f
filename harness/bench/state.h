/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_STATE_H
#define WIZHIL_BENCH_STATE_H

#include <sys/types.h>

#include "bench/bench.h"
#include "bench/broker_protocol.h"
#include "bench/device.h"
#include "bench/hook.h"
#include "bench/lab.h"
#include "bench/monitor.h"
#include "bench/reruns.h"
#include "bench/session.h"
#include "bench/stimulus.h"
#include "core/error.h"

/* The bench's insides, shared by its files. */

enum case_state {
	CASE_EXPECTED,	/* its worker has not come yet */
	CASE_CONNECTED, /* it has, and has not said what it wants, or judges */
	CASE_WAITING,	/* its scenario waits for admission */
	CASE_RUNNING,
	CASE_DONE, /* verdict recorded */
	CASE_GONE, /* its worker ended, or never came */
	CASE_STATES
};

struct bench_case {
	const struct listed_case *listed;
	enum case_state state;
	int socket; /* -1 */
	struct submission submission;
	struct claims claims; /* of the scenario that waits or runs */
	int polled;	      /* its place among what is waited for */
	int64_t blocked_ns;   /* since when another run is in the way; 0: none is */
	int64_t heard_ns;     /* CASE_CONNECTED: since when its worker is waited for */
	int64_t expected_ns;
	int drives;		 /* timelines delivered */
	int repetition;		 /* from 1; 0: the run does not repeat */
	bool again;		 /* it was asked to run again, alone */
	int unplugged;		 /* drives that ended with the port of their device */
	int concurrent;		 /* of the last timeline */
	double done_s;		 /* of a recorded run: when it had its verdict */
	struct stimulus suspect; /* what its device broke down after */
	char device[32];
	char evidence[3][160];
};

/* BENCH_POLLS: peers' sockets that one poll waits for. */
enum { BENCH_DEVICES = 16, BENCH_VISITORS = 512, BENCH_POLLS = 2048, MAX_RECOVERIES = 8 };

/* Bringing a device up: one command after the other.  bring_up.c has the settings, recovery.c the
 * ladder that makes a silent device answer. */
struct bring_up {
	bool running;
	bool checking;	    /* after a case that had the device alone: is it as it was? */
	bool check_is_last; /* behind all cases: does it answer? */
	int position;
	int rung;		/* of the ladder of recovery */
	int tries;		/* of AT, at this speed */
	int rates_tried;	/* of the sweep */
	unsigned rates_refused; /* by the port; a bit for each rate of the sweep */
	int home_baud;		/* where each rung begins */
	int associations;	/* tried */
	int versions;		/* answers to AT+VER=?; VERSIONS when two agreed */
	int strange_macs; /* answers to AT+NMAC=?, one behind the other, that are another module's */
	struct at_answer of_1, of_b; /* what an option of CID '1', 'b' drew */
	unsigned opened;	     /* CIDs, to count them */
	bool counted;		     /* opened are all that there are, but for what is listed */
	bool restarted;		     /* by AT+RESET, for the CIDs that it held */
	bool settled;	       /* no answer to an earlier command is to be expected any more */
	int recoveries;	       /* in this run */
	struct stimulus death; /* the last one of a connection that it broke down after */
	struct stimuli stimuli;
	int64_t wait_until_ns; /* a reset takes its time; TIME_NEVER */
	int64_t join_ns; /* since when this host is to hear the module's network; TIME_NEVER */
	uint64_t frames_before; /* of the module, heard before that */
	struct hook hook;	/* reset pin or power */
	char hook_trouble[256];
	char trouble[512];
	char after[96]; /* the case after which it is checked */
	struct device *device;
	struct bench *bench;
};

/* Its firmware is written: see firmware.h. */
struct flash {
	struct hook hook;
	int64_t begun_ns;
	int lock;	      /* of the port, for as long; -1 */
	struct error trouble; /* kind ERROR_NONE without */
};

/* Its serial port is away: see unplugged.h. */
struct absence {
	bool away;
	int64_t since_ns, look_ns;
};

struct bench {
	const struct bench_options *options;
	struct clock clock;
	struct session_host host;
	int device_count;
	struct device *devices[BENCH_DEVICES];
	struct bring_up bring_ups[BENCH_DEVICES];
	pid_t children[BENCH_DEVICES];
	bool lost[BENCH_DEVICES]; /* given up */
	struct absence absences[BENCH_DEVICES];
	struct flash flashes[BENCH_DEVICES];
	struct session *sessions;
	size_t case_count;
	struct bench_case *cases;     /* in the order of admission: see CID_WEIGHT_NS */
	size_t in_state[CASE_STATES]; /* how many of them; kept by bench_case_enter() */
	struct reruns reruns;
	int visitors[BENCH_VISITORS]; /* connected, and have not said who they are */
	int visitor_count;
	struct pollfd *polls; /* with room for all that the bench waits for */
	int poll_room;
	int64_t came_ns;    /* when a worker last did */
	int64_t outside_ns; /* when the RTC was last looked at */
	uint32_t ports_used;
	struct lab lab;
	struct monitor monitor;
	uint32_t spares_be[BENCH_DEVICES]; /* the spare addresses */
	int spare_count;
	struct hook access_point;
	bool access_point_off;	     /* by a session, and not yet on again */
	bool access_point_mended;    /* it was switched on since no device found it at the start */
	int64_t access_point_ask_ns; /* when the module is asked whether it went; TIME_NEVER */
	int64_t access_point_asked_ns; /* what it says from here on shows that it did not; TIME_NEVER */
	/* When something is next due of the sessions of a device, if that is known. */
	int64_t due_ns[BENCH_DEVICES];
	bool due_known[BENCH_DEVICES];
	bool has_finished[BENCH_DEVICES]; /* a session that waits for its last answers */
	unsigned due_at;		  /* the changes when they were known */
	unsigned changes;     /* of cases and sessions, since which others may be admitted */
	uint64_t admitted_at; /* the state of all when nobody more could be; see admission.c */
	bool runner_ended, interrupted, ended;
	bool checked; /* the devices were asked once more, behind the last case */
	bool stopped; /* by the fault: nobody is driven any more */
	struct message *message;
	struct error fault; /* the first trouble of the bench itself; kind ERROR_NONE without */
};

/* Makes what a bench needs, without its devices; and all of it away. */
int bench_prepare(struct bench *bench, struct error *err);
void bench_free(struct bench *bench);

/* The case is in that state from now on. */
void bench_case_enter(struct bench *bench, struct bench_case *test_case, enum case_state state);

/* Ends all sessions as they are; before the devices are closed, to which they point. */
void bench_free_sessions(struct bench *bench);

#endif
