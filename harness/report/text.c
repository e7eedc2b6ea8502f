/* SPDX-License-Identifier: MIT */
#include "report/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/utf8.h"

/* Would a reader of a terminal or of an XML file see it as itself? */
static bool is_visible(const struct utf8_character *c)
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

static const char *escape_of(enum text_form form, uint32_t code)
{
	bool xml = form == TEXT_XML || form == TEXT_ATTRIBUTE;

	switch (code) {
	case '&':
		return xml ? "&amp;" : NULL;
	case '<':
		return xml ? "&lt;" : NULL;
	case '>':
		return xml ? "&gt;" : NULL;
	case '"':
		return xml ? "&quot;" : form == TEXT_YAML ? "\\\"" : NULL;
	case '\\':
		return form == TEXT_YAML || form == TEXT_TAP ? "\\\\" : NULL;
	case '#':
		return form == TEXT_TAP ? "\\#" : NULL;
	case '\n':
		return form == TEXT_XML ? "\n" : form == TEXT_YAML ? "\\n" : " ";
	case '\t':
		return form == TEXT_XML ? "\t" : form == TEXT_YAML ? "\\t" : " ";
	default:
		return NULL;
	}
}

/* out is large enough for any character: 24 bytes. */
static void write_character(enum text_form form, const struct utf8_character *c, char out[24])
{
	const char *backslash = form == TEXT_YAML || form == TEXT_TAP ? "\\\\" : "\\";
	const char *escape = c->valid ? escape_of(form, c->code) : NULL;

	if (escape != NULL)
		snprintf(out, 24, "%s", escape);
	else if (is_visible(c))
		snprintf(out, 24, "%.*s", (int)c->length, c->bytes);
	else if (c->code < 0x100)
		snprintf(out, 24, "%sx%02x", backslash, c->code);
	else
		snprintf(out, 24, "%su{%x}", backslash, c->code);
}

void text_put(FILE *stream, enum text_form form, const char *text)
{
	struct utf8_character c;
	char out[24];

	while (utf8_next(&text, &c)) {
		write_character(form, &c, out);
		fputs(out, stream);
	}
}

static size_t columns_of(const char *text)
{
	struct utf8_character c;
	size_t columns = 0;

	while (utf8_next(&text, &c))
		columns++;
	return columns;
}

size_t text_line(const char *text, char *line, size_t size)
{
	struct utf8_character c;
	char out[24];
	size_t used = 0;

	while (utf8_next(&text, &c)) {
		write_character(TEXT_LINE, &c, out);
		size_t length = strlen(out);
		if (used + length >= size)
			break;
		memcpy(line + used, out, length);
		used += length;
	}
	line[used] = '\0';
	return columns_of(line);
}

void text_wrap(FILE *stream, const char *text, size_t indent, size_t width)
{
	char line[4096];
	char *rest = NULL;
	size_t column = indent;

	text_line(text, line, sizeof line);
	for (char *word = strtok_r(line, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest)) {
		size_t columns = columns_of(word);
		if (column > indent && column + 1 + columns >= width) {
			fprintf(stream, "\n%*s", (int)indent, "");
			column = indent;
		}
		if (column > indent) {
			fputc(' ', stream);
			column++;
		}
		fputs(word, stream);
		column += columns;
	}
	fputc('\n', stream);
}
