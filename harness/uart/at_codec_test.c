/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uart/at_codec.h"

#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1

enum { MOST_TOKENS = 64 };

/* What a test saw: the tokens, with their data kept. */
struct seen {
	int count;
	struct at_token tokens[MOST_TOKENS];
	uint8_t data[MOST_TOKENS][64];
};

static void keep(const struct at_token *token, void *context)
{
	struct seen *seen = context;

	cr_assert_lt(seen->count, MOST_TOKENS);
	size_t kept = token->length < 64 ? token->length : 64;
	if (kept > 0)
		memcpy(seen->data[seen->count], token->data, kept);
	seen->tokens[seen->count++] = *token;
}

static struct seen *seen_new(void)
{
	struct seen *seen = calloc(1, sizeof *seen);

	cr_assert_not_null(seen);
	return seen;
}

/* What a codec with this command pending (NULL: none) makes of the bytes. */
static struct seen *read_all(const char *command, const uint8_t *bytes, size_t size)
{
	static struct at_codec codec;
	struct seen *seen = seen_new();

	at_codec_init(&codec);
	if (command != NULL)
		at_codec_expect(&codec, command);
	at_codec_feed(&codec, bytes, size, keep, seen);
	return seen;
}

static struct seen *read_numeric(const char *command, const char *text)
{
	static struct at_codec codec;
	struct seen *seen = seen_new();

	at_codec_init(&codec);
	at_codec_set_numeric(&codec, true);
	if (command != NULL)
		at_codec_expect(&codec, command);
	at_codec_feed(&codec, (const uint8_t *)text, strlen(text), keep, seen);
	return seen;
}

static struct seen *read_text(const char *command, const char *text)
{
	return read_all(command, (const uint8_t *)text, strlen(text));
}

/* The only token that the text gives. */
static struct at_token only(const char *command, const char *text)
{
	struct seen *seen = read_text(command, text);
	struct at_token token = seen->tokens[0];

	cr_assert_eq(seen->count, 1, "%d tokens in '%s'", seen->count, text);
	free(seen);
	return token;
}

#define EXPECT(token, expected_kind, expected_code, expected_cid)                                  \
	do {                                                                                       \
		struct at_token it = (token);                                                      \
		cr_assert_eq(it.kind, expected_kind, "kind %d of '%s'", it.kind, it.text);         \
		cr_assert_eq(it.code, expected_code, "code %d of '%s'", it.code, it.text);         \
		cr_assert_eq(it.cid, expected_cid, "cid %d of '%s'", it.cid, it.text);             \
	} while (0)

Test(at_codec, each_answer_of_the_table_is_known_in_brackets_and_plain_and_as_a_number)
{
	static const struct {
		const char *text, *number;
		enum at_token_kind kind;
		int cid;
	} table[] = {
		{"OK", "0", AT_RESPONSE, -1},
		{"ERROR", "1", AT_RESPONSE, -1},
		{"ERROR: INVALID INPUT", "2", AT_RESPONSE, -1},
		{"ERROR: SOCKET FAILURE", "3", AT_RESPONSE, -1},
		{"ERROR: NO CID", "4", AT_RESPONSE, -1},
		{"ERROR: INVALID CID", "5", AT_RESPONSE, -1},
		{"ERROR: NOT SUPPORTED", "6", AT_RESPONSE, -1},
		{"CONNECT b", "7 b", AT_CONNECT, 11},
		{"DISCONNECT 0", "8 0", AT_NOTICE, 0},
		{"DISASSOCIATED", "9", AT_RESPONSE, -1},
		{"Disassociation Event", "10", AT_NOTICE, -1},
		{"Out of StandBy-Timer", "11", AT_NOTICE, -1},
		{"Out of StandBy-Alarm", "12", AT_NOTICE, -1},
		{"Out of Deep Sleep", "13", AT_NOTICE, -1},
		{"UnExpected Warm Boot", "14", AT_BANNER, -1},
		{"ERROR: IP CONFIG FAIL", "15", AT_RESPONSE, -1},
	};
	char text[80];

	for (int code = 0; code < 16; code++) {
		snprintf(text, sizeof text, "\r\n[%s]\r\n", table[code].text);
		struct at_token token = only("AT+NDHCP=1", text);
		EXPECT(token, table[code].kind, (enum at_code)code, table[code].cid);
		cr_assert_eq(token.form, AT_FORM_BRACKETED);

		snprintf(text, sizeof text, "\r\n%s\r\n", table[code].text);
		token = only("AT+NDHCP=1", text);
		EXPECT(token, table[code].kind, (enum at_code)code, table[code].cid);
		cr_assert_eq(token.form, AT_FORM_PLAIN);
		cr_assert_str_eq(token.text, table[code].text);

		snprintf(text, sizeof text, "\r\n%s\r\n", table[code].number);
		struct seen *seen = read_numeric("AT+NDHCP=1", text);
		cr_assert_eq(seen->count, 1);
		EXPECT(seen->tokens[0], table[code].kind, (enum at_code)code, table[code].cid);
		cr_assert_eq(seen->tokens[0].form, AT_FORM_NUMERIC);
		if (seen->tokens[0].kind != AT_BANNER)
			cr_assert_str_eq(seen->tokens[0].text, table[code].text);
		free(seen);
	}
}

