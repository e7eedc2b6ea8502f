/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_YAML_VALUE_H
#define WIZHIL_CORE_YAML_VALUE_H

#include "core/yaml_node.h"

/* Reads one scalar into the member(s) of the struct 'base'; the field's type is a single value. */
int yaml_read_value(const struct yaml_file *yaml, const struct yaml_field *field,
	const yaml_node_t *node, void *base, struct error *err);

#endif
