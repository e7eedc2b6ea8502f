/* SPDX-License-Identifier: MIT */
/*
 * Whole against split: the same bytes, fed at once and in pieces, must give the same tokens.  The
 * first bytes of the input choose the mode, the pending command and the sizes of the pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "uart/at_codec.h"
#include "uart/at_token_log.h"

enum { CHOICES = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void begin(struct at_codec *codec, const uint8_t *choices)
{
	static const char *const commands[] = {"AT", "AT+NCTCP=192.0.2.1,20000", "AT+NCLOSE=3",
		"AT+SETSOCKOPT=10,6,4001,600,4", "AT+NCLOSEALL", "AT+NDHCP=1", "AT+CID=?"};
	size_t choice = choices[1] % (sizeof commands / sizeof commands[0] + 1);

	at_codec_init(codec);
	at_codec_set_numeric(codec, choices[0] % 2 == 1);
	if (choice < sizeof commands / sizeof commands[0])
		at_codec_expect(codec, commands[choice]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct at_codec whole, split;
	char *text[2] = {NULL, NULL};
	size_t length[2] = {0, 0};

	if (size < CHOICES)
		return 0;
	const uint8_t *stream = bytes + CHOICES;
	size_t left = size - CHOICES;

	FILE *log = open_memstream(&text[0], &length[0]);
	begin(&whole, bytes);
	at_codec_feed(&whole, stream, left, at_token_log, log);
	at_codec_resync(&whole, at_token_log, log);
	fclose(log);

	log = open_memstream(&text[1], &length[1]);
	begin(&split, bytes);
	for (size_t turn = 0; left > 0; turn++) {
		size_t piece = 1 + bytes[2 + turn % (CHOICES - 2)] % 32U;
		piece = piece < left ? piece : left;
		at_codec_feed(&split, stream, piece, at_token_log, log);
		stream += piece;
		left -= piece;
	}
	at_codec_resync(&split, at_token_log, log);
	fclose(log);

	if (length[0] != length[1] || memcmp(text[0], text[1], length[0]) != 0)
		abort();
	free(text[0]);
	free(text[1]);
	return 0;
}
