/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_AT_CODEC_H
#define WIZHIL_UART_AT_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uart/at_code.h"
#include "uart/at_framer.h"

/*
 * What the module says: bytes in, tokens out.  Pure: no clock, no I/O, no allocation.  Any split of
 * the same bytes gives the same tokens.  Rules and their sources: cases/DEVICE.md, sections 1, 2,
 * 4, 6.
 *
 * WizFi210 lines ("[OK]"), plain GainSpan lines ("OK") and, when switched on, numeric answers ("0")
 * are understood side by side, as the module may reboot into another mode.
 *
 * One command at a time.  The caller tells the codec which one is pending (at_codec_expect()); its
 * AT_RESPONSE ends that, a banner does not.  This decides between a response and a notice where the
 * words do not:
 *
 *   SOCKET FAILURE without a CID: a response while a command is pending, else a notice.
 *   IP CONFIG FAIL: a response while a command is pending that associates or configures IP, else a
 *     notice.
 *   SOCKET FAILURE with a CID: a response while a command is pending that names this CID
 *     (SETSOCKOPT and NCLOSE; the CID of SETSOCKOPT is read as decimal and as hex), or one that
 *     opens a connection, unless the CID is known to be open already (then its connection died in
 *     the meantime); else a notice.  A connection is open from its CONNECT to its DISCONNECT, SOCKET
 *     FAILURE, NCLOSE, or a reboot, disassociation, or NCLOSEALL.
 *   All else has one meaning only.
 */

enum at_token_kind {
	AT_ECHO,     /* the pending command line, or a piece of it; text */
	AT_RESPONSE, /* the final answer of a command: code, cid if it names one */
	AT_CONNECT,  /* CONNECT <cid>: cid; the command's OK follows */
	AT_ACCEPT,   /* CONNECT <server> <cid> <ip> <port>: a listener got a connection */
	AT_NOTICE,   /* asynchronous: code, cid if it names one */
	AT_BANNER,   /* the module rebooted: boot banner or reset reason; code AT_CODE_WARM_BOOT or
			none */
	AT_TEXT,     /* any other line: what a query tells */
	AT_DATA,     /* a data frame: cid, data, length; address and port for a UDP server */
	AT_ESC_OK,   /* ESC O: the module takes the data frame that is being sent to it */
	AT_ESC_FAIL  /* ESC F: it does not */
};

struct at_token {
	enum at_token_kind kind;
	enum at_form form;
	enum at_code code;  /* AT_CODE_NONE where the kind has none */
	int cid;	    /* 0 to 15; -1: none */
	int server_cid;	    /* AT_ACCEPT: the listener's; else -1 */
	uint8_t address[4]; /* the peer's, of AT_ACCEPT and of datagrams */
	uint16_t port;
	char text[AT_LINE_SIZE]; /* the line; of an answer: without brackets and in words, also when
				  * it came as a number: "OK", "ERROR: SOCKET FAILURE 3".  May hold
				  * a passphrase (echo!): see transcript_redact() */
	const uint8_t *data;	 /* AT_DATA; valid during the call only */
	size_t length;
	uint64_t offset; /* UART bytes up to and including the one that completed the token: for a
			  * line its CR or LF */
	bool truncated;	 /* a line or frame that was cut: too long, or given up (at_codec_resync) */
};

typedef void at_token_fn(const struct at_token *token, void *context);

/* The members are private; the caller provides the memory. */
struct at_codec {
	struct at_framer framer;
	at_token_fn *sink;
	void *context;
	bool numeric;
	bool pending;
	size_t echoed; /* bytes of command that were echoed so far */
	unsigned open; /* CIDs known to be open, bit = CID */
	const char *banner;
	char command[AT_LINE_SIZE];
	struct at_token token;
};

void at_codec_init(struct at_codec *codec);

/* Numeric answers (ATV0) are answers from here on; else "0" is text.  Off at first. */
void at_codec_set_numeric(struct at_codec *codec, bool numeric);

/* A line that begins with this text is a banner too: the WizFi210's own is not known, and a device
 * profile may pin it.  The text stays the caller's and must outlive the codec; NULL: none. */
void at_codec_set_banner(struct at_codec *codec, const char *prefix);

/* The command line that is written now (its CR or LF may be there) is pending. */
void at_codec_expect(struct at_codec *codec, const char *command_line);

/* No command is pending any more: its answer did not come in time. */
void at_codec_idle(struct at_codec *codec);

/* Calls sink for each token that the bytes complete.  sink may call the functions above, but not
 * feed or resync the same codec. */
void at_codec_feed(struct at_codec *codec, const uint8_t *bytes, size_t size, at_token_fn *sink,
	void *context);

/* Gives up an unfinished line or frame, as a truncated token: part of recovery, since a frame whose
 * end was lost swallows all that follows. */
void at_codec_resync(struct at_codec *codec, at_token_fn *sink, void *context);

/* Whether the token says that the module has just booted: banners, and out of standby or deep
 * sleep. Sockets, association and settings in RAM are gone. */
bool at_token_is_reboot(const struct at_token *token);

enum {
	AT_BULK_MAX = 1400, /* data octets of one ESC Z frame to the module */
	AT_FRAME_MAX = 7 + AT_BULK_MAX
};

/* ESC Z <cid> <len> data.  cid 0 to 15, 0 to AT_BULK_MAX octets.  Returns the frame's length, 0
 * when an argument is out of range.  out may not overlap bytes. */
size_t at_encode_data(int cid, const uint8_t *bytes, size_t count, uint8_t out[AT_FRAME_MAX]);

/* ESC S <cid> data ESC E, each ESC in data doubled.  Returns the frame's length, 0 when an argument
 * is out of range or the frame does not fit; 2 * count + 5 octets always suffice. */
size_t at_encode_stream(int cid, const uint8_t *bytes, size_t count, uint8_t *out, size_t size);

#endif
