/* SPDX-License-Identifier: MIT */
#include "uart/at_data_mode.h"

/* True: the byte is data. */
static bool take(enum at_data_mode_state *state, uint8_t byte)
{
	const bool end = byte == '\r' || byte == '\n';

	switch (*state) {
	case AT_DATA_MODE_LINE_END:
		*state = AT_DATA_MODE_DATA;
		if (byte == '\n')
			return false;
		break;
	case AT_DATA_MODE_BEFORE_LINE:
		if (!end)
			*state = AT_DATA_MODE_LINE;
		return false;
	case AT_DATA_MODE_LINE:
		if (end)
			*state = byte == '\r' ? AT_DATA_MODE_LINE_END : AT_DATA_MODE_DATA;
		return false;
	case AT_DATA_MODE_DATA:
		break;
	}
	if (end)
		*state = AT_DATA_MODE_BEFORE_LINE;
	return !end;
}

size_t at_data_mode_split(
	enum at_data_mode_state *state, const uint8_t *bytes, size_t size, bool *is_data)
{
	size_t length = 1;

	*is_data = take(state, bytes[0]);
	for (; length < size; length++) {
		enum at_data_mode_state next = *state;
		if (take(&next, bytes[length]) != *is_data)
			break;
		*state = next;
	}
	return length;
}
