/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_REQUIREMENTS_H
#define WIZHIL_REPORT_REQUIREMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/yaml.h"

struct error;

/* What the suite checks: cases/requirements.yaml. */

enum requirement_level {
	REQUIREMENT_MUST,
	REQUIREMENT_SHOULD,
	REQUIREMENT_MAY,
	REQUIREMENT_CHARACTERISE
};

struct requirement {
	const char *id, *text, *source;
	int level;   /* enum requirement_level */
	bool of_run; /* judged of the whole run, so that no case speaks for it alone */
};

struct requirements {
	const struct requirement *entries;
	size_t count;
	struct yaml_file *file; /* what they point into */
};

/* The caller ends them by requirements_free().  -1 with err set: the file is not there, or
 * wrong. */
int requirements_read(struct requirements *requirements, struct error *err);
void requirements_free(struct requirements *requirements);

/* NULL when there is none of that id. */
const struct requirement *requirement_find(const struct requirements *requirements, const char *id);

/* "must", "should", "may", "characterise". */
const char *requirement_level_name(int level);

#endif
