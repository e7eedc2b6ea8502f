/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_NAMES_H
#define WIZHIL_CORE_NAMES_H

#include <stddef.h>

/* The names of an enum's values, in their order from 0: how a file has them. */
struct names {
	const char *const *name;
	size_t count;
};

/* Of a table that is an array: const char *const table[] = {[VALUE] = "name", ...}. */
#define NAMES(table) ((struct names){(table), sizeof(table) / sizeof *(table)})

/* The value of that name; -1 where there is none, and of NULL. */
int names_find(struct names names, const char *name);

#endif
