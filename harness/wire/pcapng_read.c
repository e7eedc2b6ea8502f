/* SPDX-License-Identifier: MIT */
#include "wire/pcapng_read.h"

#include <pcap/dlt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/units.h"
#include "wire/pcapng_format.h"

enum { INTERFACES_MAX = 1024 };

struct interface {
	int link_type;
	uint32_t snap_length; /* 0: no limit */
	uint64_t units;	      /* of time in a second */
	int64_t offset_s;
};

struct pcapng_reader {
	FILE *stream;
	bool swapped; /* the section has the other byte order */
	bool begun;   /* it has a section */
	size_t interface_count;
	struct interface interfaces[INTERFACES_MAX];
	uint8_t *body;
	size_t room;
};

struct pcapng_reader *pcapng_reader_new(FILE *stream, struct error *err)
{
	struct pcapng_reader *reader = calloc(1, sizeof *reader);

	if (reader == NULL) {
		(void)error_set(err, ERROR_MEMORY, "out of memory");
		(void)fclose(stream);
		return NULL;
	}
	reader->stream = stream;
	return reader;
}

void pcapng_reader_free(struct pcapng_reader *reader)
{
	if (reader == NULL)
		return;
	(void)fclose(reader->stream);
	free(reader->body);
	free(reader);
}

static int damaged(struct error *err, const char *what)
{
	return error_set(err, ERROR_USAGE, "%s", what);
}

/* The whole body into memory. */
static int read_body(struct pcapng_reader *reader, size_t length, struct error *err)
{
	if (length > reader->room) {
		uint8_t *grown = realloc(reader->body, length);
		if (grown == NULL)
			return error_set(err, ERROR_MEMORY, "out of memory");
		reader->body = grown;
		reader->room = length;
	}
	if (length > 0 && fread(reader->body, 1, length, reader->stream) != length)
		return damaged(err, "the last block is cut off");
	return 0;
}

/* What the byte order of a section is, its first word behind the length says. */
static int begin_section(struct pcapng_reader *reader, const uint8_t head[8], struct error *err)
{
	uint8_t magic[4];

	if (fread(magic, 1, sizeof magic, reader->stream) != sizeof magic)
		return damaged(err, "the last section is cut off");
	reader->swapped = false;
	reader->swapped = pcapng_get32(magic, reader->swapped) != PCAPNG_MAGIC;
	if (pcapng_get32(magic, reader->swapped) != PCAPNG_MAGIC)
		return damaged(err, "a section has no byte order");
	const uint32_t length = pcapng_get32(head + 4, reader->swapped);
	if (length < PCAPNG_FRAME + PCAPNG_SECTION_LENGTH || length > PCAPNG_BLOCK_MAX ||
		length % 4 != 0)
		return damaged(err, "a section has a wrong length");
	reader->begun = true;
	reader->interface_count = 0;
	return read_body(reader, length - 8 - sizeof magic, err);
}

static uint64_t units_of(uint8_t resolution)
{
	enum { BINARY = 0x80, DECIMAL_MAX = 19, BINARY_MAX = 63 };
	const unsigned power = resolution & ~(unsigned)BINARY;
	uint64_t units = 1;

	if ((resolution & BINARY) != 0)
		return UINT64_C(1) << (power > BINARY_MAX ? BINARY_MAX : power);
	for (unsigned i = 0; i < power && i < DECIMAL_MAX; i++)
		units *= 10;
	return units;
}

static void take_options(
	const struct pcapng_reader *reader, size_t length, struct interface *interface)
{
	const uint8_t *option = reader->body + PCAPNG_INTERFACE_LENGTH;

	for (size_t left = length - PCAPNG_INTERFACE_LENGTH; left >= 4;) {
		const uint16_t code = pcapng_get16(option, reader->swapped),
			       size = pcapng_get16(option + 2, reader->swapped);
		const size_t padded = 4 + pcapng_padded(size);
		if (code == PCAPNG_OPTION_END || padded > left)
			return;
		if (code == PCAPNG_OPTION_RESOLUTION && size == 1)
			interface->units = units_of(option[4]);
		if (code == PCAPNG_OPTION_OFFSET && size == sizeof(uint64_t)) {
			const uint64_t first = pcapng_get32(option + 4, reader->swapped);
			const uint64_t second = pcapng_get32(option + 8, reader->swapped);
			/* The halves stand in the order of the section as well. */
			const bool big =
				reader->swapped == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
			interface->offset_s =
				(int64_t)(big ? first << 32 | second : second << 32 | first);
		}
		option += padded;
		left -= padded;
	}
}

static int take_interface(struct pcapng_reader *reader, size_t length, struct error *err)
{
	const uint64_t microseconds = 1000000;

	if (length < PCAPNG_INTERFACE_LENGTH)
		return damaged(err, "an interface has a wrong length");
	if (reader->interface_count == INTERFACES_MAX)
		return damaged(err, "it has too many interfaces");
	struct interface *interface = &reader->interfaces[reader->interface_count++];
	const int link_type = pcapng_get16(reader->body, reader->swapped);
	*interface = (struct interface){
		.link_type = link_type == PCAPNG_LINKTYPE_RAW ? DLT_RAW : link_type,
		.snap_length = pcapng_get32(reader->body + 4, reader->swapped),
		.units = microseconds};
	take_options(reader, length, interface);
	return 0;
}

