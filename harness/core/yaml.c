/* SPDX-License-Identifier: MIT */
#include "core/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/edit_distance.h"
#include "core/error.h"
#include "core/yaml_node.h"
#include "core/yaml_value.h"

enum { LARGEST_FILE = 1 << 20, MOST_KEYS = 256, DEEPEST = 64 };

/* The entry of a mapping or list; NULL when there is none. */
static const yaml_node_t *entry(
	const struct yaml_file *yaml, const yaml_node_t *node, const char *word, size_t length)
{
	if (node->type == YAML_SEQUENCE_NODE) {
		const yaml_node_item_t *item =
			node->data.sequence.items.start + strtoul(word, NULL, 10);
		return item < node->data.sequence.items.top ? yaml_node_of(yaml, *item) : NULL;
	}
	if (node->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top; pair++) {
		const char *key = yaml_text(yaml_node_of(yaml, pair->key));
		if (strlen(key) == length && strncmp(key, word, length) == 0)
			return yaml_node_of(yaml, pair->value);
	}
	return NULL;
}

int yaml_file_wrong(
	const struct yaml_file *yaml, struct error *err, const char *where, const char *format, ...)
{
	const yaml_node_t *node = yaml_node_of(yaml, 1);
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
	yaml_wrong_place(
		yaml, node->start_mark.line, node->start_mark.column, err, format, arguments);
	va_end(arguments);
	return -1;
}

/* ---- lists ---- */

static const char *kind_of(const yaml_node_t *node)
{
	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		return "a list";
	case YAML_MAPPING_NODE:
		return "a mapping";
	case YAML_SCALAR_NODE:
	case YAML_NO_NODE:
		break;
	}
	return "a single value";
}

static size_t list_length(const yaml_node_t *list)
{
	return (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
}

static void put_list(const struct yaml_field *field, void *base, const void *items, size_t count)
{
	memcpy((char *)base + field->offset, &items, sizeof items);
	memcpy((char *)base + field->with, &count, sizeof count);
}

static int check_list(const struct yaml_file *yaml, const struct yaml_field *field,
	const yaml_node_t *node, struct error *err)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return yaml_wrong_at(
			yaml, node, err, "%s must be a list, not %s", field->key, kind_of(node));
	double count = (double)list_length(node);
	if (count < field->min)
		return yaml_wrong_at(yaml, node, err, "%s must have at least %g %s", field->key,
			field->min, field->min > 1 ? "entries" : "entry");
	if (field->max > 0 && count > field->max)
		return yaml_wrong_at(
			yaml, node, err, "%s has more than %g entries", field->key, field->max);
	return 0;
}

/* Entries that are single values, each of them a 'single' field at offset 0 of 'size' octets. */
static int read_values(struct yaml_file *yaml, const struct yaml_field *field,
	const yaml_node_t *node, enum yaml_type single, size_t size, void *base, struct error *err)
{
	const struct yaml_field entry = {.key = field->key, .type = single};

	if (check_list(yaml, field, node, err) != 0)
		return -1;
	size_t count = list_length(node);
	char *items = yaml_block_new(yaml, count * size);
	if (items == NULL)
		return yaml_out_of_memory(yaml, err);
	for (size_t i = 0; i < count; i++)
		if (yaml_read_value(yaml, &entry,
			    yaml_node_of(yaml, node->data.sequence.items.start[i]),
			    items + i * size, err) != 0)
			return -1;
	put_list(field, base, items, count);
	return 0;
}

static int read_mapping(struct yaml_file *yaml, const struct yaml_schema *schema,
	const yaml_node_t *node, void *base, struct error *err);

static int read_mappings(struct yaml_file *yaml, const struct yaml_field *field,
	const yaml_node_t *node, void *base, struct error *err)
{
	size_t size = field->schema->size;

	if (check_list(yaml, field, node, err) != 0)
		return -1;
	size_t count = list_length(node);
	char *items = yaml_block_new(yaml, count * size);
	if (items == NULL)
		return yaml_out_of_memory(yaml, err);
	for (size_t i = 0; i < count; i++) {
		const yaml_node_t *entry = yaml_node_of(yaml, node->data.sequence.items.start[i]);
		if (field->schema->defaults != NULL)
			memcpy(items + i * size, field->schema->defaults, size);
		if (read_mapping(yaml, field->schema, entry, items + i * size, err) != 0)
			return -1;
	}
	put_list(field, base, items, count);
	return 0;
}

