/* SPDX-License-Identifier: MIT */
#include "uart/at_framer.h"

#include <string.h>

enum { ESC = 0x1b, LENGTH_DIGITS = 4, PORT_MAX = 65535 };

enum state {
	IN_LINE,
	AFTER_ESC,
	IN_CID, /* of ESC Z, ESC S, ESC y: header[1] says which */
	IN_ADDRESS,
	IN_PORT,
	IN_LENGTH,
	IN_DATA, /* expected says how much */
	IN_STREAM,
	IN_STREAM_ESC
};

struct sink {
	at_unit_fn *call;
	void *context;
};

static void step(struct at_framer *framer, uint8_t byte, const struct sink *sink);

void at_framer_init(struct at_framer *framer)
{
	memset(framer, 0, sizeof *framer);
	framer->state = IN_LINE;
}

static void emit(struct at_framer *framer, struct at_unit unit, const struct sink *sink)
{
	unit.offset = framer->offset;
	sink->call(&unit, sink->context);
}

static void line_add(struct at_framer *framer, uint8_t byte)
{
	if (framer->line_length < sizeof framer->line - 1)
		framer->line[framer->line_length++] = byte;
	else
		framer->line_cut = true;
}

static void line_end(struct at_framer *framer, bool given_up, const struct sink *sink)
{
	size_t length = framer->line_length;
	bool cut = framer->line_cut || given_up;

	framer->line_length = 0;
	framer->line_cut = false;
	if (length == 0)
		return;
	framer->line[length] = '\0';
	emit(framer,
		(struct at_unit){.kind = AT_UNIT_LINE,
			.cid = -1,
			.bytes = framer->line,
			.length = length,
			.truncated = cut},
		sink);
}

static void frame_end(struct at_framer *framer, bool given_up, const struct sink *sink)
{
	struct at_unit unit = {.cid = framer->cid,
		.port = framer->port,
		.bytes = framer->data,
		.length = framer->data_length,
		.truncated = framer->data_cut || given_up,
		.header = framer->header,
		.header_length = framer->header_length};

	switch (framer->header[1]) {
	case 'Z':
		unit.kind = AT_UNIT_BULK;
		break;
	case 'S':
		unit.kind = AT_UNIT_STREAM;
		break;
	default:
		unit.kind = AT_UNIT_DATAGRAM;
		memcpy(unit.address, framer->address, sizeof unit.address);
		break;
	}
	framer->state = IN_LINE;
	emit(framer, unit, sink);
}

static void esc_answer(struct at_framer *framer, enum at_unit_kind kind, const struct sink *sink)
{
	framer->state = IN_LINE;
	emit(framer,
		(struct at_unit){.kind = kind,
			.cid = -1,
			.header = framer->header,
			.header_length = framer->header_length},
		sink);
}

/* What was taken for a frame is none: ESC belongs to the line, what follows is looked at again. */
static void not_a_frame(struct at_framer *framer, const struct sink *sink)
{
	uint8_t again[AT_HEADER_SIZE];
	size_t length = framer->header_length;

	memcpy(again, framer->header, length);
	framer->state = IN_LINE;
	line_add(framer, ESC);
	for (size_t i = 1; i < length; i++)
		step(framer, again[i], sink);
}

static void header_begin(struct at_framer *framer)
{
	framer->state = AFTER_ESC;
	framer->header[0] = ESC;
	framer->header_length = 1;
	framer->data_length = framer->expected = 0;
	framer->data_cut = false;
	framer->cid = -1;
	framer->port = 0;
}

