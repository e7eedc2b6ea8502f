/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/bench_file.h"
#include "cli/command.h"
#include "cli/console/init.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/utf8.h"
#include "uart/at_command.h"
#include "uart/port_list.h"

enum { MOST_PORTS = 16 };

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "bench file to write (default: bench.yaml)", 0},
	{"port", 'p', "PATH", 0,
		"probe only this serial port; may be repeated (default: every serial port)", 0},
	{0},
};

struct init_arguments {
	const char *output;
	const char *ports[MOST_PORTS];
	size_t port_count;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct init_arguments *arguments = state->input;

	if (key == 'o')
		arguments->output = value;
	else if (key == 'p' && arguments->port_count < MOST_PORTS)
		arguments->ports[arguments->port_count++] = value;
	else if (key == 'p')
		argp_error(state, "more than %d ports", MOST_PORTS);
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

/* One line, in which a module and the names of files may stand. */
__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	char text[PATH_MAX + 1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	utf8_put_visible(stdout, text);
	putchar('\n');
	fflush(stdout);
}

static void ask_at(struct found *found, const char *path, const char *description)
{
	struct error err = {0};
	struct found_module *module = &found->modules[found->module_count];

	if (found->module_count == FOUND_MODULES)
		return;
	if (init_ask(path, module, &err)) {
		found->module_count++;
		tell("  module     %s at %d baud: %s", path, module->baud,
			module->version[0] == '\0' ? "it does not report its version"
						   : module->version);
	} else
		tell("  no module  %s%s%s%s: %s", path, description[0] == '\0' ? "" : " (",
			description, description[0] == '\0' ? "" : ")", err.text);
}

static int ask_everywhere(
	const struct init_arguments *arguments, struct found *found, struct error *err)
{
	struct port_list ports;

	for (size_t i = 0; i < arguments->port_count; i++)
		ask_at(found, arguments->ports[i], "");
	if (arguments->port_count > 0)
		return 0;
	if (port_list_read(&ports, err) != 0)
		return -1;
	for (size_t i = 0; i < ports.count; i++) {
		const struct listed_port *port = &ports.list[i];
		/* What is typed there may log somebody in. */
		if (port->console)
			tell("  not probed %s: it is the console of this host (to probe it anyway: --port %s)",
				port->path, port->path);
		else
			ask_at(found, port->path, port->description);
	}
	port_list_free(&ports);
	return 0;
}

static int look_around(
	const struct init_arguments *arguments, struct found *found, struct error *err)
{
	struct bench_file file = {0};

	if (access(arguments->output, F_OK) == 0)
		return error_set(err, ERROR_USAGE,
			"'%s' already exists and is not overwritten (try: --output FILE)",
			arguments->output);
	if (ask_everywhere(arguments, found, err) != 0 || init_find_interfaces(found, err) != 0)
		return -1;
	for (size_t i = 0; i < found->interface_count; i++)
		tell("  interface  %s with %s/%d", found->interfaces[i].name,
			found->interfaces[i].address, found->interfaces[i].prefix);
	if (found->module_count == 0)
		return error_set(err, ERROR_BENCH,
			"no module answered, no bench file written (check its power and the permissions of the port; try: --port PATH)");
	if (init_write(found, arguments->output, err) != 0)
		return -1;
	int failed = bench_file_read(arguments->output, &file, err);
	bench_file_free(&file);
	return failed;
}

int command_init(int argc, char **argv)
{
	static const struct argp parser = {options, parse, NULL,
		"Finds serial ports and network interfaces, looks for a module at each port at every baud rate it may have, and writes a commented bench file for what was found.\v"
		"Sends only " AT_LINE_CHECK " and " AT_LINE_VERSION
		" to a port, and nothing to a port that another program has open. Never overwrites a file. Exit codes: 0 written, 2 the file already exists, 99 no module answered.",
		NULL, NULL, NULL};
	struct init_arguments arguments = {.output = "bench.yaml"};
	static struct found found;
	struct error err = {0};

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	if (look_around(&arguments, &found, &err) != 0)
		return complain(&err);
	tell("wrote %s: edit the lines marked CHANGE, then: wizhil check --bench %s",
		arguments.output, arguments.output);
	return EXIT_CODE_PASS;
}
