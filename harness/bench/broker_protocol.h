/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_BROKER_PROTOCOL_H
#define WIZHIL_BENCH_BROKER_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"

struct error;

/*
 * What a case's worker and the bench say to each other, on a SOCK_SEQPACKET Unix socket of mode
 * 0600: one message a packet, a header and a body.  Both ends are of one build; the version in
 * MESSAGE_HELLO sees to it.
 *
 *   worker                               bench
 *   HELLO    struct hello         ->
 *   SUBMIT   struct submission    ->
 *                                 <-     TIMELINE (a memfd comes with it), or REFUSED why
 *   ... SUBMIT again, as often as the case drives ...
 *   VERDICT  verdict as JSON      ->     journalled, then
 *                                 <-     RECORDED: 'next' asks for the case once more, or not
 *
 *   runner                               bench
 *   ENDED    struct hello         ->     that worker has ended, and may never have come
 */
enum message_kind {
	MESSAGE_HELLO = 1,
	MESSAGE_ENDED,
	MESSAGE_SUBMIT,
	MESSAGE_VERDICT,
	MESSAGE_TIMELINE,
	MESSAGE_REFUSED,
	MESSAGE_RECORDED
};

enum {
	BROKER_VERSION = 2,
	MESSAGE_BODY = 160 * 1024 /* octets at most: below the kernel's limit for one packet */
};

struct message_header {
	uint32_t kind;
	uint32_t length; /* of the body */
};

struct hello {
	uint32_t version;
	uint32_t size; /* of struct scenario: another build has another one */
	char case_name[96];
	char device[32]; /* it is bound to; empty: any */
};

struct submission {
	bool alone;
	struct scenario scenario;
};

/* How a verdict of a scenario begins that was not driven; behind it the bench's words. */
#define NOT_DRIVEN "the bench could not run the scenario: "

enum next_drive {
	NEXT_NONE,	/* that was all */
	NEXT_ALONE,	/* the same once more, with the device to itself */
	NEXT_REPETITION /* the next of the run's repetitions */
};

struct recorded {
	enum next_drive next;
};

struct message {
	struct message_header header;
	unsigned char body[MESSAGE_BODY];
};

/* Sends one message; descriptor -1: none comes with it.  Blocks when the socket does. */
int message_send(int socket, enum message_kind kind, const void *body, size_t length,
	int descriptor, struct error *err);

/* Receives one.  *descriptor is -1 or owned by the caller.  Returns 1, 0 at the end of file, -1 on
 * an error; with errno EAGAIN and -1 when the socket does not block and nothing is there. */
int message_receive(int socket, struct message *message, int *descriptor, struct error *err);

#endif
