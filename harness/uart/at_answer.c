/* SPDX-License-Identifier: MIT */
#include "uart/at_answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Which arguments an answer may have. */
enum arguments { NOTHING, A_CID, A_CID_OR_NOTHING, A_CID_OR_ACCEPT };

struct words {
	const char *text;
	enum arguments arguments;
};

static const struct words words[] = {
	[AT_CODE_OK] = {"OK", NOTHING},
	[AT_CODE_ERROR] = {"ERROR", NOTHING},
	[AT_CODE_INVALID_INPUT] = {"ERROR: INVALID INPUT", NOTHING},
	[AT_CODE_SOCKET_FAILURE] = {"ERROR: SOCKET FAILURE", A_CID_OR_NOTHING},
	[AT_CODE_NO_CID] = {"ERROR: NO CID", NOTHING},
	[AT_CODE_INVALID_CID] = {"ERROR: INVALID CID", NOTHING},
	[AT_CODE_NOT_SUPPORTED] = {"ERROR: NOT SUPPORTED", NOTHING},
	[AT_CODE_CONNECT] = {"CONNECT", A_CID_OR_ACCEPT},
	[AT_CODE_DISCONNECT] = {"DISCONNECT", A_CID},
	[AT_CODE_DISASSOCIATED] = {"DISASSOCIATED", NOTHING},
	[AT_CODE_DISASSOCIATION_EVENT] = {"Disassociation Event", NOTHING},
	[AT_CODE_STANDBY_TIMER] = {"Out of StandBy-Timer", NOTHING},
	[AT_CODE_STANDBY_ALARM] = {"Out of StandBy-Alarm", NOTHING},
	[AT_CODE_DEEP_SLEEP] = {"Out of Deep Sleep", NOTHING},
	[AT_CODE_WARM_BOOT] = {"UnExpected Warm Boot", NOTHING},
	[AT_CODE_IP_CONFIG_FAIL] = {"ERROR: IP CONFIG FAIL", NOTHING},
};

/* Those with words of their own, and a number. */
enum { CODES = sizeof words / sizeof words[0], MOST_ARGUMENTS = 4 };

const char *at_code_text(enum at_code code)
{
	if (code == AT_CODE_OTHER)
		return "ERROR: OTHER";
	return code >= 0 && (int)code < CODES ? words[code].text : "";
}

enum at_code at_code_of_text(const char *text)
{
	for (int code = 0; code < AT_CODES; code++)
		if (strcmp(at_code_text((enum at_code)code), text) == 0)
			return (enum at_code)code;
	return at_answer_read(text, false).code;
}

/* Length of the words at the beginning of text, 0 if it begins otherwise.  Case does not matter,
 * and one blank of the words may be any number of blanks, or none. */
static size_t match(const char *text, const char *pattern)
{
	const char *at = text;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern == ' ') {
			while (*at == ' ')
				at++;
			continue;
		}
		if (tolower((unsigned char)*at) != tolower((unsigned char)*pattern))
			return 0;
		at++;
	}
	return (size_t)(at - text);
}

static bool read_cid(const char *word, int *cid)
{
	if (!isxdigit((unsigned char)word[0]) || word[1] != '\0')
		return false;
	*cid = (int)strtol(word, NULL, 16);
	return true;
}

/* Decimal, digits only, up to limit. */
static bool read_number(const char **at, long limit, long *number)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	*number = strtol(*at, &end, 10);
	*at = end;
	return *number <= limit;
}

static bool read_address(const char *word, uint8_t address[4])
{
	for (int part = 0; part < 4; part++) {
		long number;
		if (part > 0 && *word++ != '.')
			return false;
		if (!read_number(&word, UINT8_MAX, &number))
			return false;
		address[part] = (uint8_t)number;
	}
	return *word == '\0';
}

static bool read_accept(char *word[MOST_ARGUMENTS], struct at_answer *answer)
{
	const char *at = word[3];
	long port;

	if (!read_cid(word[0], &answer->server_cid) || !read_cid(word[1], &answer->cid) ||
		!read_address(word[2], answer->address) || !read_number(&at, UINT16_MAX, &port))
		return false;
	answer->port = (uint16_t)port;
	return *at == '\0';
}

