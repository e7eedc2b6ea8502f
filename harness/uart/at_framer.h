/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_AT_FRAMER_H
#define WIZHIL_UART_AT_FRAMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Splits one direction of the UART into lines and ESC frames (cases/DEVICE.md, 1 and 4).  It knows
 * no words; the AT codec and the transcript both stand on it.
 *
 * Rules: any run of CR and LF is one separator, and empty lines are none.  A frame may sit
 * anywhere, also inside a line: the line goes on behind it.  The length field of a frame is
 * authoritative: what looks like a response inside it is data.  An ESC that begins no frame belongs
 * to the line. NUL bytes outside of frames are noise of the line and are dropped. Any split of the
 * same bytes gives the same units.
 */

enum {
	AT_LINE_SIZE = 512,   /* with the terminating NUL; what is longer is cut and marked */
	AT_DATA_SIZE = 10000, /* a length field has four digits */
	AT_HEADER_SIZE = 32
};

enum at_unit_kind {
	AT_UNIT_LINE,	  /* bytes: the line without its end, NUL behind it */
	AT_UNIT_BULK,	  /* ESC Z <cid> <len, 4 digits> data */
	AT_UNIT_STREAM,	  /* ESC S <cid> data ESC E; ESC ESC in data is one ESC */
	AT_UNIT_DATAGRAM, /* ESC y <cid><ip> <port> TAB <len, 4 digits> data: UDP server */
	AT_UNIT_ESC_OK,	  /* ESC O */
	AT_UNIT_ESC_FAIL  /* ESC F */
};

struct at_unit {
	enum at_unit_kind kind;
	int cid;	    /* of a data frame; -1: none */
	uint8_t address[4]; /* AT_UNIT_DATAGRAM: the sender */
	uint16_t port;
	const uint8_t *bytes;  /* the line or the data; valid during the call only */
	size_t length;	       /* of bytes: what was kept */
	bool truncated;	       /* there was more than fits, or the frame's end was given up */
	uint64_t offset;       /* bytes fed up to and including the one that completed the unit */
	const uint8_t *header; /* of a frame: ESC up to the data, as received */
	size_t header_length;
};

typedef void at_unit_fn(const struct at_unit *unit, void *context);

/* The members are private; it is here to be a member of others. */
struct at_framer {
	int state;
	uint64_t offset;
	size_t line_length;
	size_t header_length;
	size_t expected;    /* data bytes of the frame */
	size_t data_length; /* of them, received */
	int digits;
	unsigned number;
	bool line_cut, data_cut;
	int cid;
	uint8_t address[4];
	uint16_t port;
	uint8_t line[AT_LINE_SIZE];
	uint8_t header[AT_HEADER_SIZE];
	uint8_t data[AT_DATA_SIZE];
};

void at_framer_init(struct at_framer *framer);

/* Calls sink for each unit that the bytes complete.  sink must not feed the same framer. */
void at_framer_feed(struct at_framer *framer, const uint8_t *bytes, size_t size, at_unit_fn *sink,
	void *context);

/* Gives up what is unfinished, handing it over as a truncated unit: a frame whose end does not
 * come, a line without an end.  The offset goes on. */
void at_framer_flush(struct at_framer *framer, at_unit_fn *sink, void *context);

#endif
