/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_QUALIFICATION_H
#define WIZHIL_REPORT_QUALIFICATION_H

#include <stddef.h>

#include "core/exit_code.h"
#include "report/model/compare.h"
#include "report/model/run.h"

/*
 * Whether the firmware of a run may be shipped, by the run itself and by what changed since its
 * baseline, and why.  It ships when every case passed that was selected here or had passed there;
 * it does not when one fails, or the timing model is another.  Whatever is missing or inconclusive
 * leaves it unknown: that is never a reason to ship.
 *
 * A failure that is waived counts for neither.  What the firmware does otherwise than before without
 * breaking a requirement is named and decides nothing: no source says that it must stay.
 */

enum { QUALIFICATION_TEXT = 640 };

struct qualification_reason {
	enum exit_code code; /* what it comes to */
	char text[QUALIFICATION_TEXT];
};

/* A fact about the module that is another one since, or (run NULL) is not known any more. */
struct qualification_fact {
	struct changed_fact fact;
	const char *name; /* of the first case that shows it */
	size_t cases;
};

struct qualification {
	const struct run *run;
	enum exit_code code; /* 0 ship, 1 do not, 99 not known, 130 interrupted, 2 as the run's */
	size_t reason_count, fact_count;
	struct qualification_reason *reasons; /* what decides first */
	struct qualification_fact *facts;
};

/* Of a run with its baseline (run->changes), which must outlive it; the caller frees it.  NULL when
 * out of memory. */
struct qualification *qualification_of(const struct run *run);
void qualification_free(struct qualification *qualification); /* NULL is fine */

/* "SHIP", "DO NOT SHIP", "NOT KNOWN", "INTERRUPTED" */
const char *qualification_word(const struct qualification *qualification);
/* The fact in words. */
void qualification_fact_text(const struct qualification_fact *fact, char *text, size_t size);

/* For a terminal, for GitHub, and as a page.  profile: file that holds what was characterised; NULL:
 * there is none.  The caller looks at ferror(stream). */
void qualification_write_text(const struct qualification *qualification, FILE *stream, bool colour);
void qualification_write_markdown(
	const struct qualification *qualification, const char *profile, FILE *stream);
void qualification_write_html(
	const struct qualification *qualification, const char *profile, FILE *stream);

#endif
