/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_HTML_H
#define WIZHIL_REPORT_HTML_H

#include <stdio.h>

#include "report/model/run.h"

/* Writes the run as one HTML page that needs nothing beside it: no network, no other file.  The
 * timelines are read from the run folder; one that is missing or torn is said to be so in its
 * place. */
void html_write(const struct run *run, const char *run_folder, FILE *stream);

#endif
