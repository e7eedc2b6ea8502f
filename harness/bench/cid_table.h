/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_CID_TABLE_H
#define WIZHIL_BENCH_CID_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "uart/at_reply.h"

enum { DEVICE_CIDS = AT_CIDS };

struct flow;

/*
 * Whose are a device's CIDs: the module gives and takes them, and uses them again.  A number belongs
 * to the last flow that got it from a CONNECT, or to a listener.  A notice that the module has not
 * given yet of a connection that is over may come when its number is another's already.
 */
struct cid_table {
	struct flow *owner[DEVICE_CIDS];
	/* When a connection on the CID died that the UART did not tell of before another one got
	 * the CID; 0: none. */
	int64_t notice_pending_ns[DEVICE_CIDS];
	/* Peers were connected to listeners, and the module has not said which CID it gave them: until
	 * then it may. */
	int accepts_due;
	int64_t accepts_until_ns;
	unsigned listeners;   /* CIDs that listeners have: a bit each */
	unsigned leaked;      /* CIDs that the device lists and does not let go */
	unsigned stuck;	      /* those that it did not let go either when it was brought up */
	int count;	      /* how many it has: given, or counted when it is brought up */
	bool counted;	      /* they are not counted any more: they were, or it fell silent */
	bool lists_otherwise; /* what AT+CID=? lists are not the CIDs that are open */
};

bool is_cid(int cid);

/* The module gave the number to this flow, or with NULL to a listener.  Returns the flow that had it
 * before and has it no more; NULL without, or where it is the same. */
struct flow *cid_table_give(struct cid_table *table, int cid, struct flow *flow);

/* The flow has the number no more, if it had it. */
void cid_table_drop(struct cid_table *table, int cid, const struct flow *flow);

/* Does the number belong to somebody else than this flow by now? */
bool cid_table_is_anothers(const struct cid_table *table, int cid, const struct flow *flow);

/* A peer dials a listener: until until_ns the module may tell of a number that it gave. */
void cid_table_dialled(struct cid_table *table, int64_t now_ns, int64_t until_ns);
void cid_table_accepted(struct cid_table *table);
/* Until when may it have given a number, of a connection that is over, to one of which it has not
 * told yet?  0: all is told. */
int64_t cid_table_accepts_until(const struct cid_table *table, int64_t now_ns);

/* A listener has let go of its number. */
void cid_table_close_listener(struct cid_table *table, int cid, int64_t now_ns);

/* Has no connection and no listener one, and is none leaked? */
bool cid_table_is_unused(const struct cid_table *table);

/* How many CIDs connections can get. */
int cid_table_room(const struct cid_table *table);
/* The same of what it does not let go either when it is brought up. */
int cid_table_most(const struct cid_table *table);

/* Reads the lines of AT+CID=? as at_reply_cids(): also false where this device was seen to list
 * something else. */
bool cid_table_read_list(const struct cid_table *table, const char *lines, unsigned *set);

/* The module was restarted: it knows of no earlier connection. */
void cid_table_forget_notices(struct cid_table *table);

#endif
