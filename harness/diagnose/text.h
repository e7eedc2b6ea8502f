/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_TEXT_H
#define WIZHIL_DIAGNOSE_TEXT_H

#include <stdio.h>

#include "diagnose/diagnosis.h"

struct error;

/* The diagnosis for people: one line for each connection that matters, worst first, findings below
 * it.  Of a recording with very many connections only the worst are kept and shown. */

struct diagnosis_text;

/* verbose: each probe as well.  NULL when out of memory; request must outlive it. */
struct diagnosis_text *diagnosis_text_new(const struct diagnosis_request *request, bool verbose);

/* A diagnosis_take with the struct diagnosis_text as context. */
int diagnosis_text_take(const struct diagnosed_connection *connection, void *text);

/* Writes it all, and frees.  -1 with err set when it could not be written. */
int diagnosis_text_finish(struct diagnosis_text *text, const struct diagnosis_totals *totals,
	FILE *stream, struct error *err);

#endif
