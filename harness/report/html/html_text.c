/* SPDX-License-Identifier: MIT */
#include "report/html/html_text.h"

#include <stdarg.h>
#include <string.h>

#include "report/text/text.h"

void html_text(FILE *stream, const char *text)
{
	text_put(stream, TEXT_ATTRIBUTE, text);
}

void html_say(FILE *stream, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	html_text(stream, text);
}

void html_name(FILE *stream, const char *name)
{
	char part[256];

	while (*name != '\0') {
		size_t length = strcspn(name, "_");
		length += name[length] == '_';
		if (length >= sizeof part)
			length = sizeof part - 1;
		snprintf(part, sizeof part, "%.*s", (int)length, name);
		html_text(stream, part);
		name += length;
		if (*name != '\0')
			fputs("<wbr>", stream);
	}
}

/* With what has a meaning in a URL as %xx. */
static void put_encoded(FILE *stream, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/";

	for (; *text != '\0'; text++)
		if (strchr(plain, *text) != NULL)
			fputc(*text, stream);
		else
			fprintf(stream, "%%%02X", (unsigned)(unsigned char)*text);
}

void html_path(FILE *stream, const char *path)
{
	fputs("./", stream);
	put_encoded(stream, path);
}

void html_fragment(FILE *stream, const char *name)
{
	fputc('#', stream);
	put_encoded(stream, name);
}

void html_number(FILE *stream, double number)
{
	char text[32];
	int length = snprintf(text, sizeof text, "%.1f", number);

	if (length > 2 && text[length - 1] == '0')
		text[length - 2] = '\0';
	fputs(text, stream);
}

void html_at(FILE *stream, const char *name, double number)
{
	fprintf(stream, " %s=\"", name);
	html_number(stream, number);
	fputc('"', stream);
}
