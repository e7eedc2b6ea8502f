/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_HTML_PAGE_H
#define WIZHIL_REPORT_HTML_PAGE_H

#include <stdio.h>

#include "core/exit_code.h"
#include "judge/outcome.h"

/* The frame of every HTML page of wizhil: head, style, symbols of the pictures, script
 * (reports/templates/page.html).  The body comes between the two. */
void html_page_begin(FILE *stream, const char *title, enum outcome outcome);
void html_page_end(FILE *stream);

/* One character for an outcome, so that colour is never its only sign; UTF-8. */
const char *html_sign(enum outcome outcome);

/* As what a page shows that its command exits with this; otherwise: of what says no more than that
 * it did not pass. */
enum outcome html_outcome(enum exit_code code, enum outcome otherwise);

/* The outcome as a class name: "not-run". */
const char *html_class(enum outcome outcome);

/* Sign and word of an outcome, in its colour. */
void html_badge(FILE *stream, enum outcome outcome);

/* The same of a failure that is waived. */
#define HTML_WAIVED "waived"
void html_badge_waived(FILE *stream);

#endif
