/* SPDX-License-Identifier: MIT */
#include "core/yaml_value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/edit_distance.h"
#include "core/error.h"
#include "core/text_buffer.h"
#include "core/units.h"
#include "core/yaml_node.h"

/* One value being read. */
struct value {
	const struct yaml_file *yaml;
	const struct yaml_field *field;
	const yaml_node_t *node;
	const char *text;
	char *member; /* where it goes */
	char *with;   /* and its second part */
	struct error *err;
};

static int must_be(const struct value *value, const char *what)
{
	return yaml_wrong_at(value->yaml, value->node, value->err, "%s must be %s, not " YAML_QUOTE,
		value->field->key, what, value->text);
}

static bool limited(const struct yaml_field *field)
{
	return field->min != 0 || field->max != 0;
}

/* min to max of the field, where it has limits. */
static int check_range(const struct value *value, double number, const char *unit)
{
	const struct yaml_field *field = value->field;
	char range[80];

	if (!limited(field) || (number >= field->min && number <= field->max))
		return 0;
	snprintf(range, sizeof range, "%.15g to %.15g%s", field->min, field->max, unit);
	return must_be(value, range);
}

static int read_string(const struct value *value)
{
	const struct yaml_field *field = value->field;
	double length = (double)strlen(value->text);

	if (length == 0)
		return yaml_wrong_at(
			value->yaml, value->node, value->err, "%s must not be empty", field->key);
	if (limited(field) && (length < field->min || length > field->max))
		return yaml_wrong_at(value->yaml, value->node, value->err,
			"%s must be %.15g to %.15g characters long", field->key, field->min,
			field->max);
	memcpy(value->member, &value->text, sizeof value->text);
	return 0;
}

static int read_integer(const struct value *value)
{
	char *end;

	errno = 0;
	long long number = strtoll(value->text, &end, 10);
	if (end == value->text || *end != '\0' || strchr(" \t+", value->text[0]) != NULL)
		return must_be(value, "a whole number");
	bool narrow = value->field->type == YAML_INT;
	if (errno == ERANGE || (narrow && (number < INT32_MIN || number > INT32_MAX)))
		return limited(value->field) ? check_range(value, (double)number, "")
					     : must_be(value, "a smaller number");
	if (check_range(value, (double)number, "") != 0)
		return -1;
	if (narrow)
		memcpy(value->member, &(int){(int)number}, sizeof(int));
	else
		memcpy(value->member, &(int64_t){number}, sizeof(int64_t));
	return 0;
}

/* A decimal number at the text's begin; NULL when there is none, else what follows it. */
static const char *read_decimal(const char *text, double *number)
{
	char *end;

	/* Not what else strtod takes: hexadecimal, exponents, infinity, blanks. */
	size_t digits = strspn(text, "-.0123456789");
	if (digits == 0)
		return NULL;
	*number = strtod(text, &end);
	if (end == text || end != text + digits || !isfinite(*number))
		return NULL;
	return end;
}

static int read_double(const struct value *value)
{
	double number;
	const char *end = read_decimal(value->text, &number);

	if (end == NULL || *end != '\0')
		return must_be(value, "a number");
	if (check_range(value, number, "") != 0)
		return -1;
	memcpy(value->member, &number, sizeof number);
	return 0;
}

static int read_duration(const struct value *value)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = {{"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}};
	const double longest_s = 1e9; /* some 30 years; int64_t ns hold 292 */
	double number;
	const char *unit = read_decimal(value->text, &number);

	if (unit != NULL) {
		unit += strspn(unit, " ");
		for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
			if (strcmp(unit, units[i].name) != 0)
				continue;
			double seconds = number * units[i].seconds;
			if (!limited(value->field) && (seconds < 0 || seconds > longest_s))
				return must_be(value, "a time from 0 to 30 years");
			if (check_range(value, seconds, " s") != 0)
				return -1;
			int64_t ns =
				(int64_t)(seconds * (double)NS_PER_S + (seconds < 0 ? -0.5 : 0.5));
			memcpy(value->member, &ns, sizeof ns);
			return 0;
		}
	}
	return must_be(value, "a time with its unit (us, ms, s, min, h)");
}

