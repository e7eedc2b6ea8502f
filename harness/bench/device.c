/* SPDX-License-Identifier: MIT */
#include "bench/device.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "uart/at_command.h"

/* What a module takes to be done with the body of a frame that it refused. */
#define REFUSED_NS (500 * NS_PER_MS)

/* The silence behind "+++", and what the module takes to answer; see device_end_line(). */
#define LEAVE_TIMEOUT_NS (4 * NS_PER_S)

static void take_token(const struct at_token *token, void *context);

struct device *device_new(const struct bench_device *entry, struct clock *clock, struct port *port,
	const struct device_handlers *handlers)
{
	struct device *device = calloc(1, sizeof *device);

	if (device == NULL)
		return NULL;
	uart_channel_init(&device->uart, port);
	device->entry = entry;
	device->clock = clock;
	device->handlers = *handlers;
	device->cids.count = DEVICE_CIDS;
	device->control = -1;
	wire_watch_init(&device->wire);
	return device;
}

void device_free(struct device *device)
{
	if (device == NULL)
		return;
	wire_watch_close(&device->wire);
	uart_channel_close(&device->uart);
	free(device);
}

static int ask(struct device *device, struct at_request *request, at_done_fn *done, void *context)
{
	request->done = done;
	request->context = context;
	return uart_channel_enqueue(&device->uart, request, clock_now(device->clock));
}

static int ask_line(struct device *device, const char *line, int64_t pause_ns, int64_t timeout_ns,
	at_done_fn *done, void *context)
{
	struct at_request *request = calloc(1, sizeof *request);

	if (request == NULL)
		return -1;
	snprintf(request->line, sizeof request->line - 1, "%s", line);
	transcript_redact(request->line, request->shown, sizeof request->shown);
	request->length = strlen(request->line);
	/* The way out of data mode has no end of a line. */
	request->leaves = strcmp(request->line, AT_LEAVE_DATA_MODE) == 0;
	if (!request->leaves)
		request->line[request->length++] = '\r';
	/* The way back there may have no answer, and all that follows is data. */
	request->mute = at_command_verb(request->line, NULL) == AT_VERB_AUTO_RETURN;
	request->timeout_ns = request->leaves ? LEAVE_TIMEOUT_NS : timeout_ns;
	request->pause_ns = pause_ns;
	return ask(device, request, done, context);
}

int device_command(struct device *device, int64_t timeout_ns, at_done_fn *done, void *context,
	const char *format, ...)
{
	char line[DEVICE_COMMAND];

	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	return ask_line(device, line, 0, timeout_ns, done, context);
}

int device_command_in_halves(struct device *device, int64_t pause_ns, int64_t timeout_ns,
	at_done_fn *done, void *context, const char *line)
{
	return ask_line(device, line, pause_ns, timeout_ns, done, context);
}

int device_send(struct device *device, int cid, int64_t pause_ns, const void *octets, size_t length,
	at_done_fn *done, void *context)
{
	struct at_request *request = calloc(1, sizeof *request);

	if (request == NULL)
		return -1;
	request->mute = device->uart.data_mode.on && device->uart.data_mode.cid == cid;
	if (request->mute) {
		request->length = length < sizeof request->line ? length : sizeof request->line;
		memcpy(request->line, octets, request->length);
	} else {
		request->length = at_encode_data(cid, octets, length, (uint8_t *)request->line);
	}
	snprintf(request->shown, sizeof request->shown, "%zu octets to CID %x", length, cid);
	request->data = !request->mute;
	request->timeout_ns = 10 * NS_PER_S;
	request->pause_ns = pause_ns;
	return ask(device, request, done, context);
}

int device_send_as(struct device *device, char letter, const void *octets, size_t length,
	at_done_fn *done, void *context)
{
	enum { LETTER = 2 }; /* ESC Z <cid> */
	struct at_request *request = calloc(1, sizeof *request);

	if (request == NULL)
		return -1;
	request->length = at_encode_data(0, octets, length, (uint8_t *)request->line);
	request->line[LETTER] = letter;
	snprintf(request->shown, sizeof request->shown, "%zu octets to CID '%c'", length, letter);
	request->data = true;
	request->timeout_ns = 10 * NS_PER_S;
	return ask(device, request, done, context);
}

