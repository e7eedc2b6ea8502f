/* SPDX-License-Identifier: MIT */
#include "peer/rtnetlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void rtnetlink_begin(struct rtnetlink_request *request, int type, int flags, size_t body)
{
	memset(request, 0, sizeof *request);
	request->header.nlmsg_type = (uint16_t)type;
	request->header.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
}

struct rtattr *rtnetlink_add(
	struct rtnetlink_request *request, int type, const void *value, size_t length)
{
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
	struct rtattr *added = (struct rtattr *)(void *)((char *)request + at);

	added->rta_type = (unsigned short)type;
	added->rta_len = (unsigned short)RTA_LENGTH(length);
	if (length > 0)
		memcpy(RTA_DATA(added), value, length);
	request->header.nlmsg_len = (uint32_t)(at + RTA_ALIGN(added->rta_len));
	return added;
}

void rtnetlink_end_nest(struct rtnetlink_request *request, struct rtattr *nest)
{
	const char *end = (const char *)request + request->header.nlmsg_len;

	nest->rta_len = (unsigned short)(end - (const char *)nest);
}

int rtnetlink_ask(struct rtnetlink_request *request, void *answer, size_t room)
{
	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (netlink < 0)
		return -1;
	ssize_t got = -1;
	if (send(netlink, request, request->header.nlmsg_len, 0) >= 0)
		do
			got = recv(netlink, answer, room, 0);
		while (got < 0 && errno == EINTR);
	int saved = errno;
	close(netlink);
	errno = saved;
	if (got < 0)
		return -1;
	const struct nlmsghdr *header = answer;
	if ((size_t)got < sizeof *header || header->nlmsg_len > (size_t)got) {
		errno = EPROTO;
		return -1;
	}
	if (header->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *verdict = NLMSG_DATA(header);
		errno = -verdict->error;
		if (verdict->error != 0)
			return -1;
	}
	return (int)got;
}

int rtnetlink_do(struct rtnetlink_request *request)
{
	union {
		struct nlmsghdr header;
		char room[1024]; // cppcheck-suppress unusedStructMember
	} answer;

	request->header.nlmsg_flags |= NLM_F_ACK;
	return rtnetlink_ask(request, &answer, sizeof answer) < 0 ? -1 : 0;
}

const struct rtattr *rtnetlink_find(const struct nlmsghdr *answer, size_t body, int type)
{
	const char *start = (const char *)answer;
	size_t at = NLMSG_SPACE(body);

	while (at + sizeof(struct rtattr) <= answer->nlmsg_len) {
		const struct rtattr *attribute = (const struct rtattr *)(const void *)(start + at);
		if (attribute->rta_len < sizeof *attribute ||
			attribute->rta_len > answer->nlmsg_len - at)
			return NULL;
		if (attribute->rta_type == type)
			return attribute;
		at += RTA_ALIGN((size_t)attribute->rta_len);
	}
	return NULL;
}
