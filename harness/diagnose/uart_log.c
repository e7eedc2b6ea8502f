/* SPDX-License-Identifier: MIT */
#include "diagnose/uart_log.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/array.h"
#include "core/error.h"
#include "core/file_read.h"
#include "core/units.h"
#include "scenario/expectation.h"
#include "uart/at_codec.h"
#include "uart/at_command.h"
#include "uart/at_reply.h"
#include "uart/transcript_read.h"

enum { LOG_MAX = 1 << 28 };
/* Options that come so long after the CONNECT are a change, and not the connection's setup. */
#define SETUP_NS (30 * NS_PER_S)

struct reader {
	struct uart_log *log;
	struct at_codec codec;
	int64_t now_ns;
	size_t open[AT_CIDS];	/* index + 1 of the connection on this CID */
	size_t before[AT_CIDS]; /* of the one that had it before, and whose end was not told */
	bool asked;		/* an AT+NCTCP has not been answered */
	bool asked_other;	/* what opens a listener or UDP has not been answered */
	struct endpoint asked_peer;
	int64_t asked_ns;
	int64_t command_ns;	  /* of the last command line; UART_NO_TIME */
	int64_t busy_ns, free_ns; /* of the last one that was answered */
	size_t option_of;   /* index + 1 of the connection whose option has not been answered */
	struct step option; /* that one */
	bool failed;
};

/* No notice tells of them one by one. */
static void close_all(struct reader *reader)
{
	for (int cid = 0; cid < AT_CIDS; cid++) {
		if (reader->open[cid] != 0)
			reader->log->connections[reader->open[cid] - 1].closed = true;
		reader->open[cid] = 0;
	}
}

static void note_option(struct reader *reader, const char *arguments)
{
	const char *fields;
	int cid;

	reader->option_of = 0;
	if (!at_option_cid(arguments, &cid, &fields))
		return;
	reader->option = (struct step){.kind = STEP_OPTION};
	snprintf(reader->option.text, sizeof reader->option.text, "%s", fields);
	reader->option.text[strcspn(reader->option.text, "\r\n")] = '\0';
	reader->option_of = reader->open[cid];
}

static void note_answer(struct reader *reader, const struct at_token *token)
{
	struct uart_log *log = reader->log;

	if (token->kind == AT_RESPONSE && token->cid < 0 && reader->command_ns != UART_NO_TIME) {
		reader->busy_ns = reader->command_ns;
		reader->free_ns = reader->now_ns;
		reader->command_ns = UART_NO_TIME;
	}
	if (reader->option_of == 0 || token->kind != AT_RESPONSE)
		return;
	struct uart_connection *connection = &log->connections[reader->option_of - 1];
	const enum option_kind kind = step_option_kind(&reader->option);
	reader->option_of = 0;
	if (token->code != AT_CODE_OK || kind == OPTION_NONE)
		return;
	/* One below the floor that drew OK all the same has an effect that nothing tells. */
	struct planned_keepalive *keepalive = &connection->keepalive;
	struct planned_keepalive wanted = {.count = 0, .timeout_s = INT_MAX};
	planned_keepalive_apply(keepalive, &reader->option);
	planned_keepalive_apply(&wanted, &reader->option);
	connection->options_ns = reader->now_ns;
	connection->unsure |=
		kind == OPTION_OTHER || (wanted.count != 0 && wanted.count != keepalive->count) ||
		(wanted.timeout_s != INT_MAX && wanted.timeout_s != keepalive->timeout_s) ||
		(log->timed && reader->now_ns - connection->connect_ns > SETUP_NS);
}

static void note_dial(struct reader *reader, const char *arguments)
{
	struct endpoint peer = {.family = 4};

	if (!at_read_peer(arguments, peer.address, &peer.port))
		return;
	reader->asked = true;
	reader->asked_other = false;
	reader->asked_ns = reader->now_ns;
	reader->asked_peer = peer;
}