/* Not where the bench was away meanwhile: that is no time of the UART's. */
static void measure_way(struct device *device)
{
	const struct clock *clock = device->clock;
	const int64_t now_ns = clock_now(clock);

	if (clock->kind == CLOCK_KIND_REAL && uart_channel_is_plain(&device->uart) &&
		now_ns - clock->looked_ns <= CLOCK_LATE_NS)
		round_trips_add(&device->uart.round_trips, now_ns - device->uart.current->sent_ns);
}

void device_verb(const struct device *device, char verb[DEVICE_VERB])
{
	const struct at_request *request = device->uart.current;

	verb[0] = '\0';
	if (request == NULL)
		return;
	if (request->data)
		snprintf(verb, DEVICE_VERB, "data");
	else
		snprintf(verb, DEVICE_VERB, "%.*s", (int)strcspn(request->shown, "=?"),
			request->shown);
}

/* It does answer what it had trouble with before. */
static void note_answered(struct device *device)
{
	char verb[DEVICE_VERB];

	device_verb(device, verb);
	if (strcmp(verb, device->trouble_at) == 0)
		device->troubles = 0;
}

/* What the answer to the command in progress says of data mode. */
static void follow_data_mode(struct device *device, const struct at_token *token)
{
	struct uart_channel *uart = &device->uart;
	const struct at_request *request = uart->current;

	if (request->leaves) {
		uart->data_mode.on = false;
	} else if (request->data || token == NULL) {
		return;
	} else if (at_command_verb(request->line, NULL) == AT_VERB_AUTO_START &&
		   token->code == AT_CODE_OK) {
		uart->data_mode.on = true;
		uart->data_mode.cid = uart->connect_cid;
		uart->data_mode.state = AT_DATA_MODE_BEHIND_ANSWER;
	}
}

static void finish(struct device *device, bool answered, const struct at_token *token)
{
	if (answered) {
		measure_way(device);
		note_answered(device);
	}
	follow_data_mode(device, token);
	struct at_answer answer;
	struct at_request *request =
		uart_channel_end(&device->uart, answered, token, clock_now(device->clock), &answer);

	if (request->done != NULL)
		request->done(request->context, &answer);
	free(request);
	uart_channel_begin_next(&device->uart, clock_now(device->clock));
}

/* What a module does with the body of a frame that it refused, no source says: it reads it all the same,
 * or takes it for a command, which is ended here, and its answer is nobody's. */
static void finish_frame(struct device *device, const struct at_token *token)
{
	struct uart_channel *uart = &device->uart;

	if (token->kind == AT_ESC_OK) {
		finish(device, true, token);
		return;
	}
	uart->early_answer = *token;
	uart->settling = true;
	uart->deadline_ns = clock_now(device->clock) + REFUSED_NS;
	uart_channel_put(uart, "\r", 1);
}

/* Echo off and the association are kept in RAM alone: a module that has lost either rebooted, with
 * a banner that nobody knows or with none, or lost its access point without a word. */
static void look_for_loss(struct device *device, const struct at_token *token)
{
	if (device->resetting)
		return;
	if (token->kind == AT_ECHO && device->uart.quiet &&
		device->uart.codec.echoed == strlen(device->uart.codec.command))
		device->handlers.forgot(device->handlers.context, device, REASON_ECHO,
			"rebooted at an unknown time: echo is on again");
	else if (token->kind == AT_RESPONSE && token->code == AT_CODE_DISASSOCIATED)
		device->handlers.forgot(device->handlers.context, device, REASON_NOT_ASSOCIATED,
			"lost its association without a Disassociation Event");
}

static void deliver_notice(struct device *device, const struct at_token *token)
{
	/* Nothing says that a notice comes out while half a line is typed. */
	const struct uart_channel *uart = &device->uart;
	const bool half_typed = uart->put > 0 && uart->more_ns != TIME_NEVER;
	bool waiting = uart->current != NULL && (uart->sent || half_typed);

	device->handlers.notice(device->handlers.context, device, token,
		(struct uart_free){waiting ? clock_now(device->clock) : device->uart.free_since_ns,
			device->uart.busy_since_ns});
}

