/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/manual.h"
#include "diagnose/diagnosis.h"
#include "diagnose/json.h"

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "write the diagnosis as JSON (reports/schema)", 0},
	{0},
};

enum { FILES_MAX = 65535 };

struct diagnose_arguments {
	const char **paths;
	size_t count;
	bool json;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct diagnose_arguments *arguments = state->input;

	switch (key) {
	case 'j':
		arguments->json = true;
		break;
	case ARGP_KEY_ARGS:
		arguments->paths = (const char **)state->argv + state->next;
		arguments->count = (size_t)(state->argc - state->next);
		if (arguments->count > FILES_MAX)
			argp_error(state, "too many files: at most %d", FILES_MAX);
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which capture? (a pcap or pcapng file, or '-')");
		break;
	default:
		(void)value;
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int command_diagnose(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "FILE...",
		"Says what became of TCP keep-alive on each connection of a capture: who probes, "
		"how "
		"often, whether it was answered, and who gave up.\v"
		"Several files are one recording, in the order of time; '-' is standard input.",
		NULL, NULL, NULL};
	struct diagnose_arguments arguments = {0};
	struct diagnosis_totals totals = {0};
	struct error err = {0};

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	struct diagnosis_request request = {
		.paths = arguments.paths, .path_count = arguments.count};
	struct diagnosis_json *json = diagnosis_json_new(stdout, arguments.paths, arguments.count);
	int status = diagnose(&request, diagnosis_json_take, json, &totals, &err);
	if (diagnosis_json_finish(json, &totals, status == 0 ? &err : NULL) != 0 || status != 0)
		return complain(&err);
	if (totals.fault.kind != ERROR_NONE)
		return complain(&totals.fault);
	return EXIT_CODE_PASS;
}
