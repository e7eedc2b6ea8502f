/* SPDX-License-Identifier: MIT */
#include "core/yaml_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

enum { LARGEST_FILE = 1 << 20 };

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

/* ---- errors with a place ---- */

/* A key may be anything, a line feed or an escape sequence too: a message is one line of text. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static int wrong(const char *name, size_t line, size_t column, struct error *err,
	const char *format, va_list arguments)
{
	char text[768];

	vsnprintf(text, sizeof text, format, arguments);
	error_set(err, ERROR_USAGE, "%.200s:%zu:%zu: %s", name, line + 1, column + 1, text);
	if (err != NULL)
		make_printable(err->text);
	return -1;
}

int yaml_wrong_at(const struct yaml_file *yaml, const yaml_node_t *node, struct error *err,
	const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	wrong(yaml->name, node->start_mark.line, node->start_mark.column, err, format, arguments);
	va_end(arguments);
	return -1;
}

int yaml_out_of_memory(const struct yaml_file *yaml, struct error *err)
{
	return error_set(err, ERROR_MEMORY, "out of memory for '%.200s'", yaml->name);
}

static yaml_node_t *node_of(const struct yaml_file *yaml, int index)
{
	/* libyaml forgot the const. */
	return yaml_document_get_node((yaml_document_t *)&yaml->document, index);
}

/* The entry of a mapping or list; NULL when there is none. */
static const yaml_node_t *entry(
	const struct yaml_file *yaml, const yaml_node_t *node, const char *word, size_t length)
{
	if (node->type == YAML_SEQUENCE_NODE) {
		const yaml_node_item_t *item =
			node->data.sequence.items.start + strtoul(word, NULL, 10);
		return item < node->data.sequence.items.top ? node_of(yaml, *item) : NULL;
	}
	if (node->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top; pair++) {
		const char *key = yaml_text(node_of(yaml, pair->key));
		if (strlen(key) == length && strncmp(key, word, length) == 0)
			return node_of(yaml, pair->value);
	}
	return NULL;
}

int yaml_file_wrong(
	const struct yaml_file *yaml, struct error *err, const char *where, const char *format, ...)
{
	const yaml_node_t *node = node_of(yaml, 1);
	va_list arguments;

	while (*where != '\0') {
		size_t length = strcspn(where, ".");
		const yaml_node_t *below = entry(yaml, node, where, length);
		if (below == NULL)
			break;
		node = below;
		where += length + (where[length] == '.' ? 1 : 0);
	}
	va_start(arguments, format);
	wrong(yaml->name, node->start_mark.line, node->start_mark.column, err, format, arguments);
	va_end(arguments);
	return -1;
}

/* ---- the document ---- */

__attribute__((format(printf, 5, 6))) static int wrong_syntax(const struct yaml_file *yaml,
	size_t line, size_t column, struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	wrong(yaml->name, line, column, err, format, arguments);
	va_end(arguments);
	return -1;
}

/* Says what libyaml found wrong.  For octets that are no text it knows only their offset. */
static int parser_error(const struct yaml_file *yaml, const yaml_parser_t *parser, const char *text,
	struct error *err)
{
	size_t line = parser->problem_mark.line;
	size_t column = parser->problem_mark.column;

	if (parser->error == YAML_MEMORY_ERROR)
		return yaml_out_of_memory(yaml, err);
	if (parser->error == YAML_READER_ERROR) {
		line = column = 0;
		for (size_t i = 0; i < parser->problem_offset; i++) {
			column = text[i] == '\n' ? 0 : column + 1;
			line += text[i] == '\n' ? 1 : 0;
		}
	}
	return wrong_syntax(yaml, line, column, err, "not YAML: %s%s%s",
		parser->problem != NULL ? parser->problem : "something is wrong",
		parser->context != NULL ? " " : "", parser->context != NULL ? parser->context : "");
}

