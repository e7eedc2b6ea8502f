/* SPDX-License-Identifier: MIT */
#include "core/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text_buffer.h"
#include "core/utf8.h"

/* Names of files, arguments, and what a module said are in it, and it goes to a terminal. */
static void put_text(struct error *err, const char *format, va_list arguments)
{
	char text[sizeof err->text];

	vsnprintf(text, sizeof text, format, arguments);
	(void)utf8_visible_line(text, err->text, sizeof err->text);
}

int error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	if (err == NULL)
		return -1;
	err->kind = kind;
	va_list arguments;
	va_start(arguments, format);
	put_text(err, format, arguments);
	va_end(arguments);
	return -1;
}

int error_errno(struct error *err, enum error_kind kind, const char *format, ...)
{
	const char *reason = strerror(errno);

	if (err == NULL)
		return -1;
	err->kind = kind;
	va_list arguments;
	va_start(arguments, format);
	put_text(err, format, arguments);
	va_end(arguments);
	struct text_buffer text = text_buffer_behind(err->text, sizeof err->text);
	text_add(&text, ": %s", reason);
	return -1;
}

int error_context(struct error *err, const char *format, ...)
{
	char below[sizeof err->text];

	if (err == NULL)
		return -1;
	memcpy(below, err->text, sizeof below);
	va_list arguments;
	va_start(arguments, format);
	put_text(err, format, arguments);
	va_end(arguments);
	struct text_buffer text = text_buffer_behind(err->text, sizeof err->text);
	text_add(&text, ": %s", below);
	return -1;
}

enum exit_code error_exit_code(const struct error *err)
{
	switch (err->kind) {
	case ERROR_NONE:
		return EXIT_CODE_PASS;
	case ERROR_USAGE:
		return EXIT_CODE_USAGE;
	case ERROR_BENCH:
	case ERROR_MEMORY:
		break;
	}
	return EXIT_CODE_BENCH;
}

enum exit_code exit_code_first(enum exit_code code, enum exit_code other)
{
	static const enum exit_code order[] = {EXIT_CODE_INTERRUPTED, EXIT_CODE_USAGE,
		EXIT_CODE_FIRMWARE, EXIT_CODE_BENCH, EXIT_CODE_NOT_RUN};

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (code == order[i] || other == order[i])
			return order[i];
	return EXIT_CODE_PASS;
}
