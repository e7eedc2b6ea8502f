/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_ARRAY_H
#define WIZHIL_CORE_ARRAY_H

#include <stddef.h>

/*
 * An array that grows by one element at a time: a pointer (NULL while it is empty) and a count,
 * which the owner keeps in its struct and frees with free().  There is no capacity to keep: the
 * room is the count rounded up to a power of two.  So only array_add() may make it longer; the
 * owner may lower the count at any time.
 */

/* Adds a zeroed element of 'size' octets and returns it; pointers to earlier ones are then no
 * longer valid.  array: the address of the pointer, of whatever type.  NULL when out of memory:
 * pointer and count are as before. */
void *array_add(void *array, size_t *count, size_t size);

/*
 * One whose room is kept by its owner: has room for 'wanted' elements, and at least doubles where it
 * has not.  What is new holds anything.  -1 when out of memory: pointer and room are as before.
 */
int array_reserve(void *array, size_t *room, size_t wanted, size_t size);

#endif
