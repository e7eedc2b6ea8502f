/* SPDX-License-Identifier: MIT */
#include "uart/at_codec.h"

#include <stdio.h>
#include <string.h>

#include "uart/at_answer.h"
#include "uart/at_command.h"
#include "uart/at_reply.h"

/* What the answer of a pending command can be about. */
enum command_group {
	COMMAND_OTHER,
	COMMAND_OPENS,	   /* a connection or a listener */
	COMMAND_NAMES_CID, /* its first argument */
	COMMAND_CLOSES_ALL,
	COMMAND_CONFIGURES_IP
};

static enum command_group group_of(const char *command)
{
	switch (at_command_verb(command, NULL)) {
	case AT_VERB_DIAL_TCP:
	case AT_VERB_DIAL_UDP:
	case AT_VERB_SERVE_TCP:
	case AT_VERB_SERVE_UDP:
	case AT_VERB_AUTO_START:
		return COMMAND_OPENS;
	case AT_VERB_CLOSE:
	case AT_VERB_OPTION:
		return COMMAND_NAMES_CID;
	case AT_VERB_CLOSE_ALL:
		return COMMAND_CLOSES_ALL;
	case AT_VERB_DHCP:
	case AT_VERB_NETWORK:
	case AT_VERB_ASSOCIATE:
		return COMMAND_CONFIGURES_IP;
	case AT_VERB_CHECK:
	case AT_VERB_ECHO:
	case AT_VERB_FORM:
	case AT_VERB_DATA_MODE:
	case AT_VERB_RESTORE:
	case AT_VERB_VERSION:
	case AT_VERB_AUTO_RETURN:
	case AT_VERB_LIST_CIDS:
	case AT_VERB_OTHER:
		break;
	}
	return COMMAND_OTHER;
}

static bool names_cid(const char *command, int cid)
{
	const char *arguments;

	(void)at_command_verb(command, &arguments);
	return at_names_cid(arguments, cid);
}

static bool is_open(const struct at_codec *codec, int cid)
{
	return (codec->open >> cid & 1U) != 0;
}

/* The rule of at_codec.h. */
static bool failure_is_response(const struct at_codec *codec, int cid)
{
	if (!codec->pending)
		return false;
	if (cid < 0)
		return true;
	switch (group_of(codec->command)) {
	case COMMAND_NAMES_CID:
		return names_cid(codec->command, cid);
	case COMMAND_OPENS:
		return !is_open(codec, cid);
	case COMMAND_CLOSES_ALL:
	case COMMAND_CONFIGURES_IP:
	case COMMAND_OTHER:
		break;
	}
	return false;
}

static enum at_token_kind kind_of(const struct at_codec *codec, const struct at_answer *answer)
{
	switch (answer->code) {
	case AT_CODE_NONE:
		return AT_TEXT;
	case AT_CODE_CONNECT:
		return answer->server_cid >= 0 ? AT_ACCEPT : AT_CONNECT;
	case AT_CODE_WARM_BOOT:
		return AT_BANNER;
	case AT_CODE_DISCONNECT:
	case AT_CODE_DISASSOCIATION_EVENT:
	case AT_CODE_STANDBY_TIMER:
	case AT_CODE_STANDBY_ALARM:
	case AT_CODE_DEEP_SLEEP:
		return AT_NOTICE;
	case AT_CODE_SOCKET_FAILURE:
		return failure_is_response(codec, answer->cid) ? AT_RESPONSE : AT_NOTICE;
	case AT_CODE_IP_CONFIG_FAIL:
		return codec->pending && group_of(codec->command) == COMMAND_CONFIGURES_IP
			       ? AT_RESPONSE
			       : AT_NOTICE;
	/* Of its own accord the module may say what it likes. */
	case AT_CODE_OTHER:
		return codec->pending ? AT_RESPONSE : AT_NOTICE;
	case AT_CODE_OK:
	case AT_CODE_ERROR:
	case AT_CODE_INVALID_INPUT:
	case AT_CODE_NO_CID:
	case AT_CODE_INVALID_CID:
	case AT_CODE_NOT_SUPPORTED:
	case AT_CODE_DISASSOCIATED:
		break;
	}
	return AT_RESPONSE;
}

bool at_token_is_reboot(const struct at_token *token)
{
	return token->kind == AT_BANNER || token->code == AT_CODE_STANDBY_TIMER ||
	       token->code == AT_CODE_STANDBY_ALARM || token->code == AT_CODE_DEEP_SLEEP;
}

