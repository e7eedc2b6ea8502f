/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_TRANSCRIPT_H
#define WIZHIL_UART_TRANSCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct error;

/*
 * What went over the UART, for people and machines, with the secrets removed.  One line for each
 * line or ESC frame (uart/at_framer.h), written when it is complete, with the time of its last
 * byte:
 *
 *   +    0.000000 > AT+WWPA=********
 *   +    0.012345 < [OK]
 *   +   12.345678 < \eZ00005hello
 *
 *   '+', seconds since the start of the run (6 decimals, padded to 12), blank, '>' to the module or
 *   '<' from it, blank, text.  Lines with '#' are remarks.
 *   In text: \r \n \t \e \\, other bytes beyond printable ASCII \xNN with two digits, '\.' at the
 *   end: more came that was not kept, or the end did not come.  A run of CR and LF ends a line and
 *   is not shown, nor are empty lines.  Eight asterisks stand for a secret of any length.
 *
 * Secret are the arguments of commands that take a passphrase or key, also in an echo, what was
 * registered, and each such argument that was once sent to the module, from then on everywhere; it
 * does not matter in how many pieces the bytes come.
 */

enum transcript_direction { TO_MODULE, FROM_MODULE };

struct transcript;

/* Creates '<path>.part' (0600), which becomes path when it is finished; what a killed run leaves
 * can be read as well.  NULL with err set.  The caller ends it with transcript_finish(). */
struct transcript *transcript_open(const char *path, struct error *err);

/* The same lines on a stream of the caller's, each with a prefix (not copied) in front; nothing is
 * created, and transcript_finish() leaves the stream open. */
struct transcript *transcript_to(FILE *stream, const char *prefix, struct error *err);

/* Registers a copy of a secret: a passphrase from the environment.  Before any byte of it is
 * appended.  -1 with err set when out of memory. */
int transcript_add_secret(struct transcript *transcript, const char *secret, struct error *err);

/* Bytes that were read or written at t_ns (since the start of the run, not negative, not earlier
 * than the one before).  Errors are kept for transcript_finish(). */
void transcript_append(struct transcript *transcript, enum transcript_direction direction,
	int64_t t_ns, const void *bytes, size_t size);

/* How many bytes were appended so far. */
uint64_t transcript_size(const struct transcript *transcript);

/* A remark of the harness: "baud 9600". */
void transcript_remark(struct transcript *transcript, int64_t t_ns, const char *text);

/* Gives what was appended in whole lines to the system: a process that is killed leaves it. */
void transcript_sync(struct transcript *transcript);

/* Writes what is unfinished, as it is (at_codec_resync() has given it up). */
void transcript_flush(struct transcript *transcript, int64_t t_ns);

/* Copies a line, with the registered secrets removed too.  As transcript_redact(). */
void transcript_redact_known(
	const struct transcript *transcript, const char *line, char *out, size_t size);

/* Flushes, gives the file its name, frees the transcript, also when it fails.  -1 with err set: not
 * all could be written; the '.part' file stays.  NULL is fine. */
int transcript_finish(struct transcript *transcript, struct error *err);

/* Copies one line of the UART, a command or its echo, without its secret argument, for journals:
 * "AT+WPAPSK=lab,********".  Pure.  out is always terminated when size > 0; what does not fit is
 * cut, size >= strlen(line) + 9 always suffices.  Of a line of AT_LINE_SIZE or more only the
 * beginning is copied.  out may not overlap line. */
void transcript_redact(const char *line, char *out, size_t size);

#endif