/* There must be one document and no second. */
static int load(struct yaml_file *yaml, const char *text, size_t length, struct error *err)
{
	yaml_parser_t parser;
	yaml_document_t second;
	int result = -1;

	if (!yaml_parser_initialize(&parser))
		return yaml_out_of_memory(yaml, err);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	if (!yaml_parser_load(&parser, &yaml->document)) {
		parser_error(yaml, &parser, text, err);
		goto out;
	}
	if (node_of(yaml, 1) == NULL) {
		wrong_syntax(yaml, 0, 0, err, "the file is empty");
		goto out;
	}
	if (!yaml_parser_load(&parser, &second)) {
		parser_error(yaml, &parser, text, err);
		goto out;
	}
	const yaml_node_t *root = yaml_document_get_root_node(&second);
	if (root == NULL)
		result = 0;
	else
		yaml_wrong_at(yaml, root, err, "a second document begins here (one is enough)");
	yaml_document_delete(&second);
out:
	yaml_parser_delete(&parser);
	return result;
}

struct yaml_file *yaml_file_read_text(const char *name, const char *text, size_t length,
	const struct yaml_schema *schema, void *into, struct error *err)
{
	struct yaml_file *yaml = calloc(1, sizeof *yaml);

	if (yaml == NULL || (yaml->name = strdup(name)) == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory for '%.200s'", name);
		free(yaml);
		return NULL;
	}
	if (load(yaml, text, length, err) != 0 ||
		yaml_read_mapping(yaml, schema, node_of(yaml, 1), into, err) != 0) {
		yaml_file_free(yaml);
		return NULL;
	}
	return yaml;
}

void yaml_file_free(struct yaml_file *yaml)
{
	if (yaml == NULL)
		return;
	yaml_document_delete(&yaml->document);
	while (yaml->blocks != NULL) {
		struct yaml_block *next = yaml->blocks->next;
		free(yaml->blocks);
		yaml->blocks = next;
	}
	free(yaml->name);
	free(yaml);
}

/* ---- the file ---- */

/* Reads up to LARGEST_FILE + 1 octets; the caller frees *text. */
static int read_whole(const char *path, char **text, size_t *length, struct error *err)
{
	struct stat status;
	ssize_t count = -1;

	*length = 0;
	*text = malloc(LARGEST_FILE + 1);
	if (*text == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory for '%.200s'", path);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return error_errno(err, ERROR_USAGE, "cannot read '%.200s'", path);
	if (fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
		close(file);
		return error_set(err, ERROR_USAGE, "'%.200s' is a folder, not a YAML file", path);
	}
	while ((count = read(file, *text + *length, LARGEST_FILE + 1 - *length)) > 0)
		*length += (size_t)count;
	if (count < 0)
		error_errno(err, ERROR_USAGE, "cannot read '%.200s'", path);
	close(file);
	return count < 0 ? -1 : 0;
}

struct yaml_file *yaml_file_read(
	const char *path, const struct yaml_schema *schema, void *into, struct error *err)
{
	struct yaml_file *yaml = NULL;
	char *text = NULL;
	size_t length = 0;

	if (read_whole(path, &text, &length, err) == 0) {
		if (length > LARGEST_FILE)
			error_set(err, ERROR_USAGE, "'%.200s' is too long for a YAML file (1 MiB)",
				path);
		else
			yaml = yaml_file_read_text(path, text, length, schema, into, err);
	}
	free(text);
	return yaml;
}

/* ---- what callers keep ---- */

const char *yaml_file_keep(struct yaml_file *yaml, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = yaml_block_new(yaml, size);

	return copy == NULL ? NULL : memcpy(copy, text, size);
}

const char *yaml_file_beside(struct yaml_file *yaml, const char *path)
{
	const char *slash = strrchr(yaml->name, '/');

	if (path[0] == '/' || slash == NULL)
		return yaml_file_keep(yaml, path);
	size_t folder = (size_t)(slash - yaml->name) + 1;
	size_t size = folder + strlen(path) + 1;
	char *joined = yaml_block_new(yaml, size);
	if (joined != NULL)
		snprintf(joined, size, "%.*s%s", (int)folder, yaml->name, path);
	return joined;
}
