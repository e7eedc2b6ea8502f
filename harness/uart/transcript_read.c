/* SPDX-License-Identifier: MIT */
#include "uart/transcript_read.h"

#include <stdio.h>
#include <string.h>

#include "core/units.h"

enum { ESC = 0x1b, LINE_MAX_OCTETS = 65536 };

static int digit_of(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c == '\0' ? NULL : strchr(digits, c | 0x20);

	return found == NULL ? 0 : (int)(found - digits);
}

/* Undoes what the transcript did to a line's bytes; returns how many there are. */
static size_t unescape(const char *text, size_t length, uint8_t *out)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\\' || i + 1 == length) {
			out[used++] = (uint8_t)text[i];
			continue;
		}
		switch (text[++i]) {
		case 'r':
			out[used++] = '\r';
			break;
		case 'n':
			out[used++] = '\n';
			break;
		case 't':
			out[used++] = '\t';
			break;
		case 'e':
			out[used++] = 0x1b;
			break;
		case 'x':
			if (i + 2 < length)
				out[used++] = (uint8_t)(digit_of(text[i + 1]) << 4 |
							digit_of(text[i + 2]));
			i += 2;
			break;
		case '.':
			break;
		default:
			out[used++] = (uint8_t)text[i];
			break;
		}
	}
	return used;
}

/* "+    0.012345 < [OK]": false when the line has not this form. */
static bool parse_line(
	const char *line, size_t length, int64_t *time_ns, char *direction, const char **text)
{
	char head[64];
	long long seconds, microseconds;
	int end = 0;
	size_t copied = length < sizeof head - 1 ? length : sizeof head - 1;

	memcpy(head, line, copied);
	head[copied] = '\0';
	if (sscanf(head, "+ %lld.%6lld %c%n", &seconds, &microseconds, direction, &end) != 3 ||
		(*direction != '<' && *direction != '>') || seconds < 0 || seconds > UINT32_MAX ||
		microseconds < 0)
		return false;
	*time_ns = seconds * NS_PER_S + microseconds * NS_PER_US;
	*text = line + end + ((size_t)end < length && line[end] == ' ');
	return true;
}

bool transcript_is(const uint8_t *bytes, size_t size)
{
	const char *text, *line = (const char *)bytes;
	int64_t time_ns;
	char direction;

	while (size > 0) {
		const char *end = memchr(line, '\n', size);
		size_t length = end == NULL ? size : (size_t)(end - line);
		if (length > 0 && line[0] != '#')
			return parse_line(line, length, &time_ns, &direction, &text);
		if (end == NULL)
			return false;
		size -= length + 1;
		line = end + 1;
	}
	return false;
}

static void take_line(const char *text, size_t length, transcript_line_fn *sink, void *context)
{
	uint8_t bytes[LINE_MAX_OCTETS + 1];
	struct transcript_line line = {.bytes = bytes};
	const char *behind;
	char direction;

	if (length > LINE_MAX_OCTETS || !parse_line(text, length, &line.t_ns, &direction, &behind))
		return;
	line.length = unescape(behind, length - (size_t)(behind - text), bytes);
	bytes[line.length] = '\0';
	line.direction = direction == '<' ? FROM_MODULE : TO_MODULE;
	line.is_frame = line.length > 0 && bytes[0] == ESC;
	sink(&line, context);
}

void transcript_read(const uint8_t *bytes, size_t size, transcript_line_fn *sink, void *context)
{
	const char *line = (const char *)bytes;

	while (size > 0) {
		const char *end = memchr(line, '\n', size);
		size_t length = end == NULL ? size : (size_t)(end - line);
		take_line(line, length, sink, context);
		if (end == NULL)
			return;
		size -= length + 1;
		line = end + 1;
	}
}
