/* SPDX-License-Identifier: MIT */
#include "uart/transcript.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file_open.h"
#include "core/units.h"
#include "uart/at_framer.h"
#include "uart/secrets.h"

static const char blot[] = "********";

struct transcript {
	char path[PATH_MAX - sizeof ".part"];
	char part[PATH_MAX];
	FILE *file;
	const char *prefix; /* of a stream that is the caller's; NULL: the file is our own */
	int failed;	    /* errno of the first failure, 0: none */
	int64_t now_ns;
	uint64_t size;			     /* bytes that were appended */
	enum transcript_direction direction; /* of what is being fed */
	struct secrets *secrets;
	struct at_framer framers[2]; /* by direction */
	bool hidden[AT_DATA_SIZE];
};

static void note_failure(struct transcript *transcript, int reason)
{
	if (transcript->failed == 0)
		transcript->failed = reason != 0 ? reason : EIO;
}

static void put_byte(FILE *file, uint8_t byte)
{
	switch (byte) {
	case '\r':
		fputs("\\r", file);
		break;
	case '\n':
		fputs("\\n", file);
		break;
	case '\t':
		fputs("\\t", file);
		break;
	case 0x1b:
		fputs("\\e", file);
		break;
	case '\\':
		fputs("\\\\", file);
		break;
	default:
		if (byte < ' ' || byte > '~')
			fprintf(file, "\\x%02x", byte);
		else
			fputc(byte, file);
		break;
	}
}

static void put_bytes(FILE *file, const uint8_t *bytes, size_t length, const bool *hidden)
{
	for (size_t i = 0; i < length; i++) {
		if (hidden == NULL || !hidden[i])
			put_byte(file, bytes[i]);
		else if (i == 0 || !hidden[i - 1])
			fputs(blot, file);
	}
}

static void put_time(struct transcript *transcript, int64_t t_ns)
{
	if (transcript->prefix != NULL)
		fputs(transcript->prefix, transcript->file);
	fprintf(transcript->file, "+%5lld.%06lld ", (long long)(t_ns / NS_PER_S),
		(long long)(t_ns % NS_PER_S / NS_PER_US));
}

static void write_unit(const struct at_unit *unit, void *context)
{
	struct transcript *transcript = context;
	FILE *file = transcript->file;

	put_time(transcript, transcript->now_ns);
	fputs(transcript->direction == TO_MODULE ? "> " : "< ", file);
	put_bytes(file, unit->header, unit->header_length, NULL);
	switch (unit->kind) {
	case AT_UNIT_LINE:
		/* What was sent as a passphrase once is secret from then on. */
		if (transcript->direction == TO_MODULE &&
			secrets_learn(transcript->secrets, unit->bytes, unit->length) < 0)
			note_failure(transcript, ENOMEM);
		secrets_mark_line(
			transcript->secrets, unit->bytes, unit->length, transcript->hidden);
		put_bytes(file, unit->bytes, unit->length, transcript->hidden);
		break;
	case AT_UNIT_BULK:
	case AT_UNIT_DATAGRAM:
	case AT_UNIT_STREAM:
		secrets_mark_data(
			transcript->secrets, unit->bytes, unit->length, transcript->hidden);
		put_bytes(file, unit->bytes, unit->length, transcript->hidden);
		if (unit->kind == AT_UNIT_STREAM && !unit->truncated)
			fputs("\\eE", file);
		break;
	case AT_UNIT_ESC_OK:
	case AT_UNIT_ESC_FAIL:
		break;
	}
	fputs(unit->truncated ? "\\.\n" : "\n", file);
	if (ferror(file) != 0)
		note_failure(transcript, errno);
}

static void free_all(struct transcript *transcript)
{
	secrets_free(transcript->secrets);
	explicit_bzero(transcript->framers, sizeof transcript->framers);
	free(transcript);
}

struct transcript *transcript_open(const char *path, struct error *err)
{
	struct transcript *transcript = calloc(1, sizeof *transcript);

