/* SPDX-License-Identifier: MIT */
#include "cli/run/firmware_arguments.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/error.h"
#include "core/json_text.h"

bool firmware_arguments_take(struct run_arguments *arguments, int key, const char *value)
{
	if (key == OPTION_FIRMWARE)
		arguments->firmware = value;
	else if (key == OPTION_FIRMWARE_VERSION)
		arguments->firmware_version = value;
	else
		return false;
	return true;
}

static int check_file(
	const struct run_arguments *arguments, char *path, size_t size, struct error *err)
{
	char absolute[PATH_MAX];
	struct stat status;

	if (realpath(arguments->firmware, absolute) == NULL || access(absolute, R_OK) != 0 ||
		stat(absolute, &status) != 0)
		return error_errno(
			err, ERROR_USAGE, "cannot read the firmware '%s'", arguments->firmware);
	if (!S_ISREG(status.st_mode) || status.st_size == 0)
		return error_set(err, ERROR_USAGE, "the firmware '%s' is %s", arguments->firmware,
			S_ISREG(status.st_mode) ? "an empty file" : "no file");
	snprintf(path, size, "%s", absolute);
	return 0;
}

static int check_device(
	const struct run_arguments *arguments, const struct bench_device *device, struct error *err)
{
	if (device->firmware.flash == NULL)
		return error_set(err, ERROR_USAGE,
			"device '%s' has no command for --firmware (add to the bench file: firmware: { flash: COMMAND, version: GLOB }; see 'wizhil help bench')",
			device->name);
	if (device->firmware.version == NULL && arguments->firmware_version == NULL)
		return error_set(err, ERROR_USAGE,
			"it is not said what device '%s' is to report with the firmware '%s' (try: --firmware-version '*VERSION=...*', or 'firmware: version' in the bench file)",
			device->name, arguments->firmware);
	return 0;
}

int firmware_arguments_check(const struct run_arguments *arguments, const struct bench_file *file,
	char *path, size_t size, struct error *err)
{
	path[0] = '\0';
	if (arguments->firmware == NULL && arguments->firmware_version != NULL &&
		!arguments->firmware_was_flashed)
		return error_set(err, ERROR_USAGE, "--firmware-version needs --firmware FILE");
	if (arguments->firmware == NULL)
		return 0;
	if (arguments->judge != NULL)
		return error_set(err, ERROR_USAGE, "--firmware and --judge exclude each other");
	for (size_t i = 0; i < file->device_count; i++)
		if (check_device(arguments, &file->devices[i], err) != 0)
			return -1;
	return check_file(arguments, path, size, err);
}

int firmware_arguments_record(
	const struct run_arguments *arguments, const char *path, json_t *event, struct error *err)
{
	char hex[DIGEST_TEXT];

	if (path[0] == '\0')
		return 0;
	if (digest_file(path, hex, err) != 0)
		return -1;
	json_t *firmware = json_pack("{s:o, s:s}", "file", json_text(path), "sha256", hex);
	if (arguments->firmware_version != NULL)
		json_object_set_new(firmware, "version", json_text(arguments->firmware_version));
	return json_object_set_new(event, "firmware", firmware);
}

void firmware_arguments_keep(struct run_arguments *arguments, const json_t *event)
{
	arguments->firmware_was_flashed = event != NULL;
	arguments->firmware_version = json_string_value(json_object_get(event, "version"));
}
