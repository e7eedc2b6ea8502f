/* SPDX-License-Identifier: MIT */
#include "bench/lab.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { NAME = 96 };

/* The length of the address. */
static socklen_t address_of(const char *name, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	const int length =
		snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "wizhil/%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

int lab_take(const char *name)
{
	struct sockaddr_un address;
	const socklen_t length = address_of(name, &address);
	int taken = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (taken >= 0 && (bind(taken, (const struct sockaddr *)&address, length) != 0 ||
				  listen(taken, 1) != 0)) {
		close(taken);
		taken = -1;
	}
	return taken;
}

pid_t lab_holder(const char *name)
{
	struct sockaddr_un address;
	const socklen_t length = address_of(name, &address);
	struct ucred who = {0};
	socklen_t size = sizeof who;
	int asking = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (asking < 0)
		return 0;
	if (connect(asking, (const struct sockaddr *)&address, length) == 0)
		(void)getsockopt(asking, SOL_SOCKET, SO_PEERCRED, &who, &size);
	close(asking);
	return who.pid;
}

/* Another process at work on the interface; 0: none. */
static pid_t other_at_work(const char *interface)
{
	char mark[NAME], line[512];
	pid_t other = 0;
	FILE *names = fopen("/proc/net/unix", "re");

	snprintf(mark, sizeof mark, "@wizhil/%s/run/", interface);
	while (names != NULL && other == 0 && fgets(line, sizeof line, names) != NULL) {
		const char *found = strstr(line, mark);
		const pid_t of = found == NULL ? 0 : (pid_t)atoi(found + strlen(mark));
		other = of == getpid() ? 0 : of;
	}
	if (names != NULL)
		fclose(names);
	return other;
}

void lab_init(struct lab *lab, const char *interface)
{
	*lab = (struct lab){.working = -1, .alone = -1};
	snprintf(lab->interface, sizeof lab->interface, "%s", interface);
}

static void drop(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

static void name_of(const struct lab *lab, const char *what, char name[NAME])
{
	snprintf(name, NAME, "%s/%s", lab->interface, what);
}

bool lab_work(struct lab *lab)
{
	char name[NAME], own[32];

	if (lab->interface[0] == '\0' || lab->working >= 0)
		return true;
	snprintf(own, sizeof own, "run/%d", (int)getpid());
	name_of(lab, own, name);
	lab->working = lab_take(name);
	/* First the own name is there, then the other is looked for; who wants to be alone does the
	 * same the other way round. */
	name_of(lab, "alone", name);
	lab->other = lab_holder(name);
	if (lab->other == 0 || lab->other == getpid())
		return true;
	drop(&lab->working);
	return false;
}

bool lab_work_alone(struct lab *lab)
{
	char name[NAME];

	if (lab->interface[0] == '\0' || lab->alone >= 0)
		return true;
	name_of(lab, "alone", name);
	lab->alone = lab_take(name);
	lab->other = lab->alone < 0 ? lab_holder(name) : other_at_work(lab->interface);
	if (lab->alone >= 0 && lab->other == 0)
		return true;
	drop(&lab->alone);
	return false;
}

void lab_rest(struct lab *lab)
{
	drop(&lab->working);
	drop(&lab->alone);
}

int lab_take_address(struct lab *lab, uint32_t address_be)
{
	char name[NAME], text[INET_ADDRSTRLEN];

	if (lab->interface[0] == '\0')
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	inet_ntop(AF_INET, &address_be, text, sizeof text);
	snprintf(name, sizeof name, "%s/address/%s", lab->interface, text);
	const int taken = lab_take(name);
	if (taken < 0)
		lab->other = lab_holder(name);
	return taken;
}
