/* SPDX-License-Identifier: MIT */
#include "core/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

json_t *json_text(const char *text)
{
	struct utf8_character c;
	json_t *json = json_string(text);

	if (json != NULL)
		return json;
	/* An octet becomes four. */
	char *plain = malloc(4 * strlen(text) + 1);
	if (plain == NULL)
		return NULL;
	size_t used = 0;
	while (utf8_next(&text, &c)) {
		if (c.valid) {
			memcpy(plain + used, c.bytes, c.length);
			used += c.length;
		} else {
			used += (size_t)sprintf(plain + used, "\\x%02x", c.code);
		}
	}
	json = json_stringn(plain, used);
	free(plain);
	return json;
}

bool json_has_text(const json_t *texts, const char *text)
{
	for (size_t i = 0; i < json_array_size(texts); i++)
		if (strcmp(json_string_value(json_array_get(texts, i)), text) == 0)
			return true;
	return false;
}