Test(at_codec, more_blanks_and_upper_case_digits_change_nothing)
{
	struct at_token token = only("AT", "\r\n  [  OK   ]  \r\n");
	EXPECT(token, AT_RESPONSE, AT_CODE_OK, -1);
	cr_assert_str_eq(token.text, "OK");
	token = only("AT", "   ERROR:   INVALID   INPUT \r\n");
	EXPECT(token, AT_RESPONSE, AT_CODE_INVALID_INPUT, -1);
	cr_assert_str_eq(token.text, "ERROR: INVALID INPUT");
	token = only(NULL, "[ DISCONNECT   B ]\r\n");
	EXPECT(token, AT_NOTICE, AT_CODE_DISCONNECT, 11);
	cr_assert_str_eq(token.text, "DISCONNECT b");
	token = only(NULL, "[CONNECT  A   F  192.0.2.1   40000]\r\n");
	EXPECT(token, AT_ACCEPT, AT_CODE_CONNECT, 15);
	cr_assert_eq(token.server_cid, 10);
	token = only("AT+SETSOCKOPT=0,6,4001,1,4", "[  ERROR:  NO  SUCH  VALUE  ]\r\n");
	EXPECT(token, AT_RESPONSE, AT_CODE_OTHER, -1);
	cr_assert_str_eq(token.text, "ERROR:  NO  SUCH  VALUE");
	EXPECT(only(NULL, "\x1bZB0001x"), AT_DATA, AT_CODE_NONE, 11);
}

