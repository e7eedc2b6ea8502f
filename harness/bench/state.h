/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_STATE_H
#define WIZHIL_BENCH_STATE_H

#include <sys/types.h>

#include "bench/bench.h"
#include "bench/broker_protocol.h"
#include "bench/device.h"
#include "bench/hook.h"
#include "bench/session.h"
#include "bench/stimulus.h"
#include "core/error.h"

/* The bench's insides, shared by its files: bench.c (the loop), devices.c (opening, bringing up and
 * recovering), broker.c (workers), admission.c (who is driven when, and where), evidence.c (what a
 * session leaves). */

enum case_state {
	CASE_EXPECTED,	/* its worker has not come yet */
	CASE_CONNECTED, /* it has, and has not said what it wants, or judges */
	CASE_WAITING,	/* its scenario waits for admission */
	CASE_RUNNING,
	CASE_DONE, /* verdict recorded */
	CASE_GONE  /* its worker ended, or never came */
};

struct bench_case {
	const struct listed_case *listed;
	enum case_state state;
	int socket; /* -1 */
	struct submission submission;
	int64_t expected_ns;
	int drives;		 /* timelines delivered */
	int repetition;		 /* from 1; 0: the run does not repeat */
	bool again;		 /* it was asked to run again, alone */
	int company;		 /* of the last timeline */
	struct stimulus suspect; /* what its device broke down after */
	char device[32];
	char evidence[3][160];
};

enum { BENCH_DEVICES = 16, BENCH_VISITORS = 512, MAX_RECOVERIES = 8 };

/* Bringing a device up: one command after the other.  bring_up.c has the settings, recovery.c the
 * ladder that makes a silent device answer. */
struct bring_up {
	bool running;
	bool checking; /* after a case that had the device alone: is it as it was? */
	int position;
	int rung;			   /* of the ladder of recovery */
	int tries;			   /* of AT, at this speed */
	int rates_tried;		   /* of the sweep */
	int home_baud;			   /* where each rung begins */
	int associations;		   /* tried */
	int versions;			   /* answers to AT+VER=?; VERSIONS when two agreed */
	enum at_code code_of_1, code_of_b; /* what an option of CID '1', 'b' drew */
	bool restarted;			   /* by AT+RESET, for the CIDs that it held */
	bool settled;	       /* no answer to an earlier command is to be expected any more */
	int recoveries;	       /* in this run */
	struct stimulus death; /* the last one of a connection that it broke down after */
	int64_t wait_until_ns; /* a reset takes its time; TIME_NEVER */
	struct hook hook;      /* reset pin or power */
	char hook_trouble[256];
	char trouble[512];
	char after[96]; /* the case after which it is checked */
	struct device *device;
	struct bench *bench;
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
	struct session *sessions;
	size_t case_count;
	struct bench_case *cases;     /* in the order of admission: longest first */
	int visitors[BENCH_VISITORS]; /* connected, and have not said who they are */
	int visitor_count;
	struct pollfd *polls; /* with room for all that the bench waits for */
	int poll_room;
	int64_t came_ns; /* when a worker last did */
	uint32_t ports_used;
	struct hook access_point;
	bool runner_ended, interrupted, ended;
	struct message *message;
	struct error fault; /* the first trouble of the bench itself; kind ERROR_NONE without */
};

/* Writes down the first trouble that ends the run. */
void bench_fault(struct bench *bench, const struct error *err);
/* Writes down a trouble that does not end it. */
void bench_record_fault(struct bench *bench, const struct error *err);
/* Writes an event into the journal, which it takes.  -1: it could not, which ends the run. */
int bench_record(struct bench *bench, json_t *event, bool force);

/* bench.c: makes what a bench needs, without its devices; and all of it away. */
int bench_prepare(struct bench *bench, struct error *err);
void bench_free(struct bench *bench);
/* Does what is due, and waits for what comes next. */
void bench_turn(struct bench *bench);

/* watch.c: tells who watches of a session, if anybody does. */
void watch_session(
	const struct bench *bench, const struct session *session, enum watched_kind kind);
void watch_added(void *bench, const struct session *session, const struct event *event);

/* devices.c */
int devices_open(struct bench *bench, struct error *err);
/* The two parts of it: the network, and one device, which begins to be brought up. */
int devices_open_network(struct bench *bench, struct error *err);
int device_open(struct bench *bench, int index, struct error *err);
void devices_close(struct bench *bench);
/* Where a virtual device's process has ended, that is what the error becomes: what was seen of it
 * first may be its wire, its UART or its clock. */
