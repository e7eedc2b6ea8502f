/* SPDX-License-Identifier: MIT */
#include "wire/pcapng.h"

#include <fcntl.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file_open.h"
#include "wire/pcapng_format.h"

enum { OPTION_LENGTH_MAX = UINT16_MAX, SNAP_LENGTH = 262144 };

struct pcapng_writer {
	FILE *stream;
	char *path;
	char *part;
	uint64_t size;
};

/* Writers use their own byte order and say so by the magic. */
static void put(struct pcapng_writer *writer, const void *bytes, size_t length)
{
	/* Errors stick to the stream and are looked at once per block. */
	if (length > 0)
		(void)fwrite(bytes, 1, length, writer->stream);
	writer->size += length;
}

uint64_t pcapng_size(const struct pcapng_writer *writer)
{
	return writer->size;
}

static void put16(struct pcapng_writer *writer, uint16_t value)
{
	put(writer, &value, sizeof value);
}

static void put32(struct pcapng_writer *writer, uint32_t value)
{
	put(writer, &value, sizeof value);
}

static void put_padded(struct pcapng_writer *writer, const void *bytes, size_t length)
{
	static const uint8_t zeros[4];

	put(writer, bytes, length);
	put(writer, zeros, pcapng_padded(length) - length);
}

static size_t option_size(size_t length)
{
	return 4 + pcapng_padded(length);
}

static void put_option(
	struct pcapng_writer *writer, uint16_t code, const void *value, size_t length)
{
	put16(writer, code);
	put16(writer, (uint16_t)length);
	put_padded(writer, value, length);
}

static void put_section(struct pcapng_writer *writer)
{
	static const char application[] = "wizhil";
	size_t length = strlen(application);
	uint32_t size = (uint32_t)(PCAPNG_FRAME + 16 + option_size(length) + option_size(0));
	int64_t unknown_length = -1;

	put32(writer, PCAPNG_SECTION);
	put32(writer, size);
	put32(writer, PCAPNG_MAGIC);
	put16(writer, 1);
	put16(writer, 0);
	put(writer, &unknown_length, sizeof unknown_length);
	put_option(writer, PCAPNG_OPTION_APPLICATION, application, length);
	put_option(writer, PCAPNG_OPTION_END, NULL, 0);
	put32(writer, size);
}

static void put_interface(struct pcapng_writer *writer, int link_type, const char *name)
{
	static const uint8_t nanoseconds = 9;
	size_t length = strlen(name);
	uint32_t size = (uint32_t)(PCAPNG_FRAME + 8 + option_size(length) + option_size(1) +
				   option_size(0));

	put32(writer, PCAPNG_INTERFACE);
	put32(writer, size);
	/* Files number link types as DLT_* does, but for those that differ between systems. */
	put16(writer, (uint16_t)(link_type == DLT_RAW ? PCAPNG_LINKTYPE_RAW : link_type));
	put16(writer, 0);
	put32(writer, SNAP_LENGTH);
	put_option(writer, PCAPNG_OPTION_NAME, name, length);
	put_option(writer, PCAPNG_OPTION_RESOLUTION, &nanoseconds, 1);
	put_option(writer, PCAPNG_OPTION_END, NULL, 0);
	put32(writer, size);
}

static void writer_free(struct pcapng_writer *writer)
{
	free(writer->path);
	free(writer->part);
	free(writer);
}

struct pcapng_writer *pcapng_create(
	const char *path, int link_type, const char *interface, struct error *err)
{
	struct pcapng_writer *writer = calloc(1, sizeof *writer);

	if (writer == NULL || (writer->path = strdup(path)) == NULL ||
		asprintf(&writer->part, "%s.part", path) < 0) {
		(void)error_set(err, ERROR_MEMORY, "out of memory");
		if (writer != NULL) {
			free(writer->path);
			free(writer);
		}
		return NULL;
	}
	writer->stream = file_replace(writer->part);
	if (writer->stream == NULL) {
		(void)error_errno(err, ERROR_BENCH, "cannot create '%s'", writer->part);
		writer_free(writer);
		return NULL;
	}
	put_section(writer);
	put_interface(writer, link_type, interface);
	return writer;
}

void pcapng_add_interface(struct pcapng_writer *writer, int link_type, const char *interface)
{
	put_interface(writer, link_type, interface);
}

int pcapng_packet(struct pcapng_writer *writer, uint32_t interface, int64_t realtime_ns,
	const uint8_t *bytes, size_t captured, size_t wire_length, const char *comment,
	struct error *err)
{
	size_t comment_length = comment == NULL ? 0 : strlen(comment);

	if (comment_length > OPTION_LENGTH_MAX)
		comment_length = OPTION_LENGTH_MAX;
	size_t options = comment_length == 0 ? 0 : option_size(comment_length) + option_size(0);
	uint32_t size = (uint32_t)(PCAPNG_FRAME + 20 + pcapng_padded(captured) + options);

	put32(writer, PCAPNG_PACKET);
	put32(writer, size);
	put32(writer, interface);
	put32(writer, (uint32_t)((uint64_t)realtime_ns >> 32));
	put32(writer, (uint32_t)realtime_ns);
	put32(writer, (uint32_t)captured);
	put32(writer, (uint32_t)wire_length);
	put_padded(writer, bytes, captured);
	if (comment_length != 0) {
		put_option(writer, PCAPNG_OPTION_COMMENT, comment, comment_length);
		put_option(writer, PCAPNG_OPTION_END, NULL, 0);
	}
	put32(writer, size);
	if (ferror(writer->stream) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", writer->part);
	return 0;
}

int pcapng_finish(struct pcapng_writer *writer, struct error *err)
{
	int status = 0;

	if (ferror(writer->stream) != 0 || fflush(writer->stream) != 0)
		status = error_errno(err, ERROR_BENCH, "cannot write '%s'", writer->part);
	if (fclose(writer->stream) != 0 && status == 0)
		status = error_errno(err, ERROR_BENCH, "cannot write '%s'", writer->part);
	if (status == 0 && rename(writer->part, writer->path) != 0)
		status = error_errno(
			err, ERROR_BENCH, "cannot rename '%s' to '%s'", writer->part, writer->path);
	writer_free(writer);
	return status;
}

void pcapng_discard(struct pcapng_writer *writer)
{
	if (writer == NULL)
		return;
	(void)fclose(writer->stream);
	(void)unlink(writer->part);
	writer_free(writer);
}
