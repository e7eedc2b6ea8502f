/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/expected_test.h"
#include "uart/at_answer.h"
#include "uart/at_codec.h"
#include "uart/at_command.h"
#include "uart/at_reply.h"

/* What each reader makes of each of many lines, and the codec of them behind each kind of command: as
 * expected/at_words.txt has it. */

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const answers[] = {"OK", "[OK]", " [ OK ] ", "[ok]", "[OK", "OK]", "OKAY", "0",
	"1", "9", "10", "12", "7 3", "8 3", "14 b", "14 B", "14 16", "15 0", "18", "19", "20",
	"ERROR", "[ERROR]", "ERROR: INVALID INPUT", "[ERROR: INVALID INPUT]",
	"[ERROR: INVALID  INPUT ]", "[error: invalid input]", "[ERROR: INVALID CID]",
	"[ERROR: NO CID]", "[ERROR: NOT SUPPORTED]", "[ERROR: IP CONFIG FAIL]",
	"[ERROR: SOCKET FAILURE]", "[ERROR: SOCKET FAILURE 3]", "[ERROR: SOCKET FAILURE f]",
	"[ERROR: SOCKET FAILURE 10]", "[ERROR: SOCKET FAILURE 3 4]", "[ERROR: SOCKET FAILURE x]",
	"[ERROR: WRONG PARAMET]", "[ERRORS]", "[CONNECT 3]", "CONNECT 3", "[CONNECT]",
	"[CONNECT g]", "[CONNECT 0 3 192.0.2.1 80]", "[CONNECT 0 3 192.0.2.1 65535]",
	"[CONNECT 0 3 192.0.2.1 65536]", "[CONNECT 0 3 192.0.2.256 80]", "[CONNECT 0 3 192.0.2.1]",
	"[CONNECT 0 3 192.0.2.1 80 1]", "[DISCONNECT 3]", "DISCONNECT 3", "[DISCONNECT]",
	"[DISCONNECT 3 ", "[DISASSOCIATED]", "[Disassociated]", "Disassociation Event",
	"[Disassociation Event]", "[ASSOCIATED]", "Out of StandBy-Timer", "[UnExpected Warm Boot]",
	"UnExpected Warm Boot", "Serial2WiFi APP", "Power-On Reset", "S2W APP VERSION=2.4.0",
	"APP Reset-APP SW Reset", "External Reset", "Watchdog Reset", "IP addr=192.0.2.10", "", " ",
	"[]", "[[OK]]", "\x1bZ", "hello"};

static const char *const commands[] = {"AT", "at", "A", "ATE0", "ATV0", "ATV1", "ATA", "ATO", "+++",
	"AT+", "AT+NCTCP=192.0.2.1,80", "at+nctcp=192.0.2.1,80", "AT+NCTCP=192.0.2.1",
	"AT+NCTCP= 192.0.2.1 , 80 ", "AT+NCTCP=192.0.2.1,65535", "AT+NCTCP=192.0.2.1,65536",
	"AT+NCTCP=192.0.2.256,80", "AT+NCTCP", "AT+NCTCPX=1", "AT+NCUDP=192.0.2.1,80,9",
	"AT+NSTCP=80", "AT+NSUDP=80", "AT+NAUTO=0,1,192.0.2.1,80", "AT+NAUTO=1,1,,80",
	"AT+NCLOSE=3", "AT+NCLOSE=f", "AT+NCLOSE=F", "AT+NCLOSE=10", "AT+NCLOSE=", "AT+NCLOSE= 3 ",
	"AT+NCLOSE=3,", "AT+NCLOSEALL", "AT+CID=?", "AT+SETSOCKOPT=3,6,4001,600,4",
	"AT+SETSOCKOPT=b,6,4001,600,4", "AT+SETSOCKOPT=11,6,4001,600,4",
	"AT+SETSOCKOPT=15,6,4001,600,4", "AT+SETSOCKOPT=16,6,4001,600,4",
	"AT+SETSOCKOPT= 3 ,65535,8,1,4", "AT+SETSOCKOPT=g,6,4005,8,4", "AT+SETSOCKOPT=3",
	"AT+SETSOCKOPT=", "AT+WA=lab", "AT+WD", "AT+NDHCP=1", "AT+NDHCP=0",
	"AT+NSET=192.0.2.10,255.255.255.0,0.0.0.0", "AT+NSTAT=?", "AT+WSTATUS", "AT+VER=?",
	"AT+NMAC=?", "AT+RESET", "AT&W", "AT+XDUM=0", "AT+WRXACTIVE=1", "AT+BDATA=1",
	"AT+WWPA=secret", "AT+WAUTH=0", "hello", "", " AT+WD"};

