/* SPDX-License-Identifier: MIT */
#include "core/names.h"

#include <string.h>

int names_find(struct names names, const char *name)
{
	for (size_t i = 0; name != NULL && i < names.count; i++)
		if (strcmp(names.name[i], name) == 0)
			return (int)i;
	return -1;
}
