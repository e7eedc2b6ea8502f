/* SPDX-License-Identifier: MIT */
#include "uart/at_reply.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "uart/at_framer.h"

static const char gaps[] = " \t,;:";

static bool is_cid(const char *word)
{
	return isxdigit((unsigned char)word[0]) && word[1] == '\0';
}

/* False: it was there already, so that the digit is no CID, or the line no list of them. */
static bool add_cid(unsigned *set, const char *word)
{
	unsigned bit = 1U << strtol(word, NULL, 16);
	bool is_new = (*set & bit) == 0;

	*set |= bit;
	return is_new;
}

/* A line of the list: true when it is known what it says. */
static bool read_cid_line(char *line, unsigned *set)
{
	char *rest = NULL;
	char *word = strtok_r(line, gaps, &rest);
	bool about_cids = false;

	if (word == NULL)
		return true;
	if (is_cid(word)) {
		const char *type = strtok_r(NULL, gaps, &rest);
		if (!add_cid(set, word))
			return false;
		if (type != NULL &&
			(strncasecmp(type, "TCP", 3) == 0 || strncasecmp(type, "UDP", 3) == 0))
			return true;
		for (; type != NULL; type = strtok_r(NULL, gaps, &rest))
			if (!is_cid(type) || !add_cid(set, type))
				return false;
		return true;
	}
	/* "CID TYPE MODE ...", "No valid Cids" (G): nothing but words. */
	for (; word != NULL; word = strtok_r(NULL, gaps, &rest)) {
		about_cids |= strncasecmp(word, "CID", 3) == 0;
		if (strpbrk(word, "0123456789") != NULL || is_cid(word))
			return false;
	}
	return about_cids;
}

bool at_reply_cids(const char *lines, unsigned *set)
{
	char line[AT_LINE_SIZE];
	bool understood = true;

	*set = 0;
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n");
		snprintf(line, sizeof line, "%.*s", (int)length, lines);
		understood = length < sizeof line && read_cid_line(line, set) && understood;
		lines += length + (lines[length] != '\0');
	}
	return understood;
}

static bool read_mac(const char *text, const char *format, uint8_t mac[6])
{
	return sscanf(text, format, &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) == 6;
}

bool at_reply_mac(const char *lines, uint8_t mac[6])
{
	for (const char *c = lines; *c != '\0'; c++)
		if (isxdigit((unsigned char)*c) &&
			(read_mac(c, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", mac) ||
				read_mac(c, "%2hhx-%2hhx-%2hhx-%2hhx-%2hhx-%2hhx", mac)))
			return true;
	return false;
}

bool at_reply_address(const char *lines, uint32_t *address_be)
{
	unsigned octets[4];

	for (const char *c = lines; *c != '\0'; c++) {
		if (!isdigit((unsigned char)*c) ||
			(c > lines && (isdigit((unsigned char)c[-1]) || c[-1] == '.')) ||
			sscanf(c, "%3u.%3u.%3u.%3u", &octets[0], &octets[1], &octets[2],
				&octets[3]) != 4 ||
			octets[0] == 0 || octets[0] > 255 || octets[1] > 255 || octets[2] > 255 ||
			octets[3] > 255)
			continue;
		*address_be = htonl(octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]);
		return true;
	}
	return false;
}

void at_reply_version(const char *lines, char *version, size_t size)
{
	size_t used = 0;

	for (const char *c = lines; *c != '\0' && used + 2 < size; c++) {
		if (*c == '\n' && c[1] != '\0') {
			version[used++] = ';';
			version[used++] = ' ';
		} else if (*c != '\n') {
			version[used++] = *c;
		}
	}
	if (size > 0)
		version[used] = '\0';
}

bool at_reply_not_associated(const char *lines)
{
	for (const char *at = lines; (at = strcasestr(at, "NOT")) != NULL; at += 3) {
		const char *next = at + 3 + strspn(at + 3, " \t");
		if (next > at + 3 && strncasecmp(next, "ASSOCIATED", 10) == 0)
			return true;
	}
	return false;
}
