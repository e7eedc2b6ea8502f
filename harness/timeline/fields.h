/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_TIMELINE_FIELDS_H
#define WIZHIL_TIMELINE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/names.h"
#include "timeline/timeline.h"

/*
 * Fields of the JSON lines of a timeline.  A field that has its default is left out, so that a
 * writer says only what there is to say and a reader gets back exactly what was there.  Both kinds
 * of object remember the first trouble, so that a caller checks once, at the end.
 */

struct writer {
	json_t *object;
	bool failed; /* out of memory */
};

struct reader {
	const json_t *object;
	const char *bad; /* the first field that is missing, of the wrong type or out of range */
};

struct writer writer_new(void);
/* The object, owned by the caller; NULL when out of memory. */
json_t *writer_finish(struct writer *writer);

void put_json(struct writer *writer, const char *key, json_t *value); /* takes the reference */
void put_integer(struct writer *writer, const char *key, int64_t value, int64_t normal);
void put_bool(struct writer *writer, const char *key, bool value);
void put_name(struct writer *writer, const char *key, int value, struct names names);
/* Any octets: those that are no UTF-8 are written as U+F780..U+F7FF. */
void put_text(struct writer *writer, const char *key, const char *text);

int64_t get_integer(
	struct reader *reader, const char *key, int64_t normal, int64_t low, int64_t high);
bool get_bool(struct reader *reader, const char *key);
/* There is no default: the field has to be there. */
int get_name(struct reader *reader, const char *key, struct names names);
/* The same, normal where there is no such field. */
int get_name_or(struct reader *reader, const char *key, struct names names, int normal);
void get_text(struct reader *reader, const char *key, char *text, size_t size);
const json_t *get_array(struct reader *reader, const char *key, size_t limit);

json_t *scenario_to_json(const struct scenario *scenario);
/* The name of what is wrong, NULL when nothing is. */
const char *scenario_from_json(const json_t *json, struct scenario *scenario);

#endif