void device_explain(struct bench *bench, const struct device *device, struct error *err);
/* A device that cannot be used any more: its sessions end with a fault; the run goes on with the
 * others, and ends where there are none. */
void device_lost(struct bench *bench, struct device *device, const struct error *err);
/* Nothing is asked of the device any more; who waits for an answer of it gets none.  Sessions have
 * to be abandoned before, or they go on asking. */
void device_stop(struct bench *bench, int index);
int device_index(const struct bench *bench, const struct device *device);

/* Switches the access point by the bench file's command, and sees to the command's end. */
int access_point_switch(void *context, bool up, struct error *err);
void access_point_finish(struct bench *bench);
/* The session on the device that works the access point; NULL. */
struct session *access_point_session(const struct bench *bench, const struct device *device);

/* bring_up.c */
void bring_up_begin(struct bench *bench, int index);
/* Sets it back to the beginning; bring_up_send() begins. */
void bring_up_prepare(struct bench *bench, int index);
/* After a case that had the device alone: it must answer, be associated and have no CID open; else
 * it is brought up anew. */
void bring_up_check(struct bench *bench, int index, const char *after);
void bring_up_send(struct bring_up *up);
void bring_up_give_up(struct bring_up *up);
/* Writes a step of the recovery into the journal. */
void bring_up_note(struct bring_up *up, const char *what);

/* recovery.c */
void bring_up_run(struct bench *bench, int index);
/* No answer to AT: the next try, speed or rung. */
void ladder_next(struct bring_up *up);
/* AT+RESET at once, though it answers. */
void ladder_restart(struct bring_up *up, const char *why);
/* AT was answered: by what it was asked before, it may be.  True: in a moment it is to be asked
 * again, when those answers have passed. */
bool ladder_settle(struct bring_up *up);
void ladder_done(struct bring_up *up);
/* The device does not answer, or rebooted: its sessions end, it is brought up again. */
void device_recover(
	struct bench *bench, struct device *device, enum evidence_fault fault, const char *why);
/* The same for what is noticed some time after it was; so nobody is suspected of it. */
void device_recover_unseen(
	struct bench *bench, struct device *device, enum evidence_fault fault, const char *why);
/* Resets a device on which nothing runs: it holds CIDs that nobody has. */
void device_reset(struct bench *bench, int index, const char *why);
bool devices_ready(const struct bench *bench);

/* advance.c: stepped time. */
int devices_advance(struct bench *bench, int64_t until_ns, struct error *err);
/* Takes the frames that the capture holds. */
int device_take_frames(struct bench *bench, struct device *device, struct error *err);

/* broker.c: the cases' workers. */
void broker_accept(struct bench *bench);
void broker_read_visitor(struct bench *bench, int index);
void broker_read_case(struct bench *bench, struct bench_case *one);
bool broker_settled(const struct bench *bench);
bool broker_finished(const struct bench *bench);
void broker_runner_ended(struct bench *bench);
/* The cases whose workers have not come are gone; whether there were any. */
bool broker_give_up_absent(struct bench *bench);
void broker_refuse_waiting(struct bench *bench, const char *why);
/* Cases that wait are not run. */
void broker_interrupt(struct bench *bench);
/* Delivers the timelines of finished sessions. */
void broker_deliver(struct bench *bench);
/* Tells a worker that it does not get what it asked for. */
void broker_refuse(int socket, const char *why);
/* Its worker is sent home; no verdict will come. */
void broker_not_run(struct bench *bench, struct bench_case *one, const char *reason);
/* An event of a case for the journal; fields, as for json_pack, are added to it. */
json_t *broker_event(const char *kind, const struct bench_case *one, const char *fields, ...);

/* admission.c: who comes to a device, when, and to which. */
void admission_run(struct bench *bench);
/* Cases that no device can take any more are not run. */
void admission_send_home(struct bench *bench);
/* Resets idle devices whose leaked CIDs keep cases waiting. */
void admission_reset_leaking(struct bench *bench);

/* evidence.c */
int evidence_open(
	struct bench *bench, struct session *session, struct bench_case *one, struct error *err);
/* Finishes the files; returns a memfd with the timeline, or -1. */
int evidence_finish(struct bench *bench, struct session *session, struct error *err);
/* --judge: the recorded timeline as a memfd, or -1. */
int evidence_recorded(struct bench *bench, struct bench_case *one, struct error *err);

#endif
