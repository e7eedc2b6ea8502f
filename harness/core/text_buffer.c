/* SPDX-License-Identifier: MIT */
#include "core/text_buffer.h"

#include <stdio.h>
#include <string.h>

struct text_buffer text_buffer(char *text, size_t size)
{
	text[0] = '\0';
	return (struct text_buffer){.text = text, .size = size};
}

struct text_buffer text_buffer_behind(char *text, size_t size)
{
	return (struct text_buffer){.text = text, .size = size, .length = strnlen(text, size - 1)};
}

void text_add_v(struct text_buffer *buffer, const char *format, va_list arguments)
{
	if (buffer->cut)
		return;
	size_t room = buffer->size - buffer->length;
	int length = vsnprintf(buffer->text + buffer->length, room, format, arguments);
	buffer->cut = length < 0 || (size_t)length >= room;
	buffer->length += buffer->cut ? strlen(buffer->text + buffer->length) : (size_t)length;
}

void text_add(struct text_buffer *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_add_v(buffer, format, arguments);
	va_end(arguments);
}

void text_add_item(struct text_buffer *buffer, const char *format, ...)
{
	va_list arguments;

	if (buffer->length > 0)
		text_add(buffer, ", ");
	va_start(arguments, format);
	text_add_v(buffer, format, arguments);
	va_end(arguments);
}

void text_fit(char *text, size_t size, const char *whole)
{
	const size_t length = strlen(whole);
	const size_t half = (size - 4) / 2;

	if (length < size)
		memcpy(text, whole, length + 1);
	else
		snprintf(text, size, "%.*s...%s", (int)half, whole, whole + length - half);
}
