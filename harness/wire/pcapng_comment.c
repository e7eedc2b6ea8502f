/* SPDX-License-Identifier: MIT */
#include "wire/pcapng_comment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/array.h"
#include "core/error.h"
#include "core/file_open.h"
#include "wire/capture_file.h"
#include "wire/pcapng.h"
#include "wire/pcapng_format.h"

struct copy {
	FILE *from, *to;
	const struct capture_comments *comments;
	bool swapped; /* the section has the other byte order */
	uint64_t frame;
	uint8_t *block, *made;
	size_t block_room, made_room, length; /* of what is made */
};

static void put_word(const struct copy *copy, uint8_t *at, uint32_t value)
{
	value = copy->swapped ? __builtin_bswap32(value) : value;
	memcpy(at, &value, sizeof value);
}

static int make(struct copy *copy, const void *bytes, size_t length)
{
	if (array_reserve(&copy->made, &copy->made_room, copy->length + length, 1) != 0)
		return -1;
	if (length > 0)
		memcpy(copy->made + copy->length, bytes, length);
	copy->length += length;
	return 0;
}

static int make_option(struct copy *copy, uint16_t code, const void *value, size_t length)
{
	static const uint8_t zeros[4];
	uint16_t head[2] = {code, (uint16_t)length};

	if (copy->swapped)
		for (int i = 0; i < 2; i++)
			head[i] = __builtin_bswap16(head[i]);
	return make(copy, head, sizeof head) != 0 || make(copy, value, length) != 0 ||
			       make(copy, zeros, pcapng_padded(length) - length) != 0
		       ? -1
		       : 0;
}

/* The options from there on, but for those that the new comment replaces; has: one of them is this
 * comment already. */
static int make_options(
	struct copy *copy, const uint8_t *at, size_t length, const char *same, bool *has)
{
	bool (*replaces)(const char *, size_t) = copy->comments->replaces;

	while (length >= 4 && pcapng_get16(at, copy->swapped) != PCAPNG_OPTION_END) {
		const size_t size = pcapng_get16(at + 2, copy->swapped),
			     whole = 4 + pcapng_padded(size);
		const char *text = (const char *)at + 4;
		if (whole > length)
			break;
		const bool comment = pcapng_get16(at, copy->swapped) == PCAPNG_OPTION_COMMENT;
		*has |= comment && same != NULL && strlen(same) == size &&
			memcmp(same, text, size) == 0;
		if (!(comment && same == NULL && replaces != NULL && replaces(text, size)) &&
			make(copy, at, whole) != 0)
			return -1;
		at += whole;
		length -= whole;
	}
	return 0;
}

/* The block with a comment behind 'fixed' octets of its body; its options begin there. */
static int make_block(struct copy *copy, const uint8_t *block, size_t size, size_t fixed,
	const char *text, bool section, bool *has)
{
	size_t length = strlen(text);

	copy->length = 0;
	if (length > UINT16_MAX)
		length = UINT16_MAX;
	if (make(copy, block, 8 + fixed) != 0 ||
		make_options(copy, block + 8 + fixed, size - PCAPNG_FRAME - fixed,
			section ? text : NULL, has) != 0 ||
		make_option(copy, PCAPNG_OPTION_COMMENT, text, length) != 0 ||
		make_option(copy, PCAPNG_OPTION_END, NULL, 0) != 0 ||
		make(copy, "\0\0\0\0", 4) != 0)
		return -1;
	put_word(copy, copy->made + 4, (uint32_t)copy->length);
	put_word(copy, copy->made + copy->length - 4, (uint32_t)copy->length);
	return 0;
}

/* The next block: 1, its size in *size; 0 at the end; -1: damaged, or out of memory. */
static int read_block(struct copy *copy, uint32_t *size)
{
	uint32_t head[3];

	if (fread(head, 1, 8, copy->from) != 8)
		return ferror(copy->from) != 0 ? -1 : 0;
	if (head[0] == PCAPNG_SECTION) {
		if (fread(&head[2], 1, 4, copy->from) != 4)
			return -1;
		copy->swapped = head[2] != PCAPNG_MAGIC;
	}
	*size = copy->swapped ? __builtin_bswap32(head[1]) : head[1];
	const size_t got = head[0] == PCAPNG_SECTION ? 12 : 8;
	if (*size < PCAPNG_FRAME || *size % 4 != 0 || *size > PCAPNG_BLOCK_MAX || *size < got + 4 ||
		array_reserve(&copy->block, &copy->block_room, *size, 1) != 0)
		return -1;
	memcpy(copy->block, head, got);
	return fread(copy->block + got, 1, *size - got, copy->from) == *size - got ? 1 : -1;
}

