/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_SCENARIO_FILE_H
#define WIZHIL_SCENARIO_SCENARIO_FILE_H

#include <stdio.h>

#include "scenario/expectation.h"
#include "scenario/scenario.h"

struct error;

/*
 * A scenario with its expectations as a YAML file, which 'wizhil run' takes as one more case.  It
 * holds the same struct scenario that a case in C builds, in the same words;
 * fixtures/scenarios/example.yaml shows and explains all of it.
 */

enum { SCENARIO_FILE_NAME = 64, SCENARIO_ABOUT = 400, SCENARIO_EXPECTATIONS = 64 };

struct scenario_file {
	char name[SCENARIO_FILE_NAME]; /* letters, digits, '-', '_', '.' */
	char about[SCENARIO_ABOUT];    /* one line for people; may be empty */
	struct scenario scenario;
	int expectation_count;
	struct expectation expectations[SCENARIO_EXPECTATIONS];
};

/* Reads the file.  Returns 0, or -1 with err set (ERROR_USAGE) to what is wrong with it and where:
 * customer.yaml:7:12: unknown key 'cout' in an expectation (did you mean 'count'?) */
int scenario_file_read(const char *path, struct scenario_file *file, struct error *err);

/* The same of a text in memory; name stands for the path in messages. */
int scenario_file_read_text(const char *name, const char *text, size_t length,
	struct scenario_file *file, struct error *err);

/* What stands behind '#' in a file that is written.  Texts may be empty. */
struct scenario_comments {
	const char *head; /* the first lines; may hold line feeds */
	char steps[SCENARIO_STEPS][SCENARIO_TEXT];
	char expectations[SCENARIO_EXPECTATIONS][SCENARIO_TEXT];
};

/* Writes it so that reading gives the same again, but for the order of setup and other steps among
 * each other.  comments may be NULL.  Returns 0; -1 with err set: a scenario that no file can say
 * (the verbs of scenario.h make none), or the stream fails. */
int scenario_file_write(const struct scenario_file *file, const struct scenario_comments *comments,
	FILE *stream, struct error *err);

/* The requirements of its expectations, each once, separated by blanks, into text.  Returns
 * text. */
enum { SCENARIO_REQUIREMENTS = SCENARIO_EXPECTATIONS * EXPECTATION_REQUIREMENT };
char *scenario_file_requirements(const struct scenario_file *file, char *text);

#endif
