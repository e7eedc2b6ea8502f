/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench_file.h"
#include "cli/command.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "diagnose/diagnosis.h"
#include "reproduce/reproduce.h"
#include "scenario/keepalive_interval.h"

enum { OPTION_OPTIONS = 256, OPTION_STRIP, OPTION_DEVICE, MOST_FILES = 64 };

static const struct argp_option options[] = {
	{"connection", 'n', "N", 0,
		"number of the connection in the output of wizhil diagnose; required", 0},
	{"output", 'o', "FILE", 0, "scenario file to write, or - for standard output; required", 0},
	{"device", OPTION_DEVICE, "ADDRESS", 0,
		"ADDRESS or ADDRESS:PORT of the device (default: the end that sends probes, or a device of the bench file)",
		0},
	{"options", OPTION_OPTIONS, "T,N|off", 0,
		"the options that were set: TCP_KEEPALIVE in s and TCP_KEEPALIVE_CNT, or 'off' (default: values that explain the probes)",
		0},
	{"uart", 'u', "LOG", 0,
		"log of the module's UART during the capture, as for wizhil diagnose: its commands say what was set, instead of --options",
		0},
	{"bench", 'b', "FILE", 0,
		"bench to run on: the address of the device and the profile are taken from it", 0},
	{"strip-payload", OPTION_STRIP, NULL, 0,
		"replace the data of each exchange by two octets; the times are kept", 0},
	{0},
};

struct reproduce_arguments {
	const char *paths[MOST_FILES];
	size_t path_count;
	size_t number;
	const char *output, *device, *bench, *given, *uart;
	bool strip;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct reproduce_arguments *arguments = state->input;
	char *end;

