/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_PORT_LIST_H
#define WIZHIL_UART_PORT_LIST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

/* The serial ports of this host. */

struct listed_port {
	char path[PATH_MAX]; /* below /dev/serial/by-id where there is such a name, for it survives
				re-plugging; else the device node */
	char description[128]; /* "FT232R USB UART"; may be empty */
	bool console;	       /* the kernel writes its messages there */
};

struct port_list {
	size_t count;
	struct listed_port *list;
};

/* Lists them, ports of the board without hardware behind them too, as the system tells them apart
 * by opening only.  The caller ends it with port_list_free().  -1 with err set. */
int port_list_read(struct port_list *ports, struct error *err);
void port_list_free(struct port_list *ports);

/* Whether a table in the form of /proc/consoles names the device node (its last part counts).  A table
 * that cannot be read names none. */
bool port_list_names_console(const char *table, const char *node);

/* Puts the name in a folder of symbolic links, /dev/serial/by-id, that leads to the device node; the node itself where
 * there is none. */
void port_list_lasting_name(const char *by_id, const char *node, char path[PATH_MAX]);

#endif