/* 1: the section has the comment already. */
static int copy_block(struct copy *copy, uint32_t size)
{
	const uint32_t type = pcapng_get32(copy->block, copy->swapped);
	const char *text = NULL;
	size_t fixed = 0;
	bool has = false;

	if (type == PCAPNG_SECTION) {
		text = copy->comments->section;
		fixed = PCAPNG_SECTION_LENGTH;
	} else if (type == PCAPNG_PACKET || type == PCAPNG_SIMPLE_PACKET ||
		   type == PCAPNG_OLD_PACKET) {
		copy->frame++;
		/* The other two blocks have no room for a comment. */
		if (type == PCAPNG_PACKET && size >= PCAPNG_FRAME + PCAPNG_PACKET_LENGTH) {
			text = copy->comments->comment_of(copy->comments->context, copy->frame);
			fixed = PCAPNG_PACKET_LENGTH +
				pcapng_padded(pcapng_get32(copy->block + 8 + 12, copy->swapped));
		}
	}
	if (text == NULL || PCAPNG_FRAME + fixed > size)
		return fwrite(copy->block, 1, size, copy->to) == size ? 0 : -1;
	if (make_block(copy, copy->block, size, fixed, text, type == PCAPNG_SECTION, &has) != 0)
		return -1;
	if (has && !copy->comments->again)
		return 1;
	if (has)
		return fwrite(copy->block, 1, size, copy->to) == size ? 0 : -1;
	return fwrite(copy->made, 1, copy->length, copy->to) == copy->length ? 0 : -1;
}

static int copy_blocks(struct copy *copy, const char *from, const char *part, struct error *err)
{
	uint32_t size = 0;
	int status;

	while ((status = read_block(copy, &size)) == 1) {
		status = copy_block(copy, size);
		if (status == 1)
			return 1;
		if (status != 0)
			return error_errno(err, ERROR_BENCH, "cannot write '%s'", part);
	}
	if (status != 0)
		return error_set(err, ERROR_USAGE, "'%s' is damaged, or cut off", from);
	return 0;
}

static int comment_pcapng(FILE *stream, const char *from, const char *to,
	const struct capture_comments *comments, struct error *err)
{
	struct copy copy = {.from = stream, .comments = comments};
	char part[4096];
	int status;

	snprintf(part, sizeof part, "%s.part", to);
	copy.to = file_replace(part);
	if (copy.to == NULL)
		return error_errno(err, ERROR_USAGE, "cannot create '%s'", part);
	status = copy_blocks(&copy, from, part, err);
	if (fclose(copy.to) != 0 && status == 0)
		status = error_errno(err, ERROR_BENCH, "cannot write '%s'", part);
	if (status == 0 && rename(part, to) != 0)
		status = error_errno(err, ERROR_BENCH, "cannot rename '%s' to '%s'", part, to);
	if (status != 0)
		(void)unlink(part);
	free(copy.block);
	free(copy.made);
	return status;
}

/* A file that is no pcapng; that of several link types is. */
static int comment_other(const char *from, const char *to, const struct capture_comments *comments,
	struct error *err)
{
	struct capture_file *file = capture_file_open(from, err);
	struct pcapng_writer *writer = NULL;
	struct captured_packet packet;
	int status, link_type = 0;

	if (file == NULL)
		return -1;
	while ((status = capture_file_next(file, &packet, err)) == 1) {
		if (writer == NULL) {
			link_type = packet.link_type;
			writer = pcapng_create(to, link_type, "capture", err);
			if (writer == NULL && err != NULL)
				err->kind = ERROR_USAGE; /* the user chose the name */
			if (writer == NULL)
				break;
		}
		if (packet.link_type != link_type) {
			(void)error_set(err, ERROR_USAGE,
				"'%s' has packets of several link types and is compressed (unpack it first)",
				from);
			break;
		}
		if (pcapng_packet(writer, 0, packet.time_ns, packet.bytes, packet.captured,
			    packet.wire_length,
			    comments->comment_of(comments->context, packet.frame), err) != 0)
			break;
	}
	capture_file_close(file);
	if (status == 0 && writer == NULL)
		return error_set(err, ERROR_USAGE, "'%s' has no packets", from);
	if (status == 0)
		return pcapng_finish(writer, err);
	pcapng_discard(writer);
	return -1;
}

int capture_comment(const char *from, const char *to, const struct capture_comments *comments,
	struct error *err)
{
	FILE *stream = fopen(from, "re");
	uint32_t magic = 0;

	if (stream == NULL)
		return error_errno(err, ERROR_USAGE, "cannot open '%s'", from);
	const bool pcapng = fread(&magic, sizeof magic, 1, stream) == 1 && magic == PCAPNG_SECTION;
	rewind(stream);
	const int status = pcapng ? comment_pcapng(stream, from, to, comments, err)
				  : comment_other(from, to, comments, err);
	fclose(stream);
	return status;
}
