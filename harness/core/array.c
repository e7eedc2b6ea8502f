/* SPDX-License-Identifier: MIT */
#include "core/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The pointer may be of any type: it is read and written as octets. */
static int resize(void *array, size_t room, size_t size)
{
	char *elements;

	if (room > SIZE_MAX / 2 / size)
		return -1;
	memcpy(&elements, array, sizeof elements);
	char *grown = realloc(elements, room * size);
	if (grown == NULL)
		return -1;
	elements = grown;
	memcpy(array, &elements, sizeof elements);
	return 0;
}

void *array_add(void *array, size_t *count, size_t size)
{
	char *elements;

	if ((*count & (*count - 1)) == 0 && /* full: 0, 1, 2, 4, ... */
		resize(array, *count == 0 ? 1 : *count * 2, size) != 0)
		return NULL;
	memcpy(&elements, array, sizeof elements);
	char *element = elements + *count * size;
	memset(element, 0, size);
	++*count;
	return element;
}

int array_reserve(void *array, size_t *room, size_t wanted, size_t size)
{
	const size_t more = wanted < 2 * *room ? 2 * *room : wanted;

	if (wanted <= *room)
		return 0;
	if (resize(array, more, size) != 0)
		return -1;
	*room = more;
	return 0;
}
