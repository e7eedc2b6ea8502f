/* SPDX-License-Identifier: MIT */
/* Any bytes as a pcapng file: no more octets of a packet than were read, and every packet decoded. */
#include <stdlib.h>

#include "core/error.h"
#include "wire/decode.h"
#include "wire/pcapng_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct captured_packet captured = {0};
	struct packet packet;
	struct error err = {0};
	FILE *stream = size == 0 ? NULL : fmemopen((void *)(uintptr_t)bytes, size, "rb");
	struct pcapng_reader *reader = stream == NULL ? NULL : pcapng_reader_new(stream, &err);

	while (reader != NULL && pcapng_reader_next(reader, &captured, &err) == 1) {
		if (captured.captured > size || captured.time_ns < 0)
			abort();
		(void)packet_decode(captured.link_type, captured.bytes, captured.captured,
			captured.wire_length, &packet);
	}
	pcapng_reader_free(reader);
	return 0;
}
