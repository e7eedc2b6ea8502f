/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_PEER_RTNETLINK_H
#define WIZHIL_PEER_RTNETLINK_H

#include <stddef.h>
#include <stdint.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

/*
 * One request to the kernel's rtnetlink, and its answer: the little of it that the peer's network
 * needs.  Build it with rtnetlink_begin(), fill the body, add attributes, then rtnetlink_do().
 */
struct rtnetlink_request {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
		struct rtmsg route;
		struct ndmsg neighbour;
	} body;
	char attributes[256];
};

/* Empties the request; type RTM_..., flags NLM_F_... beside NLM_F_REQUEST, body: the octets of the
 * union's member that belongs to the type. */
void rtnetlink_begin(struct rtnetlink_request *request, int type, int flags, size_t body);

/* Adds an attribute, and returns it.  Length 0 begins a nest, which rtnetlink_end_nest() ends.
 * At most 256 octets of attributes in all. */
struct rtattr *rtnetlink_add(
	struct rtnetlink_request *request, int type, const void *value, size_t length);
void rtnetlink_end_nest(struct rtnetlink_request *request, struct rtattr *nest);

/* Sends the request and waits for the kernel's acknowledgement: 0, or -1 with errno set. */
int rtnetlink_do(struct rtnetlink_request *request);

/* The same for a request that is answered by one message (RTM_GETROUTE): its length, or -1. */
int rtnetlink_ask(struct rtnetlink_request *request, void *answer, size_t room);

/* The attribute of that type in an answer whose body has that many octets; NULL when there is
 * none. */
const struct rtattr *rtnetlink_find(const struct nlmsghdr *answer, size_t body, int type);

#endif