	if (transcript == NULL || (transcript->secrets = secrets_new()) == NULL) {
		free(transcript);
		error_set(err, ERROR_MEMORY, "out of memory for the transcript '%s'", path);
		return NULL;
	}
	if ((size_t)snprintf(transcript->path, sizeof transcript->path, "%s", path) >=
		sizeof transcript->path) {
		error_set(err, ERROR_USAGE, "name of the transcript is too long: '%.64s...'", path);
		free_all(transcript);
		return NULL;
	}
	snprintf(transcript->part, sizeof transcript->part, "%s.part", transcript->path);
	transcript->file = file_replace(transcript->part);
	if (transcript->file == NULL) {
		error_errno(
			err, ERROR_BENCH, "cannot create the transcript '%s'", transcript->part);
		free_all(transcript);
		return NULL;
	}
	at_framer_init(&transcript->framers[TO_MODULE]);
	at_framer_init(&transcript->framers[FROM_MODULE]);
	fputs("# wizhil UART transcript 1: + seconds, > to the module, < from it, ******** a secret\n",
		transcript->file);
	return transcript;
}

struct transcript *transcript_to(FILE *stream, const char *prefix, struct error *err)
{
	struct transcript *transcript = calloc(1, sizeof *transcript);

	if (transcript == NULL || (transcript->secrets = secrets_new()) == NULL) {
		free(transcript);
		error_set(err, ERROR_MEMORY, "out of memory for a transcript");
		return NULL;
	}
	transcript->file = stream;
	transcript->prefix = prefix;
	at_framer_init(&transcript->framers[TO_MODULE]);
	at_framer_init(&transcript->framers[FROM_MODULE]);
	return transcript;
}

int transcript_add_secret(struct transcript *transcript, const char *secret, struct error *err)
{
	if (secrets_add(transcript->secrets, (const uint8_t *)secret, strlen(secret)) < 0)
		return error_set(err, ERROR_MEMORY, "out of memory for a secret");
	return 0;
}

void transcript_append(struct transcript *transcript, enum transcript_direction direction,
	int64_t t_ns, const void *bytes, size_t size)
{
	transcript->now_ns = t_ns;
	transcript->direction = direction;
	transcript->size += size;
	at_framer_feed(&transcript->framers[direction], bytes, size, write_unit, transcript);
}

uint64_t transcript_size(const struct transcript *transcript)
{
	return transcript->size;
}

void transcript_remark(struct transcript *transcript, int64_t t_ns, const char *text)
{
	transcript->now_ns = t_ns;
	fputs("# ", transcript->file);
	put_time(transcript, t_ns);
	size_t length = strlen(text);
	if (length > sizeof transcript->hidden)
		length = sizeof transcript->hidden;
	secrets_mark_line(transcript->secrets, (const uint8_t *)text, length, transcript->hidden);
	put_bytes(transcript->file, (const uint8_t *)text, length, transcript->hidden);
	fputc('\n', transcript->file);
}

void transcript_flush(struct transcript *transcript, int64_t t_ns)
{
	transcript->now_ns = t_ns;
	for (int direction = TO_MODULE; direction <= FROM_MODULE; direction++) {
		transcript->direction = (enum transcript_direction)direction;
		at_framer_flush(&transcript->framers[direction], write_unit, transcript);
	}
}

void transcript_sync(struct transcript *transcript)
{
	if (fflush(transcript->file) != 0)
		note_failure(transcript, errno);
}

int transcript_finish(struct transcript *transcript, struct error *err)
{
	int result = 0;

	if (transcript == NULL)
		return 0;
	transcript_flush(transcript, transcript->now_ns);
	if (transcript->prefix != NULL) {
		free_all(transcript);
		return 0;
	}
	if (fflush(transcript->file) != 0)
		note_failure(transcript, errno);
	if (fclose(transcript->file) != 0)
		note_failure(transcript, errno);
	errno = transcript->failed;
	if (errno != 0 || rename(transcript->part, transcript->path) < 0)
		result = error_errno(
			err, ERROR_BENCH, "cannot write the transcript '%s'", transcript->path);
	free_all(transcript);
	return result;
}

static void redact(const struct secrets *secrets, const char *line, char *out, size_t size)
{
	bool hidden[AT_LINE_SIZE];
	size_t length = strnlen(line, sizeof hidden);
	size_t used = 0;

	if (size == 0)
		return;
	secrets_mark_line(secrets, (const uint8_t *)line, length, hidden);
	for (size_t i = 0; i < length && used < size - 1; i++) {
		if (!hidden[i])
			out[used++] = line[i];
		else if (i == 0 || !hidden[i - 1])
			for (size_t j = 0; j < sizeof blot - 1 && used < size - 1; j++)
				out[used++] = blot[j];
	}
	out[used] = '\0';
}

void transcript_redact(const char *line, char *out, size_t size)
{
	redact(NULL, line, out, size);
}

void transcript_redact_known(
	const struct transcript *transcript, const char *line, char *out, size_t size)
{
	redact(transcript->secrets, line, out, size);
}
