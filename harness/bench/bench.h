/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_BENCH_H
#define WIZHIL_BENCH_BENCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/bench_file.h"
#include "bench/clock.h"
#include "timeline/watched.h"

struct error;

/*
 * The bench: the only thing that touches the world.  It owns the devices, the capture, the peers
 * and the clock, takes scenarios from the cases' workers on the broker's socket, carries out many
 * of them at once, and gives the timelines back.  One process, one event loop.
 */

/* Cases are admitted in the order of expected_ns + cids x this, the most first. */
#define CID_WEIGHT_NS (100 * NS_PER_S)

struct listed_case {
	char name[96];	      /* suite/case */
	char device[32];      /* the one it is bound to; empty: any */
	int64_t expected_ns;  /* what it takes on a healthy device */
	int cids;	      /* of the largest of its scenarios */
	int repetitions_done; /* of a run that is resumed: they have their verdicts */
};

/* What a recorded run says of a case beside its timelines. */
struct recorded_drive {
	const char *device; /* NULL: it has no verdict on it */
	int concurrent;
};

struct recorded_case {
	const char *name, *device; /* the one that it came to */
	int repetition;		   /* from 1; 0: the run did not repeat */
	const char *not_run;	   /* why; NULL: it was driven */
	const char *error;	   /* why there is no timeline; NULL: there is */
	double done_s;		   /* on its clock; 0: not known */
	struct recorded_drive first, alone;
};

/* Whom a run that is resumed had by this name. */
struct known_mac {
	char device[32];
	uint8_t mac[6];
};

struct bench_options {
	const struct bench_file *file;
	const char *virtual_program; /* path of virtual-wizfi210 */
	enum clock_kind clock;
	const char *const
		*sets; /* settings of the virtual devices, "name=value", behind their own */
	size_t set_count;
	uint64_t seed;	     /* stepped: start offsets of the cases; the virtual device's own */
	int repeat;	     /* how often each case is driven; 1: once */
	bool option_cid_hex; /* AT+SETSOCKOPT names CIDs in hex, see FACT_option_cid */
	const struct known_mac *macs; /* another module by one of the names is refused */
	size_t mac_count;
	const char *firmware;	/* a file: each device gets it first, see firmware.h; NULL: none */
	bool asks_for_firmware; /* the devices must report that version; see firmware.h */
	const char *firmware_version; /* glob over it; NULL: that of the bench file */
	int cids;		      /* that a device has; 0: they are counted at bring-up */
	int max_reruns; /* failures beside other cases that are run again alone, see reruns.h */
	const char *run_folder; /* evidence goes below it */
	int listener;		/* the broker's listening socket */
	int control;		/* SOCK_SEQPACKET to the command, see enum bench_order */
	const struct listed_case *cases;
	size_t case_count;
	const char *recorded; /* --judge: a run's folder; its timelines are served, no hardware */
	const struct recorded_case *recorded_cases; /* each repetition of each case that it had */
	size_t recorded_case_count;
	/* Appends an event to the journal; steals the reference.  force: on disk before it
	 * returns. */
	int (*record)(void *context, json_t *event, bool force, struct error *err);
	void *context;
	FILE *uart_trace; /* where each line of a UART is written; NULL: nowhere */
	/* Told of what goes on; NULL: nobody watches.  It must not block. */
	void (*tell)(void *context, const struct watched *what);
};

/* What the command tells the bench: one octet a packet.  End of file: end at once. */
enum bench_order {
	ORDER_RUNNER_ENDED = 'r', /* no worker comes any more */
	ORDER_INTERRUPT = 'i'	  /* finish the evidence and end */
};

/* Runs until every listed case has its verdict or is gone.  0, or -1: the bench is broken; what was
 * reached is in the journal. */
int bench_run(const struct bench_options *options, struct error *err);

/* For wizhil check: everything that a run needs of this bench, one thing after the other, as far as
 * one trouble lets the next be seen.  0, or -1 with the first trouble. */
enum check_result { CHECK_OK, CHECK_NOTE, CHECK_TROUBLE };
typedef void check_say_fn(
	void *context, enum check_result result, const char *what, const char *found);
int bench_check(
	const struct bench_options *options, check_say_fn *say, void *context, struct error *err);

#endif