/* ---- mappings ---- */

static int check_mapping(
	const struct yaml_file *yaml, const char *name, const yaml_node_t *node, struct error *err)
{
	if (node->type != YAML_MAPPING_NODE)
		return yaml_wrong_at(yaml, node, err,
			"%s must be a mapping (key: value, or {} for an empty one), not %s", name,
			kind_of(node));
	const yaml_node_pair_t *first = node->data.mapping.pairs.start;
	if (node->data.mapping.pairs.top - first > MOST_KEYS)
		return yaml_wrong_at(yaml, node, err, "%s has more than %d keys", name, MOST_KEYS);
	for (const yaml_node_pair_t *pair = first; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_node_of(yaml, pair->key);
		if (yaml_check_scalar(yaml, key, "a key", err) != 0)
			return -1;
		for (const yaml_node_pair_t *other = first; other < pair; other++) {
			const yaml_node_t *before = yaml_node_of(yaml, other->key);
			if (strcmp(yaml_text(before), yaml_text(key)) == 0)
				return yaml_wrong_at(yaml, key, err,
					"duplicate key " YAML_QUOTE " in %s (first in line %zu)",
					yaml_text(key), name, before->start_mark.line + 1);
		}
	}
	return 0;
}

static int read_assignments(struct yaml_file *yaml, const struct yaml_field *field,
	const yaml_node_t *node, void *base, struct error *err)
{
	if (check_mapping(yaml, field->key, node, err) != 0)
		return -1;
	const yaml_node_pair_t *first = node->data.mapping.pairs.start;
	size_t count = (size_t)(node->data.mapping.pairs.top - first);
	const char **items = yaml_block_new(yaml, count * sizeof *items);
	if (items == NULL)
		return yaml_out_of_memory(yaml, err);
	for (size_t i = 0; i < count; i++) {
		const yaml_node_t *key = yaml_node_of(yaml, first[i].key);
		const yaml_node_t *value = yaml_node_of(yaml, first[i].value);
		if (yaml_check_scalar(yaml, value, yaml_text(key), err) != 0)
			return -1;
		size_t size = strlen(yaml_text(key)) + strlen(yaml_text(value)) + 2;
		char *item = yaml_block_new(yaml, size);
		if (item == NULL)
			return yaml_out_of_memory(yaml, err);
		snprintf(item, size, "%s=%s", yaml_text(key), yaml_text(value));
		items[i] = item;
	}
	put_list(field, base, items, count);
	return 0;
}

static const char *key_of(const void *context, size_t i)
{
	const struct yaml_field *field = (const struct yaml_field *)context + i;

	/* What is refused is not suggested either. */
	return field->key != NULL && field->type == YAML_REFUSED ? "" : field->key;
}

static int read_field(struct yaml_file *yaml, const struct yaml_field *field,
	const yaml_node_t *key, const yaml_node_t *value, void *base, struct error *err)
{
	switch (field->type) {
	case YAML_REFUSED:
		return yaml_wrong_at(yaml, key, err, "%s", field->why);
	case YAML_MAPPING:
		return read_mapping(yaml, field->schema, value, (char *)base + field->offset, err);
	case YAML_MAPPINGS:
		return read_mappings(yaml, field, value, base, err);
	case YAML_STRINGS:
		return read_values(
			yaml, field, value, YAML_STRING, sizeof(const char *), base, err);
	case YAML_IPV4S:
		return read_values(yaml, field, value, YAML_IPV4, sizeof(uint32_t), base, err);
	case YAML_ASSIGNMENTS:
		return read_assignments(yaml, field, value, base, err);
	case YAML_STRING:
	case YAML_INT:
	case YAML_INT64:
	case YAML_DOUBLE:
	case YAML_BOOL:
	case YAML_DURATION:
	case YAML_ENUM:
	case YAML_IPV4:
	case YAML_CIDR:
	case YAML_PORTS:
		break;
	}
	return yaml_read_value(yaml, field, value, base, err);
}

