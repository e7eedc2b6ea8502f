/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "uart/port_backend.h"

/* A port of a serial server on the network (RFC 2217), by gensio's tool. */

static const char scheme[] = "rfc2217://";
static const char tool[] = "gensiot";

bool port_is_of_network(const char *path)
{
	return strncmp(path, scheme, strlen(scheme)) == 0;
}

static bool is_installed(const char *program)
{
	const char *path = getenv("PATH");
	char file[512];

	while (path != NULL && *path != '\0') {
		const size_t length = strcspn(path, ":");
		snprintf(file, sizeof file, "%.*s/%s", (int)length, path, program);
		if (access(file, X_OK) == 0)
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

/* A name or an IPv4 address: nothing in it means anything to a shell or to gensio. */
static size_t host_length(const char *host)
{
	size_t length = 0;

	while (isalnum((unsigned char)host[length]) || host[length] == '.' || host[length] == '-' ||
		host[length] == '_')
		length++;
	return length;
}

int port_network_command(const char *path, char *command, size_t size, struct error *err)
{
	const char *host = path + strlen(scheme);
	const size_t length = host_length(host);
	unsigned port = 0;
	char end;

	if (length == 0 || length > 200 || host[length] != ':' ||
		!isdigit((unsigned char)host[length + 1]) ||
		sscanf(host + length + 1, "%5u%c", &port, &end) != 1 || port == 0 || port > 65535)
		return error_set(err, ERROR_USAGE,
			"port '%.200s' is no port of a serial server (use rfc2217://HOST:PORT)",
			path);
	if (!is_installed(tool))
		return error_set(err, ERROR_BENCH,
			"port '%.200s' needs '%s' (try: apt install gensio-bin)", path, tool);
	/* The pty is a terminal, on which it would heed an escape character. */
	snprintf(command, size, "exec %s -i 'stdio(self)' 'telnet(rfc2217),tcp,%.*s,%u'", tool,
		(int)length, host, port);
	return 0;
}
