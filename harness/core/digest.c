/* SPDX-License-Identifier: MIT */
#include "core/digest.h"

#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/file_open.h"

static void end(struct sha256_ctx *context, char hex[DIGEST_TEXT])
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(context, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

int digest_file(const char *path, char hex[DIGEST_TEXT], struct error *err)
{
	struct sha256_ctx context;
	uint8_t octets[64 * 1024];
	size_t got;
	/* A pipe that was read already shall not be waited for. */
	FILE *file = file_of(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), "r");

	if (file == NULL)
		return error_errno(err, ERROR_BENCH, "cannot read '%s'", path);
	sha256_init(&context);
	do {
		got = fread(octets, 1, sizeof octets, file);
		sha256_update(&context, got, octets);
	} while (got == sizeof octets);
	int failed = ferror(file);
	fclose(file);
	if (failed != 0)
		return error_set(err, ERROR_BENCH, "cannot read '%s' completely", path);
	end(&context, hex);
	return 0;
}

void digest_lines(const char *const *lines, size_t count, char hex[DIGEST_TEXT])
{
	struct sha256_ctx context;

	sha256_init(&context);
	for (size_t i = 0; i < count; i++) {
		sha256_update(&context, strlen(lines[i]), (const uint8_t *)lines[i]);
		sha256_update(&context, 1, (const uint8_t *)"\n");
	}
	end(&context, hex);
}
