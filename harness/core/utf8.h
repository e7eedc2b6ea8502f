/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_UTF8_H
#define WIZHIL_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
