/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_FIRMWARE_ARGUMENTS_H
#define WIZHIL_CLI_FIRMWARE_ARGUMENTS_H

#include <jansson.h>

#include "cli/run/run_command.h"

struct error;

/* A firmware to be flashed before the cases: options of 'wizhil run' and 'wizhil qualify'. */

/* Options without a letter begin here. */
enum { OPTION_FIRMWARE = 768, OPTION_FIRMWARE_VERSION };

/* For the table of the command. */
#define FIRMWARE_OPTIONS                                                                                                                                                             \
	{"firmware", OPTION_FIRMWARE, "FILE", 0,                                                                                                                                     \
		"first flash this file to every device, by the command that the bench file gives ('firmware:')",                                                                     \
		0},                                                                                                                                                                  \
	{                                                                                                                                                                            \
		"firmware-version", OPTION_FIRMWARE_VERSION, "GLOB", 0,                                                                                                              \
			"with --firmware: what AT+VER=? must say then, as in '*APP VERSION=2.5.0*'; else the device is not judged (default: 'firmware: version' of the bench file)", \
			0                                                                                                                                                            \
	}

/* Takes one of these options; false: it is none of them. */
bool firmware_arguments_take(struct run_arguments *arguments, int key, const char *value);

/* Whether there is a file to flash, and each device has a command for it and a version to be known by.
 * 'path' has it then, absolute, for commands that go elsewhere; empty: none is flashed.  -1 with err
 * set. */
int firmware_arguments_check(const struct run_arguments *arguments, const struct bench_file *file,
	char *path, size_t size, struct error *err);

/* Says in the event of the run which file it was.  -1 with err set. */
int firmware_arguments_record(
	const struct run_arguments *arguments, const char *path, json_t *event, struct error *err);

/* --resume: as the run that goes on has it from its event, which outlives the arguments. */
void firmware_arguments_keep(struct run_arguments *arguments, const json_t *event);

#endif
