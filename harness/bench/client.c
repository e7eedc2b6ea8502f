/* SPDX-License-Identifier: MIT */
#include "bench/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/broker_protocol.h"
#include "core/error.h"
#include "core/file_open.h"

static int introduce(const char *path, enum message_kind kind, const char *case_name,
	const char *device, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct hello hello = {.version = BROKER_VERSION, .size = sizeof(struct scenario)};

	if (strlen(path) >= sizeof address.sun_path)
		return error_set(err, ERROR_BENCH, "path of socket '%s' is too long", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	int socket_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (socket_fd < 0)
		return error_errno(err, ERROR_BENCH, "cannot create a socket");
	snprintf(hello.case_name, sizeof hello.case_name, "%s", case_name);
	snprintf(hello.device, sizeof hello.device, "%s", device);
	if (connect(socket_fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		error_errno(err, ERROR_BENCH, "cannot reach the bench at '%s'", path);
		goto fail;
	}
	if (message_send(socket_fd, kind, &hello, sizeof hello, -1, err) != 0)
		goto fail;
	return socket_fd;
fail:
	close(socket_fd);
	return -1;
}

int client_connect(const char *path, const char *case_name, const char *device, struct error *err)
{
	return introduce(path, MESSAGE_HELLO, case_name, device, err);
}

void client_tell_end(const char *path, const char *case_name, const char *device)
{
	struct error err = {0};
	int socket_fd = introduce(path, MESSAGE_ENDED, case_name, device, &err);

	/* A bench that has ended needs no telling. */
	if (socket_fd >= 0)
		close(socket_fd);
}

/* The next message, which must be of one of two kinds. */
static int await(int socket, struct message *message, int *descriptor, struct error *err)
{
	int got = message_receive(socket, message, descriptor, err);

	if (got == 0)
		return error_set(err, ERROR_BENCH, "the bench process ended");
	if (got < 0)
		return -1;
	if (message->header.kind == MESSAGE_REFUSED)
		return error_set(err, ERROR_BENCH, "%.*s", (int)message->header.length,
			(const char *)message->body);
	return 0;
}

struct timeline *client_drive(
	int socket, const struct scenario *scenario, bool alone, struct error *err)
{
	static struct message message;
	struct submission submission = {.alone = alone, .scenario = *scenario};
	int descriptor = -1;

	if (message_send(socket, MESSAGE_SUBMIT, &submission, sizeof submission, -1, err) != 0)
		return NULL;
	if (await(socket, &message, &descriptor, err) != 0)
		return NULL;
	if (message.header.kind != MESSAGE_TIMELINE || descriptor < 0) {
		error_set(err, ERROR_BENCH, "the bench answered without a timeline");
		return NULL;
	}
	FILE *stream = file_of(descriptor, "r");
	if (stream == NULL) {
		error_errno(err, ERROR_BENCH, "cannot read the timeline");
		return NULL;
	}
	(void)fseek(stream, 0, SEEK_SET);
	struct timeline *timeline = timeline_read(stream, err);
	fclose(stream);
	return timeline;
}

int client_deliver(int socket, const char *verdict, struct error *err)
{
	static struct message message;
	struct recorded recorded;
	int descriptor = -1;

	if (message_send(socket, MESSAGE_VERDICT, verdict, strlen(verdict), -1, err) != 0)
		return -1;
	if (await(socket, &message, &descriptor, err) != 0)
		return -1;
	if (descriptor >= 0)
		close(descriptor);
	if (message.header.kind != MESSAGE_RECORDED || message.header.length != sizeof recorded)
		return error_set(err, ERROR_BENCH, "the bench did not record the verdict");
	memcpy(&recorded, message.body, sizeof recorded);
	return (int)recorded.next;
}