static void note_command(struct reader *reader, const char *text)
{
	const char *arguments;
	int cid;

	if (at_is_command(text))
		reader->command_ns = reader->now_ns;
	switch (at_command_verb(text, &arguments)) {
	case AT_VERB_FORM:
		if (at_command_of(text) != AT_COMMAND_OTHER)
			at_codec_set_numeric(
				&reader->codec, at_command_of(text) == AT_COMMAND_NUMERIC);
		break;
	case AT_VERB_OPTION:
		note_option(reader, arguments);
		break;
	case AT_VERB_CLOSE_ALL:
		close_all(reader);
		break;
	case AT_VERB_CLOSE:
		if (at_read_cid(arguments, &cid) && reader->open[cid] != 0)
			reader->log->connections[reader->open[cid] - 1].closed = true;
		break;
	case AT_VERB_SERVE_TCP:
	case AT_VERB_SERVE_UDP:
	case AT_VERB_DIAL_UDP:
	case AT_VERB_AUTO_START:
		reader->asked_other = true;
		break;
	case AT_VERB_DIAL_TCP:
		note_dial(reader, arguments);
		break;
	case AT_VERB_CHECK:
	case AT_VERB_ECHO:
	case AT_VERB_DATA_MODE:
	case AT_VERB_RESTORE:
	case AT_VERB_DHCP:
	case AT_VERB_NETWORK:
	case AT_VERB_ASSOCIATE:
	case AT_VERB_VERSION:
	case AT_VERB_LIST_CIDS:
	case AT_VERB_AUTO_RETURN:
	case AT_VERB_OTHER:
		break;
	}
}

static void note_connection(struct reader *reader, const struct at_token *token)
{
	struct uart_log *log = reader->log;

	if (token->cid < 0 || token->cid >= AT_CIDS)
		return;
	struct uart_connection *connection =
		array_add(&log->connections, &log->count, sizeof *log->connections);
	if (connection == NULL) {
		reader->failed = true;
		return;
	}
	*connection = (struct uart_connection){.cid = token->cid,
		.begun_ns = reader->now_ns,
		.connect_ns = reader->now_ns,
		.notice_ns = UART_NO_TIME,
		.busy_ns = UART_NO_TIME,
		.free_ns = UART_NO_TIME,
		.options_ns = UART_NO_TIME,
		.keepalive = planned_keepalive_default()};
	if (token->kind == AT_ACCEPT) {
		connection->has_peer = true;
		connection->peer = (struct endpoint){.family = 4, .port = token->port};
		memcpy(connection->peer.address, token->address, sizeof token->address);
		connection->accepted = true;
		if (token->server_cid < AT_CIDS && reader->open[token->server_cid] != 0)
			log->connections[reader->open[token->server_cid] - 1].other = true;
	} else if (reader->asked_other) {
		connection->other = true;
	} else if (reader->asked) {
		connection->has_peer = true;
		connection->peer = reader->asked_peer;
		connection->begun_ns = reader->asked_ns;
	}
	if (token->kind == AT_CONNECT)
		reader->asked = reader->asked_other = false;
	const size_t before = reader->open[token->cid];
	reader->before[token->cid] = before;
	if (before != 0 &&
		(log->connections[before - 1].notices > 0 || log->connections[before - 1].closed))
		reader->before[token->cid] = 0;
	reader->open[token->cid] = log->count;
}

/* The connection that a notice is about: so soon behind a CONNECT the one that had its CID
 * before. */
static struct uart_connection *notified_connection(struct reader *reader, int cid)
{
	struct uart_connection *connections = reader->log->connections;
	struct uart_connection *connection = &connections[reader->open[cid] - 1];
	const size_t before = reader->before[cid];

	if (before == 0 || !reader->log->timed ||
		reader->now_ns - connection->connect_ns > NOTICE_WITHIN_NS)
		return connection;
	reader->before[cid] = 0;
	return &connections[before - 1];
}

static void note_notice(struct reader *reader, const struct at_token *token)
{
	struct uart_log *log = reader->log;

	if (token->code == AT_CODE_DISASSOCIATION_EVENT)
		close_all(reader);
	if (token->code != AT_CODE_DISCONNECT && token->code != AT_CODE_SOCKET_FAILURE)
		return;
	if (token->cid < 0 || token->cid >= AT_CIDS)
		return;
	if (reader->open[token->cid] == 0) {
		log->stray_cid = token->cid;
		return;
	}
	struct uart_connection *connection = notified_connection(reader, token->cid);
	/* The first of two may be of a connection from before the log. */
	const bool early = log->timed && connection->notices == 1 &&
			   connection->notice_ns - connection->connect_ns <= NOTICE_WITHIN_NS;
	if (!early && connection->notices++ > 0)
		return;
	connection->notice_ns = reader->now_ns;
	connection->busy_ns = reader->busy_ns;
	connection->free_ns = reader->free_ns;
	snprintf(connection->notice, sizeof connection->notice, "%s", token->text);
}

static void note_reboot(struct reader *reader)
{
	reader->log->reboots++;
	for (int cid = 0; cid < AT_CIDS; cid++) {
		if (reader->open[cid] != 0)
			reader->log->connections[reader->open[cid] - 1].rebooted = true;
		reader->open[cid] = 0;
	}
}