	switch (key) {
	case 'n':
		arguments->number = strtoul(value, &end, 10);
		if (*value < '1' || *value > '9' || *end != '\0')
			argp_error(state, "invalid connection '%s' (use a number from 1)", value);
		break;
	case 'o':
		arguments->output = value;
		break;
	case 'b':
		arguments->bench = value;
		break;
	case OPTION_DEVICE:
		arguments->device = value;
		break;
	case OPTION_OPTIONS:
		arguments->given = value;
		break;
	case 'u':
		arguments->uart = value;
		break;
	case OPTION_STRIP:
		arguments->strip = true;
		break;
	case ARGP_KEY_ARG:
		if (arguments->path_count == MOST_FILES)
			argp_error(state, "more than %d files", MOST_FILES);
		arguments->paths[arguments->path_count++] = value;
		break;
	case ARGP_KEY_END:
		if (arguments->path_count == 0)
			argp_error(state, "missing argument CAPTURE (a pcap or pcapng file)");
		if (arguments->number == 0)
			argp_error(state,
				"missing option --connection N (wizhil diagnose lists the connections)");
		if (arguments->output == NULL)
			argp_error(state, "missing option --output FILE (try: -o scenario.yaml)");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* "160,2", "off", or "160,2,off". */
static int read_options(const char *text, struct reproduce_request *request, struct error *err)
{
	struct planned_keepalive *keepalive = &request->options;
	int end = 0;

	request->off = strcmp(text, "off") == 0;
	if (request->off)
		return 0;
	request->has_options = true;
	if (sscanf(text, "%7d,%5d%n", &keepalive->timeout_s, &keepalive->count, &end) == 2 &&
		keepalive->timeout_s >= 1 && keepalive->count >= 1) {
		if (planned_keepalive_swapped(keepalive->timeout_s, keepalive->count))
			return error_set(err, ERROR_USAGE,
				"invalid --options '%s' (the timeout comes first: did you mean %d,%d?)",
				text, keepalive->count, keepalive->timeout_s);
		request->off = strcmp(text + end, ",off") == 0;
		if (request->off || text[end] == '\0')
			return 0;
	}
	return error_set(err, ERROR_USAGE,
		"invalid --options '%s' (use T,N as in 600,8, 'off', or T,N,off)", text);
}

/* What the UART log says of the connection. */
struct heard {
	size_t number;
	bool known;
	struct planned_keepalive options;
	struct endpoint prober; /* the end that it speaks for */
};

static int take_heard(const struct diagnosed_connection *connection, void *context)
{
	struct heard *heard = context;

	for (size_t i = 0; i < connection->direction_count; i++) {
		const struct diagnosed_direction *direction = &connection->directions[i];
		if (connection->number != heard->number || !direction->signs.uart.known)
			continue;
		heard->known = true;
		heard->options = direction->options;
		heard->prober = direction->prober;
	}
	return 0;
}

/* By the same matching of log and capture as the diagnosis. */
static int read_uart(const struct reproduce_arguments *arguments, const struct profile *profile,
	struct reproduce_request *request, struct endpoint *device, struct error *err)
{
	const struct diagnosis_request asked = {.paths = arguments->paths,
		.path_count = arguments->path_count,
		.profile = *profile,
		.timelines = true,
		.uart = arguments->uart};
	struct heard heard = {.number = arguments->number};
	struct diagnosis_totals totals;

	if (diagnose(&asked, take_heard, &heard, &totals, err) != 0)
		return -1;
	if (!heard.known)
		return error_set(err, ERROR_USAGE,
			"'%s' says nothing of connection %zu (try: wizhil diagnose --uart, or --options T,N)",
			arguments->uart, arguments->number);
	*device = heard.prober;
	if (!heard.options.on)
		return 0;
	request->has_options = true;
	request->options = heard.options;
	request->options_source = "as the commands in the UART log set them";
	return 0;
}

/* An address, or "ADDRESS:PORT" ("[ADDRESS]:PORT" in IPv6) where both ends have one address. */
struct wanted {
	const char *text;
	struct endpoint end; /* port 0: any */
};

static int read_wanted(struct wanted *wanted, struct error *err)
{
	char address[INET6_ADDRSTRLEN + 2];
	unsigned port = 0;
	int end = 0;

	if (sscanf(wanted->text, "[%46[0-9a-fA-F:.]]:%5u%n", address, &port, &end) < 2 &&
		sscanf(wanted->text, "%46[0-9.]:%5u%n", address, &port, &end) < 2) {
		snprintf(address, sizeof address, "%s", wanted->text);
		end = (int)strlen(wanted->text);
		port = 0;
	}
	if (inet_pton(AF_INET, address, wanted->end.address) == 1)
		wanted->end.family = 4;
	else if (inet_pton(AF_INET6, address, wanted->end.address) == 1)
		wanted->end.family = 6;
	if (wanted->end.family == 0 || wanted->text[end] != '\0' || port > UINT16_MAX)
		return error_set(err, ERROR_USAGE,
			"invalid --device '%s' (use an address such as 192.0.2.10, or 192.0.2.10:2000)",
			wanted->text);
	wanted->end.port = (uint16_t)port;
	return 0;
}

static bool is_wanted(const struct endpoint *end, const struct endpoint *wanted)
{
	return end->family == wanted->family &&
	       memcmp(end->address, wanted->address, sizeof end->address) == 0 &&
	       (wanted->port == 0 || wanted->port == end->port);
}

/* Turns the connection so that its device is the wanted end; false when neither is. */
static bool turn_to(struct observed *observed, const struct endpoint *wanted)
{
	if (is_wanted(&observed->ends[0], wanted))
		return true;
	if (!is_wanted(&observed->ends[1], wanted))
		return false;
	observed_turn(observed);
	return true;
}

static int take_wanted(const char *text, struct observed *observed, struct error *err)
{
	struct wanted wanted = {.text = text};
	char first[ENDPOINT_TEXT], second[ENDPOINT_TEXT];

	if (read_wanted(&wanted, err) != 0)
		return -1;
	endpoint_format(&observed->ends[0], first);
	endpoint_format(&observed->ends[1], second);
	if (is_wanted(&observed->ends[0], &wanted.end) &&
		is_wanted(&observed->ends[1], &wanted.end))
		return error_set(err, ERROR_USAGE,
			"both ends of connection %zu, %s and %s, have the address '%s' (try: --device %s)",
			observed->number, first, second, text, first);
	if (turn_to(observed, &wanted.end))
		return 0;
	return error_set(err, ERROR_USAGE, "'%s' is not an end of connection %zu (%s, %s)", text,
		observed->number, first, second);
}

static bool take_from_bench(const struct bench_file *bench, struct observed *observed)
{
	for (size_t i = 0; bench != NULL && i < bench->device_count; i++) {
		const struct bench_device *device = &bench->devices[i];
		struct endpoint wanted = {.family = 4};
		memcpy(wanted.address, &device->address.address_be, 4);
		if (!device->address.dhcp && turn_to(observed, &wanted))
			return true;
	}
	return false;
}

static int choose_device(const struct reproduce_arguments *arguments,
	const struct bench_file *bench, const struct endpoint *heard, struct observed *observed,
	struct error *err)
{
	char first[ENDPOINT_TEXT], second[ENDPOINT_TEXT];
	int first_probes = observed_probes(observed, FROM_DEVICE);
	int second_probes = observed_probes(observed, FROM_PEER);

	if (arguments->device != NULL)
		return take_wanted(arguments->device, observed, err);
	if (heard->family != 0 && turn_to(observed, heard))
		return 0;
	if (take_from_bench(bench, observed))
		return 0;
	if ((first_probes > 0) == (second_probes > 0))
		return error_set(err, ERROR_USAGE,
			"cannot tell which end of connection %zu (%s, %s) is the device: %s sends probes (try: --device ADDRESS)",
			observed->number, endpoint_format(&observed->ends[0], first),
			endpoint_format(&observed->ends[1], second),
			first_probes > 0 ? "each end" : "no end");
	if (second_probes > 0)
		observed_turn(observed);
	return 0;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Without the last ending, and without ".gz" before. */
static size_t stem_length(const char *name)
{
	size_t length = strlen(name);
	const char *dot;

	if (length > 3 && strcmp(name + length - 3, ".gz") == 0)
		length -= 3;
	dot = memrchr(name, '.', length);
	return dot == NULL ? length : (size_t)(dot - name);
}

/* "ring-3.pcapng" becomes "ring-3-connection-7": letters, digits, '-', '_', '.'. */
static void name_scenario(const char *path, size_t number, bool stripped, char *name, size_t size)
{
	const char *stem = last_part(path);
	size_t length = stem_length(stem);

	if (strcmp(path, "-") == 0 || length == 0) {
		stem = "capture";
		length = strlen(stem);
	}
	snprintf(name, size, "%.*s-connection-%zu%s", (int)(length > 32 ? 32 : length), stem,
		number, stripped ? "-stripped" : "");
	for (char *c = name; *c != '\0'; c++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.",
			    *c) == NULL)
			*c = '-';
}

static int write_scenario(
	const char *path, const struct reproduction *reproduction, struct error *err)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *stream = standard ? stdout : fopen(path, "wxe");

	if (stream == NULL)
		return error_errno(err, ERROR_USAGE, "cannot write '%.200s'", path);
	int result = scenario_file_write(&reproduction->file, &reproduction->comments, stream, err);
	if (!standard && fclose(stream) != 0 && result == 0)
		result = error_errno(err, ERROR_BENCH, "cannot write '%.200s'", path);
	return result;
}

static int run(const struct reproduce_arguments *arguments, struct error *err)
{
	static struct reproduction reproduction;
	struct profile profile = profile_default();
	struct bench_file bench = {0};
	struct observed observed = {0};
	char name[SCENARIO_FILE_NAME];
	struct endpoint heard = {.family = 0};
	struct reproduce_request request = {.name = name,
		.options_source = "as given by --options",
		.capture = last_part(arguments->paths[0]),
		.strip_payload = arguments->strip,
		.profile = &profile};
	int result = -1;

	if (arguments->given != NULL && read_options(arguments->given, &request, err) != 0)
		return -1;
	if (arguments->bench != NULL && bench_file_read(arguments->bench, &bench, err) != 0)
		return -1;
	if (arguments->bench != NULL && bench.devices[0].profile != NULL &&
		profile_read(bench.devices[0].profile, &profile, err) != 0)
		goto out;
	if (arguments->uart != NULL && arguments->given == NULL &&
		read_uart(arguments, &profile, &request, &heard, err) != 0)
		goto out;
	name_scenario(arguments->paths[0], arguments->number, arguments->strip, name, sizeof name);
	if (observed_read(arguments->paths, arguments->path_count, arguments->number, &observed,
		    err) != 0)
		goto out;
	if (choose_device(arguments, arguments->bench != NULL ? &bench : NULL, &heard, &observed,
		    err) == 0 &&
		reproduce(&observed, &request, &reproduction, err) == 0)
		result = write_scenario(arguments->output, &reproduction, err);
	observed_release(&observed);
out:
	if (arguments->bench != NULL)
		bench_file_free(&bench);
	if (result == 0 && reproduction.broken >= 0)
		remark("the capture violates %s: %s",
			reproduction.file.expectations[reproduction.broken].requirement,
			reproduction.finding);
	return result;
}

int command_reproduce(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "FILE...",
		"Converts one connection of a capture (pcap or pcapng; several files are read as one recording) into a scenario file for 'wizhil run': the options that explain the probes, what the peer did and when, and what the requirements demand of the device.\v"
		"If the capture violates a requirement, the scenario fails with this requirement on a device with the bug, and passes on one without. "
		"The file is meant to be read and edited.\n\n"
		"Never overwrites a file. Exit codes: 0 written, 2 usage or an unreadable capture.",
		NULL, NULL, NULL};
	struct reproduce_arguments arguments = {0};
	struct error err = {0};

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	if (run(&arguments, &err) != 0)
		return complain(&err);
	return EXIT_CODE_PASS;
}