/* Whose data the mode is about: what a server accepts, and nobody's when it is over. */
static void follow_data_mode_owner(struct device *device, const struct at_token *token)
{
	int *cid = &device->uart.data_mode.cid;

	if (!device->uart.data_mode.on)
		return;
	if (token->kind == AT_ACCEPT && (*cid < 0 || *cid == token->server_cid))
		*cid = token->cid;
	else if (token->kind == AT_NOTICE && token->cid == *cid &&
		 (token->code == AT_CODE_DISCONNECT || token->code == AT_CODE_SOCKET_FAILURE))
		*cid = -1;
}

static void take_token(const struct at_token *token, void *context)
{
	struct device *device = context;

	follow_data_mode_owner(device, token);
	look_for_loss(device, token);
	bool waiting = device->uart.current != NULL && device->uart.sent;

	switch (token->kind) {
	case AT_ECHO:
		device->uart.echoed = true;
		break;
	case AT_RESPONSE:
		if (waiting && uart_channel_is_late_answer(&device->uart, token)) {
			device->uart.late = true;
			at_codec_expect(&device->uart.codec, device->uart.current->line);
		} else if (waiting && !device->uart.current->data) {
			finish(device, true, token);
		}
		break;
	case AT_CONNECT:
		device->knows_ns = clock_now(device->clock);
		device->uart.connect_cid = token->cid;
		break;
	case AT_ACCEPT:
		device->handlers.accepted(device->handlers.context, device, token);
		break;
	case AT_NOTICE:
		deliver_notice(device, token);
		break;
	case AT_BANNER:
		if (!device->resetting)
			device->handlers.rebooted(device->handlers.context, device, token->text);
		break;
	case AT_TEXT:
		/* What nobody asked for is kept, whatever it means. */
		if (waiting)
			uart_channel_keep_line(&device->uart, token->text);
		else if (device->ready)
			deliver_notice(device, token);
		break;
	case AT_DATA:
		device->knows_ns = clock_now(device->clock);
		device->handlers.data(device->handlers.context, device, token);
		break;
	case AT_ESC_OK:
	case AT_ESC_FAIL:
		if (device->uart.current == NULL || !device->uart.current->data)
			break;
		if (waiting) {
			finish_frame(device, token);
		} else if (device->uart.put > 0) {
			device->uart.early_answer = *token;
			device->uart.has_early_answer = true;
		}
		break;
	}
	/* At another speed there is noise, too. */
	if (token->kind != AT_TEXT && token->kind != AT_BANNER)
		device->spoke_ns = clock_now(device->clock);
}

/* The data of the connection that has the UART.  What no text has is noise of the line. */
static void take_plain_data(struct device *device, const unsigned char *bytes, size_t length)
{
	unsigned char kept[4096];
	size_t count = 0;

	for (size_t i = 0; i < length && count < sizeof kept; i++)
		if (bytes[i] < 0x80)
			kept[count++] = bytes[i];
	const struct at_token token = {.kind = AT_DATA,
		.form = AT_FORM_PLAIN,
		.code = AT_CODE_NONE,
		.cid = device->uart.data_mode.cid,
		.server_cid = -1,
		.data = kept,
		.length = count};
	if (count > 0)
		take_token(&token, device);
}

/* How many of the bytes are of one kind.  An answer may begin data mode, which what stands behind it
 * is of. */
static size_t next_run(struct device *device, const unsigned char *bytes, size_t length, bool *data)
{
	const struct at_request *current = device->uart.current;

	*data = false;
	if (device->uart.data_mode.on && device->uart.data_mode.cid >= 0)
		return at_data_mode_split(&device->uart.data_mode.state, bytes, length, data);
	if (current != NULL && !current->data && !current->mute &&
		at_command_verb(current->line, NULL) == AT_VERB_AUTO_START)
		return 1;
	return length;
}

static void take_bytes(struct device *device, const unsigned char *bytes, size_t length)
{
	device->handlers.passed(device->handlers.context, device, false, bytes, length);
	for (size_t done = 0; done < length;) {
		bool data;
		const size_t run = next_run(device, bytes + done, length - done, &data);
		if (data)
			take_plain_data(device, bytes + done, run);
		else
			at_codec_feed(&device->uart.codec, bytes + done, run, take_token, device);
		done += run;
	}
	device->alive_ns = clock_now(device->clock);
}

