/* SPDX-License-Identifier: MIT */
#include "core/utf8.h"

#include <string.h>

static bool is_continuation(const char *byte)
{
	return ((unsigned char)*byte & 0xC0) == 0x80;
}

bool utf8_next(const char **text, struct utf8_character *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char lead = (unsigned char)**text;
	size_t length = lead < 0x80   ? 1
			: lead < 0xC0 ? 0
			: lead < 0xE0 ? 2
			: lead < 0xF0 ? 3
			: lead < 0xF8 ? 4
				      : 0;

	if (lead == '\0')
		return false;
	*c = (struct utf8_character){
		.bytes = *text, .length = 1, .code = lead, .valid = lead < 0x80};
	if (length > 1) {
		uint32_t code = lead & (0x7Fu >> length);
		size_t i = 1;
		for (; i < length && is_continuation(*text + i); i++)
			code = code << 6 | ((unsigned char)(*text)[i] & 0x3F);
		if (i == length && code >= least[length] && code <= 0x10FFFF &&
			(code < 0xD800 || code > 0xDFFF))
			*c = (struct utf8_character){
				.bytes = *text, .length = length, .code = code, .valid = true};
	}
	*text += c->length;
	return true;
}

bool utf8_is_visible(const struct utf8_character *c)
{
	static const struct {
		uint32_t from, to;
	} hidden[] = {
		{0, 0x1F},
		{0x7F, 0x9F},
		{0xAD, 0xAD},
		{0x61C, 0x61C},
		{0x200B, 0x200F},
		{0x2028, 0x202E},
		{0x2060, 0x206F},
		{0xFDD0, 0xFDEF},
		{0xFEFF, 0xFEFF},
		{0xFFF9, 0xFFFB},
		{0xE0000, 0xE007F},
	};

	if (!c->valid || (c->code & 0xFFFE) == 0xFFFE)
		return false;
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (c->code >= hidden[i].from && c->code <= hidden[i].to)
			return false;
	return true;
}

static void write_visibly(const struct utf8_character *c, char out[UTF8_VISIBLE])
{
	if (c->valid && (c->code == '\n' || c->code == '\t'))
		snprintf(out, UTF8_VISIBLE, " ");
	else if (utf8_is_visible(c))
		snprintf(out, UTF8_VISIBLE, "%.*s", (int)c->length, c->bytes);
	else if (c->code < 0x100)
		snprintf(out, UTF8_VISIBLE, "\\x%02x", c->code);
	else
		snprintf(out, UTF8_VISIBLE, "\\u{%x}", c->code);
}

size_t utf8_visible_line(const char *text, char *line, size_t size)
{
	struct utf8_character c;
	char out[UTF8_VISIBLE];
	size_t used = 0;

	while (utf8_next(&text, &c)) {
		write_visibly(&c, out);
		size_t length = strlen(out);
		if (used + length >= size)
			break;
		memcpy(line + used, out, length);
		used += length;
	}
	line[used] = '\0';
	return used;
}

void utf8_put_visible(FILE *stream, const char *text)
{
	struct utf8_character c;
	char out[UTF8_VISIBLE];

	while (utf8_next(&text, &c)) {
		write_visibly(&c, out);
		fputs(out, stream);
	}
}
