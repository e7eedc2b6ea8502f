/* SPDX-License-Identifier: MIT */
#include "uart/at_command.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "uart/at_reply.h"

const struct at_known_command at_known_commands[] = {
	{AT_LINE_CHECK, "nothing; OK if it listens"},
	{AT_LINE_ECHO_OFF, "echo off"},
	{"ATE1", "echo on"},
	{AT_LINE_NUMBERS, "answers and notices as numbers"},
	{AT_LINE_WORDS, "answers and notices as words"},
	{AT_LINE_AUTO_START, "TCP data mode, as AT+NAUTO has it"},
	{"ATO", "back to data mode"},
	{AT_LINE_VERSION, "firmware version"},
	{AT_LINE_RESET, "reboot"},
	{AT_LINE_MAC, "MAC address"},
	{"AT+WM=", "0 station, 2 limited access point"},
	{"AT+WAUTH=", "0 any, 1 open, 2 shared key"},
	{"AT+WWPA=", "WPA passphrase"},
	{"AT+WWEP1=", "WEP key"},
	{AT_NAME_ASSOCIATE "=", "associate: SSID"},
	{AT_LINE_DISASSOCIATE, "disassociate"},
	{AT_LINE_WIFI_STATUS, "state of the Wi-Fi"},
	{AT_LINE_RADIO_ON, "radio always on"},
	{"AT+NDHCP=", "1 DHCP, 0 none"},
	{"AT+NSET=", "address,mask,gateway"},
	{AT_LINE_NETWORK_STATUS, "state of the network"},
	{AT_NAME_DIAL "=", "open a TCP connection: address,port"},
	{"AT+NCUDP=", "open a UDP connection: address,port"},
	{"AT+NSTCP=", "listen for TCP: port"},
	{"AT+NAUTO=", "what ATA does: 0 client or 1 server,1 TCP,address,port"},
	{"AT+NCLOSE=", "close: CID"},
	{AT_LINE_CLOSE_ALL, "close all"},
	{AT_LINE_LIST_CIDS, "open CIDs"},
	{AT_NAME_OPTION "=",
		"CID,65535,8,1,4 keep-alive; CID,6,4005,N,4 count; CID,6,4001,T,4 seconds"},
	{AT_LINE_BULK_DATA, "received data in frames with their length"},
	{AT_LINE_MESSAGES, "notices in data mode, too"},
	{NULL, NULL},
};

/* ---- written ---- */

static const char *dotted(uint32_t address_be, char text[INET_ADDRSTRLEN])
{
	return inet_ntop(AF_INET, &address_be, text, INET_ADDRSTRLEN);
}

void at_write_dial_tcp(char *line, size_t size, uint32_t address_be, int port)
{
	char text[INET_ADDRSTRLEN];

	snprintf(line, size, AT_NAME_DIAL "=%s,%d", dotted(address_be, text), port);
}

void at_write_dial_udp(char *line, size_t size, uint32_t address_be, int port)
{
	char text[INET_ADDRSTRLEN];

	snprintf(line, size, "AT+NCUDP=%s,%d", dotted(address_be, text), port);
}

void at_write_serve_tcp(char *line, size_t size, int port)
{
	snprintf(line, size, "AT+NSTCP=%d", port);
}

void at_write_auto_dial(char *line, size_t size, uint32_t address_be, int port)
{
	char text[INET_ADDRSTRLEN];

	snprintf(line, size, "AT+NAUTO=0,1,%s,%d", dotted(address_be, text), port);
}

void at_write_auto_serve(char *line, size_t size, int port)
{
	snprintf(line, size, "AT+NAUTO=1,1,,%d", port);
}

void at_write_close(char *line, size_t size, int cid)
{
	snprintf(line, size, "AT+NCLOSE=%x", (unsigned)cid);
}

void at_write_dhcp(char *line, size_t size, bool on)
{
	snprintf(line, size, "AT+NDHCP=%d", on ? 1 : 0);
}

