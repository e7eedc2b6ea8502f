/* SPDX-License-Identifier: MIT */
#include "core/text_alike.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static bool is_digit(char character)
{
	return isdigit((unsigned char)character) != 0;
}

/* Behind the number, the CID or the quotation that begins here; the text itself where none does. */
static const char *behind(const char *text)
{
	static const char cid[] = "CID ";
	const char *end = text;

	if (strncmp(text, cid, sizeof cid - 1) == 0 &&
		isxdigit((unsigned char)text[sizeof cid - 1]) &&
		!isalnum((unsigned char)text[sizeof cid]))
		return text + sizeof cid;
	while (is_digit(*end) || (end > text && *end == '.' && is_digit(end[1])))
		end++;
	if (*text != '\'')
		return end;
	end = strchr(text + 1, '\'');
	return end == NULL ? text : end + 1;
}

bool text_is_alike(const char *one, const char *other)
{
	for (;;) {
		const char *behind_one = behind(one), *behind_other = behind(other);
		const bool both = behind_one > one && behind_other > other;
		if (both && (*one == '\'') != (*other == '\''))
			return false;
		if (both) {
			one = behind_one;
			other = behind_other;
			continue;
		}
		if (*one != *other)
			return false;
		if (*one == '\0')
			return true;
		one++;
		other++;
	}
}
