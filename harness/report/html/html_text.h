/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_HTML_TEXT_H
#define WIZHIL_REPORT_HTML_TEXT_H

#include <stdint.h>
#include <stdio.h>

/* Writes any text into an HTML page or an SVG picture, as content or between the double quotes of
 * an attribute.  Whatever a device, a capture or a journal said goes through this one function. */
void html_text(FILE *stream, const char *text);

/* The same of a formatted text, cut after 1023 octets. */
void html_say(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of a name of words joined by '_': it may be broken behind each. */
void html_name(FILE *stream, const char *name);

/* A link to a file beside the page: ./path, with what has a meaning in a URL as %xx. */
void html_path(FILE *stream, const char *path);

/* A link to the element of that id on the same page: #name, likewise. */
void html_fragment(FILE *stream, const char *name);

/* A coordinate: at most one digit behind the point. */
void html_number(FILE *stream, double number);

/* ' name="number"' */
void html_at(FILE *stream, const char *name, double number);

#endif
