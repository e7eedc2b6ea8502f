/* SPDX-License-Identifier: MIT */
/*
 * Any bytes, as a whole capture file: opened, read to its end, diagnosed and written.  What must
 * hold besides memory safety: frames are those of the file, and an answer is another than its probe
 * (it may have been captured before it).
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/error.h"
#include "diagnose/diagnosis.h"
#include "diagnose/json.h"
#include "diagnose/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct sinks {
	struct diagnosis_text *text;
	struct diagnosis_json *json;
};

static int take(const struct diagnosed_connection *connection, void *context)
{
	struct sinks *sinks = context;

	for (size_t i = 0; i < connection->direction_count; i++) {
		const struct diagnosed_direction *direction = &connection->directions[i];
		for (size_t j = 0; j < direction->probe_count; j++) {
			const struct diagnosed_probe *probe = &direction->probes[j];
			if (probe->at.frame == 0 || probe->length > 1)
				abort();
			if (probe->answer != PROBE_NOT_ANSWERED &&
				(probe->answered.frame == 0 ||
					probe->answered.frame == probe->at.frame))
				abort();
		}
	}
	(void)diagnosis_json_take(connection, sinks->json);
	return diagnosis_text_take(connection, sinks->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	FILE *nowhere = fopen("/dev/null", "we");
	struct diagnosis_totals totals = {0};
	struct error err = {0};
	char path[64];

	if (fd < 0 || nowhere == NULL || write(fd, bytes, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	const char *paths[] = {path};
	struct diagnosis_request request = {.paths = paths,
		.path_count = 1,
		.profile = profile_default(),
		.timeout_s = 600,
		.probes = 8};
	struct sinks sinks = {.text = diagnosis_text_new(&request, true),
		.json = diagnosis_json_new(nowhere, paths, 1)};
	(void)diagnose(&request, take, &sinks, &totals, &err);
	(void)diagnosis_json_finish(sinks.json, &totals, &err);
	(void)diagnosis_text_finish(sinks.text, &totals, nowhere, &err);
	(void)fclose(nowhere);
	(void)close(fd);
	return 0;
}
