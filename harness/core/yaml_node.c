/* SPDX-License-Identifier: MIT */
#include "core/yaml_node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

struct yaml_block {
	struct yaml_block *next;
	max_align_t data[];
};

void *yaml_block_new(struct yaml_file *yaml, size_t size)
{
	struct yaml_block *block = calloc(1, sizeof *block + size);

	if (block == NULL)
		return NULL;
	block->next = yaml->blocks;
	yaml->blocks = block;
	return block->data;
}

yaml_node_t *yaml_node_of(const struct yaml_file *yaml, int index)
{
	/* libyaml forgot the const. */
	return yaml_document_get_node((yaml_document_t *)&yaml->document, index);
}

void yaml_blocks_free(struct yaml_file *yaml)
{
	while (yaml->blocks != NULL) {
		struct yaml_block *next = yaml->blocks->next;
		free(yaml->blocks);
		yaml->blocks = next;
	}
}

/* ---- errors with a place ---- */

int yaml_wrong_place(const struct yaml_file *yaml, size_t line, size_t column, struct error *err,
	const char *format, va_list arguments)
{
	char text[768];

	vsnprintf(text, sizeof text, format, arguments);
	error_set(err, ERROR_USAGE, "%.200s:%zu:%zu: %s", yaml->name, line + 1, column + 1, text);
	return -1;
}

int yaml_wrong_at(const struct yaml_file *yaml, const yaml_node_t *node, struct error *err,
	const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	yaml_wrong_place(
		yaml, node->start_mark.line, node->start_mark.column, err, format, arguments);
	va_end(arguments);
	return -1;
}

int yaml_out_of_memory(const struct yaml_file *yaml, struct error *err)
{
	return error_set(err, ERROR_MEMORY, "out of memory for '%.200s'", yaml->name);
}

/* ---- scalars ---- */

const char *yaml_text(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

static bool is_null(const yaml_node_t *node)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

	if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
		if (strcmp(yaml_text(node), nulls[i]) == 0)
			return true;
	return false;
}

int yaml_check_scalar(
	const struct yaml_file *yaml, const yaml_node_t *node, const char *what, struct error *err)
{
	if (node->type != YAML_SCALAR_NODE)
		return yaml_wrong_at(yaml, node, err, "%.60s must be a single value, not a %s",
			what, node->type == YAML_SEQUENCE_NODE ? "list" : "mapping");
	if (is_null(node))
		return yaml_wrong_at(yaml, node, err, "%.60s has no value", what);
	for (size_t i = 0; i < node->data.scalar.length; i++)
		if (node->data.scalar.value[i] < ' ' || node->data.scalar.value[i] == 0x7f)
			return yaml_wrong_at(
				yaml, node, err, "%.60s contains a control character", what);
	return 0;
}
