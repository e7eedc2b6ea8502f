/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_JSON_H
#define WIZHIL_DIAGNOSE_JSON_H

#include <stdio.h>

#include "diagnose/diagnosis.h"

struct error;

/* Writes the diagnosis as JSON (reports/schema/diagnosis.schema.json) while it is made: nothing of
 * it is kept. */

struct diagnosis_json;

/* Begins the document.  The stream stays the caller's.  NULL when out of memory. */
struct diagnosis_json *diagnosis_json_new(
	FILE *stream, const char *const *paths, size_t path_count);

/* A diagnosis_take with the struct diagnosis_json as context. */
int diagnosis_json_take(const struct diagnosed_connection *connection, void *json);

/* Ends the document and frees.  totals NULL: nothing could be read. -1 with err set: not all of it
 * could be written. */
int diagnosis_json_finish(
	struct diagnosis_json *json, const struct diagnosis_totals *totals, struct error *err);

#endif
