/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_MEASURE_H
#define WIZHIL_REPORT_MEASURE_H

#include <stddef.h>

struct check;
struct verdict;

/* The leg that says most about a verdict: how long a silent peer took to be declared dead, else
 * when the first probe came, else the one nearest to the edge of its window.  NULL: nothing was
 * measured. */
const struct check *decisive_leg(const struct verdict *verdict);

/* A measured leg against what was expected of it, in a few words: "600.2 s against 8 x 75 = 600 s",
 * "first probe 150.0 s against 150 s", "wire to notice 0.0 s within 5.6 s". */
void measure_text(const struct check *check, char *text, size_t size);

#endif
