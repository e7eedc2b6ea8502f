/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "uart/at_codec.h"
#include "uart/at_token_log.h"

#define ESC "\x1b"

/* One of everything, cut at all places below. */
static const char stream[] =
	"AT+NCTCP=1\r\r\n[CONNECT 0]\r\n[OK]\r\n" ESC
	"Z00006\r\nOK\r\n\r\n[ERROR: SOCKET FAILURE 0]\r\n"
	"[DIS" ESC "OCONNECT 1]\r\n" ESC "S1a" ESC ESC "b" ESC "E" ESC "y21.2.3.4 5\t0002hi"
	"[CONNECT 0 1 10.0.0.1 40000]\r\n" ESC "Z1" ESC "Z2x\n" ESC
	"F3 4\r\nSerial2WiFi APP\r\n7 2\r\n";

static struct at_codec codec;

static void begin(void)
{
	at_codec_init(&codec);
	at_codec_set_numeric(&codec, true);
	at_codec_expect(&codec, "AT+NCTCP=1");
}

static void feed(size_t from, size_t to, FILE *log)
{
	at_codec_feed(&codec, (const uint8_t *)stream + from, to - from, at_token_log, log);
}

/* The tokens of the stream cut at a and b; the caller frees the text. */
static char *tokens_cut_at(size_t a, size_t b)
{
	char *text = NULL;
	size_t size = 0;
	FILE *log = open_memstream(&text, &size);

	cr_assert_not_null(log);
	begin();
	feed(0, a, log);
	feed(a, b, log);
	feed(b, sizeof stream - 1, log);
	fclose(log);
	return text;
}

static void count_kind(const struct at_token *token, void *context)
{
	int *counts = context;

	counts[token->kind]++;
}

Test(at_codec_split, the_stream_holds_a_token_of_each_kind)
{
	int counts[AT_ESC_FAIL + 1] = {0};

	begin();
	at_codec_feed(&codec, (const uint8_t *)stream, sizeof stream - 1, count_kind, counts);
	for (int kind = AT_ECHO; kind <= AT_ESC_FAIL; kind++)
		cr_assert_gt(counts[kind], 0, "kind %d", kind);
}

Test(at_codec_split, any_two_cuts_give_the_same_tokens)
{
	char *whole = tokens_cut_at(0, 0);

	for (size_t a = 0; a < sizeof stream; a++)
		for (size_t b = a; b < sizeof stream; b++) {
			char *cut = tokens_cut_at(a, b);
			cr_assert_str_eq(cut, whole, "cut at %zu and %zu", a, b);
			free(cut);
		}
	free(whole);
}

Test(at_codec_split, byte_by_byte_gives_the_same_tokens)
{
	char *whole = tokens_cut_at(0, 0);
	char *text = NULL;
	size_t size = 0;
	FILE *log = open_memstream(&text, &size);

	cr_assert_not_null(log);
	begin();
	for (size_t i = 0; i + 1 < sizeof stream; i++)
		feed(i, i + 1, log);
	fclose(log);
	cr_assert_str_eq(text, whole);
	free(text);
	free(whole);
}
