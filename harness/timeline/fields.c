/* SPDX-License-Identifier: MIT */
#include "timeline/fields.h"

#include <string.h>

struct writer writer_new(void)
{
	json_t *object = json_object();

	return (struct writer){.object = object, .failed = object == NULL};
}

json_t *writer_finish(struct writer *writer)
{
	if (!writer->failed)
		return writer->object;
	json_decref(writer->object);
	return NULL;
}

void put_json(struct writer *writer, const char *key, json_t *value)
{
	if (writer->failed) {
		json_decref(value);
		return;
	}
	writer->failed = json_object_set_new(writer->object, key, value) != 0;
}

void put_integer(struct writer *writer, const char *key, int64_t value, int64_t normal)
{
	if (value != normal)
		put_json(writer, key, json_integer(value));
}

void put_bool(struct writer *writer, const char *key, bool value)
{
	if (value)
		put_json(writer, key, json_true());
}

void put_name(struct writer *writer, const char *key, int value, struct names names)
{
	if (value >= 0 && (size_t)value < names.count)
		put_json(writer, key, json_string(names.name[value]));
	else
		put_json(writer, key, json_integer(value)); /* cannot be read back: said there */
}

/* U+F780..U+F7FF are EF 9E xx and EF 9F xx. */
static bool is_escape(const unsigned char *text)
{
	return text[0] == 0xef && (text[1] == 0x9e || text[1] == 0x9f) && (text[2] & 0xc0) == 0x80;
}

static bool has_escape(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if (is_escape((const unsigned char *)p))
			return true;
	return false;
}

void put_text(struct writer *writer, const char *key, const char *text)
{
	char escaped[3 * 512 + 1];
	size_t used = 0;

	if (text[0] == '\0')
		return;
	json_t *plain = has_escape(text) ? NULL : json_string(text);
	if (plain != NULL) {
		put_json(writer, key, plain);
		return;
	}
	for (const char *p = text; *p != '\0' && used + 4 < sizeof escaped; p++) {
		unsigned octet = (unsigned char)*p;
		if (octet < 0x80) {
			escaped[used++] = *p;
			continue;
		}
		unsigned code = 0xf700 + octet;
		escaped[used++] = (char)0xef;
		escaped[used++] = (char)(0x80 | (code >> 6 & 0x3f));
		escaped[used++] = (char)(0x80 | (code & 0x3f));
	}
	put_json(writer, key, json_stringn(escaped, used));
}

static const json_t *field(struct reader *reader, const char *key)
{
	return json_object_get(reader->object, key);
}

static void complain(struct reader *reader, const char *key)
{
	if (reader->bad == NULL)
		reader->bad = key;
}

int64_t get_integer(
	struct reader *reader, const char *key, int64_t normal, int64_t low, int64_t high)
{
	const json_t *value = field(reader, key);

	if (value == NULL)
		return normal;
	int64_t integer = json_integer_value(value);
	if (!json_is_integer(value) || integer < low || integer > high) {
		complain(reader, key);
		return normal;
	}
	return integer;
}

bool get_bool(struct reader *reader, const char *key)
{
	const json_t *value = field(reader, key);

	if (value != NULL && !json_is_boolean(value))
		complain(reader, key);
	return json_is_true(value);
}

int get_name(struct reader *reader, const char *key, struct names names)
{
	const int value = names_find(names, json_string_value(field(reader, key)));

	if (value < 0)
		complain(reader, key);
	return value < 0 ? 0 : value;
}

int get_name_or(struct reader *reader, const char *key, struct names names, int normal)
{
	return field(reader, key) == NULL ? normal : get_name(reader, key, names);
}

void get_text(struct reader *reader, const char *key, char *text, size_t size)
{
	const json_t *value = field(reader, key);
	size_t used = 0;

	text[0] = '\0';
	if (value == NULL)
		return;
	const char *p = json_string_value(value);
	if (p == NULL) {
		complain(reader, key);
		return;
	}
	while (*p != '\0' && used + 1 < size) {
		const unsigned char *octets = (const unsigned char *)p;
		if (is_escape(octets)) {
			text[used++] = (char)((octets[1] & 0x3) << 6 | (octets[2] & 0x3f));
			p += 3;
		} else {
			text[used++] = *p++;
		}
	}
	text[used] = '\0';
	if (*p != '\0')
		complain(reader, key);
}

const json_t *get_array(struct reader *reader, const char *key, size_t limit)
{
	const json_t *value = field(reader, key);

	if (!json_is_array(value) || json_array_size(value) > limit)
		complain(reader, key);
	return value;
}
