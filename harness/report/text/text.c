/* SPDX-License-Identifier: MIT */
#include "report/text/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/utf8.h"

static const char *xml_escape(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return NULL;
	}
}

/* NULL: the character stands for itself. */
static const char *escape_of(enum text_form form, uint32_t code)
{
	switch (form) {
	case TEXT_LINE:
		return NULL;
	case TEXT_XML:
	case TEXT_ATTRIBUTE:
	case TEXT_MARKDOWN:
		return xml_escape(code);
	case TEXT_CSV:
		return code == '"' ? "\"\"" : NULL;
	case TEXT_YAML:
		return code == '"' ? "\\\"" : code == '\\' ? "\\\\" : NULL;
	case TEXT_TAP:
		return code == '#' ? "\\#" : code == '\\' ? "\\\\" : NULL;
	}
	return NULL;
}

/* Newline and tab, which are no marks but shape a line. */
static const char *space_of(enum text_form form, uint32_t code)
{
	bool newline = code == '\n';

	if (!newline && code != '\t')
		return NULL;
	if (form == TEXT_XML)
		return newline ? "\n" : "\t";
	if (form == TEXT_YAML)
		return newline ? "\\n" : "\\t";
	return " ";
}

/* What Markdown would take for markup. */
static bool is_mark(const struct utf8_character *c)
{
	return c->valid && c->code < 0x80 && strchr("\\`*_[]#!|~@", (int)c->code) != NULL;
}

/* out is large enough for any character. */
static void write_character(
	enum text_form form, const struct utf8_character *c, char out[UTF8_VISIBLE])
{
	const char *backslash = form == TEXT_YAML || form == TEXT_TAP ? "\\\\" : "\\";
	const char *escape = c->valid ? space_of(form, c->code) : NULL;

	if (escape == NULL && c->valid)
		escape = escape_of(form, c->code);
	if (escape != NULL)
		snprintf(out, UTF8_VISIBLE, "%s", escape);
	else if (form == TEXT_MARKDOWN && is_mark(c))
		snprintf(out, UTF8_VISIBLE, "&#%u;", c->code);
	else if (utf8_is_visible(c))
		snprintf(out, UTF8_VISIBLE, "%.*s", (int)c->length, c->bytes);
	else if (c->code < 0x100)
		snprintf(out, UTF8_VISIBLE, "%sx%02x", backslash, c->code);
	else
		snprintf(out, UTF8_VISIBLE, "%su{%x}", backslash, c->code);
}

/* What stands for itself in every form, and makes up most of any text. */
static const char plain[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;()/'=+-";

void text_put(FILE *stream, enum text_form form, const char *text)
{
	struct utf8_character c;
	char out[UTF8_VISIBLE];

	/* A spreadsheet would take it for a formula. */
	if (form == TEXT_CSV && text[0] != '\0' && strchr("=+-@", text[0]) != NULL)
		fputc('\'', stream);
	for (;;) {
		const size_t length = strspn(text, plain);
		fwrite(text, 1, length, stream);
		text += length;
		if (!utf8_next(&text, &c))
			break;
		write_character(form, &c, out);
		fputs(out, stream);
	}
}

void text_put_code(FILE *stream, const char *name)
{
	static const char of_code[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./(), ";

	if (name[0] != '\0' && name[strspn(name, of_code)] == '\0')
		fprintf(stream, "`%s`", name);
	else
		text_put(stream, TEXT_MARKDOWN, name);
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
	(void)utf8_visible_line(text, line, size);
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
