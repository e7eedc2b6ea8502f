/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_ERROR_H
#define WIZHIL_CORE_ERROR_H

#include "core/exit_code.h"

/*
 * Errors with context.  The library never prints and never exits: a function that can fail takes a
 * 'struct error *', fills it, and returns -1 or NULL.  Each level that knows more puts its words in
 * front; the command prints the text once, as "wizhil: <text>".
 *
 * Texts are lower case, without a full stop, with the subject in 'quotes', and end with the remedy
 * in brackets where there is one: cannot open 'eth0' for capture: permission denied (try: ...)
 * They are one line, and hold nothing that a terminal would obey, whatever was put into them.
 */

/* Who has to mend it. */
enum error_kind {
	ERROR_NONE,
	ERROR_USAGE, /* the caller's argument or file: EXIT_CODE_USAGE */
	ERROR_BENCH, /* the system, the wiring, a process that died: EXIT_CODE_BENCH */
	ERROR_MEMORY /* out of memory: EXIT_CODE_BENCH */
};

struct error {
	enum error_kind kind;
	char text[1024]; /* always terminated; empty when kind is ERROR_NONE */
};

/* Sets kind and text and returns -1, so that a caller can write 'return error_set(...)'.
 * err may be NULL: then only -1 is returned. */
int error_set(struct error *err, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As error_set, with ": " and strerror(errno) behind the text. */
int error_errno(struct error *err, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "<format>: " in front of the text that is there, keeps the kind, returns -1. */
int error_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The exit code that belongs to err->kind. */
enum exit_code error_exit_code(const struct error *err);

#endif