void device_put(struct device *device, const void *bytes, size_t length)
{
	uart_channel_put(&device->uart, bytes, length);
}

int device_prefetch(struct device *device, struct error *err)
{
	if (uart_channel_prefetch(&device->uart, err) != 0)
		return error_context(err, "device '%s'", device->entry->name);
	return 0;
}

int device_read(struct device *device, struct error *err)
{
	unsigned char bytes[4096];

	size_t early = device->uart.early_length;
	device->uart.early_length = 0;
	if (early > 0)
		take_bytes(device, device->uart.early, early);
	for (;;) {
		ssize_t got = port_read(device->uart.port, bytes, sizeof bytes, err);
		if (got < 0)
			return error_context(err, "device '%s'", device->entry->name);
		if (got == 0)
			return 0;
		take_bytes(device, bytes, (size_t)got);
	}
}

int device_write(struct device *device, struct error *err)
{
	if (device->uart.out_length == 0)
		return 0;
	ssize_t taken =
		port_write(device->uart.port, device->uart.out, device->uart.out_length, err);
	if (taken < 0)
		return error_context(err, "device '%s'", device->entry->name);
	device->handlers.passed(
		device->handlers.context, device, true, device->uart.out, (size_t)taken);
	device->uart.out_length -= (size_t)taken;
	memmove(device->uart.out, device->uart.out + taken, device->uart.out_length);
	if (device->uart.out_length > 0 || device->uart.current == NULL || device->uart.sent ||
		device->uart.put < device->uart.current->length)
		return 0;
	uart_channel_expect_answer(&device->uart);
	if (device->uart.current->mute) {
		if (!device->uart.data_mode.on) { /* ATO */
			device->uart.data_mode.on = true;
			device->uart.data_mode.state = AT_DATA_MODE_DATA;
		}
		finish(device, true, NULL);
	} else if (device->uart.has_early_answer) {
		finish_frame(device, &device->uart.early_answer);
	}
	return 0;
}

int64_t device_deadline(const struct device *device)
{
	const struct uart_channel *uart = &device->uart;

	return uart->more_ns < uart->deadline_ns ? uart->more_ns : uart->deadline_ns;
}

bool device_is_overdue(const struct device *device, int64_t now_ns)
{
	return device->uart.current != NULL && !device->uart.settling &&
	       now_ns >= device->uart.deadline_ns;
}

bool device_end_line(struct device *device, int64_t now_ns)
{
	struct uart_channel *uart = &device->uart;

	if (uart->current == NULL || now_ns < uart->deadline_ns ||
		strcmp(uart->current->line, AT_LEAVE_DATA_MODE) != 0)
		return false;
	uart->current->line[uart->current->length++] = '\r';
	uart->deadline_ns = now_ns + uart->current->timeout_ns;
	uart_channel_put(uart, "\r", 1);
	return true;
}

void device_expire(struct device *device, int64_t now_ns)
{
	uart_channel_put_more(&device->uart, now_ns);
	if (device->uart.current == NULL || now_ns < device->uart.deadline_ns)
		return;
	if (device->uart.settling)
		finish(device, true, &device->uart.early_answer);
	else
		finish(device, device->uart.late, NULL);
}

bool device_busy(const struct device *device)
{
	return device->uart.current != NULL || device->uart.queue != NULL;
}

void device_resync(struct device *device)
{
	at_codec_resync(&device->uart.codec, take_token, device);
}

void device_abandon(struct device *device)
{
	/* What a done queues meanwhile is not among what is dropped. */
	struct at_request *dropped = device->uart.queue;

	device->uart.out_length = 0;
	device->uart.data_mode.on = false;
	device->uart.queue = NULL;
	device->uart.queue_end = &device->uart.queue;
	while (dropped != NULL) {
		struct at_request *request = dropped;
		struct at_answer answer = {.cid = -1, .lines = ""};
		dropped = request->next;
		if (request->done != NULL)
			request->done(request->context, &answer);
		free(request);
	}
	if (device->uart.current != NULL)
		finish(device, false, NULL);
}