static void tell_answer(FILE *stream, const char *line, bool numeric)
{
	const struct at_answer a = at_answer_read(line, numeric);

	if (a.code == AT_CODE_NONE)
		return;
	fprintf(stream, "  %s: code %d, form %d, CID %d of %d, %u.%u.%u.%u:%u, '%s'\n",
		numeric ? "numeric" : "words", (int)a.code, (int)a.form, a.cid, a.server_cid,
		a.address[0], a.address[1], a.address[2], a.address[3], a.port, a.text);
}

Test(at_words, an_answer_is_read)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	for (size_t i = 0; i < COUNT(answers); i++) {
		fprintf(stream, "'%s'%s\n", answers[i],
			at_answer_is_banner(answers[i]) ? ", a banner" : "");
		tell_answer(stream, answers[i], false);
		tell_answer(stream, answers[i], true);
	}
	(void)fclose(stream);
	expect_lines("uart", text);
	free(text);
}

static void tell_command(FILE *stream, const char *line)
{
	const char *arguments = NULL, *fields = NULL;
	uint8_t address[4];
	uint16_t port;
	int cid;
	const enum at_verb verb = at_command_verb(line, &arguments);

	fprintf(stream, "'%s': verb %d, command %d%s%s, '%s'", line, (int)verb,
		(int)at_command_of(line), at_is_command(line) ? ", a command" : "",
		at_begins_named(line) ? ", begins as a named one" : "",
		arguments == NULL ? "-" : arguments);
	if (arguments == NULL)
		arguments = line;
	if (at_read_cid(arguments, &cid))
		fprintf(stream, ", CID %d", cid);
	if (at_option_cid(arguments, &cid, &fields))
		fprintf(stream, ", option '%s' of CID %d", fields, cid);
	for (int i = 0; i < AT_CIDS; i++)
		if (at_names_cid(arguments, i))
			fprintf(stream, ", names %d", i);
	if (at_read_peer(arguments, address, &port))
		fprintf(stream, ", %u.%u.%u.%u:%u", address[0], address[1], address[2], address[3],
			port);
	fputc('\n', stream);
}

Test(at_words, a_command_is_read)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	for (size_t i = 0; i < COUNT(commands); i++)
		tell_command(stream, commands[i]);
	(void)fclose(stream);
	expect_lines("uart", text);
	free(text);
}

#define WRITTEN(...)                                                                               \
	do {                                                                                       \
		char line[AT_COMMAND_SIZE];                                                        \
		__VA_ARGS__;                                                                       \
		expect_lines("uart", line);                                                        \
	} while (0)

Test(at_words, a_command_is_written)
{
	const uint32_t peer = inet_addr("192.0.2.1");

	WRITTEN(at_write_dial_tcp(line, sizeof line, peer, 80));
	WRITTEN(at_write_dial_udp(line, sizeof line, peer, 81));
	WRITTEN(at_write_serve_tcp(line, sizeof line, 82));
	WRITTEN(at_write_auto_dial(line, sizeof line, peer, 83));
	WRITTEN(at_write_auto_serve(line, sizeof line, 84));
	WRITTEN(at_write_close(line, sizeof line, 11));
	WRITTEN(at_write_dhcp(line, sizeof line, true));
	WRITTEN(at_write_dhcp(line, sizeof line, false));
	WRITTEN(at_write_passphrase(line, sizeof line, "secret"));
	WRITTEN(at_write_wep_key(line, sizeof line, "0123456789"));
	WRITTEN(at_write_associate(line, sizeof line, "lab", 0));
	WRITTEN(at_write_associate(line, sizeof line, "lab", 11));
	WRITTEN(at_write_option(line, sizeof line, "b", "6,4001,600,4"));
	WRITTEN(at_write_dial_tcp(line, 12, peer, 80));
}

static void tell_token(const struct at_token *t, void *context)
{
	FILE *stream = context;

	fprintf(stream,
		"  kind %d, form %d, code %d, CID %d of %d, %u.%u.%u.%u:%u, '%s', at %llu%s",
		(int)t->kind, (int)t->form, (int)t->code, t->cid, t->server_cid, t->address[0],
		t->address[1], t->address[2], t->address[3], t->port, t->text,
		(unsigned long long)t->offset, t->truncated ? ", cut" : "");
	if (at_token_is_reboot(t))
		fputs(", a reboot", stream);
	if (t->length > 0)
		fprintf(stream, ", %zu octets '%.*s'", t->length, (int)t->length,
			(const char *)t->data);
	fputc('\n', stream);
}

