/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_TEXT_H
#define WIZHIL_REPORT_TEXT_H

#include <stddef.h>
#include <stdio.h>

/*
 * Text of a device may hold anything: half a UTF-8 sequence, escape codes, markup.  What a reader
 * would not see as itself (controls, bytes that are no UTF-8, characters that turn the direction of
 * writing) is written visibly as \x1b or \u{202e}, in every report; then the form's own escapes.
 */
enum text_form {
	TEXT_LINE,	/* a terminal's line; newline and tab become a space */
	TEXT_XML,	/* element content; newlines stay */
	TEXT_ATTRIBUTE, /* an XML attribute's value; newline and tab become a space */
	TEXT_MARKDOWN,	/* text of GitHub's Markdown, in a table too; newline and tab become a
			 * space */
	TEXT_CSV,	/* between the double quotes of a CSV field (RFC 4180), no formula */
	TEXT_YAML,	/* between the double quotes of a YAML scalar */
	TEXT_TAP	/* a TAP 14 description or the reason of a directive */
};

void text_put(FILE *stream, enum text_form form, const char *text);

/* A name in Markdown: as code where it can stand there, for one that is full of entities is hard to
 * read in the file itself. */
void text_put_code(FILE *stream, const char *name);

/* TEXT_LINE into a buffer, cut at a character when it does not fit.  Returns its columns (one a
 * character). */
size_t text_line(const char *text, char *line, size_t size);

/* Writes text as TEXT_LINE, words broken into lines that end before column width; the first line
 * goes on at column indent, the others are indented to it.  Ends with a newline. */
void text_wrap(FILE *stream, const char *text, size_t indent, size_t width);

#endif
