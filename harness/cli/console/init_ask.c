/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/console/init.h"
#include "core/error.h"
#include "core/text_buffer.h"
#include "core/raw_clock.h"
#include "core/units.h"
#include "uart/at_codec.h"
#include "uart/at_command.h"
#include "uart/port.h"

/* A module answers AT at once; one that has just been reset may take a moment. */
#define ANSWER_NS (600 * NS_PER_MS)

static const int bauds[] = {115200, 9600, 57600, 38400, 19200, 230400, 460800, 921600};

struct asking {
	struct port *port;
	struct at_codec codec;
	bool answered, ok;
	char lines[256];
};

static void on_token(const struct at_token *token, void *context)
{
	struct asking *asking = context;
	struct text_buffer lines = text_buffer_behind(asking->lines, sizeof asking->lines);

	if (token->kind == AT_TEXT)
		text_add(&lines, "%s%s", lines.length == 0 ? "" : "; ", token->text);
	if (token->kind == AT_RESPONSE) {
		asking->answered = true;
		asking->ok = token->code == AT_CODE_OK;
	}
}

/* Sends the command and hears its answer; whether that was OK. */
static bool ask(struct asking *asking, const char *command, struct error *err)
{
	char line[64];
	uint8_t bytes[256];
	int64_t until_ns = raw_clock_ns() + ANSWER_NS;

	asking->answered = asking->ok = false;
	asking->lines[0] = '\0';
	at_codec_expect(&asking->codec, command);
	int length = snprintf(line, sizeof line, "%s\r", command);
	if (port_write(asking->port, line, (size_t)length, err) != length)
		return false;
	while (!asking->answered && raw_clock_ns() < until_ns) {
		struct pollfd heard = {port_descriptor(asking->port), POLLIN, 0};
		int wait_ms = (int)((until_ns - raw_clock_ns()) / NS_PER_MS) + 1;
		if (poll(&heard, 1, wait_ms) <= 0)
			continue;
		ssize_t got = port_read(asking->port, bytes, sizeof bytes, err);
		if (got < 0)
			return false;
		at_codec_feed(&asking->codec, bytes, (size_t)got, on_token, asking);
	}
	at_codec_idle(&asking->codec);
	return asking->ok;
}

/* Asks at every speed that the driver takes; a port that is gone takes none. */
static bool ask_at_each_speed(
	struct asking *asking, const char *path, struct found_module *module, struct error *err)
{
	bool found = false, taken = false;

	for (size_t i = 0; i < sizeof bauds / sizeof *bauds && !found; i++) {
		if (port_set_baud(asking->port, bauds[i], err) != 0)
			continue;
		taken = true;
		at_codec_init(&asking->codec);
		/* The first one after a boot may fail (cases/DEVICE.md, 1). */
		found = ask(asking, AT_LINE_CHECK, err) || ask(asking, AT_LINE_CHECK, err);
		if (found) {
			*module = (struct found_module){.baud = bauds[i]};
			snprintf(module->path, sizeof module->path, "%s", path);
			if (ask(asking, AT_LINE_VERSION, err))
				snprintf(module->version, sizeof module->version, "%s",
					asking->lines);
		}
	}
	if (!found && taken)
		error_set(err, ERROR_BENCH, "nothing on '%s' answers AT at any baud rate", path);
	return found;
}

bool init_ask(const char *path, struct found_module *module, struct error *err)
{
	const struct port_settings settings = {.baud = bauds[0], .flow = FLOW_NONE};
	struct termios before;
	/* Open all the while, so that DTR does not fall between. */
	int file = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	bool is_kept = file >= 0 && tcgetattr(file, &before) == 0;
	struct asking asking = {.port = port_open(path, &settings, err)};
	bool found = false;

	if (asking.port != NULL) {
		found = ask_at_each_speed(&asking, path, module, err);
		port_close(asking.port);
		/* What is no module's belongs to somebody else, who finds it as it was. */
		if (!found && is_kept)
			(void)tcsetattr(file, TCSANOW, &before);
	}
	if (file >= 0)
		close(file);
	return found;
}
