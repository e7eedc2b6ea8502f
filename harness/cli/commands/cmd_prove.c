/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/prove/caught.h"
#include "cli/prove/prove.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/exit_code.h"

enum { WORDS = 64 };
enum { KEY_FAULT_FILE = 256, KEY_VARIANT_FILE, KEY_ON, KEY_MATRIX };

struct line {
	struct prove_options options;
	char *faults[WORDS], *variants[WORDS], *legs[WORDS];
	const char *sets[WORDS];
};

static const struct argp_option options[] = {
	{"faults", 'f', "GLOB", 0, "only faults of this name; may be repeated", 0},
	{"variants", 'v', "GLOB", 0, "only healthy variants of this name; may be repeated", 0},
	{"legs", 'l', "GLOB", 0, "only the sensitivity of this leg; may be repeated", 0},
	{"set", 'S', "NAME=VALUE", 0,
		"a fault made of this setting, or of all of them if repeated; it is caught if any case fails",
		0},
	{"combine", 'c', "N", 0,
		"N devices that combine two to four healthy variants of the file, or of those selected by --variants; the same combinations each time",
		0},
	{"on", KEY_ON, "VARIANT", 0,
		"put all faults and healthy variants on the bench of this healthy variant, with its settings and its profile besides; those that have one of the settings, or a profile of their own, are left out",
		0},
	{"seeds", 's', "N", 0, "run each with the seeds 1 to N (default: 3)", 0},
	{"jobs", 'j', "N", 0, "runs in parallel (default: the number of processors)", 0},
	{"full", 'F', NULL, 0,
		"run the whole suite on each fault, not only the cases for the requirements it breaks",
		0},
	{"json", 'J', NULL, 0, "print the matrix as JSON", 0},
	{"matrix", KEY_MATRIX, "FILE", 0,
		"with --full: write which case catches which fault into this file, from which 'wizhil run --within' chooses; it comes with wizhil as fixtures/virtual-wizfi210/caught.json",
		0},
	{"output", 'o', "DIR", 0,
		"folder for the evidence that is kept (default: a new one below reports/)", 0},
	{"fault-file", KEY_FAULT_FILE, "FILE", 0,
		"file of faults (default: those of the virtual device)", 0},
	{"variant-file", KEY_VARIANT_FILE, "FILE", 0,
		"file of healthy variants (default: those of the virtual device)", 0},
	{0},
};

static void read_number(struct argp_state *state, const char *what, const char *text, int *number)
{
	char *end = NULL;
	long value = strtol(text, &end, 10);

	if (end == text || *end != '\0' || value < 1 || value > 10000)
		argp_error(state, "invalid %s '%s' (use a number from 1 to 10000)", what, text);
	*number = (int)value;
}

static void add_word(struct argp_state *state, char **list, size_t *count, char *word)
{
	if (*count == WORDS)
		argp_error(state, "more than %d values for one option", WORDS);
	list[(*count)++] = word;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct line *line = state->input;
	struct prove_options *o = &line->options;

	switch (key) {
	case 'f':
		add_word(state, line->faults, &o->fault_glob_count, value);
		break;
	case 'v':
		add_word(state, line->variants, &o->variant_glob_count, value);
		break;
	case 'l':
		add_word(state, line->legs, &o->leg_glob_count, value);
		break;
	case 'S':
		if (o->set_count == WORDS)
			argp_error(state, "more than %d settings", WORDS);
		if (strchr(value, '=') == NULL)
			argp_error(state, "invalid setting '%s' (use NAME=VALUE)", value);
		line->sets[o->set_count++] = value;
		break;
	case 'c':
		read_number(state, "combinations", value, &o->combinations);
		break;
	case 's':
		read_number(state, "seeds", value, &o->seeds);
		break;
	case 'j':
		read_number(state, "jobs", value, &o->jobs);
		break;
	case 'F':
		o->full = true;
		break;
	case 'J':
		o->json = true;
		break;
	case 'o':
		o->output = value;
		break;
	case KEY_MATRIX:
		o->matrix = value;
		break;
	case KEY_ON:
		o->on = value;
		break;
	case KEY_FAULT_FILE:
		o->fault_file = value;
		break;
	case KEY_VARIANT_FILE:
		o->variant_file = value;
		break;
	case ARGP_KEY_END:
		if (o->on != NULL && o->leg_glob_count > 0)
			argp_error(state, "--on cannot be used with --legs");
		if (o->matrix != NULL && !o->full)
			argp_error(state, "--matrix needs --full");
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s' (try: --faults '%s')", value, value);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int print(const struct proof *proof, struct error *err)
{
	if (!proof->options->json) {
		(void)terminal_fit();
		proof_print(proof, stdout);
		return 0;
	}
	json_t *json = proof_to_json(proof);
	if (json == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	json_dumpf(json, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(json);
	return 0;
}

int command_prove(int argc, char **argv)
{
	static const struct argp parser = {options, parse, NULL,
		"Tests the suite on the virtual device: whether it catches every known fault and fails no healthy device.\v"
		"A fault is caught if a case fails with a requirement that the fault breaks ('breaks' in the file of faults). "
		"A healthy device must pass; marginal, inconclusive, error and not run are counted separately. For each measured leg, the smallest deviation that is caught with every seed is searched.\n\n"
		"Without --faults, --variants, --legs, --combine and --set everything in the files is tried. "
		"For a fault, only the cases for the requirements it breaks are run, starting with those that caught it with another seed; for a fault that survives, the whole suite, to see what else fails. "
		"The evidence of unexpected results is kept.\n\n"
		"Exit codes: 0 proven, 1 a fault survived or a healthy device failed, 2 usage, 99 no verdict on a healthy device, 130 interrupted.",
		NULL, NULL, NULL};
	struct line line = {.options = {.seeds = 3}};
	struct prove_options *o = &line.options;
	struct proof proof;
	struct error err = {0};

	o->jobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
	o->fault_globs = line.faults;
	o->variant_globs = line.variants;
	o->leg_globs = line.legs;
	o->sets = line.sets;
	if (!command_parse(&parser, argc, argv, &line))
		return EXIT_CODE_PASS;
	if (prove(o, &proof, &err) != 0)
		return complain(&err);
	int printed = print(&proof, &err);
	if (printed == 0 && o->matrix != NULL && !proof.interrupted)
		printed = caught_write(&proof, o->matrix, &err);
	enum exit_code code = proof_exit_code(&proof);
	(void)rmdir(proof.folder); /* when nothing was kept */
	(void)rmdir("reports");
	proof_free(&proof);
	return printed != 0 ? complain(&err) : (int)code;
}
