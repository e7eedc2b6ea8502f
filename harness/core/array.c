/* SPDX-License-Identifier: MIT */
#include "core/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *array_add(void *array, size_t *count, size_t size)
{
	char *elements;

	/* The pointer may be of any type: it is read and written as octets. */
	memcpy(&elements, array, sizeof elements);
	if ((*count & (*count - 1)) == 0) { /* full: 0, 1, 2, 4, ... */
		size_t room = *count == 0 ? 1 : *count * 2;
		if (room > SIZE_MAX / 2 / size)
			return NULL;
		char *grown = realloc(elements, room * size);
		if (grown == NULL)
			return NULL;
		elements = grown;
		memcpy(array, &elements, sizeof elements);
	}
	char *element = elements + *count * size;
	memset(element, 0, size);
	++*count;
	return element;
}
