/* SPDX-License-Identifier: MIT */
#include "core/utf8.h"

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
