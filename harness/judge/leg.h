/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_LEG_H
#define WIZHIL_JUDGE_LEG_H

#include <stdbool.h>

/* A leg is a time that checks measure, from one event to another (harness/README.md, "Time and tolerance"). */

enum leg_kind {
	LEG_NONE,
	LEG_FIRST_PROBE, /* from the last received segment */
	LEG_GAP,	 /* between two unanswered probes */
	LEG_DEATH,	 /* from what the check's 'after' says */
	LEG_LAST_PROBE_TO_DEATH,
	LEG_WIRE_TO_NOTICE,
	LEG_PEER_END_TO_NOTICE
};

enum { LEG_KINDS = LEG_PEER_END_TO_NOTICE + 1 };

struct leg_id {
	enum leg_kind kind;
	int number; /* of a gap, from 1; 0: the kind has one */
};

#define LEG(which) ((struct leg_id){(which), 0})
#define LEG_NTH_GAP(n) ((struct leg_id){LEG_GAP, (n)})

/* "gap": the kind, as files and people have it. */
const char *leg_kind_name(enum leg_kind kind);

/* "gap 3". */
struct leg_name {
	char text[40];
};
struct leg_name leg_name(struct leg_id leg);

/* The leg of that name; false where there is none. */
bool leg_find(const char *name, struct leg_id *leg);

bool leg_is(struct leg_id leg, struct leg_id other);

/* It ends with a line on the UART, and not on the wire. */
bool leg_ends_on_uart(enum leg_kind kind);

#endif
