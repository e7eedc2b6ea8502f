/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_INIT_H
#define WIZHIL_CLI_INIT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

/* What wizhil init finds on this host. */

enum { FOUND_MODULES = 16, FOUND_INTERFACES = 16 };

struct found_module {
	char path[4096];
	int baud;
	char version[256]; /* the answer to AT+VER=?, lines parted by "; "; empty: none */
};

struct found_interface {
	char name[16];
	char address[INET_ADDRSTRLEN];
	int prefix;
};

struct found {
	size_t module_count, interface_count;
	struct found_module modules[FOUND_MODULES];
	struct found_interface interfaces[FOUND_INTERFACES];
};

/* Asks what is at the port, at each speed that a WizFi210 may have (cases/DEVICE.md, 1), the likely
 * ones first.  True: it answered as a module, and *module says how.  False with err set: the port
 * cannot be opened, or nothing on it speaks AT. */
bool init_ask(const char *path, struct found_module *module, struct error *err);

/* The interfaces that are up and have an IPv4 address, but lo.  -1 with err set. */
int init_find_interfaces(struct found *found, struct error *err);

/* Writes a commented bench file; never over one that is there.  -1 with err set. */
int init_write(const struct found *found, const char *path, struct error *err);

#endif
