/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_FAKE_DEVICE_TEST_H
#define WIZHIL_BENCH_FAKE_DEVICE_TEST_H

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/state.h"
#include "core/error.h"
#include "core/units.h"

/*
 * A bench without hardware, process and network: devices whose UART ends in memory, where an AT peer
 * answers at once, and stepped time that the test moves on.  What the bench writes into the journal
 * is kept as text, one event a line.
 */

enum { FAKES = 2, FAKE_ANSWERS = 16, FAKE_OUT = 4096 };

/* What it answers to a command that begins so; else it has an answer of its own, or says OK. */
struct stand;

struct fake_answer {
	const char *command, *text; /* text NULL: it does not answer */
	int times;		    /* so often; 0: always */
};

struct fake_device {
	struct stand *stand;
	struct bench_device entry;
	struct port *port;
	struct device *device;
	bool deaf;	      /* it hears nothing */
	int baud;	      /* at which it hears; 0: at any */
	int refuses_baud;     /* a speed that its port does not do */
	const char *wakes_by; /* a deaf one hears again when this is written to it */
	struct fake_answer answers[FAKE_ANSWERS];
	int answer_count;
	int commands;	     /* that it heard */
	int odd_at;	     /* this one of them, from 1, it answers so; 0: none */
	const char *odd;     /* NULL: it does not answer */
	unsigned open;	     /* CIDs that it lists */
	char line[1600];     /* what was written and has no end yet */
	char heard[1 << 14]; /* the commands, each with a line feed */
	char out[FAKE_OUT];  /* not read yet */
	size_t out_length;
};

struct stand {
	struct bench_file file;
	struct bench_device entries[FAKES];
	struct bench_options options;
	struct listed_case listed[4];
	struct fake_device fakes[FAKES];
	struct bench *bench;
	int workers[4]; /* the other ends of the cases' sockets */
	char folder[40];
	char journal[1 << 15];
	FILE *output_stream; /* what the devices heard and the journal said, with the time */
	char *output;
	size_t output_size;
};

/* A bench of so many devices and cases ("suite/case_0" and so on), of which nothing has been said
 * yet; 'options' of it may be set before stand_begin(). */
struct stand *stand_new(int devices, int cases);
void stand_begin(struct stand *s);
/* The same, and the devices are brought up. */
void stand_begin_ready(struct stand *s);
/* All that the devices heard, the journal said and the timelines have is what the running test's section of
 * expected/SUITE.txt has next. */
void stand_free(struct stand *s);
/* The same, and hands all of it out instead; the caller frees it. */
char *stand_tell(struct stand *s);

void fake_answers(struct fake_device *fake, const char *command, const char *text, int times);
/* The device says so of its own accord. */
void fake_says(struct fake_device *fake, const char *text);
/* How often a line of the text begins so. */
int lines_with(const char *text, const char *beginning);

/* Does what is due now, without moving the time. */
void stand_work(struct stand *s);
/* Moves the time on, from one deadline to the next, until t_ns. */
void stand_until(struct stand *s, int64_t t_ns);
/* The same until all devices are brought up or given up, an hour at most. */
void stand_until_ready(struct stand *s);

/* The case's worker has come, and wants this scenario driven. */
void stand_submit(struct stand *s, int index, const struct scenario *scenario);
/* It delivers this verdict ("fail"). */
void stand_judge(struct stand *s, int index, const char *outcome);
/* The next message to the worker: its kind, 0: there is none.  Of a RECORDED 'next', of a REFUSED
 * the text. */
int stand_message(struct stand *s, int index, int *next, char *text, size_t size);

/* A connection that needs no peer. */
struct scenario udp_scenario(const char *name);

#endif
