/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/utf8.h"

static const struct argp_option options[] = {
	{"bench", 'b', "FILE", 0, "bench file (default: fixtures/benches/virtual.yaml)", 0},
	{0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	const char **path = state->input;

	if (key == 'b')
		*path = value;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "unexpected argument '%s'", value);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static void say(void *context, enum check_result result, const char *what, const char *found)
{
	static const char *const words[] = {
		[CHECK_OK] = "ok", [CHECK_NOTE] = "--", [CHECK_TROUBLE] = "NO"};

	(void)context;
	printf("  %s  %-16s ", words[result], what);
	utf8_put_visible(stdout, found);
	putchar('\n');
	fflush(stdout);
}

int command_check(int argc, char **argv)
{
	static const struct argp parser = {options, parse, NULL,
		"Opens the serial ports and the capture of a bench file, brings up each device as a run would, and lets it open a connection to the peer, which the sniffer must see, and the monitor of the air hear, where there is one. "
		"Prints what was found, and for each problem a remedy. Exit codes: 0 usable, 2 the bench file is wrong, 99 not usable.",
		NULL, NULL, NULL};
	const char *path = NULL;
	char default_bench[4096];
	char program[4096] = "";
	struct bench_file file = {0};
	struct error err = {0};

	if (!command_parse(&parser, argc, argv, &path))
		return EXIT_CODE_PASS;
	if (path == NULL) {
		if (data_file(DEFAULT_BENCH, default_bench, sizeof default_bench, &err) != 0)
			return complain(&err);
		path = default_bench;
	}
	if (bench_file_read(path, &file, &err) != 0)
		return complain(&err);
	if (bench_file_check_secrets(&file, &err) != 0)
		return complain(&err);
	if (file.is_virtual &&
		sibling_program("virtual-wizfi210", program, sizeof program, &err) != 0)
		return complain(&err);
	struct bench_options bench = {.file = &file,
		.virtual_program = program,
		.clock = file.is_virtual && !file.clock_is_real ? CLOCK_KIND_STEPPED
								: CLOCK_KIND_REAL,
		.seed = 1,
		.listener = -1,
		.control = -1};
	(void)terminal_fit();
	fputs("bench '", stdout);
	utf8_put_visible(stdout, file.bench);
	fputs("' (", stdout);
	utf8_put_visible(stdout, path);
	fputs(")\n", stdout);
	int failed = bench_check(&bench, say, NULL, &err);
	bench_file_free(&file);
	if (failed != 0)
		return complain(&err);
	printf("usable\n");
	return EXIT_CODE_PASS;
}
