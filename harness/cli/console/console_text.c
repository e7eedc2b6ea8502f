/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "cli/console/console.h"

enum { RAW_COLUMNS = 36 };

static int put_raw(FILE *stream, const uint8_t *bytes, size_t size, const bool *hidden)
{
	int columns = 0;

	for (size_t i = 0; i < size; i++) {
		if (hidden[i] && i > 0 && hidden[i - 1])
			continue;
		if (hidden[i])
			columns += fprintf(stream, "********");
		else if (bytes[i] == 0x1b)
			columns += fprintf(stream, "\\e");
		else if (bytes[i] == '\\')
			columns += fprintf(stream, "\\\\");
		else if (bytes[i] == '\t')
			columns += fprintf(stream, "\\t");
		else if (bytes[i] == '\r')
			columns += fprintf(stream, "\\r");
		else if (bytes[i] == '\n')
			columns += fprintf(stream, "\\n");
		else if (isprint(bytes[i]))
			columns += fprintf(stream, "%c", bytes[i]);
		else
			columns += fprintf(stream, "\\x%02x", bytes[i]);
	}
	return columns;
}

int console_bytes(FILE *stream, const struct secrets *secrets, const uint8_t *bytes, size_t size,
	bool is_data)
{
	bool hidden[CONSOLE_UNIT];

	if (size > CONSOLE_UNIT)
		size = CONSOLE_UNIT;
	if (is_data)
		secrets_mark_data(secrets, bytes, size, hidden);
	else
		secrets_mark_line(secrets, bytes, size, hidden);
	return put_raw(stream, bytes, size, hidden);
}

static void put_notice(FILE *stream, const struct at_token *token)
{
	char of[32] = "";

	if (token->cid >= 0)
		snprintf(of, sizeof of, " of connection %x", (unsigned)token->cid);
	fprintf(stream, "notice: %s%s", at_code_text(token->code), of);
	if (token->code == AT_CODE_DISCONNECT || token->code == AT_CODE_SOCKET_FAILURE)
		fputs(", the connection is closed", stream);
}

/* What a token says; false: the bytes say it already. */
static bool put_meaning(FILE *stream, const struct at_token *token)
{
	switch (token->kind) {
	case AT_ECHO:
		fputs("echo", stream);
		return true;
	case AT_RESPONSE:
		if (token->form == AT_FORM_NUMERIC)
			fprintf(stream, "answer: %s", at_code_text(token->code));
		else
			fputs("answer", stream);
		return true;
	case AT_CONNECT:
		fprintf(stream, "connection %x is open", (unsigned)token->cid);
		return true;
	case AT_ACCEPT:
		fprintf(stream, "server %x accepted connection %x from %u.%u.%u.%u port %u",
			(unsigned)token->server_cid, (unsigned)token->cid, token->address[0],
			token->address[1], token->address[2], token->address[3], token->port);
		return true;
	case AT_NOTICE:
		put_notice(stream, token);
		return true;
	case AT_BANNER:
		fputs("the module has booted: connections, association and settings are gone",
			stream);
		return true;
	case AT_TEXT:
		return false;
	case AT_DATA:
		fprintf(stream, "%zu octets of data of connection %x", token->length,
			(unsigned)token->cid);
		return true;
	case AT_ESC_OK:
		fputs("the module accepts the data", stream);
		return true;
	case AT_ESC_FAIL:
		fputs("the module refuses the data", stream);
		return true;
	}
	return false;
}

static bool is_blank(uint8_t byte)
{
	return byte == '\r' || byte == '\n';
}

void console_unit(FILE *stream, const struct secrets *secrets, const uint8_t *bytes, size_t size,
	const struct at_token *token)
{
	if (token->kind != AT_DATA)
		while (size > 0 && is_blank(bytes[size - 1]))
			size--;
	while (size > 0 && is_blank(bytes[0])) {
		bytes++;
		size--;
	}
	int columns = console_bytes(stream, secrets, bytes, size, token->kind == AT_DATA);
	char meaning[256] = "";
	FILE *text = fmemopen(meaning, sizeof meaning, "w");
	bool any = text != NULL && put_meaning(text, token);
	if (text != NULL)
		fclose(text);
	if (any)
		fprintf(stream, "%*s  %s", columns < RAW_COLUMNS ? RAW_COLUMNS - columns : 0, "",
			meaning);
	fputc('\n', stream);
}
