/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_YAML_PARTS_H
#define WIZHIL_CORE_YAML_PARTS_H

#include <stdarg.h>
#include <yaml.h>

#include "core/yaml.h"

struct error;

/* The insides of yaml.h, shared by its files: yaml.c (file, document, memory), yaml_schema.c
 * (mappings and lists by a schema), yaml_value.c (single values). */

struct yaml_block;

struct yaml_file {
	char *name;
	yaml_document_t document;
	struct yaml_block *blocks; /* all memory handed out */
};

/* Zeroed memory that ends with yaml; NULL when out of memory. */
void *yaml_block_new(struct yaml_file *yaml, size_t size);

/* Sets err to "FILE:LINE:COLUMN: " of the node and the text; returns -1. */
int yaml_wrong_at(const struct yaml_file *yaml, const yaml_node_t *node, struct error *err,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
int yaml_out_of_memory(const struct yaml_file *yaml, struct error *err);

/* The text of a scalar node. */
const char *yaml_text(const yaml_node_t *node);

/* How much of a text from the file a message quotes. */
#define YAML_QUOTE "'%.60s'"

/* " (did you mean 'port'?)" when one of the words is within two edits of the text, or "".  words()
 * gives the i-th word, NULL behind the last. */
typedef const char *yaml_word_fn(const void *context, size_t i);
struct yaml_hint {
	char text[96];
};
struct yaml_hint yaml_suggest(const char *text, yaml_word_fn *words, const void *context);

/* Reads one scalar into the member(s) of the struct 'base'; the field's type is a single value. */
int yaml_read_value(const struct yaml_file *yaml, const struct yaml_field *field,
	const yaml_node_t *node, void *base, struct error *err);

/* Complains unless the node is a scalar with a value and without control characters; 'what' is how
 * the message calls it. */
int yaml_check_scalar(
	const struct yaml_file *yaml, const yaml_node_t *node, const char *what, struct error *err);

/* Reads a mapping into the struct 'base'. */
int yaml_read_mapping(struct yaml_file *yaml, const struct yaml_schema *schema,
	const yaml_node_t *node, void *base, struct error *err);

#endif