static int64_t time_of(const struct interface *interface, uint64_t stamp)
{
	const uint64_t seconds = stamp / interface->units, rest = stamp % interface->units;
	int64_t whole = (int64_t)(seconds > UINT32_MAX ? UINT32_MAX : seconds);

	if (interface->offset_s > -INT64_C(0x100000000) && interface->offset_s < UINT32_MAX)
		whole += interface->offset_s;
	whole = whole < 0 ? 0 : whole > UINT32_MAX ? UINT32_MAX : whole;
	return whole * NS_PER_S +
	       (int64_t)((long double)rest * (long double)NS_PER_S / (long double)interface->units);
}

static int give(struct pcapng_reader *reader, size_t number, size_t at, size_t length,
	const uint32_t sizes[2], struct captured_packet *packet, struct error *err)
{
	if (number >= reader->interface_count)
		return damaged(err, "a packet is of an interface that is not there");
	if (sizes[0] > length - at)
		return damaged(err, "a packet is longer than its block");
	packet->link_type = reader->interfaces[number].link_type;
	packet->bytes = reader->body + at;
	packet->captured = sizes[0];
	packet->wire_length = sizes[1];
	return 1;
}

/* The newer and the older kind, which differ in their first words only. */
static int take_packet(struct pcapng_reader *reader, uint32_t type, size_t length,
	struct captured_packet *packet, struct error *err)
{
	const uint8_t *body = reader->body;

	if (length < PCAPNG_PACKET_LENGTH)
		return damaged(err, "a packet has a wrong length");
	const size_t number = type == PCAPNG_PACKET ? pcapng_get32(body, reader->swapped)
						    : pcapng_get16(body, reader->swapped);
	const uint32_t sizes[2] = {
		pcapng_get32(body + 12, reader->swapped), pcapng_get32(body + 16, reader->swapped)};
	const int status = give(reader, number, PCAPNG_PACKET_LENGTH, length, sizes, packet, err);
	if (status == 1)
		packet->time_ns = time_of(&reader->interfaces[number],
			(uint64_t)pcapng_get32(body + 4, reader->swapped) << 32 |
				pcapng_get32(body + 8, reader->swapped));
	return status;
}

/* It has neither a time nor an interface: the first one. */
static int take_simple(struct pcapng_reader *reader, size_t length, struct captured_packet *packet,
	struct error *err)
{
	if (length < 4 || reader->interface_count == 0)
		return damaged(err, "a packet has a wrong length, or no interface");
	const uint32_t whole = pcapng_get32(reader->body, reader->swapped),
		       limit = reader->interfaces[0].snap_length;
	uint32_t captured = limit != 0 && whole > limit ? limit : whole;
	if (captured > length - 4)
		captured = (uint32_t)(length - 4);
	packet->time_ns = 0;
	return give(reader, 0, 4, length, (const uint32_t[2]){captured, whole}, packet, err);
}

static int take_block(struct pcapng_reader *reader, const uint8_t head[8],
	struct captured_packet *packet, struct error *err)
{
	const uint32_t type = pcapng_get32(head, reader->swapped),
		       length = pcapng_get32(head + 4, reader->swapped);

	if (!reader->begun)
		return damaged(err, "it does not begin with a section");
	if (length < PCAPNG_FRAME || length > PCAPNG_BLOCK_MAX)
		return damaged(err, "a block has a wrong length");
	const size_t padded = pcapng_padded(length);
	if (read_body(reader, padded - 8, err) != 0)
		return -1;
	const size_t body = length - PCAPNG_FRAME;
	if (type == PCAPNG_INTERFACE)
		return take_interface(reader, body, err);
	if (type == PCAPNG_PACKET || type == PCAPNG_OLD_PACKET)
		return take_packet(reader, type, body, packet, err);
	return type == PCAPNG_SIMPLE_PACKET ? take_simple(reader, body, packet, err) : 0;
}

int pcapng_reader_next(
	struct pcapng_reader *reader, struct captured_packet *packet, struct error *err)
{
	const uint8_t section[4] = {0x0a, 0x0d, 0x0d, 0x0a};
	uint8_t head[8];

	for (;;) {
		const size_t got = fread(head, 1, sizeof head, reader->stream);
		if (got == 0 && feof(reader->stream))
			return 0;
		if (got != sizeof head)
			return damaged(err, "the last block is cut off");
		/* The type of a section is the same in both byte orders. */
		const int status = memcmp(head, section, sizeof section) == 0
					   ? begin_section(reader, head, err)
					   : take_block(reader, head, packet, err);
		if (status != 0)
			return status;
	}
}