/* Keeps account of the open CIDs. */
static void follow_connections(struct at_codec *codec, const struct at_token *token)
{
	if (token->kind == AT_CONNECT || token->kind == AT_ACCEPT)
		codec->open |= 1U << token->cid;
	else if (token->cid >= 0 && token->kind != AT_DATA)
		codec->open &= ~(1U << token->cid);
	if (at_token_is_reboot(token) || token->code == AT_CODE_DISASSOCIATION_EVENT)
		codec->open = 0;
	if (token->kind != AT_RESPONSE || token->code != AT_CODE_OK || !codec->pending)
		return;
	if (group_of(codec->command) == COMMAND_CLOSES_ALL)
		codec->open = 0;
	if (at_command_verb(codec->command, NULL) != AT_VERB_CLOSE)
		return;
	for (int cid = 0; cid < AT_CIDS; cid++)
		if (names_cid(codec->command, cid))
			codec->open &= ~(1U << cid);
}

/* The echo may come in pieces, with other lines between them. */
static bool is_echo(struct at_codec *codec, const struct at_unit *unit)
{
	const char *rest = codec->command + codec->echoed;

	if (!codec->pending || unit->truncated || unit->length > strlen(rest) ||
		memcmp(rest, unit->bytes, unit->length) != 0)
		return false;
	codec->echoed += unit->length;
	return true;
}

static bool is_banner(const struct at_codec *codec, const char *line)
{
	return at_answer_is_banner(line) ||
	       (codec->banner != NULL && codec->banner[0] != '\0' &&
		       strncmp(line, codec->banner, strlen(codec->banner)) == 0);
}

static void read_line(struct at_codec *codec, const struct at_unit *unit)
{
	struct at_token *token = &codec->token;

	memcpy(token->text, unit->bytes, unit->length + 1);
	token->kind = AT_TEXT;
	if (is_echo(codec, unit)) {
		token->kind = AT_ECHO;
		return;
	}
	if (!unit->truncated) {
		struct at_answer answer = at_answer_read(token->text, codec->numeric);
		token->kind = kind_of(codec, &answer);
		token->form = answer.form;
		token->code = answer.code;
		token->cid = answer.cid;
		token->server_cid = answer.server_cid;
		token->port = answer.port;
		memcpy(token->address, answer.address, sizeof token->address);
		if (token->kind != AT_TEXT && token->kind != AT_BANNER)
			memcpy(token->text, answer.text, sizeof token->text);
	}
	if (token->kind == AT_TEXT && is_banner(codec, token->text))
		token->kind = AT_BANNER;
}

static void take_unit(const struct at_unit *unit, void *context)
{
	struct at_codec *codec = context;
	struct at_token *token = &codec->token;

	memset(token, 0, sizeof *token);
	token->form = AT_FORM_PLAIN;
	token->code = AT_CODE_NONE;
	token->cid = unit->cid;
	token->server_cid = -1;
	token->offset = unit->offset;
	token->truncated = unit->truncated;
	switch (unit->kind) {
	case AT_UNIT_LINE:
		read_line(codec, unit);
		break;
	case AT_UNIT_BULK:
	case AT_UNIT_STREAM:
	case AT_UNIT_DATAGRAM:
		token->kind = AT_DATA;
		token->data = unit->bytes;
		token->length = unit->length;
		token->port = unit->port;
		memcpy(token->address, unit->address, sizeof token->address);
		break;
	case AT_UNIT_ESC_OK:
		token->kind = AT_ESC_OK;
		break;
	case AT_UNIT_ESC_FAIL:
		token->kind = AT_ESC_FAIL;
		break;
	}
	follow_connections(codec, token);
	if (token->kind == AT_RESPONSE)
		at_codec_idle(codec);
	codec->sink(token, codec->context);
}

void at_codec_init(struct at_codec *codec)
{
	memset(codec, 0, sizeof *codec);
	at_framer_init(&codec->framer);
}

void at_codec_set_numeric(struct at_codec *codec, bool numeric)
{
	codec->numeric = numeric;
}

void at_codec_set_banner(struct at_codec *codec, const char *prefix)
{
	codec->banner = prefix;
}

void at_codec_expect(struct at_codec *codec, const char *command_line)
{
	command_line += strspn(command_line, "\r\n");
	snprintf(codec->command, sizeof codec->command, "%.*s", (int)strcspn(command_line, "\r\n"),
		command_line);
	codec->pending = true;
	codec->echoed = 0;
}

void at_codec_idle(struct at_codec *codec)
{
	codec->pending = false;
	codec->echoed = 0;
}

void at_codec_feed(
	struct at_codec *codec, const uint8_t *bytes, size_t size, at_token_fn *sink, void *context)
{
	codec->sink = sink;
	codec->context = context;
	at_framer_feed(&codec->framer, bytes, size, take_unit, codec);
}

void at_codec_resync(struct at_codec *codec, at_token_fn *sink, void *context)
{
	codec->sink = sink;
	codec->context = context;
	at_framer_flush(&codec->framer, take_unit, codec);
}
