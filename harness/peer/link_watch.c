/* SPDX-License-Identifier: MIT */
#include "peer/link_watch.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer/rtnetlink.h"

enum { MESSAGES_SIZE = 16384 };

struct link_watch link_watch_none(void)
{
	return (struct link_watch){.socket = -1};
}

static enum link_state state_of(const struct nlmsghdr *header, int index)
{
	if (header->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)))
		return LINK_UNKNOWN;
	const struct ifinfomsg *link = NLMSG_DATA(header);
	if (link->ifi_index != index)
		return LINK_UNKNOWN;
	if (header->nlmsg_type == RTM_DELLINK)
		return LINK_DOWN;
	if (header->nlmsg_type != RTM_NEWLINK)
		return LINK_UNKNOWN;
	return (link->ifi_flags & IFF_UP) != 0 && (link->ifi_flags & IFF_RUNNING) != 0 ? LINK_UP
										       : LINK_DOWN;
}

void link_messages_read(const void *messages, size_t length, int index,
	void (*changed)(void *context, enum link_state state), void *context)
{
	const char *start = messages;
	size_t at = 0;

	while (length - at >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)(start + at);
		if (header->nlmsg_len < sizeof *header || header->nlmsg_len > length - at)
			return;
		const enum link_state state = state_of(header, index);
		if (state != LINK_UNKNOWN)
			changed(context, state);
		at += NLMSG_ALIGN(header->nlmsg_len);
		if (at > length)
			return;
	}
}

/* One look. */
struct look {
	struct link_watch *watch;
	int64_t now_ns;
	bool was_down; /* at some time in it */
};

static void take(void *context, enum link_state state)
{
	struct look *look = context;
	struct link_watch *watch = look->watch;

	if (state == LINK_DOWN && !watch->down)
		watch->down_ns = watch->looked_ns;
	watch->down = state == LINK_DOWN;
	look->was_down |= watch->down;
}

/* As it is now: the kernel tells of changes only. */
static int ask_state(struct link_watch *watch, int64_t now_ns)
{
	struct rtnetlink_request request;
	union {
		struct nlmsghdr header;
		char room[MESSAGES_SIZE]; // cppcheck-suppress unusedStructMember
	} answer;
	struct look look = {.watch = watch, .now_ns = now_ns};

	rtnetlink_begin(&request, RTM_GETLINK, 0, sizeof request.body.link);
	request.body.link.ifi_index = watch->index;
	int got = rtnetlink_ask(&request, &answer, sizeof answer);
	if (got < 0)
		return -1;
	link_messages_read(&answer, (size_t)got, watch->index, take, &look);
	return 0;
}

int link_watch_open(struct link_watch *watch, const char *interface, int64_t now_ns)
{
	const struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

	*watch = link_watch_none();
	watch->looked_ns = now_ns;
	watch->index = (int)if_nametoindex(interface);
	if (watch->index == 0)
		return -1;
	watch->socket = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (watch->socket < 0)
		return -1;
	if (bind(watch->socket, (const struct sockaddr *)&group, sizeof group) == 0 &&
		ask_state(watch, now_ns) == 0)
		return 0;
	int saved = errno;
	link_watch_close(watch);
	errno = saved;
	return -1;
}

void link_watch_close(struct link_watch *watch)
{
	if (watch->socket >= 0)
		close(watch->socket);
	*watch = link_watch_none();
}

bool link_watch_look(struct link_watch *watch, int64_t now_ns, int64_t *from_ns)
{
	union {
		struct nlmsghdr header;
		char room[MESSAGES_SIZE]; // cppcheck-suppress unusedStructMember
	} messages;
	struct look look = {.watch = watch, .now_ns = now_ns, .was_down = watch->down};
	ssize_t got;

	while (watch->socket >= 0 &&
		((got = recv(watch->socket, &messages, sizeof messages, 0)) > 0 ||
			(got < 0 && (errno == EINTR || errno == ENOBUFS)))) {
		if (got > 0)
			link_messages_read(&messages, (size_t)got, watch->index, take, &look);
		else if (errno == ENOBUFS) /* what it told is lost, not what is so */
			(void)ask_state(watch, now_ns);
	}
	watch->looked_ns = now_ns;
	*from_ns = watch->down_ns;
	return look.was_down && !watch->down;
}
