/* SPDX-License-Identifier: MIT */
#include "uart/secrets.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SHORTEST_PIECE = 4, SHORTEST_LEARNT = 4 };

struct secret {
	struct secret *next;
	size_t length;
	uint8_t bytes[];
};

struct secrets {
	struct secret *first;
};

struct secrets *secrets_new(void)
{
	return calloc(1, sizeof(struct secrets));
}

int secrets_add(struct secrets *secrets, const uint8_t *bytes, size_t length)
{
	for (const struct secret *known = secrets->first; known != NULL; known = known->next)
		if (known->length == length && memcmp(known->bytes, bytes, length) == 0)
			return 0;
	if (length == 0)
		return 0;
	struct secret *secret = malloc(sizeof *secret + length);
	if (secret == NULL)
		return -1;
	secret->length = length;
	memcpy(secret->bytes, bytes, length);
	secret->next = secrets->first;
	secrets->first = secret;
	return 0;
}

void secrets_free(struct secrets *secrets)
{
	if (secrets == NULL)
		return;
	while (secrets->first != NULL) {
		struct secret *secret = secrets->first;
		secrets->first = secret->next;
		explicit_bzero(secret->bytes, secret->length);
		free(secret);
	}
	free(secrets);
}

/* The names of options whose values are secret, behind the '+': commands (cases/DEVICE.md 3, and
 * the family's WEP, EAP, PSK and web login) and the spellings of the settings' listing.  Only the
 * beginning must match, as in WWEP1. */
static const struct {
	const char *name;
	bool after_comma; /* the first argument may be seen */
} names[] = {{"WWPA", false}, {"WPAPSK", true}, {"WPSK", false}, {"PSK", false}, {"WWEP", false},
	{"WEP", false}, {"WEAP", false}, {"EAP", false}, {"PASS", false}, {"WEBPROV", false}};

static size_t skip_blanks(const uint8_t *line, size_t length, size_t at)
{
	while (at < length && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at;
}

/* Where the value begins that belongs to the name at 'at'; length when it is not secret. */
static size_t value_of(const uint8_t *line, size_t length, size_t at, size_t name)
{
	size_t name_length = strlen(names[name].name);

	if (length - at < name_length ||
		strncasecmp((const char *)line + at, names[name].name, name_length) != 0)
		return length;
	at += name_length;
	while (at < length && (isalnum(line[at]) || line[at] == '-' || line[at] == '_'))
		at++;
	at = skip_blanks(line, length, at);
	if (at == length || line[at] != '=')
		return length;
	at = skip_blanks(line, length, at + 1);
	if (at + 1 == length && line[at] == '?')
		return length;
	if (!names[name].after_comma)
		return at;
	/* Without a comma it is not known which argument this is. */
	const uint8_t *comma = memchr(line + at, ',', length - at);
	return comma == NULL ? at : (size_t)(comma - line) + 1;
}

size_t secrets_argument(const uint8_t *line, size_t length)
{
	for (size_t at = 0; at < length; at++) {
		if (line[at] != '+')
			continue;
		size_t name_at = skip_blanks(line, length, at + 1);
		for (size_t name = 0; name < sizeof names / sizeof names[0]; name++) {
			size_t value = value_of(line, length, name_at, name);
			if (value < length)
				return value;
		}
	}
	return length;
}

static void hide(bool *hidden, size_t count)
{
	memset(hidden, true, count * sizeof *hidden);
}

static void mark_whole(
	const struct secret *secret, const uint8_t *bytes, size_t length, bool *hidden)
{
	for (size_t at = 0; at + secret->length <= length; at++)
		if (memcmp(bytes + at, secret->bytes, secret->length) == 0)
			hide(hidden + at, secret->length);
}

/* A line that begins with the end of the secret, or ends with its beginning. */
static void mark_pieces(
	const struct secret *secret, const uint8_t *line, size_t length, bool *hidden)
{
	for (size_t size = SHORTEST_PIECE; size < secret->length && size <= length; size++) {
		if (memcmp(line, secret->bytes + secret->length - size, size) == 0)
			hide(hidden, size);
		if (memcmp(line + length - size, secret->bytes, size) == 0)
			hide(hidden + length - size, size);
	}
}

void secrets_mark_data(
	const struct secrets *secrets, const uint8_t *data, size_t length, bool *hidden)
{
	memset(hidden, false, length * sizeof *hidden);
	if (secrets == NULL)
		return;
	for (const struct secret *secret = secrets->first; secret != NULL; secret = secret->next)
		mark_whole(secret, data, length, hidden);
}

void secrets_mark_line(
	const struct secrets *secrets, const uint8_t *line, size_t length, bool *hidden)
{
	size_t argument = secrets_argument(line, length);

	secrets_mark_data(secrets, line, length, hidden);
	hide(hidden + argument, length - argument);
	if (secrets == NULL)
		return;
	for (const struct secret *secret = secrets->first; secret != NULL; secret = secret->next)
		mark_pieces(secret, line, length, hidden);
}

int secrets_learn(struct secrets *secrets, const uint8_t *line, size_t length)
{
	size_t from = secrets_argument(line, length);
	const uint8_t *value = line + from;

	length -= from;
	while (length > 0 && value[length - 1] == ' ')
		length--;
	if (length >= 2 && value[0] == '"' && value[length - 1] == '"') {
		value++;
		length -= 2;
	}
	return length >= SHORTEST_LEARNT ? secrets_add(secrets, value, length) : 0;
}