static int hex_digit(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

static bool decimal_add(struct at_framer *framer, uint8_t byte, unsigned limit)
{
	if (byte < '0' || byte > '9')
		return false;
	framer->number = framer->number * 10 + (unsigned)(byte - '0');
	framer->digits++;
	return framer->number <= limit;
}

static void number_begin(struct at_framer *framer, enum state state)
{
	framer->state = (int)state;
	framer->number = 0;
	framer->digits = 0;
}

static bool cid_add(struct at_framer *framer, uint8_t byte)
{
	framer->cid = hex_digit(byte);
	if (framer->cid < 0)
		return false;
	switch (framer->header[1]) {
	case 'S':
		framer->state = IN_STREAM;
		break;
	case 'Z':
		number_begin(framer, IN_LENGTH);
		break;
	default:
		framer->expected = 0; /* counts the parts of the address meanwhile */
		number_begin(framer, IN_ADDRESS);
		break;
	}
	return true;
}

static bool address_add(struct at_framer *framer, uint8_t byte)
{
	if (byte != '.' && byte != ' ')
		return decimal_add(framer, byte, UINT8_MAX) && framer->digits <= 3;
	bool last = framer->expected == sizeof framer->address - 1;
	if (framer->digits == 0 || last != (byte == ' '))
		return false;
	framer->address[framer->expected++] = (uint8_t)framer->number;
	number_begin(framer, last ? IN_PORT : IN_ADDRESS);
	return true;
}

static bool port_add(struct at_framer *framer, uint8_t byte)
{
	if (byte != '\t')
		return decimal_add(framer, byte, PORT_MAX) && framer->digits <= 5;
	if (framer->digits == 0)
		return false;
	framer->port = (uint16_t)framer->number;
	number_begin(framer, IN_LENGTH);
	return true;
}

static bool length_add(struct at_framer *framer, uint8_t byte, const struct sink *sink)
{
	if (!decimal_add(framer, byte, AT_DATA_SIZE - 1))
		return false;
	if (framer->digits < LENGTH_DIGITS)
		return true;
	framer->expected = framer->number;
	framer->state = IN_DATA;
	if (framer->expected == 0)
		frame_end(framer, false, sink);
	return true;
}

static bool kind_add(struct at_framer *framer, uint8_t byte, const struct sink *sink)
{
	switch (byte) {
	case 'O':
		esc_answer(framer, AT_UNIT_ESC_OK, sink);
		return true;
	case 'F':
		esc_answer(framer, AT_UNIT_ESC_FAIL, sink);
		return true;
	case 'Z':
	case 'S':
	case 'y':
		framer->state = IN_CID;
		return true;
	default:
		return false;
	}
}

static void data_add(struct at_framer *framer, uint8_t byte)
{
	if (framer->data_length < sizeof framer->data)
		framer->data[framer->data_length++] = byte;
	else
		framer->data_cut = true;
}

static void step_header(struct at_framer *framer, uint8_t byte, const struct sink *sink)
{
	bool fits = false;

	framer->header[framer->header_length++] = byte;
	switch ((enum state)framer->state) {
	case AFTER_ESC:
		fits = kind_add(framer, byte, sink);
		break;
	case IN_CID:
		fits = cid_add(framer, byte);
		break;
	case IN_ADDRESS:
		fits = address_add(framer, byte);
		break;
	case IN_PORT:
		fits = port_add(framer, byte);
		break;
	case IN_LENGTH:
		fits = length_add(framer, byte, sink);
		break;
	case IN_LINE:
	case IN_DATA:
	case IN_STREAM:
	case IN_STREAM_ESC:
		break;
	}
	if (!fits)
		not_a_frame(framer, sink);
}

static void step_stream(struct at_framer *framer, uint8_t byte, const struct sink *sink)
{
	if (framer->state == IN_STREAM) {
		if (byte == ESC)
			framer->state = IN_STREAM_ESC;
		else
			data_add(framer, byte);
		return;
	}
	framer->state = IN_STREAM;
	if (byte == 'E') {
		frame_end(framer, false, sink);
		return;
	}
	/* The module may not double ESC in data (cases/DEVICE.md 4: ambiguous): then it stands for
	 * itself. */
	data_add(framer, ESC);
	if (byte != ESC)
		data_add(framer, byte);
}

static void step(struct at_framer *framer, uint8_t byte, const struct sink *sink)
{
	switch ((enum state)framer->state) {
	case IN_LINE:
		if (byte == ESC)
			header_begin(framer);
		else if (byte == '\r' || byte == '\n')
			line_end(framer, false, sink);
		else if (byte != '\0')
			line_add(framer, byte);
		break;
	case AFTER_ESC:
	case IN_CID:
	case IN_ADDRESS:
	case IN_PORT:
	case IN_LENGTH:
		step_header(framer, byte, sink);
		break;
	case IN_DATA:
		data_add(framer, byte);
		if (framer->data_length == framer->expected)
			frame_end(framer, false, sink);
		break;
	case IN_STREAM:
	case IN_STREAM_ESC:
		step_stream(framer, byte, sink);
		break;
	}
}

void at_framer_feed(struct at_framer *framer, const uint8_t *bytes, size_t size, at_unit_fn *call,
	void *context)
{
	const struct sink sink = {call, context};

	for (size_t i = 0; i < size; i++) {
		framer->offset++;
		step(framer, bytes[i], &sink);
	}
}

void at_framer_flush(struct at_framer *framer, at_unit_fn *call, void *context)
{
	const struct sink sink = {call, context};

	switch ((enum state)framer->state) {
	case IN_LINE:
		break;
	case AFTER_ESC:
	case IN_CID:
	case IN_ADDRESS:
	case IN_PORT:
	case IN_LENGTH:
		not_a_frame(framer, &sink);
		break;
	case IN_DATA:
	case IN_STREAM:
	case IN_STREAM_ESC:
		frame_end(framer, true, &sink);
		break;
	}
	line_end(framer, true, &sink);
}
