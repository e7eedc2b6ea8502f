/* SPDX-License-Identifier: MIT */
#include "bench/broker_protocol.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/error.h"

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

int message_send(int socket, enum message_kind kind, const void *body, size_t length,
	int descriptor, struct error *err)
{
	struct message_header header = {.kind = kind, .length = (uint32_t)length};
	struct iovec parts[2] = {
		{.iov_base = &header, .iov_len = sizeof header},
		{.iov_base = (void *)(uintptr_t)body, .iov_len = length},
	};
	struct msghdr packet = {.msg_iov = parts, .msg_iovlen = length > 0 ? 2 : 1};
	union control control;

	if (length > MESSAGE_BODY)
		return error_set(err, ERROR_BENCH, "message of %zu octets is too long", length);
	if (descriptor >= 0) {
		memset(&control, 0, sizeof control);
		packet.msg_control = control.space;
		packet.msg_controllen = sizeof control.space;
		struct cmsghdr *rights = CMSG_FIRSTHDR(&packet);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof descriptor);
		memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
	}
	ssize_t sent;
	do {
		sent = sendmsg(socket, &packet, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return error_errno(err, ERROR_BENCH, "cannot write to the socket of the broker");
	return 0;
}

int message_receive(int socket, struct message *message, int *descriptor, struct error *err)
{
	struct iovec part = {.iov_base = message, .iov_len = sizeof *message};
	union control control;
	struct msghdr packet = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof control.space};
	ssize_t got;

	*descriptor = -1;
	do {
		got = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got == 0)
		return 0;
	if (got < 0) {
		int reason = errno;
		if (reason == ECONNRESET)
			return 0;
		error_errno(err, ERROR_BENCH, "cannot read from the socket of the broker");
		errno = reason;
		return -1;
	}
	struct cmsghdr *rights = CMSG_FIRSTHDR(&packet);
	if (rights != NULL && rights->cmsg_type == SCM_RIGHTS)
		memcpy(descriptor, CMSG_DATA(rights), sizeof *descriptor);
	if ((size_t)got < sizeof message->header ||
		message->header.length != (size_t)got - sizeof message->header) {
		errno = EPROTO;
		return error_set(err, ERROR_BENCH, "damaged message on the socket of the broker");
	}
	return 1;
}
