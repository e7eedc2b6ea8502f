/* SPDX-License-Identifier: MIT */
#include "bench/device.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

static void take_token(const struct at_token *token, void *context);

struct device *device_new(const struct bench_device *entry, struct clock *clock, struct port *port,
	const struct device_handlers *handlers)
{
	struct device *device = calloc(1, sizeof *device);

	if (device == NULL)
		return NULL;
	at_codec_init(&device->codec);
	device->entry = entry;
	device->clock = clock;
	device->port = port;
	device->handlers = *handlers;
	device->queue_end = &device->queue;
	device->control = -1;
	wire_watch_init(&device->wire);
	device->deadline_ns = TIME_NEVER;
	return device;
}

void device_free(struct device *device)
{
	if (device == NULL)
		return;
	while (device->queue != NULL) {
		struct at_request *next = device->queue->next;
		free(device->queue);
		device->queue = next;
	}
	free(device->current);
	wire_watch_close(&device->wire);
	free(device->early);
	port_close(device->port);
	(void)transcript_finish(device->trace, NULL);
	free(device);
}

void device_put(struct device *device, const void *bytes, size_t length)
{
	if (length > sizeof device->out - device->out_length)
		length = sizeof device->out - device->out_length;
	memcpy(device->out + device->out_length, bytes, length);
	device->out_length += length;
}

static bool is_line(const struct at_request *request, const char *line)
{
	return !request->data && request->length == strlen(line) + 1 &&
	       strncasecmp(request->line, line, strlen(line)) == 0;
}

/* ATE, ATZ, and what reads a profile of the flash. */
static bool changes_echo(const struct at_request *request)
{
	const char *line = request->line;

	return !request->data && strncasecmp(line, "AT", 2) == 0 &&
	       strchr("EeZz&", line[2]) != NULL;
}

/* Begins the next command if none is in progress. */
static void begin_next(struct device *device)
{
	if (device->current != NULL || device->queue == NULL)
		return;
	struct at_request *request = device->queue;
	device->queue = request->next;
	if (device->queue == NULL)
		device->queue_end = &device->queue;
	device->current = request;
	device->lines_length = 0;
	device->lines[0] = '\0';
	device->connect_cid = -1;
	device->echoed = false;
	if (changes_echo(request))
		device->quiet = false;
	request->sent_ns = clock_now(device->clock);
	if (request->sent_ns > device->free_since_ns)
		device->busy_since_ns = request->sent_ns;
	device->deadline_ns = request->sent_ns + request->timeout_ns;
	device->sent = false;
	device->late = false;
	device_put(device, request->line, request->length);
}

/* From here on its answer may come. */
static void expect_answer(struct device *device)
{
	const struct at_request *request = device->current;

	device->sent = true;
	if (!request->data)
		at_codec_expect(&device->codec, request->line);
	if (is_line(request, "ATV0"))
		at_codec_set_numeric(&device->codec, true);
}

static int enqueue(struct device *device, struct at_request *request)
{
	if (request == NULL)
		return -1;
	*device->queue_end = request;
	device->queue_end = &request->next;
	begin_next(device);
	return 0;
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
	if (strcmp(request->line, "+++") != 0)
		request->line[request->length++] = '\r';
	request->timeout_ns = timeout_ns;
	request->done = done;
	request->context = context;
	return enqueue(device, request);
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
	return enqueue(device, request);
}

static void finish(struct device *device, bool answered, const struct at_token *token)
{
	struct at_request *request = device->current;
	struct at_answer answer = {.answered = answered,
		.cid = device->connect_cid,
		.sent_ns = request->sent_ns,
		.answered_ns = clock_now(device->clock),
		.lines = device->lines};

	if (token != NULL) {
		answer.code = token->code;
		answer.form = token->form;
		snprintf(answer.text, sizeof answer.text, "%s", token->text);
		if (request->data) {
			const bool taken = token->kind == AT_ESC_OK;
			answer.code = taken ? AT_CODE_OK : AT_CODE_ERROR;
			answer.form = AT_FORM_ESCAPE;
			snprintf(answer.text, sizeof answer.text, taken ? "ESC O" : "ESC F");
		}
		if (answer.cid < 0 && token->cid >= 0)
			answer.cid = token->cid;
	}
	if (answered && !request->data && !device->echoed && !changes_echo(request))
		device->quiet = true;
	device->current = NULL;
	device->deadline_ns = TIME_NEVER;
	device->free_since_ns = answer.answered_ns;
	at_codec_idle(&device->codec);
	if (is_line(request, "ATV1"))
		at_codec_set_numeric(&device->codec, false);
	if (request->done != NULL)
		request->done(request->context, &answer);
	free(request);
	begin_next(device);
}

static void keep_line(struct device *device, const char *text)
{
	size_t room = sizeof device->lines - device->lines_length;
	int put_there = snprintf(device->lines + device->lines_length, room, "%s\n", text);

	if (put_there > 0 && (size_t)put_there < room)
		device->lines_length += (size_t)put_there;
	else
		device->lines[device->lines_length] = '\0';
}

/* Echo off and the association are kept in RAM alone: a module that has lost either rebooted, with
 * a banner that nobody knows or with none, or lost its access point without a word. */
static void look_for_loss(struct device *device, const struct at_token *token)
{
	if (device->resetting)
		return;
	if (token->kind == AT_ECHO && device->quiet &&
		device->codec.echoed == strlen(device->codec.command))
		device->handlers.forgot(device->handlers.context, device, REASON_ECHO,
			"rebooted at some time: it echoes again");
	else if (token->kind == AT_RESPONSE && token->code == AT_CODE_DISASSOCIATED)
		device->handlers.forgot(device->handlers.context, device, REASON_NOT_ASSOCIATED,
			"is not associated any more, and told nobody");
}

