/* SPDX-License-Identifier: MIT */
#include "bench/device.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "uart/at_command.h"

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

int device_command(struct device *device, int64_t timeout_ns, at_done_fn *done, void *context,
	const char *format, ...)
{
	struct at_request *request = calloc(1, sizeof *request);

	if (request == NULL)
		return -1;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(request->line, sizeof request->line - 1, format, arguments);
	va_end(arguments);
	transcript_redact(request->line, request->shown, sizeof request->shown);
	request->length = strlen(request->line);
	/* The way out of data mode has no end of a line. */
	if (strcmp(request->line, AT_LEAVE_DATA_MODE) != 0)
		request->line[request->length++] = '\r';
	request->timeout_ns = timeout_ns;
	request->done = done;
	request->context = context;
	return uart_channel_enqueue(&device->uart, request, clock_now(device->clock));
}

int device_send(struct device *device, int cid, const void *octets, size_t length, at_done_fn *done,
	void *context)
{
	struct at_request *request = calloc(1, sizeof *request);

	if (request == NULL)
		return -1;
	request->length = at_encode_data(cid, octets, length, (uint8_t *)request->line);
	snprintf(request->shown, sizeof request->shown, "%zu octets to CID %x", length, cid);
	request->data = true;
	request->timeout_ns = 10 * NS_PER_S;
	request->done = done;
	request->context = context;
	return uart_channel_enqueue(&device->uart, request, clock_now(device->clock));
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

static void finish(struct device *device, bool answered, const struct at_token *token)
{
	if (answered) {
		measure_way(device);
		note_answered(device);
	}
	struct at_answer answer;
	struct at_request *request =
		uart_channel_end(&device->uart, answered, token, clock_now(device->clock), &answer);

	if (request->done != NULL)
		request->done(request->context, &answer);
	free(request);
	uart_channel_begin_next(&device->uart, clock_now(device->clock));
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
	bool waiting = device->uart.current != NULL && device->uart.sent;

	device->handlers.notice(device->handlers.context, device, token,
		(struct uart_free){waiting ? clock_now(device->clock) : device->uart.free_since_ns,
			device->uart.busy_since_ns});
}

static void take_token(const struct at_token *token, void *context)
{
	struct device *device = context;

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
		if (waiting && device->uart.current->data)
			finish(device, true, token);
		break;
	}
	/* At another speed there is noise, too. */
	if (token->kind != AT_TEXT && token->kind != AT_BANNER)
		device->spoke_ns = clock_now(device->clock);
}

static void take_bytes(struct device *device, const unsigned char *bytes, size_t length)
{
	device->handlers.passed(device->handlers.context, device, false, bytes, length);
	at_codec_feed(&device->uart.codec, bytes, length, take_token, device);
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
	if (device->uart.out_length == 0 && device->uart.current != NULL && !device->uart.sent)
		uart_channel_expect_answer(&device->uart);
	return 0;
}

int64_t device_deadline(const struct device *device)
{
	return device->uart.deadline_ns;
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
	if (device->uart.current != NULL && now_ns >= device->uart.deadline_ns)
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