Test(at_codec, a_lone_digit_is_no_answer_where_answers_come_in_words)
{
	struct seen *seen = read_text("AT+CID=?", "\r\n0\r\n3\r\n4\r\n[OK]\r\n");

	cr_assert_eq(seen->count, 4);
	for (int i = 0; i < 3; i++)
		EXPECT(seen->tokens[i], AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(seen->tokens[3], AT_RESPONSE, AT_CODE_OK, -1);
	free(seen);
}

Test(at_codec, a_number_is_text_unless_numeric_answers_are_on)
{
	EXPECT(only("AT+NMAC=?", "0\r\n"), AT_TEXT, AT_CODE_NONE, -1);
}

Test(at_codec, a_line_that_only_begins_like_an_answer_is_text)
{
	EXPECT(only("AT", "OKAY\r\n"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only("AT", "[OK 1]\r\n"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only("AT", "[CONNECT g]\r\n"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only("AT", "CONNECT 0 1\r\n"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only("AT", "DISCONNECT\r\n"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only("AT", "ERRORS 3\r\n"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only("AT", "last ERROR: none\r\n"), AT_TEXT, AT_CODE_NONE, -1);
}

/* No source says which words a refusal has. */
static const char *const refusals[] = {"[ERROR: WRONG PARAMET]", "ERROR: WRONG PARAMET",
	"[error: bad value 3]", "Error: this is not OK", "[ERROR 7]", "ERROR: 7", "[ERROR:]",
	"ERROR - value out of range, see AT+SETSOCKOPT in the manual, chapter 4.2",
	"[ERROR: SOCKET FAILURE 3 TIMEOUT]", "ERROR: INVALID INPUT 2", "ERROR: DISCONNECT 3"};

Test(at_codec, a_line_that_is_an_error_by_its_form_ends_the_command_and_keeps_its_text)
{
	char text[120];

	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		snprintf(text, sizeof text, "\r\n%s\r\n", refusals[i]);
		struct at_token token = only("AT+SETSOCKOPT=3,6,4001,599,4", text);
		EXPECT(token, AT_RESPONSE, AT_CODE_OTHER, -1);
		char kept[120];
		snprintf(kept, sizeof kept, "%s", refusals[i] + (refusals[i][0] == '['));
		kept[strcspn(kept, "]")] = '\0';
		cr_assert_str_eq(token.text, kept);
		cr_assert_eq(token.form, refusals[i][0] == '[' ? AT_FORM_BRACKETED : AT_FORM_PLAIN);
		cr_assert_eq(at_code_of_text(token.text), AT_CODE_OTHER);
	}
}

Test(at_codec, an_error_in_other_words_that_no_command_waits_for_answers_nothing)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		char text[120];
		snprintf(text, sizeof text, "%s\r\n", refusals[i]);
		EXPECT(only(NULL, text), AT_NOTICE, AT_CODE_OTHER, -1);
	}
}

Test(at_codec, each_code_is_known_by_its_words)
{
	for (int code = 0; code < AT_CODES; code++)
		cr_assert_eq(at_code_of_text(at_code_text((enum at_code)code)), code);
	cr_assert_eq(at_code_of_text("DISCONNECT 3"), AT_CODE_DISCONNECT);
	cr_assert_eq(at_code_of_text("CONNECT 3"), AT_CODE_CONNECT);
	cr_assert_eq(at_code_of_text("hello"), AT_CODE_NONE);
	cr_assert_str_empty(at_code_text(AT_CODE_NONE));
}

Test(at_codec, the_echo_is_told_from_the_answer)
{
	struct seen *seen = read_all("at\r", BYTES("at\r\r\n[OK]\r\n"));

	cr_assert_eq(seen->count, 2);
	EXPECT(seen->tokens[0], AT_ECHO, AT_CODE_NONE, -1);
	EXPECT(seen->tokens[1], AT_RESPONSE, AT_CODE_OK, -1);
	free(seen);
}

Test(at_codec, an_echo_in_pieces_is_still_an_echo)
{
	struct seen *seen =
		read_all("AT+CID=?", BYTES("AT+C\r\n[DISCONNECT 3]\r\nID=?\r\r\n[OK]\r\n"));

	cr_assert_eq(seen->count, 4);
	EXPECT(seen->tokens[0], AT_ECHO, AT_CODE_NONE, -1);
	EXPECT(seen->tokens[1], AT_NOTICE, AT_CODE_DISCONNECT, 3);
	EXPECT(seen->tokens[2], AT_ECHO, AT_CODE_NONE, -1);
	EXPECT(seen->tokens[3], AT_RESPONSE, AT_CODE_OK, -1);
	free(seen);
}

Test(at_codec, a_command_line_that_is_not_pending_is_text)
{
	EXPECT(only(NULL, "AT+NCLOSE=0\r"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only("AT", "AT+NCLOSE=0\r"), AT_TEXT, AT_CODE_NONE, -1);
}

Test(at_codec, a_socket_failure_without_a_command_is_a_notice)
{
	EXPECT(only(NULL, "[ERROR: SOCKET FAILURE 4]\r\n"), AT_NOTICE, AT_CODE_SOCKET_FAILURE, 4);
	EXPECT(only(NULL, "[ERROR: SOCKET FAILURE]\r\n"), AT_NOTICE, AT_CODE_SOCKET_FAILURE, -1);
}

Test(at_codec, a_socket_failure_of_another_cid_than_the_commands_is_a_notice)
{
	const char *line = "[ERROR: SOCKET FAILURE 4]\r\n";

	EXPECT(only("AT+NCLOSE=3", line), AT_NOTICE, AT_CODE_SOCKET_FAILURE, 4);
	EXPECT(only("AT+SETSOCKOPT=3,65535,8,1,4", line), AT_NOTICE, AT_CODE_SOCKET_FAILURE, 4);
	EXPECT(only("AT+CID=?", line), AT_NOTICE, AT_CODE_SOCKET_FAILURE, 4);
	EXPECT(only("AT", line), AT_NOTICE, AT_CODE_SOCKET_FAILURE, 4);
}

Test(at_codec, a_socket_failure_of_the_commands_cid_is_its_response)
{
	const char *line = "[ERROR: SOCKET FAILURE b]\r\n";

	EXPECT(only("AT+NCLOSE=b", line), AT_RESPONSE, AT_CODE_SOCKET_FAILURE, 11);
	EXPECT(only("at+setsockopt = 11,65535,8,1,4", line), AT_RESPONSE, AT_CODE_SOCKET_FAILURE,
		11);
	EXPECT(only("AT+SETSOCKOPT=b,65535,8,1,4", line), AT_RESPONSE, AT_CODE_SOCKET_FAILURE, 11);
}

Test(at_codec, a_connection_that_dies_while_another_is_dialled_is_a_notice)
{
	static struct at_codec codec;
	struct seen *seen = seen_new();

	at_codec_init(&codec);
	at_codec_expect(&codec, "AT+NCTCP=192.0.2.1,20000");
	at_codec_feed(&codec, BYTES("\r\n[CONNECT 0]\r\n[OK]\r\n"), keep, seen);
	at_codec_expect(&codec, "AT+NCTCP=192.0.2.1,20001");
	at_codec_feed(&codec, BYTES("[ERROR: SOCKET FAILURE 0]\r\n"), keep, seen);
	at_codec_feed(&codec, BYTES("[ERROR: SOCKET FAILURE 1]\r\n"), keep, seen);
	at_codec_feed(&codec, BYTES("[ERROR: SOCKET FAILURE 1]\r\n"), keep, seen);

	cr_assert_eq(seen->count, 5);
	EXPECT(seen->tokens[0], AT_CONNECT, AT_CODE_CONNECT, 0);
	EXPECT(seen->tokens[2], AT_NOTICE, AT_CODE_SOCKET_FAILURE, 0);
	EXPECT(seen->tokens[3], AT_RESPONSE, AT_CODE_SOCKET_FAILURE, 1);
	EXPECT(seen->tokens[4], AT_NOTICE, AT_CODE_SOCKET_FAILURE, 1);
	free(seen);
}

Test(at_codec, a_closed_cid_can_fail_to_open_again)
{
	static const char *const ends[] = {"[DISCONNECT 0]\r\n", "[ERROR: SOCKET FAILURE 0]\r\n",
		"[Disassociation Event]\r\n", "Serial2WiFi APP\r\n"};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		static struct at_codec codec;
		struct seen *seen = seen_new();

		at_codec_init(&codec);
		at_codec_feed(&codec, BYTES("[CONNECT 0]\r\n"), keep, seen);
		at_codec_feed(&codec, (const uint8_t *)ends[i], strlen(ends[i]), keep, seen);
		at_codec_expect(&codec, "AT+NCTCP=192.0.2.1,20000");
		at_codec_feed(&codec, BYTES("[ERROR: SOCKET FAILURE 0]\r\n"), keep, seen);
		EXPECT(seen->tokens[2], AT_RESPONSE, AT_CODE_SOCKET_FAILURE, 0);
		free(seen);
	}
}

Test(at_codec, a_cid_closed_by_command_can_fail_to_open_again)
{
	static const char *const closes[] = {"AT+NCLOSE=0", "AT+NCLOSEALL"};

	for (size_t i = 0; i < 2; i++) {
		static struct at_codec codec;
		struct seen *seen = seen_new();

		at_codec_init(&codec);
		at_codec_feed(&codec, BYTES("[CONNECT 0]\r\n"), keep, seen);
		at_codec_expect(&codec, closes[i]);
		at_codec_feed(&codec, BYTES("[OK]\r\n"), keep, seen);
		at_codec_expect(&codec, "AT+NCTCP=192.0.2.1,20000");
		at_codec_feed(&codec, BYTES("[ERROR: SOCKET FAILURE 0]\r\n"), keep, seen);
		EXPECT(seen->tokens[2], AT_RESPONSE, AT_CODE_SOCKET_FAILURE, 0);
		free(seen);
	}
}

Test(at_codec, a_command_on_another_cid_or_purpose_leaves_a_connection_open)
{
	static const char *const commands[] = {
		"AT+NCLOSE=1", "AT+NCLOSE=a", "AT+SETSOCKOPT=0,65535,8,1,4", "AT"};

	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		static struct at_codec codec;
		struct seen *seen = seen_new();

		at_codec_init(&codec);
		at_codec_feed(&codec, BYTES("[CONNECT 0]\r\n"), keep, seen);
		at_codec_expect(&codec, commands[i]);
		at_codec_feed(&codec, BYTES("[OK]\r\n"), keep, seen);
		at_codec_expect(&codec, "AT+NCTCP=192.0.2.1,20000");
		at_codec_feed(&codec, BYTES("[ERROR: SOCKET FAILURE 0]\r\n"), keep, seen);
		EXPECT(seen->tokens[2], AT_NOTICE, AT_CODE_SOCKET_FAILURE, 0);
		free(seen);
	}
}

Test(at_codec, a_failed_ip_configuration_is_a_response_only_to_a_command_that_configures)
{
	const char *line = "[ERROR: IP CONFIG FAIL]\r\n";

	EXPECT(only("AT+NDHCP=1", line), AT_RESPONSE, AT_CODE_IP_CONFIG_FAIL, -1);
	EXPECT(only("AT+CID=?", line), AT_NOTICE, AT_CODE_IP_CONFIG_FAIL, -1);
	EXPECT(only(NULL, line), AT_NOTICE, AT_CODE_IP_CONFIG_FAIL, -1);
}

Test(at_codec, no_command_is_pending_after_its_time_was_up)
{
	static struct at_codec codec;
	struct seen *seen = seen_new();

	at_codec_init(&codec);
	at_codec_expect(&codec, "AT+NCLOSE=4");
	at_codec_idle(&codec);
	at_codec_feed(&codec, BYTES("[ERROR: SOCKET FAILURE 4]\r\n"), keep, seen);
	EXPECT(seen->tokens[0], AT_NOTICE, AT_CODE_SOCKET_FAILURE, 4);
	free(seen);
}

Test(at_codec, an_accepted_connection_has_the_new_cid_and_the_peers_address)
{
	struct at_token token = only(NULL, "[CONNECT 0 1 192.0.2.1 40000]\r\n");

	EXPECT(token, AT_ACCEPT, AT_CODE_CONNECT, 1);
	cr_assert_eq(token.server_cid, 0);
	cr_assert_arr_eq(token.address, "\xc0\x00\x02\x01", 4);
	cr_assert_eq(token.port, 40000);
	cr_assert_str_eq(token.text, "CONNECT 0 1 192.0.2.1 40000");
}

Test(at_codec, an_accept_with_a_wrong_address_is_text)
{
	EXPECT(only(NULL, "[CONNECT 0 1 192.0.2.256 40000]\r\n"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only(NULL, "[CONNECT 0 1 192.0.2.1 65536]\r\n"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only(NULL, "[CONNECT 0 1 192.0.2.1 5x]\r\n"), AT_TEXT, AT_CODE_NONE, -1);
	EXPECT(only(NULL, "[CONNECT 0 1 192.0.2.1.1 5]\r\n"), AT_TEXT, AT_CODE_NONE, -1);
}

Test(at_codec, boot_banners_and_reset_reasons_are_told_from_text)
{
	static const char *const lines[] = {"Serial2WiFi APP\r\n", "Serial2WiFi APP-Ext.PA\r\n",
		"APP Reset-APP SW Reset\r\n", "\r\nUnExpected Warm Boot(Possibly Low Battery)\r\n",
		"[UnExpected Warm Boot]\r\n"};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct at_token token = only("AT+CID=?", lines[i]);
		cr_assert_eq(token.kind, AT_BANNER, "%s", lines[i]);
		cr_assert(at_token_is_reboot(&token));
	}
}

Test(at_codec, a_profile_can_add_its_banner)
{
	static struct at_codec codec;
	struct seen *seen = seen_new();

	at_codec_init(&codec);
	at_codec_set_banner(&codec, "WizFi2x0 Version");
	at_codec_feed(&codec, BYTES("WizFi2x0 Version 1.0.0.2\r\n"), keep, seen);
	EXPECT(seen->tokens[0], AT_BANNER, AT_CODE_NONE, -1);
	free(seen);
}

Test(at_codec, waking_from_standby_is_a_reboot_and_losing_the_association_is_none)
{
	struct at_token awake = only(NULL, "[Out of StandBy-Alarm]\r\n");
	struct at_token lost = only(NULL, "[Disassociation Event]\r\n");

	cr_assert(at_token_is_reboot(&awake));
	cr_assert_not(at_token_is_reboot(&lost));
}

Test(at_codec, what_looks_like_an_answer_in_a_data_frame_is_data)
{
	struct seen *seen = read_all("AT", BYTES("\x1bZa0012\r\n[OK]\r\n\x1bO\r\n[OK]\r\n"));

	cr_assert_eq(seen->count, 2);
	EXPECT(seen->tokens[0], AT_DATA, AT_CODE_NONE, 10);
	cr_assert_eq(seen->tokens[0].length, 12);
	cr_assert_arr_eq(seen->data[0], "\r\n[OK]\r\n\x1bO\r\n", 12);
	cr_assert_eq(seen->tokens[1].kind, AT_RESPONSE);
	free(seen);
}

Test(at_codec, a_data_frame_inside_a_line_does_not_break_the_line)
{
	struct seen *seen = read_all("AT", BYTES("[DISCON\x1bZ00002hiNECT 5]\r\n"));

	cr_assert_eq(seen->count, 2);
	EXPECT(seen->tokens[0], AT_DATA, AT_CODE_NONE, 0);
	EXPECT(seen->tokens[1], AT_NOTICE, AT_CODE_DISCONNECT, 5);
	free(seen);
}
