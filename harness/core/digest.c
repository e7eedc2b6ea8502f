/* SPDX-License-Identifier: MIT */
#include "core/digest.h"

#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>

#include "core/error.h"

int digest_file(const char *path, char hex[DIGEST_TEXT], struct error *err)
{
	struct sha256_ctx context;
	uint8_t octets[64 * 1024], digest[SHA256_DIGEST_SIZE];
	size_t got;
	/* A pipe that was read already shall not be waited for. */
	int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "r");

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
	sha256_digest(&context, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return 0;
}
