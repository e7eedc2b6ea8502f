/* SPDX-License-Identifier: MIT */
#include "bench/uart_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/error.h"
#include "core/units.h"
#include "uart/at_command.h"

/* Silence before "+++": the module takes it for data without (cases/DEVICE.md 4). */
#define GUARD_NS (1500 * NS_PER_MS)

/* Octets before the final answer: at 9600 baud 0.1 s. */
enum { SHORT_ANSWER = 100 };

void uart_channel_init(struct uart_channel *uart, struct port *port)
{
	*uart = (struct uart_channel){.port = port,
		.deadline_ns = TIME_NEVER,
		.more_ns = TIME_NEVER,
		.data_mode = {.cid = -1}};
	uart->queue_end = &uart->queue;
	at_codec_init(&uart->codec);
}

void uart_channel_close(struct uart_channel *uart)
{
	while (uart->queue != NULL) {
		struct at_request *next = uart->queue->next;
		free(uart->queue);
		uart->queue = next;
	}
	free(uart->current);
	free(uart->early);
	port_close(uart->port);
	(void)transcript_finish(uart->trace, NULL);
}

void uart_channel_set_port(struct uart_channel *uart, struct port *port)
{
	port_close(uart->port);
	uart->port = port;
	uart->out_length = 0;
	uart->early_length = 0;
	uart->quiet = false;
	at_codec_init(&uart->codec);
}

void uart_channel_put(struct uart_channel *uart, const void *bytes, size_t length)
{
	if (length > sizeof uart->out - uart->out_length)
		length = sizeof uart->out - uart->out_length;
	memcpy(uart->out + uart->out_length, bytes, length);
	uart->out_length += length;
}

static enum at_verb verb_of(const struct at_request *request)
{
	return request->data || request->mute ? AT_VERB_OTHER
					      : at_command_verb(request->line, NULL);
}

static enum at_command command_of(const struct at_request *request)
{
	return request->data || request->mute ? AT_COMMAND_OTHER : at_command_of(request->line);
}

/* ATE, ATZ, and what reads a profile of the flash. */
static bool changes_echo(const struct at_request *request)
{
	const enum at_verb verb = verb_of(request);

	return verb == AT_VERB_ECHO || verb == AT_VERB_RESTORE;
}

static struct at_request *take_first(struct uart_channel *uart)
{
	struct at_request *request = uart->queue;

	uart->queue = request->next;
	if (uart->queue == NULL)
		uart->queue_end = &uart->queue;
	request->next = NULL;
	return request;
}

/* The next one that is wanted; NULL.  Who hears that his is not may ask for something else. */
static struct at_request *next_wanted(struct uart_channel *uart)
{
	while (uart->current == NULL && uart->queue != NULL) {
		struct at_request *request = take_first(uart);
		if (request->wanted == NULL || request->wanted(request->context))
			return request;
		request->done(request->context, NULL);
		free(request);
	}
	return NULL;
}

void uart_channel_begin_next(struct uart_channel *uart, int64_t now_ns)
{
	struct at_request *request = next_wanted(uart);

	if (request == NULL)
		return;
	uart->current = request;
	request->ahead = (int)(uart->ended - request->asked_at);
	uart->lines_length = 0;
	uart->lines[0] = '\0';
	uart->connect_cid = -1;
	uart->echoed = false;
	if (changes_echo(request))
		uart->quiet = false;
	const int64_t from_ns = request->leaves ? uart->typed_ns + GUARD_NS : now_ns;
	request->sent_ns = from_ns > now_ns ? from_ns : now_ns;
	if (request->sent_ns > uart->free_since_ns)
		uart->busy_since_ns = request->sent_ns;
	uart->deadline_ns = request->sent_ns + request->pause_ns + request->timeout_ns;
	uart->sent = false;
	uart->late = false;
	uart->has_early_answer = false;
	uart->settling = false;
	uart->put = 0;
	uart->more_ns = request->sent_ns;
	uart->typed_ns = request->sent_ns;
	uart_channel_put_more(uart, now_ns);
}

void uart_channel_put_more(struct uart_channel *uart, int64_t now_ns)
{
	const struct at_request *request = uart->current;

	if (request == NULL || now_ns < uart->more_ns)
		return;
	const bool half = uart->put == 0 && request->pause_ns > 0;
	const size_t end = half ? request->length / 2 : request->length;
	uart_channel_put(uart, request->line + uart->put, end - uart->put);
	uart->put = end;
	uart->more_ns = half ? now_ns + request->pause_ns : TIME_NEVER;
}

void uart_channel_expect_answer(struct uart_channel *uart)
{
	const struct at_request *request = uart->current;

	uart->sent = true;
	if (!request->data && !request->mute)
		at_codec_expect(&uart->codec, request->line);
	if (command_of(request) == AT_COMMAND_NUMERIC)
		at_codec_set_numeric(&uart->codec, true);
}

