/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "uart/at_codec.h"

enum { ESC = 0x1b, CIDS = 16, BULK_HEADER = AT_FRAME_MAX - AT_BULK_MAX };

size_t at_encode_data(int cid, const uint8_t *bytes, size_t count, uint8_t out[AT_FRAME_MAX])
{
	char header[BULK_HEADER + 1];

	if (cid < 0 || cid >= CIDS || count > AT_BULK_MAX)
		return 0;
	snprintf(header, sizeof header, "\x1bZ%x%04u", (unsigned)cid, (unsigned)count % 10000U);
	memcpy(out, header, BULK_HEADER);
	memcpy(out + BULK_HEADER, bytes, count);
	return BULK_HEADER + count;
}

size_t at_encode_stream(int cid, const uint8_t *bytes, size_t count, uint8_t *out, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0;

	if (cid < 0 || cid >= CIDS || count == 0 || size < 5)
		return 0;
	out[used++] = ESC;
	out[used++] = 'S';
	out[used++] = (uint8_t)digits[cid];
	for (size_t i = 0; i < count; i++) {
		if (used + (bytes[i] == ESC ? 2U : 1U) + 2 > size)
			return 0;
		if (bytes[i] == ESC)
			out[used++] = ESC;
		out[used++] = bytes[i];
	}
	out[used++] = ESC;
	out[used++] = 'E';
	return used;
}
