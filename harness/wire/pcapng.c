/* SPDX-License-Identifier: MIT */
#include "wire/pcapng.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_NAME = 2,
	OPTION_APPLICATION = 4,
	OPTION_RESOLUTION = 9,
	SNAPSHOT = 2048,
	COMMENT = 512
};

struct pcapng_writer {
	FILE *file;
	char path[1024], temporary[1032];
	unsigned char block[SNAPSHOT * 2 + COMMENT + 256];
	size_t used;
};

static void put(struct pcapng_writer *writer, const void *bytes, size_t length)
{
	static const unsigned char zeros[4];

	if (length > 0)
		memcpy(writer->block + writer->used, bytes, length);
	writer->used += length;
	size_t padding = (4 - length % 4) % 4;
	memcpy(writer->block + writer->used, zeros, padding);
	writer->used += padding;
}

static void put32(struct pcapng_writer *writer, uint32_t value)
{
	put(writer, &value, sizeof value);
}

static void put_option(
	struct pcapng_writer *writer, uint16_t code, const void *value, size_t length)
{
	const uint16_t head[2] = {code, (uint16_t)length};

	put(writer, head, sizeof head);
	put(writer, value, length);
}

static void begin_block(struct pcapng_writer *writer, uint32_t type)
{
	writer->used = 0;
	put32(writer, type);
	put32(writer, 0); /* the length, once it is known */
}

static int end_block(struct pcapng_writer *writer, struct error *err)
{
	uint32_t total = (uint32_t)writer->used + 4;

	put32(writer, total);
	memcpy(writer->block + 4, &total, sizeof total);
	if (fwrite(writer->block, 1, writer->used, writer->file) != writer->used)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", writer->temporary);
	return 0;
}

static int write_header(
	struct pcapng_writer *writer, int link_type, const char *interface, struct error *err)
{
	static const char application[] = "wizhil";
	const uint16_t version[2] = {1, 0};
	const uint16_t link[2] = {(uint16_t)link_type, 0};
	const int64_t unknown_length = -1;
	const uint8_t nanoseconds = 9;

	begin_block(writer, BLOCK_SECTION);
	put32(writer, 0x1a2b3c4d);
	put(writer, version, sizeof version);
	put(writer, &unknown_length, sizeof unknown_length);
	put_option(writer, OPTION_APPLICATION, application, sizeof application - 1);
	put_option(writer, OPTION_END, NULL, 0);
	if (end_block(writer, err) != 0)
		return -1;
	begin_block(writer, BLOCK_INTERFACE);
	put(writer, link, sizeof link);
	put32(writer, SNAPSHOT);
	put_option(writer, OPTION_NAME, interface, strnlen(interface, 64));
	put_option(writer, OPTION_RESOLUTION, &nanoseconds, 1);
	put_option(writer, OPTION_END, NULL, 0);
	return end_block(writer, err);
}

struct pcapng_writer *pcapng_create(
	const char *path, int link_type, const char *interface, struct error *err)
{
	struct pcapng_writer *writer = calloc(1, sizeof *writer);

	if (writer == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	snprintf(writer->path, sizeof writer->path, "%s", path);
	snprintf(writer->temporary, sizeof writer->temporary, "%s.part", writer->path);
	int descriptor = open(writer->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	writer->file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	if (writer->file == NULL) {
		error_errno(err, ERROR_BENCH, "cannot write '%s'", writer->temporary);
		if (descriptor >= 0)
			close(descriptor);
		free(writer);
		return NULL;
	}
	if (write_header(writer, link_type, interface, err) != 0) {
		fclose(writer->file);
		free(writer);
		return NULL;
	}
	return writer;
}

int pcapng_packet(struct pcapng_writer *writer, int64_t realtime_ns, const uint8_t *bytes,
	size_t captured, size_t length, const char *comment, struct error *err)
{
	uint64_t stamp = (uint64_t)realtime_ns;

	if (captured > SNAPSHOT)
		captured = SNAPSHOT;
	begin_block(writer, BLOCK_PACKET);
	put32(writer, 0);
	put32(writer, (uint32_t)(stamp >> 32));
	put32(writer, (uint32_t)stamp);
	put32(writer, (uint32_t)captured);
	put32(writer, (uint32_t)length);
	put(writer, bytes, captured);
	if (comment != NULL) {
		put_option(writer, OPTION_COMMENT, comment, strnlen(comment, COMMENT));
		put_option(writer, OPTION_END, NULL, 0);
	}
	return end_block(writer, err);
}

int pcapng_finish(struct pcapng_writer *writer, struct error *err)
{
	int result = 0;

	if (fclose(writer->file) != 0 || rename(writer->temporary, writer->path) != 0)
		result = error_errno(err, ERROR_BENCH, "cannot write '%s'", writer->path);
	free(writer);
	return result;
}