static void feed(struct at_codec *codec, const char *text, FILE *stream)
{
	at_codec_feed(codec, (const uint8_t *)text, strlen(text), tell_token, stream);
}

/* Behind nothing, and behind a command that names a CID, opens one, associates, closes all. */
Test(at_words, an_answer_belongs_to_its_command)
{
	static const char *const pending[] = {NULL, "AT", "AT+SETSOCKOPT=3,6,4001,600,4",
		"AT+SETSOCKOPT=11,6,4001,600,4", "AT+NCLOSE=3", "AT+NCTCP=192.0.2.1,80",
		"AT+NCLOSEALL", "AT+WA=lab", "AT+NDHCP=1", "ATA"};
	static const char *const said[] = {"[OK]", "[ERROR: INVALID INPUT]",
		"[ERROR: SOCKET FAILURE]", "[ERROR: SOCKET FAILURE 3]", "[ERROR: SOCKET FAILURE b]",
		"[ERROR: IP CONFIG FAIL]", "[DISCONNECT 3]", "[DISASSOCIATED]", "[CONNECT 3]",
		"[UnExpected Warm Boot]"};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	static struct at_codec codec;

	for (size_t i = 0; i < COUNT(pending); i++)
		for (size_t k = 0; k < COUNT(said); k++)
			for (int open = 0; open < 2; open++) {
				at_codec_init(&codec);
				if (open)
					feed(&codec, "\r\n[CONNECT 3]\r\n", stream);
				fprintf(stream, "'%s' behind '%s'%s\n", said[k],
					pending[i] == NULL ? "nothing" : pending[i],
					open ? ", CID 3 open" : "");
				if (pending[i] != NULL)
					at_codec_expect(&codec, pending[i]);
				feed(&codec, said[k], stream);
				feed(&codec, "\r\n[ERROR: SOCKET FAILURE 3]\r\n", stream);
			}
	(void)fclose(stream);
	expect_lines("uart", text);
	free(text);
}

/* A frame or line that never ends is given up where the caller says so. */
Test(at_words, what_was_cut_is_given_up)
{
	static const char *const begun[] = {"", "[OK", "[OK]", "\x1bZ30005ab", "\x1bZ3", "\x1b",
		"\x1by3192.0.2.1 80\t0005ab", "hel"};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	static struct at_codec codec;

	for (size_t i = 0; i < COUNT(begun); i++) {
		at_codec_init(&codec);
		fprintf(stream, "entry %zu\n", i);
		feed(&codec, begun[i], stream);
		at_codec_resync(&codec, tell_token, stream);
		fputs(" then\n", stream);
		feed(&codec, "\r\n[OK]\r\n\x1bZ30002ab", stream);
	}
	(void)fclose(stream);
	expect_lines("uart", text);
	free(text);
}

Test(at_words, a_reply_is_read)
{
	static const char *const replies[] = {"", "00:08:dc:01:02:03\n", "00-08-DC-01-02-03\n",
		"MAC 00:08:dc:01:02:03 x\n", "00:08:dc:01:02\n", "00:08:dc:01:02:0g\n",
		"0:8:dc:1:2:3\n", "IP addr=192.0.2.10   SubNet=255.255.255.0\n",
		"    IP              SubNet         Gateway\n 192.0.2.77:255.255.255.0:192.0.2.1\n",
		"0.0.0.0\n192.0.2.3\n", "0.0.0.0\n", "1.2.3\n", "1.2.3.4.5\n", "1.2.3.256\n",
		"APP VERSION=2.4.0\nGEPS VERSION=2.4.1\n", "\nAPP\n\nX\n", "NOT ASSOCIATED\n",
		"Not Associated\n", "ASSOCIATED\n", "MODE:NONE\n"};
	char *text = NULL, version[24];
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	for (size_t i = 0; i < COUNT(replies); i++) {
		uint8_t mac[6];
		uint32_t address;
		at_reply_version(replies[i], version, sizeof version);
		fprintf(stream, "%zu: '%s'", i, version);
		if (at_reply_mac(replies[i], mac))
			fprintf(stream, ", MAC %02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2],
				mac[3], mac[4], mac[5]);
		if (at_reply_address(replies[i], &address))
			fprintf(stream, ", address %08x", ntohl(address));
		fprintf(stream, "%s\n",
			at_reply_not_associated(replies[i]) ? ", not associated" : "");
	}
	(void)fclose(stream);
	expect_lines("uart", text);
	free(text);
}
