/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_YAML_NODE_H
#define WIZHIL_CORE_YAML_NODE_H

#include <stdarg.h>
#include <yaml.h>

#include "core/yaml.h"

struct error;
struct yaml_block;

/* A YAML file in memory as libyaml parsed it: its nodes, what is wrong at a node, and the memory
 * that is handed out with it.  For the readers of values and schemas in core/ only. */
struct yaml_file {
	char *name;
	yaml_document_t document;
	struct yaml_block *blocks; /* all memory handed out */
};

/* The node of libyaml's index, 1 for the root; NULL: there is none. */
yaml_node_t *yaml_node_of(const struct yaml_file *yaml, int index);

/* Zeroed memory that ends with yaml; NULL when out of memory. */
void *yaml_block_new(struct yaml_file *yaml, size_t size);
void yaml_blocks_free(struct yaml_file *yaml);

/* Sets err to "FILE:LINE:COLUMN: " of the node and the text; returns -1. */
int yaml_wrong_at(const struct yaml_file *yaml, const yaml_node_t *node, struct error *err,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same at a line and a column, from 0. */
int yaml_wrong_place(const struct yaml_file *yaml, size_t line, size_t column, struct error *err,
	const char *format, va_list arguments);
int yaml_out_of_memory(const struct yaml_file *yaml, struct error *err);

/* How much of a text from the file a message quotes. */
#define YAML_QUOTE "'%.60s'"

/* The text of a scalar node; empty for others. */
const char *yaml_text(const yaml_node_t *node);

/* Complains unless the node is a scalar with a value and without control characters; 'what' is how
 * the message calls it. */
int yaml_check_scalar(
	const struct yaml_file *yaml, const yaml_node_t *node, const char *what, struct error *err);

#endif