static int read_bool(const struct value *value)
{
	static const char *const words[][2] = {{"false", "true"}, {"no", "yes"}, {"off", "on"}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		for (int truth = 0; truth < 2; truth++) {
			if (strcasecmp(value->text, words[i][truth]) != 0)
				continue;
			memcpy(value->member, &(bool){truth == 1}, sizeof(bool));
			return 0;
		}
	}
	return must_be(value, "true or false");
}

static const char *word_of(const void *context, size_t i)
{
	return ((const struct yaml_field *)context)->words[i];
}

static int read_enum(const struct value *value)
{
	const char *const *words = value->field->words;
	char list[256];
	struct text_buffer text = text_buffer(list, sizeof list);

	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(value->text, words[i]) == 0) {
			memcpy(value->member, &i, sizeof i);
			return 0;
		}
		if (i > 0 && words[i + 1] == NULL)
			text_add(&text, " or %s", words[i]);
		else
			text_add_item(&text, "%s", words[i]);
	}
	return yaml_wrong_at(value->yaml, value->node, value->err,
		"%s must be %s, not " YAML_QUOTE "%s", value->field->key, list, value->text,
		suggest(value->text, word_of, value->field).text);
}

static int read_ipv4(const struct value *value)
{
	struct in_addr address;

	if (inet_pton(AF_INET, value->text, &address) != 1)
		return must_be(value, "an IPv4 address such as 192.0.2.1");
	memcpy(value->member, &address.s_addr, sizeof(uint32_t));
	return 0;
}

static int read_cidr(const struct value *value)
{
	char address_text[INET_ADDRSTRLEN] = "";
	struct in_addr address;
	int prefix = -1;
	int end = 0;

	if (sscanf(value->text, "%15[0-9.]/%2d%n", address_text, &prefix, &end) != 2 ||
		value->text[end] != '\0' || inet_pton(AF_INET, address_text, &address) != 1 ||
		prefix < 0 || prefix > 32)
		return must_be(value, "an IPv4 address with its prefix, such as 192.0.2.10/24");
	memcpy(value->member, &address.s_addr, sizeof(uint32_t));
	memcpy(value->with, &prefix, sizeof prefix);
	return 0;
}

static int read_ports(const struct value *value)
{
	unsigned first = 0;
	unsigned last = 0;
	int end = 0;

	if (strspn(value->text, "0123456789-") != strlen(value->text) ||
		sscanf(value->text, "%5u-%5u%n", &first, &last, &end) != 2 ||
		value->text[end] != '\0' || first == 0 || last > UINT16_MAX || first > last)
		return must_be(value, "a range of ports such as 20000-20255");
	memcpy(value->member, &(uint16_t){(uint16_t)first}, sizeof(uint16_t));
	memcpy(value->with, &(uint16_t){(uint16_t)last}, sizeof(uint16_t));
	return 0;
}

int yaml_read_value(const struct yaml_file *yaml, const struct yaml_field *field,
	const yaml_node_t *node, void *base, struct error *err)
{
	const struct value value = {.yaml = yaml,
		.field = field,
		.node = node,
		.text = yaml_text(node),
		.member = (char *)base + field->offset,
		.with = (char *)base + field->with,
		.err = err};

	if (yaml_check_scalar(yaml, node, field->key, err) != 0)
		return -1;
	switch (field->type) {
	case YAML_STRING:
		return read_string(&value);
	case YAML_INT:
	case YAML_INT64:
		return read_integer(&value);
	case YAML_DOUBLE:
		return read_double(&value);
	case YAML_BOOL:
		return read_bool(&value);
	case YAML_DURATION:
		return read_duration(&value);
	case YAML_ENUM:
		return read_enum(&value);
	case YAML_IPV4:
		return read_ipv4(&value);
	case YAML_CIDR:
		return read_cidr(&value);
	case YAML_PORTS:
		return read_ports(&value);
	case YAML_STRINGS:
	case YAML_IPV4S:
	case YAML_ASSIGNMENTS:
	case YAML_MAPPING:
	case YAML_MAPPINGS:
	case YAML_REFUSED:
		break;
	}
	return error_set(err, ERROR_BENCH, "key '%s' of the schema is not a scalar", field->key);
}
