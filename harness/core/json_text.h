/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_JSON_TEXT_H
#define WIZHIL_CORE_JSON_TEXT_H

#include <jansson.h>
#include <stdbool.h>

/* A JSON string of any text: JSON is UTF-8, and what a UART, a file's name or an argument holds may
 * be none, for which json_string() and json_pack("s") give up.  An octet that is no UTF-8 is
 * written as \xff (four characters).  A new reference; NULL: out of memory. */
json_t *json_text(const char *text);

/* Whether this text is one of an array of strings. */
bool json_has_text(const json_t *texts, const char *text);

#endif
