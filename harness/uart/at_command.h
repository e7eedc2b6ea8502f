/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_AT_COMMAND_H
#define WIZHIL_UART_AT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The commands of the module, written and read (cases/DEVICE.md, 1, 3 and 5): the one place that
 * knows how they are spelt.  Pure.  Scenarios may have lines of their own.
 *
 * A line has no CR.  Writers put it into line of size, which AT_COMMAND_SIZE suffices for; what
 * does not fit is cut.
 */

enum { AT_COMMAND_SIZE = 160 };

/* Names, for messages; and the commands that have no arguments. */
#define AT_NAME_DIAL "AT+NCTCP"
#define AT_NAME_OPTION "AT+SETSOCKOPT"
#define AT_NAME_ASSOCIATE "AT+WA"
#define AT_LINE_CHECK "AT"
#define AT_LINE_WORDS "ATV1"
#define AT_LINE_NUMBERS "ATV0"
#define AT_LINE_ECHO_OFF "ATE0"
#define AT_LINE_MESSAGES "AT+XDUM=0" /* notices come also in data mode */
#define AT_LINE_RADIO_ON "AT+WRXACTIVE=1"
#define AT_LINE_BULK_DATA "AT+BDATA=1"
#define AT_LINE_WIFI_STATUS "AT+WSTATUS"
#define AT_LINE_NETWORK_STATUS "AT+NSTAT=?"
#define AT_LINE_LIST_CIDS "AT+CID=?"
#define AT_LINE_VERSION "AT+VER=?"
#define AT_LINE_MAC "AT+NMAC=?"
#define AT_LINE_CLOSE_ALL "AT+NCLOSEALL"
#define AT_LINE_DISASSOCIATE "AT+WD"
#define AT_LINE_STATION "AT+WM=0"	    /* and not an access point */
#define AT_LINE_LIMITED_AP "AT+WM=2"	    /* it is the access point */
#define AT_LINE_AUTHENTICATION "AT+WAUTH=0" /* 0 any, 1 open, 2 shared */
#define AT_LINE_RESET "AT+RESET"
#define AT_LINE_AUTO_START "ATA"
#define AT_LEAVE_DATA_MODE "+++" /* no line: nothing ends it but silence */

/* The commands that a person at the console may want, with what they do; ends with a NULL line. */
struct at_known_command {
	const char *line; /* to its '=' where something of one's own follows */
	const char *meaning;
};
extern const struct at_known_command at_known_commands[];

/* ---- written ---- */

/* Addresses in network order. */
void at_write_dial_tcp(char *line, size_t size, uint32_t address_be, int port);
void at_write_dial_udp(char *line, size_t size, uint32_t address_be, int port);
void at_write_serve_tcp(char *line, size_t size, int port);
/* What AT_LINE_AUTO_START connects to, or waits for. */
void at_write_auto_dial(char *line, size_t size, uint32_t address_be, int port);
void at_write_auto_serve(char *line, size_t size, int port);
void at_write_close(char *line, size_t size, int cid);
void at_write_dhcp(char *line, size_t size, bool on);
void at_write_network(
	char *line, size_t size, uint32_t address_be, uint32_t mask_be, uint32_t gateway_be);
void at_write_passphrase(char *line, size_t size, const char *passphrase);
/* Hex digits, or as many octets. */
void at_write_wep_key(char *line, size_t size, const char *key);
/* channel 0: any. */
void at_write_associate(char *line, size_t size, const char *ssid, int channel);
/* cid as text, so that a wrong one can be sent too; fields: what stands behind it. */
void at_write_option(char *line, size_t size, const char *cid, const char *fields);

/* ---- read ---- */

enum at_verb {
	AT_VERB_OTHER,
	AT_VERB_CHECK,	   /* AT alone */
	AT_VERB_ECHO,	   /* ATE */
	AT_VERB_FORM,	   /* ATV: words or numbers */
	AT_VERB_DATA_MODE, /* what ATA and ATO obey: AT+NAUTO, AT+XDUM */
	AT_VERB_RESTORE,   /* ATZ, AT&..: what reads or writes a profile of the flash */
	AT_VERB_DIAL_TCP,
	AT_VERB_DIAL_UDP,
	AT_VERB_SERVE_TCP,
	AT_VERB_SERVE_UDP,
	AT_VERB_CLOSE,
	AT_VERB_CLOSE_ALL,
	AT_VERB_OPTION,
	AT_VERB_DHCP,
	AT_VERB_NETWORK,
	AT_VERB_ASSOCIATE,
	AT_VERB_VERSION,
	AT_VERB_LIST_CIDS,
	AT_VERB_AUTO_START, /* ATA: connects, and then it is data mode */
	AT_VERB_AUTO_RETURN /* ATO: to data mode */
};

/* Which command the line is, case and blanks aside, as the module reads it.  arguments (may be
 * NULL): what stands behind the '=', or behind the letter of a command without; empty where there
 * is nothing. */
enum at_verb at_command_verb(const char *line, const char **arguments);

/* What a command line does to the answers behind it. */
enum at_command {
	AT_COMMAND_OTHER,
	AT_COMMAND_NUMERIC, /* ATV0: from here on they are numbers */
	AT_COMMAND_VERBOSE, /* ATV1: words */
};

enum at_command at_command_of(const char *line);

/* Whether it is a command at all. */
bool at_is_command(const char *line);

/* Whether the text begins a command with a name, "AT+". */
bool at_begins_named(const char *text);

/* The CID of AT+NCLOSE, a hex digit.  False: there is none. */
bool at_read_cid(const char *arguments, int *cid);

/* Whether the first argument may name this CID, in decimal or in hex: AT+NCLOSE reads it as a hex
 * digit, AT+SETSOCKOPT in the family as a decimal number. */
bool at_names_cid(const char *arguments, int cid);

/* "192.0.2.1,80".  False: it is not that. */
bool at_read_peer(const char *arguments, uint8_t address[4], uint16_t *port);

/* ---- AT+SETSOCKOPT=<cid>,<type>,<parameter, hex>,<value, decimal>,<length> ---- */

enum at_option_name {
	AT_OPTION_OTHER,
	AT_OPTION_KEEPALIVE, /* SO_KEEPALIVE: 1 on, 0 off */
	AT_OPTION_COUNT,     /* TCP_KEEPALIVE_CNT */
	AT_OPTION_TIMEOUT    /* TCP_KEEPALIVE, in seconds */
};

struct at_option {
	enum at_option_name name;
	long value; /* -1: none can be read */
	bool whole; /* all fields are there and numbers, the length is 4, and nothing follows */
};

/* Reads what stands behind the CID: "6,4001,600,4", with blanks around the fields or none. */
struct at_option at_option_read(const char *fields);

/* Writes it, with a length of 4. */
void at_option_write(char *fields, size_t size, enum at_option_name name, long value);

/* Reads the CID in front of the fields, and where they begin.  One digit is a digit of AT+CID=?,
 * others are decimal.  False: there is no CID of 0 to 15. */
bool at_option_cid(const char *arguments, int *cid, const char **fields);

#endif