void at_write_network(
	char *line, size_t size, uint32_t address_be, uint32_t mask_be, uint32_t gateway_be)
{
	char text[3][INET_ADDRSTRLEN];

	snprintf(line, size, "AT+NSET=%s,%s,%s", dotted(address_be, text[0]),
		dotted(mask_be, text[1]), dotted(gateway_be, text[2]));
}

void at_write_passphrase(char *line, size_t size, const char *passphrase)
{
	snprintf(line, size, "AT+WWPA=%s", passphrase);
}

void at_write_wep_key(char *line, size_t size, const char *key)
{
	snprintf(line, size, "AT+WWEP1=%s", key);
}

void at_write_associate(char *line, size_t size, const char *ssid, int channel)
{
	if (channel == 0)
		snprintf(line, size, AT_NAME_ASSOCIATE "=%s", ssid);
	else
		snprintf(line, size, AT_NAME_ASSOCIATE "=%s,,%d", ssid, channel);
}

void at_write_option(char *line, size_t size, const char *cid, const char *fields)
{
	snprintf(line, size, AT_NAME_OPTION "=%s,%s", cid, fields);
}

/* ---- read ---- */

static const struct {
	const char *name; /* behind AT */
	enum at_verb verb;
} verbs[] = {{"E", AT_VERB_ECHO}, {"V", AT_VERB_FORM}, {"Z", AT_VERB_RESTORE},
	{"A", AT_VERB_AUTO_START}, {"O", AT_VERB_AUTO_RETURN}, {"+NAUTO", AT_VERB_DATA_MODE},
	{"+XDUM", AT_VERB_DATA_MODE}, {"&", AT_VERB_RESTORE}, {"+NCTCP", AT_VERB_DIAL_TCP},
	{"+NCUDP", AT_VERB_DIAL_UDP}, {"+NSTCP", AT_VERB_SERVE_TCP}, {"+NSUDP", AT_VERB_SERVE_UDP},
	{"+NCLOSE", AT_VERB_CLOSE}, {"+NCLOSEALL", AT_VERB_CLOSE_ALL},
	{"+SETSOCKOPT", AT_VERB_OPTION}, {"+NDHCP", AT_VERB_DHCP}, {"+NSET", AT_VERB_NETWORK},
	{"+WA", AT_VERB_ASSOCIATE}, {"+VER", AT_VERB_VERSION}, {"+CID", AT_VERB_LIST_CIDS}};

/* Names of commands with '+' end at '=' or a blank, the others are one letter. */
static size_t name_length(const char *text)
{
	return *text == '+' ? strcspn(text, " =\r\n") : 1;
}

bool at_is_command(const char *line)
{
	return strncasecmp(line + strspn(line, " "), AT_LINE_CHECK, 2) == 0;
}

bool at_begins_named(const char *text)
{
	return strncasecmp(text, "AT+", 3) == 0;
}

enum at_verb at_command_verb(const char *line, const char **arguments)
{
	static const char nothing[] = "";

	if (arguments != NULL)
		*arguments = nothing;
	if (!at_is_command(line))
		return AT_VERB_OTHER;
	const char *text = line + strspn(line, " ") + 2;
	if (text[strspn(text, " \r\n")] == '\0')
		return AT_VERB_CHECK;
	size_t length = name_length(text);
	const char *behind = text + length + strspn(text + length, " ");
	if (arguments != NULL && *text != '+')
		*arguments = behind;
	else if (arguments != NULL && *behind == '=')
		*arguments = behind + 1;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strlen(verbs[i].name) == length &&
			strncasecmp(text, verbs[i].name, length) == 0)
			return verbs[i].verb;
	return AT_VERB_OTHER;
}

enum at_command at_command_of(const char *line)
{
	const char *arguments;

	if (at_command_verb(line, &arguments) != AT_VERB_FORM)
		return AT_COMMAND_OTHER;
	return *arguments == '1' ? AT_COMMAND_VERBOSE : AT_COMMAND_NUMERIC;
}