/* OK without a line is not what AT+VER=? draws: it is the late answer to a command that was given
 * up, and each one behind it would be taken for that of the next command. */
static bool is_late_answer(const struct device *device, const struct at_token *token)
{
	return token->code == AT_CODE_OK && device->lines_length == 0 &&
	       is_line(device->current, VERSION_COMMAND);
}

static void tell_notice(struct device *device, const struct at_token *token)
{
	bool waiting = device->current != NULL && device->sent;

	device->handlers.notice(device->handlers.context, device, token,
		(struct uart_free){waiting ? clock_now(device->clock) : device->free_since_ns,
			device->busy_since_ns});
}

static void take_token(const struct at_token *token, void *context)
{
	struct device *device = context;

	look_for_loss(device, token);
	bool waiting = device->current != NULL && device->sent;

	switch (token->kind) {
	case AT_ECHO:
		device->echoed = true;
		break;
	case AT_RESPONSE:
		if (waiting && is_late_answer(device, token)) {
			device->late = true;
			at_codec_expect(&device->codec, device->current->line);
		} else if (waiting && !device->current->data) {
			finish(device, true, token);
		}
		break;
	case AT_CONNECT:
		device->knows_ns = clock_now(device->clock);
		device->connect_cid = token->cid;
		break;
	case AT_ACCEPT:
		device->handlers.accepted(device->handlers.context, device, token);
		break;
	case AT_NOTICE:
		tell_notice(device, token);
		break;
	case AT_BANNER:
		if (!device->resetting)
			device->handlers.rebooted(device->handlers.context, device, token->text);
		break;
	case AT_TEXT:
		/* What nobody asked for is kept, whatever it means. */
		if (waiting)
			keep_line(device, token->text);
		else if (device->ready)
			tell_notice(device, token);
		break;
	case AT_DATA:
		device->knows_ns = clock_now(device->clock);
		device->handlers.data(device->handlers.context, device, token);
		break;
	case AT_ESC_OK:
	case AT_ESC_FAIL:
		if (waiting && device->current->data)
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
	at_codec_feed(&device->codec, bytes, length, take_token, device);
	device->alive_ns = clock_now(device->clock);
}

/* Room for what comes next; what a device says in one step has a bound. */
static int grow_early(struct device *device, struct error *err)
{
	const size_t room = device->early_room == 0 ? 1 << 14 : 2 * device->early_room;

	if (device->early_length < device->early_room)
		return 0;
	if (room > DEVICE_EARLY)
		return error_set(err, ERROR_BENCH,
			"device '%s' wrote more than %d MB to its UART in one step of time",
			device->entry->name, DEVICE_EARLY >> 20);
	unsigned char *grown = realloc(device->early, room);
	if (grown == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	device->early = grown;
	device->early_room = room;
	return 0;
}

int device_prefetch(struct device *device, struct error *err)
{
	if (grow_early(device, err) != 0)
		return -1;
	const size_t room = device->early_room - device->early_length;
	ssize_t got = port_read(device->port, device->early + device->early_length, room, err);
	if (got < 0)
		return error_context(err, "device '%s'", device->entry->name);
	device->early_length += (size_t)got;
	return 0;
}

int device_read(struct device *device, struct error *err)
{
	unsigned char bytes[4096];

	size_t early = device->early_length;
	device->early_length = 0;
	if (early > 0)
		take_bytes(device, device->early, early);
	for (;;) {
		ssize_t got = port_read(device->port, bytes, sizeof bytes, err);
		if (got < 0)
			return error_context(err, "device '%s'", device->entry->name);
		if (got == 0)
			return 0;
		take_bytes(device, bytes, (size_t)got);
	}
}

int device_write(struct device *device, struct error *err)
{
	if (device->out_length == 0)
		return 0;
	ssize_t taken = port_write(device->port, device->out, device->out_length, err);
	if (taken < 0)
		return error_context(err, "device '%s'", device->entry->name);
	device->handlers.passed(device->handlers.context, device, true, device->out, (size_t)taken);
	device->out_length -= (size_t)taken;
	memmove(device->out, device->out + taken, device->out_length);
	if (device->out_length == 0 && device->current != NULL && !device->sent)
		expect_answer(device);
	return 0;
}

int64_t device_deadline(const struct device *device)
{
	return device->deadline_ns;
}

void device_expire(struct device *device, int64_t now_ns)
{
	if (device->current != NULL && now_ns >= device->deadline_ns)
		finish(device, device->late, NULL);
}

bool device_busy(const struct device *device)
{
	return device->current != NULL || device->queue != NULL;
}

void device_resync(struct device *device)
{
	at_codec_resync(&device->codec, take_token, device);
}

void device_abandon(struct device *device)
{
	/* What a done queues meanwhile is not among what is dropped. */
	struct at_request *dropped = device->queue;

	device->out_length = 0;
	device->queue = NULL;
	device->queue_end = &device->queue;
	while (dropped != NULL) {
		struct at_request *request = dropped;
		struct at_answer answer = {.cid = -1, .lines = ""};
		dropped = request->next;
		if (request->done != NULL)
			request->done(request->context, &answer);
		free(request);
	}
	if (device->current != NULL)
		finish(device, false, NULL);
}
