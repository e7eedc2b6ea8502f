/* SPDX-License-Identifier: MIT */
#include "bench/bench_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

enum { LONGEST_SECRET = 128 };

/* The first line, or as much of it as shows that it is too long. */
static int read_first_line(const char *path, char line[LONGEST_SECRET], struct error *err)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return error_errno(err, ERROR_USAGE, "cannot read the passphrase file '%s'", path);
	bool found = fgets(line, LONGEST_SECRET, file) != NULL;
	fclose(file);
	if (!found)
		return error_set(err, ERROR_USAGE, "passphrase file '%s' is empty", path);
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}

/* It goes into an AT command, which a line feed would end. */
static bool is_printable(const char *secret)
{
	for (; *secret != '\0'; secret++)
		if (*secret < ' ' || *secret > '~')
			return false;
	return true;
}

static bool is_hex(const char *secret)
{
	return secret[strspn(secret, "0123456789abcdefABCDEF")] == '\0';
}

/* What the security allows; says what that is, never what was found. */
static int check_secret(const struct bench_wifi *wifi, const char *secret, struct error *err)
{
	const char *from =
		wifi->passphrase_env != NULL ? wifi->passphrase_env : wifi->passphrase_file;
	size_t length = strlen(secret);

	if (wifi->security == WIFI_WEP) {
		if (is_printable(secret) &&
			(length == 5 || length == 13 ||
				((length == 10 || length == 26) && is_hex(secret))))
			return 0;
		return error_set(err, ERROR_USAGE,
			"the WEP key in '%s' must be 5 or 13 characters or 10 or 26 hex digits long",
			from);
	}
	if (is_printable(secret) && length >= 8 && length <= 63)
		return 0;
	return error_set(err, ERROR_USAGE,
		"the passphrase in '%s' must be 8 to 63 printable ASCII characters long", from);
}

int bench_file_secret(const struct bench_wifi *wifi, char **out, struct error *err)
{
	char line[LONGEST_SECRET] = "";
	const char *secret = line;
	int result = -1;

	*out = NULL;
	if (wifi->security == WIFI_OPEN)
		return 0;
	if (wifi->passphrase_env != NULL) {
		secret = getenv(wifi->passphrase_env);
		if (secret == NULL)
			return error_set(err, ERROR_USAGE,
				"missing passphrase of '%s': environment variable '%s' is not set",
				wifi->ssid, wifi->passphrase_env);
	} else if (read_first_line(wifi->passphrase_file, line, err) != 0) {
		return -1;
	}
	if (check_secret(wifi, secret, err) == 0) {
		*out = strdup(secret);
		result = *out != NULL ? 0 : error_set(err, ERROR_MEMORY, "out of memory");
	}
	explicit_bzero(line, sizeof line);
	return result;
}

int bench_file_check_secrets(const struct bench_file *file, struct error *err)
{
	for (size_t i = 0; i < file->device_count; i++) {
		char *secret = NULL;
		if (bench_file_secret(&file->devices[i].wifi, &secret, err) != 0)
			return error_context(err, "device '%s'", file->devices[i].name);
		if (secret != NULL)
			explicit_bzero(secret, strlen(secret));
		free(secret);
	}
	return 0;
}