/* Reads the arguments behind the words; they must be all that the code may have, and no more. */
static bool read_arguments(const char *text, enum arguments allowed, struct at_answer *answer)
{
	char copy[64];
	char *word[MOST_ARGUMENTS + 1];
	char *rest = NULL;
	int count = 0;

	if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
		return false;
	for (char *next = strtok_r(copy, " ", &rest); next != NULL && count <= MOST_ARGUMENTS;
		next = strtok_r(NULL, " ", &rest))
		word[count++] = next;
	switch (allowed) {
	case NOTHING:
		return count == 0;
	case A_CID:
		return count == 1 && read_cid(word[0], &answer->cid);
	case A_CID_OR_NOTHING:
		return count == 0 || (count == 1 && read_cid(word[0], &answer->cid));
	case A_CID_OR_ACCEPT:
		return count == 1 ? read_cid(word[0], &answer->cid)
				  : count == MOST_ARGUMENTS && read_accept(word, answer);
	}
	return false;
}

static bool read_words(const char *line, struct at_answer *answer)
{
	for (int code = 0; code < CODES; code++) {
		struct at_answer attempt = *answer;
		size_t length = match(line, words[code].text);
		/* The reset reason goes on with what may have caused it, in brackets. */
		bool remark = code == AT_CODE_WARM_BOOT && line[length] == '(';

		if (length == 0 || (line[length] != '\0' && line[length] != ' ' && !remark))
			continue;
		if (!remark && !read_arguments(line + length, words[code].arguments, &attempt))
			continue;
		attempt.code = (enum at_code)code;
		*answer = attempt;
		return true;
	}
	return false;
}

static bool read_numeric(const char *line, struct at_answer *answer)
{
	struct at_answer attempt = *answer;
	const char *at = line;
	long code;

	if (!read_number(&at, CODES - 1, &code) || (*at != '\0' && *at != ' '))
		return false;
	if (!read_arguments(at, words[code].arguments, &attempt))
		return false;
	attempt.code = (enum at_code)code;
	attempt.form = AT_FORM_NUMERIC;
	*answer = attempt;
	return true;
}

/* An error by its form: which words a module has for a refusal, no source says in full. */
static bool is_error(const char *text)
{
	size_t length = match(text, "ERROR");

	return length > 0 && !isalnum((unsigned char)text[length]) && text[length] != '_';
}

/* The one spelling of the answer. */
static void write_words(struct at_answer *answer)
{
	char *text = answer->text;
	const char *name = at_code_text(answer->code);

	if (answer->server_cid >= 0)
		snprintf(text, AT_LINE_SIZE, "%s %x %x %d.%d.%d.%d %d", name, answer->server_cid,
			answer->cid, answer->address[0], answer->address[1], answer->address[2],
			answer->address[3], answer->port);
	else if (answer->cid >= 0)
		snprintf(text, AT_LINE_SIZE, "%s %x", name, answer->cid);
	else
		snprintf(text, AT_LINE_SIZE, "%s", name);
}

/* Without the blanks at its ends: where it begins, and how long it is. */
static const char *trim(const char *text, size_t *length)
{
	while (*length > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		--*length;
	}
	while (*length > 0 && (text[*length - 1] == ' ' || text[*length - 1] == '\t'))
		--*length;
	return text;
}

struct at_answer at_answer_read(const char *line, bool numeric)
{
	struct at_answer answer = {
		.code = AT_CODE_NONE, .form = AT_FORM_PLAIN, .cid = -1, .server_cid = -1};
	size_t length = strlen(line);

	line = trim(line, &length);
	if (length == 0 || length >= sizeof answer.text)
		return answer;
	if (length > 1 && line[0] == '[' && line[length - 1] == ']') {
		answer.form = AT_FORM_BRACKETED;
		length -= 2;
		line = trim(line + 1, &length);
	}
	memcpy(answer.text, line, length);
	answer.text[length] = '\0';
	if (read_words(answer.text, &answer) || (numeric && read_numeric(answer.text, &answer))) {
		write_words(&answer);
	} else if (is_error(answer.text)) {
		answer.code = AT_CODE_OTHER;
	} else {
		answer.form = AT_FORM_PLAIN;
		answer.text[0] = '\0';
	}
	return answer;
}

bool at_answer_is_banner(const char *line)
{
	static const char *const banners[] = {
		"Serial2WiFi APP", "APP Reset", "UnExpected Warm Boot"};

	line += strspn(line, " [");
	for (size_t i = 0; i < sizeof banners / sizeof banners[0]; i++)
		if (match(line, banners[i]) > 0)
			return true;
	return false;
}
