/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_AT_REPLY_H
#define WIZHIL_UART_AT_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a query draws before its OK: lines, each with a line feed.  Pure.  No source gives the
 * format of most of them (cases/DEVICE.md): a reader takes what it is sure of, and says so where it
 * is not.
 */

enum { AT_CIDS = 16 }; /* a CID is one hex digit; a module may have fewer (V: 16) */

/* Reads the lines of AT+CID=?: a set of open CIDs, bit = CID.  Understood are a table, whose lines
 * begin with the CID and TCP or UDP, bare hex digits, one or more a line, and lines about CIDs
 * without a digit of their own ("No valid Cids"); no line at all is an empty list.  False: it is
 * not known how this firmware lists them, and what is missing from the set says nothing. */
bool at_reply_cids(const char *lines, unsigned *set);

/* The first six hex pairs with colons or hyphens between them.  False: there are none. */
bool at_reply_mac(const char *lines, uint8_t mac[6]);

/* The first address in the lines that does not begin with 0, in network order: of the table of
 * AT+WA, or after "IP addr=".  False: there is none. */
bool at_reply_address(const char *lines, uint32_t *address_be);

/* The lines of AT+VER=? as one, joined by "; ". */
void at_reply_version(const char *lines, char *version, size_t size);

/* Whether AT+WSTATUS says in words that there is no association (G). */
bool at_reply_not_associated(const char *lines);

#endif
