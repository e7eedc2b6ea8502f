/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_UART_LOG_H
#define WIZHIL_DIAGNOSE_UART_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "wire/decode.h"

struct error;

/*
 * What the module said on its UART while the capture was made: raw bytes from the module, or the
 * project's transcript (uart/transcript.h), which has times, and which is told by its form.
 */

#define UART_NO_TIME INT64_MIN

/* A connection, from its CONNECT on. */
struct uart_connection {
	int cid;
	bool other; /* a listener, or UDP: none of the capture's */
	bool accepted;
	bool has_peer;
	struct endpoint peer; /* of AT+NCTCP or of the accepted connection */
	int64_t begun_ns,
		connect_ns; /* when it was asked for, and when it was there; UART_NO_TIME */
	bool taken;	    /* by a connection of the capture */
	int notices;	    /* that it ended */
	int64_t notice_ns;  /* of the first one */
	char notice[32];    /* its words */
	/* The command that was answered last before it: when it was given, and when it was
	 * answered. No line comes between; UART_NO_TIME. */
	int64_t busy_ns, free_ns;
	bool closed;   /* by AT+NCLOSE, or with the association */
	bool rebooted; /* the module did, while it was open */
	/* What the AT+SETSOCKOPT that drew OK made of its keep-alive; unsure: some came so late
	 * that they hold for a part of it only. */
	struct planned_keepalive keepalive;
	int64_t options_ns; /* of the last such OK; UART_NO_TIME */
	bool unsure;
};

struct uart_log {
	bool timed;
	size_t count;
	struct uart_connection *connections; /* in the order of their CONNECTs */
	int stray_cid; /* of a notice for a CID that was not open; -1: there was none */
	int reboots;
	int64_t last_ns; /* time of the last line; UART_NO_TIME */
	uint64_t tokens; /* lines and frames that were understood */
};

/* Reads a log.  -1 with err set (ERROR_USAGE) when it cannot be read, or says nothing that a module
 * says. */
int uart_log_read(const char *path, struct uart_log *log, struct error *err);

/* The same from memory. */
int uart_log_parse(const uint8_t *bytes, size_t size, struct uart_log *log, struct error *err);

void uart_log_release(struct uart_log *log);

/* May it be a connection to that peer? */
bool uart_connection_is_to(const struct uart_connection *connection, const struct endpoint *peer);

/* The first connection to that peer that has not been taken, one that names it before others, and
 * takes it; NULL: there is none. */
struct uart_connection *uart_log_take(struct uart_log *log, const struct endpoint *peer);

#endif
