/* SPDX-License-Identifier: MIT */
#include "core/yaml_parts.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_WORD = 48, NEAR_ENOUGH = 2, MOST_KEYS = 256 };

static yaml_node_t *node_of(const struct yaml_file *yaml, int index)
{
	return yaml_document_get_node((yaml_document_t *)&yaml->document, index);
}

/* ---- did you mean ---- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance of two short words; NEAR_ENOUGH + 1 for long ones. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[LONGEST_WORD + 1];
	size_t length = strlen(b);

	if (strlen(a) > LONGEST_WORD || length > LONGEST_WORD)
		return NEAR_ENOUGH + 1;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
			diagonal = row[j + 1];
			row[j + 1] = least(replaced, least(diagonal, row[j]) + 1);
		}
	}
	return row[length];
}

struct yaml_hint yaml_suggest(const char *text, yaml_word_fn *words, const void *context)
{
	struct yaml_hint hint = {""};
	size_t best = NEAR_ENOUGH + 1;
	const char *word;

	for (size_t i = 0; (word = words(context, i)) != NULL; i++) {
		size_t distance = edit_distance(text, word);
		/* 'up' is not what one meant by 'on'. */
		if (distance >= best || distance >= strlen(word))
			continue;
		best = distance;
		snprintf(hint.text, sizeof hint.text, " (did you mean '%s'?)", word);
	}
	return hint;
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
		if (yaml_read_value(yaml, &entry, node_of(yaml, node->data.sequence.items.start[i]),
			    items + i * size, err) != 0)
			return -1;
	put_list(field, base, items, count);
	return 0;
}

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
		const yaml_node_t *entry = node_of(yaml, node->data.sequence.items.start[i]);
		if (field->schema->defaults != NULL)
			memcpy(items + i * size, field->schema->defaults, size);
		if (yaml_read_mapping(yaml, field->schema, entry, items + i * size, err) != 0)
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
		const yaml_node_t *key = node_of(yaml, pair->key);
		if (yaml_check_scalar(yaml, key, "a key", err) != 0)
			return -1;
		for (const yaml_node_pair_t *other = first; other < pair; other++) {
			const yaml_node_t *before = node_of(yaml, other->key);
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
		const yaml_node_t *key = node_of(yaml, first[i].key);
		const yaml_node_t *value = node_of(yaml, first[i].value);
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
		return yaml_read_mapping(
			yaml, field->schema, value, (char *)base + field->offset, err);
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
			found = strcmp(yaml_text(node_of(yaml, pair->key)), field->key) == 0;
		if (!found)
			return yaml_wrong_at(
				yaml, node, err, "%s lacks the key '%s'", schema->name, field->key);
	}
	return 0;
}

int yaml_read_mapping(struct yaml_file *yaml, const struct yaml_schema *schema,
	const yaml_node_t *node, void *base, struct error *err)
{
	if (check_mapping(yaml, schema->name, node, err) != 0)
		return -1;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = node_of(yaml, pair->key);
		const struct yaml_field *field = schema->fields;
		while (field->key != NULL && strcmp(field->key, yaml_text(key)) != 0)
			field++;
		if (field->key == NULL)
			return yaml_wrong_at(yaml, key, err, "unknown key " YAML_QUOTE " in %s%s",
				yaml_text(key), schema->name,
				yaml_suggest(yaml_text(key), key_of, schema->fields).text);
		if (read_field(yaml, field, key, node_of(yaml, pair->value), base, err) != 0)
			return -1;
		if (field->given != 0)
			*((bool *)base + (field->given - 1)) = true;
	}
	return check_required(yaml, schema, node, err);
}
