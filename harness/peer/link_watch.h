/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_LINK_WATCH_H
#define WIZHIL_PEER_LINK_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether an interface of the peer host has its link: the kernel tells of each change (rtnetlink).
 * Without a link no frame arrives and none leaves, and a capture does not say so.
 */
struct link_watch {
	int socket;	   /* -1: not watched */
	int index;	   /* of the interface */
	bool down;	   /* it is administratively down, or has no carrier */
	int64_t down_ns;   /* since when, at the earliest: the look before it was found so */
	int64_t looked_ns; /* the last look */
};

/* What the kernel's message says of the interface's link. */
enum link_state { LINK_UNKNOWN, LINK_UP, LINK_DOWN };

/* One that watches nothing. */
struct link_watch link_watch_none(void);

/* Begins to watch the interface, at now_ns; -1 with errno set, and then nothing is watched. */
int link_watch_open(struct link_watch *watch, const char *interface, int64_t now_ns);
void link_watch_close(struct link_watch *watch);

/* Reads what the kernel told since the last look.  True when the link was down in between or is
 * back: then *from_ns .. now_ns is the time without it.  One that stays down is in watch->down. */
bool link_watch_look(struct link_watch *watch, int64_t now_ns, int64_t *from_ns);

/* What messages (RTM_NEWLINK, RTM_DELLINK) of 'length' octets say of the interface: the states that
 * they tell one after the other are given to changed().  What is no whole message is left out. */
void link_messages_read(const void *messages, size_t length, int index,
	void (*changed)(void *context, enum link_state state), void *context);

#endif