bool at_read_cid(const char *arguments, int *cid)
{
	const char *digit = arguments + strspn(arguments, " ");

	if (!isxdigit((unsigned char)*digit) || isxdigit((unsigned char)digit[1]))
		return false;
	*cid = (int)strtol((char[]){*digit, '\0'}, NULL, 16);
	return true;
}

static bool reads_as(const char *argument, int base, int cid)
{
	char *end;
	long number = strtol(argument, &end, base);

	return end != argument && number == cid;
}

bool at_names_cid(const char *arguments, int cid)
{
	const char *argument = arguments + strspn(arguments, " ");

	return isxdigit((unsigned char)*argument) &&
	       (reads_as(argument, 10, cid) || reads_as(argument, 16, cid));
}

bool at_read_peer(const char *arguments, uint8_t address[4], uint16_t *port)
{
	unsigned octet[4], number;

	if (sscanf(arguments, " %3u.%3u.%3u.%3u , %5u", &octet[0], &octet[1], &octet[2], &octet[3],
		    &number) != 5 ||
		(octet[0] | octet[1] | octet[2] | octet[3]) > UINT8_MAX || number > UINT16_MAX)
		return false;
	for (int i = 0; i < 4; i++)
		address[i] = (uint8_t)octet[i];
	*port = (uint16_t)number;
	return true;
}

/* ---- AT+SETSOCKOPT ---- */

enum { SOCKET_LEVEL = 65535, TCP_LEVEL = 6, LENGTH = 4 };

static const struct {
	long type, parameter;
} options[] = {[AT_OPTION_KEEPALIVE] = {SOCKET_LEVEL, 0x8},
	[AT_OPTION_COUNT] = {TCP_LEVEL, 0x4005},
	[AT_OPTION_TIMEOUT] = {TCP_LEVEL, 0x4001}};

/* A number that ends where its field does; blanks around it are none of it. */
static bool read_field(const char **at, int base, long *number)
{
	char *end;

	*at += strspn(*at, " ");
	if (!isxdigit((unsigned char)**at))
		return false;
	*number = strtol(*at, &end, base);
	if (end == *at)
		return false;
	*at = end + strspn(end, " ");
	if (**at == ',')
		++*at;
	else if (**at != '\0')
		return false;
	return true;
}

struct at_option at_option_read(const char *fields)
{
	struct at_option option = {.name = AT_OPTION_OTHER, .value = -1};
	long type, parameter, length = 0;

	if (!read_field(&fields, 10, &type) || !read_field(&fields, 16, &parameter))
		return option;
	for (size_t i = AT_OPTION_KEEPALIVE; i < sizeof options / sizeof options[0]; i++)
		if (options[i].type == type && options[i].parameter == parameter)
			option.name = (enum at_option_name)i;
	if (!read_field(&fields, 10, &option.value))
		return option;
	option.whole = read_field(&fields, 10, &length) && *fields == '\0' && fields[-1] != ',' &&
		       length == LENGTH;
	return option;
}

void at_option_write(char *fields, size_t size, enum at_option_name name, long value)
{
	snprintf(fields, size, "%ld,%lx,%ld,%d", options[name].type,
		(unsigned long)options[name].parameter, value, LENGTH);
}

bool at_option_cid(const char *arguments, int *cid, const char **fields)
{
	const char *comma = strchr(arguments, ',');
	char *end;

	if (comma == NULL)
		return false;
	arguments += strspn(arguments, " ");
	if (!isxdigit((unsigned char)*arguments))
		return false;
	const bool digit = arguments[1 + strspn(arguments + 1, " ")] == ',';
	long number = strtol(arguments, &end, digit ? 16 : 10);
	if (end == arguments || end + strspn(end, " ") != comma || number >= AT_CIDS)
		return false;
	*cid = (int)number;
	*fields = comma + 1;
	return true;
}