static void take_token(const struct at_token *token, void *context)
{
	struct reader *reader = context;

	if (at_token_is_reboot(token)) {
		note_reboot(reader);
		return;
	}
	if (token->kind != AT_TEXT && token->kind != AT_ECHO)
		reader->log->tokens++;
	switch (token->kind) {
	case AT_ECHO:
	case AT_TEXT:
		note_command(reader, token->text);
		break;
	case AT_CONNECT:
	case AT_ACCEPT:
		note_connection(reader, token);
		break;
	case AT_NOTICE:
	/* An answer with a CID, where nobody said that a command was pending, tells of an end
	 * too. */
	case AT_RESPONSE:
		note_answer(reader, token);
		note_notice(reader, token);
		break;
	case AT_BANNER:
	case AT_DATA:
	case AT_ESC_OK:
	case AT_ESC_FAIL:
		break;
	}
}

static void take_line(const struct transcript_line *line, void *context)
{
	static const uint8_t end[] = {'\r', '\n'};
	struct reader *reader = context;

	reader->now_ns = line->t_ns;
	if (line->direction == FROM_MODULE) {
		at_codec_feed(&reader->codec, line->bytes, line->length, take_token, reader);
		if (!line->is_frame)
			at_codec_feed(&reader->codec, end, sizeof end, take_token, reader);
	} else if (line->length > 0 && !line->is_frame) {
		at_codec_expect(&reader->codec, (const char *)line->bytes);
		note_command(reader, (const char *)line->bytes);
	}
}

static int parse(
	const uint8_t *bytes, size_t size, bool numeric, struct uart_log *log, struct error *err)
{
	struct reader *reader = calloc(1, sizeof *reader);

	*log = (struct uart_log){.timed = transcript_is(bytes, size), .stray_cid = -1};
	if (reader == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	reader->log = log;
	reader->now_ns = reader->command_ns = UART_NO_TIME;
	reader->busy_ns = reader->free_ns = UART_NO_TIME;
	at_codec_init(&reader->codec);
	at_codec_set_numeric(&reader->codec, numeric);
	if (log->timed)
		transcript_read(bytes, size, take_line, reader);
	else
		at_codec_feed(&reader->codec, bytes, size, take_token, reader);
	at_codec_resync(&reader->codec, take_token, reader);
	log->last_ns = reader->now_ns;
	bool failed = reader->failed;
	free(reader);
	return failed ? error_set(err, ERROR_MEMORY, "out of memory") : 0;
}

int uart_log_parse(const uint8_t *bytes, size_t size, struct uart_log *log, struct error *err)
{
	struct uart_log numeric;

	if (parse(bytes, size, false, log, err) != 0)
		return -1;
	/* The ATV0 may have been before: numbers that open a connection are answers. */
	if (log->count == 0) {
		if (parse(bytes, size, true, &numeric, err) != 0) {
			uart_log_release(&numeric);
			return -1;
		}
		if (numeric.count > 0)
			*log = numeric;
	}
	if (log->tokens == 0)
		return error_set(err, ERROR_USAGE,
			"no output of a module found (use raw bytes from the module, or a transcript of wizhil)");
	return 0;
}

int uart_log_read(const char *path, struct uart_log *log, struct error *err)
{
	size_t size = 0;

	*log = (struct uart_log){.stray_cid = -1};
	char *octets = file_read(path, LOG_MAX, &size, err);
	if (octets == NULL)
		return error_context(err, "UART log");
	const int failed = uart_log_parse((const uint8_t *)octets, size, log, err);
	free(octets);
	return failed == 0 ? 0 : error_context(err, "UART log '%s'", path);
}

void uart_log_release(struct uart_log *log)
{
	free(log->connections);
	log->connections = NULL;
	log->count = 0;
}

bool uart_connection_is_to(const struct uart_connection *connection, const struct endpoint *peer)
{
	return !connection->other &&
	       (!connection->has_peer || endpoint_equal(&connection->peer, peer));
}

struct uart_connection *uart_log_take(struct uart_log *log, const struct endpoint *peer)
{
	struct uart_connection *found = NULL;

	for (size_t i = 0; i < log->count; i++) {
		struct uart_connection *connection = &log->connections[i];
		if (connection->taken || !uart_connection_is_to(connection, peer))
			continue;
		if (found == NULL || (connection->has_peer && !found->has_peer))
			found = connection;
	}
	if (found != NULL)
		found->taken = true;
	return found;
}
