/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_UTF8_H
#define WIZHIL_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Text that should be UTF-8 and may be anything: what a UART said, a file's name, an argument. */

struct utf8_character {
	const char *bytes; /* where it stands in the text */
	size_t length;	   /* in octets, 1 to 4 */
	uint32_t code;	   /* the octet's value where it is no UTF-8 */
	bool valid;
};

/* Takes a character off the text, an octet where it is no UTF-8; false at the text's end.  By
 * RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. */
bool utf8_next(const char **text, struct utf8_character *character);

/* Would a reader of a terminal or of an XML file see it as itself?  No control, no octet that is no
 * UTF-8, nothing that turns the direction of writing. */
bool utf8_is_visible(const struct utf8_character *character);

/* Room for any character, written visibly. */
enum { UTF8_VISIBLE = 24 };

/* Writes the text as one line: newline and tab as a space, what is not visible as \x1b or
 * \u{202e}.  Cut at a character when it does not fit; returns its octets. */
size_t utf8_visible_line(const char *text, char *line, size_t size);

/* The same to a stream, whole. */
void utf8_put_visible(FILE *stream, const char *text);

#endif