static int check_required(const struct yaml_file *yaml, const struct yaml_schema *schema,
	const yaml_node_t *node, struct error *err)
{
	for (const struct yaml_field *field = schema->fields; field->key != NULL; field++) {
		bool found = !field->required;
		for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
			!found && pair < node->data.mapping.pairs.top; pair++)
			found = strcmp(yaml_text(yaml_node_of(yaml, pair->key)), field->key) == 0;
		if (!found)
			return yaml_wrong_at(
				yaml, node, err, "%s lacks the key '%s'", schema->name, field->key);
	}
	return 0;
}

static int read_mapping(struct yaml_file *yaml, const struct yaml_schema *schema,
	const yaml_node_t *node, void *base, struct error *err)
{
	if (check_mapping(yaml, schema->name, node, err) != 0)
		return -1;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_node_of(yaml, pair->key);
		const struct yaml_field *field = schema->fields;
		while (field->key != NULL && strcmp(field->key, yaml_text(key)) != 0)
			field++;
		if (field->key == NULL)
			return yaml_wrong_at(yaml, key, err, "unknown key " YAML_QUOTE " in %s%s",
				yaml_text(key), schema->name,
				suggest(yaml_text(key), key_of, schema->fields).text);
		if (read_field(yaml, field, key, yaml_node_of(yaml, pair->value), base, err) != 0)
			return -1;
		if (field->given != 0)
			*((bool *)base + (field->given - 1)) = true;
	}
	return check_required(yaml, schema, node, err);
}

/* ---- the document ---- */

__attribute__((format(printf, 5, 6))) static int wrong_syntax(const struct yaml_file *yaml,
	size_t line, size_t column, struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	yaml_wrong_place(yaml, line, column, err, format, arguments);
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
	return wrong_syntax(yaml, line, column, err, "invalid YAML: %s%s%s",
		parser->problem != NULL ? parser->problem : "unknown error",
		parser->context != NULL ? " " : "", parser->context != NULL ? parser->context : "");
}

/* What its parser takes for each token grows with the depth: ten thousand brackets are a minute.  What
 * it cannot read, load() will say. */
static int check_depth(
	const struct yaml_file *yaml, const char *text, size_t length, struct error *err)
{
	yaml_parser_t parser;
	yaml_token_t token;
	int depth = 0;
	bool more = true;
	size_t line = 0, column = 0;

	if (!yaml_parser_initialize(&parser))
		return yaml_out_of_memory(yaml, err);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	while (more && depth <= DEEPEST && yaml_parser_scan(&parser, &token)) {
		const yaml_token_type_t type = token.type;
		line = token.start_mark.line;
		column = token.start_mark.column;
		yaml_token_delete(&token);
		more = type != YAML_NO_TOKEN && type != YAML_STREAM_END_TOKEN;
		depth += type == YAML_FLOW_SEQUENCE_START_TOKEN ||
			 type == YAML_FLOW_MAPPING_START_TOKEN ||
			 type == YAML_BLOCK_SEQUENCE_START_TOKEN ||
			 type == YAML_BLOCK_MAPPING_START_TOKEN;
		depth -= type == YAML_FLOW_SEQUENCE_END_TOKEN ||
			 type == YAML_FLOW_MAPPING_END_TOKEN || type == YAML_BLOCK_END_TOKEN;
	}
	yaml_parser_delete(&parser);
	if (depth <= DEEPEST)
		return 0;
	return wrong_syntax(yaml, line, column, err, "nested deeper than %d levels", DEEPEST);
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
	if (yaml_node_of(yaml, 1) == NULL) {
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
		yaml_wrong_at(yaml, root, err, "second document (only one is supported)");
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
	if (check_depth(yaml, text, length, err) != 0 || load(yaml, text, length, err) != 0 ||
		read_mapping(yaml, schema, yaml_node_of(yaml, 1), into, err) != 0) {
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
	yaml_blocks_free(yaml);
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
	/* One that nobody writes to would be waited for. */
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return error_errno(err, ERROR_USAGE, "cannot read '%.200s'", path);
	if (fstat(file, &status) == 0 && (S_ISDIR(status.st_mode) || S_ISFIFO(status.st_mode))) {
		close(file);
		return error_set(err, ERROR_USAGE, "'%.200s' is a %s, not a YAML file", path,
			S_ISDIR(status.st_mode) ? "folder" : "pipe");
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
