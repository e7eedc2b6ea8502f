/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_DIAGNOSIS_PAGE_H
#define WIZHIL_REPORT_DIAGNOSIS_PAGE_H

#include <stdio.h>

#include "diagnose/diagnosis.h"

/* The diagnosis of a recording as one HTML page that needs nothing beside it: the worst of its
 * connections, each with a picture of its timeline. */

struct diagnosis_page;

/* NULL when out of memory; request must outlive it, and ask for timelines. */
struct diagnosis_page *diagnosis_page_new(const struct diagnosis_request *request);

/* A diagnosis_take with the struct diagnosis_page as context. */
int diagnosis_page_take(const struct diagnosed_connection *connection, void *page);

/* Writes it all.  The caller looks at ferror(stream). */
void diagnosis_page_write(
	struct diagnosis_page *page, const struct diagnosis_totals *totals, FILE *stream);

/* NULL is fine. */
void diagnosis_page_free(struct diagnosis_page *page);

#endif
