/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench_file.h"
#include "bench/devices.h"
#include "bench/spawn.h"
#include "cli/command.h"
#include "cli/console/console.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "peer/namespace.h"
#include "uart/at_command.h"

static const struct argp_option options[] = {
	{"bench", 'b', "FILE", 0, "bench file (default: fixtures/benches/virtual.yaml)", 0},
	{"port", 'p', "PATH", 0, "open this serial port, without a bench file", 0},
	{"baud", 'B', "N", 0, "baud rate of the port (default: 115200)", 0},
	{"associate", 'a', NULL, 0,
		"first apply address and Wi-Fi of the bench file and associate, as a run does", 0},
	{0},
};

struct console_arguments {
	const char *bench, *device, *port;
	int baud;
	bool associate;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct console_arguments *arguments = state->input;

	if (key == 'b')
		arguments->bench = value;
	else if (key == 'p')
		arguments->port = value;
	else if (key == 'B')
		arguments->baud = atoi(value);
	else if (key == 'a')
		arguments->associate = true;
	else if (key == ARGP_KEY_ARG && arguments->device == NULL)
		arguments->device = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else if (key == ARGP_KEY_END && arguments->port != NULL &&
		 (arguments->bench != NULL || arguments->device != NULL))
		argp_error(state, "--port and --bench exclude each other");
	else if (key == ARGP_KEY_END && arguments->port != NULL && arguments->associate)
		argp_error(state, "--associate needs a bench file, not --port");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct bench_device *find_device(
	const struct bench_file *file, const char *name, struct error *err)
{
	for (size_t i = 0; i < file->device_count; i++)
		if (name == NULL || strcmp(file->devices[i].name, name) == 0)
			return &file->devices[i];
	error_set(err, ERROR_USAGE, "bench '%s' has no device '%s' (the first one is '%s')",
		file->bench, name, file->devices[0].name);
	return NULL;
}

/* A virtual device of our own, on the real clock, alone in a network of its own. */
static struct port *start_virtual(const struct bench_file *file, const struct bench_device *entry,
	struct spawned *spawned, struct error *err)
{
	static const uint8_t mac[6] = {0x02, 0xd0, 0x07, 0, 0, 1};
	const struct port_settings settings = {.baud = 115200, .flow = FLOW_NONE};
	char program[4096];

	if (sibling_program("virtual-wizfi210", program, sizeof program, err) != 0 ||
		namespace_enter(err) != 0)
		return NULL;
	int tap = tap_create(file->peer.interface, err);
	if (tap < 0)
		return NULL;
	const struct spawn_request request = {
		.program = program, .entry = entry, .tap = tap, .mac = mac, .seed = 1};
	int failed = interface_configure(file->peer.interface, file->peer.address_be,
			     entry->address.prefix, false, err) != 0 ||
		     spawn_device(&request, spawned, err) != 0;
	close(tap);
	return failed ? NULL : port_adopt(spawned->pty_slave, &settings, err);
}

/* The lines that associate, in the order of a run. */
static int plan_association(
	const struct bench_device *entry, struct console_start *start, struct error *err)
{
	char(*line)[AT_COMMAND_SIZE] = start->lines;
	char *passphrase = NULL;

	if (bench_file_secret(&entry->wifi, &passphrase, err) != 0)
		return -1;
	snprintf(*line++, AT_COMMAND_SIZE, AT_LINE_DISASSOCIATE);
	at_write_dhcp(*line++, AT_COMMAND_SIZE, entry->address.dhcp);
	if (!entry->address.dhcp)
		at_write_network(*line++, AT_COMMAND_SIZE, entry->address.address_be,
			htonl(~0U << (32 - entry->address.prefix)), entry->address.gateway_be);
	snprintf(*line++, AT_COMMAND_SIZE, "%s",
		entry->wifi.mode == WIFI_LIMITED_AP ? AT_LINE_LIMITED_AP : AT_LINE_STATION);
	snprintf(*line++, AT_COMMAND_SIZE, AT_LINE_AUTHENTICATION);
	if (passphrase != NULL) {
		if (entry->wifi.security == WIFI_WEP)
			at_write_wep_key(*line++, AT_COMMAND_SIZE, passphrase);
		else
			at_write_passphrase(*line++, AT_COMMAND_SIZE, passphrase);
		explicit_bzero(passphrase, strlen(passphrase));
		free(passphrase);
	}
	at_write_associate(*line, AT_COMMAND_SIZE, entry->wifi.ssid, entry->wifi.channel);
	return 0;
}

static int talk_to_bench(const struct console_arguments *arguments, struct error *err)
{
	char path[4096];
	struct bench_file file = {0};
	struct spawned spawned = {.child = -1, .control = -1};
	struct port *port = NULL;

	if (arguments->bench == NULL && data_file(DEFAULT_BENCH, path, sizeof path, err) != 0)
		return -1;
	if (bench_file_read(arguments->bench == NULL ? path : arguments->bench, &file, err) != 0)
		return -1;
	const struct bench_device *entry = find_device(&file, arguments->device, err);
	if (entry != NULL && file.is_virtual)
		port = start_virtual(&file, entry, &spawned, err);
	else if (entry != NULL)
		port = device_open_port(NULL, entry, err);
	struct console_start start = {.prompt = entry == NULL ? "" : entry->name};
	int failed =
		port == NULL || (arguments->associate && plan_association(entry, &start, err) != 0)
			? -1
			: console_talk(port, &start, err);
	explicit_bzero(start.lines, sizeof start.lines);
	port_close(port);
	if (spawned.control >= 0)
		close(spawned.control);
	if (spawned.child > 0) {
		kill(spawned.child, SIGKILL);
		waitpid(spawned.child, NULL, 0);
	}
	bench_file_free(&file);
	return failed;
}

static int talk_to_port(const struct console_arguments *arguments, struct error *err)
{
	const struct port_settings settings = {.baud = arguments->baud, .flow = FLOW_NONE};
	struct port *port = port_open(arguments->port, &settings, err);
	const struct console_start start = {.prompt = "module"};
	int failed = port == NULL ? -1 : console_talk(port, &start, err);

	port_close(port);
	return failed;
}

int command_console(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "[DEVICE]",
		"An AT terminal for a device of the bench (default: the first). Shows the bytes on the UART with the time and, beside them, their meaning.\v"
		"Each line is sent to the module with a carriage return; type ':help' for other commands. The history of lines is saved, except for lines with passphrases.\n\n"
		"If the input is not a terminal, each line is sent after the response to the previous one, and the command ends after the last response: printf '" AT_LINE_VERSION
		"\\n' | wizhil console.",
		NULL, NULL, NULL};
	struct console_arguments arguments = {0};
	struct error err = {0};

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	int failed = arguments.port != NULL ? talk_to_port(&arguments, &err)
					    : talk_to_bench(&arguments, &err);
	return failed != 0 ? complain(&err) : EXIT_CODE_PASS;
}
