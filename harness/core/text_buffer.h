/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_TEXT_BUFFER_H
#define WIZHIL_CORE_TEXT_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A text that is put together in memory of a fixed size.  It never writes behind the end, is always
 * terminated, and says whether it was cut; once it was, nothing more is added.
 */
struct text_buffer {
	char *text;
	size_t size;   /* of the memory, the terminating NUL included; 1 or more */
	size_t length; /* of the text */
	bool cut;      /* something did not fit */
};

/* An empty text in the caller's memory of 'size' octets, 1 or more. */
struct text_buffer text_buffer(char *text, size_t size);

/* Goes on with the terminated text that is there. */
struct text_buffer text_buffer_behind(char *text, size_t size);

/* Adds to the end as printf does; what does not fit is cut. */
void text_add(struct text_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void text_add_v(struct text_buffer *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* The text where it fits; else its beginning and its end, with "..." between.  size: 16 or more. */
void text_fit(char *text, size_t size, const char *whole);

/* The same as an item of a list: ", " stands before it unless the text is empty. */
void text_add_item(struct text_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
