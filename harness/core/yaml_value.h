/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_YAML_VALUE_H
#define WIZHIL_CORE_YAML_VALUE_H

#include "core/yaml_node.h"

/* Reads one scalar into the member(s) of the struct 'base'; the field's type is a single value. */
int yaml_read_value(const struct yaml_file *yaml, const struct yaml_field *field,
	const yaml_node_t *node, void *base, struct error *err);

/* " (did you mean 'port'?)" when one of the words is within two edits of the text, or "".  words()
 * gives the i-th word, NULL behind the last. */
typedef const char *yaml_word_fn(const void *context, size_t i);
struct yaml_hint {
	char text[96];
};
struct yaml_hint yaml_suggest(const char *text, yaml_word_fn *words, const void *context);

#endif