int uart_channel_enqueue(struct uart_channel *uart, struct at_request *request, int64_t now_ns)
{
	if (request == NULL)
		return -1;
	request->asked_at = uart->ended;
	*uart->queue_end = request;
	uart->queue_end = &request->next;
	uart_channel_begin_next(uart, now_ns);
	return 0;
}

void uart_channel_rank_last(struct uart_channel *uart, bool urgent, at_wanted_fn *wanted)
{
	struct at_request **place = &uart->queue, *last = uart->queue;

	if (last == NULL)
		return;
	while (last->next != NULL)
		last = last->next;
	last->urgent = urgent;
	last->wanted = wanted;
	while (urgent && *place != last && (*place)->urgent)
		place = &(*place)->next;
	if (!urgent || *place == last)
		return;
	for (uart->queue_end = place; *uart->queue_end != last;)
		uart->queue_end = &(*uart->queue_end)->next;
	*uart->queue_end = NULL;
	last->next = *place;
	*place = last;
}

struct at_request *uart_channel_end(struct uart_channel *uart, bool answered,
	const struct at_token *token, int64_t now_ns, struct at_answer *answer)
{
	struct at_request *request = uart->current;
	*answer = (struct at_answer){.answered = answered,
		.cid = uart->connect_cid,
		.sent_ns = request->sent_ns,
		.answered_ns = now_ns,
		.ahead = request->ahead,
		.lines = uart->lines};

	if (token != NULL) {
		answer->code = token->code;
		answer->form = token->form;
		snprintf(answer->text, sizeof answer->text, "%s", token->text);
		if (request->data) {
			const bool taken = token->kind == AT_ESC_OK;
			answer->code = taken ? AT_CODE_OK : AT_CODE_ERROR;
			answer->form = AT_FORM_ESCAPE;
			snprintf(answer->text, sizeof answer->text, taken ? "ESC O" : "ESC F");
		}
		if (answer->cid < 0 && token->cid >= 0)
			answer->cid = token->cid;
	}
	if (request->mute && answered) {
		answer->code = AT_CODE_OK;
		answer->form = AT_FORM_ESCAPE;
	}
	if (answered && !request->data && !request->mute && !uart->echoed && !changes_echo(request))
		uart->quiet = true;
	uart->current = NULL;
	uart->settling = false;
	uart->ended++;
	uart->deadline_ns = uart->more_ns = TIME_NEVER;
	uart->free_since_ns = answer->answered_ns;
	at_codec_idle(&uart->codec);
	if (command_of(request) == AT_COMMAND_VERBOSE)
		at_codec_set_numeric(&uart->codec, false);
	return request;
}

bool uart_channel_is_plain(const struct uart_channel *uart)
{
	const enum at_verb verb = verb_of(uart->current);

	return !uart->late && uart->lines_length <= SHORT_ANSWER &&
	       (verb == AT_VERB_ECHO || verb == AT_VERB_FORM || verb == AT_VERB_VERSION ||
		       verb == AT_VERB_LIST_CIDS);
}

void uart_channel_keep_line(struct uart_channel *uart, const char *text)
{
	size_t room = sizeof uart->lines - uart->lines_length;
	int put_there = snprintf(uart->lines + uart->lines_length, room, "%s\n", text);

	if (put_there > 0 && (size_t)put_there < room)
		uart->lines_length += (size_t)put_there;
	else
		uart->lines[uart->lines_length] = '\0';
}

bool uart_channel_is_late_answer(const struct uart_channel *uart, const struct at_token *token)
{
	return token->code == AT_CODE_OK && uart->lines_length == 0 &&
	       verb_of(uart->current) == AT_VERB_VERSION;
}

/* Room for what comes next; what a device says in one step has a bound. */
static int grow_early(struct uart_channel *uart, struct error *err)
{
	if (uart->early_length >= DEVICE_EARLY)
		return error_set(err, ERROR_BENCH,
			"it wrote more than %d MB to its UART within one step of time",
			DEVICE_EARLY >> 20);
	if (array_reserve(&uart->early, &uart->early_room,
		    uart->early_length == 0 ? 1 << 14 : uart->early_length + 1, 1) != 0)
		return error_set(err, ERROR_MEMORY, "out of memory");
	return 0;
}

int uart_channel_prefetch(struct uart_channel *uart, struct error *err)
{
	if (grow_early(uart, err) != 0)
		return -1;
	const size_t room = uart->early_room - uart->early_length;
	ssize_t got = port_read(uart->port, uart->early + uart->early_length, room, err);
	if (got < 0)
		return -1;
	uart->early_length += (size_t)got;
	return 0;
}
