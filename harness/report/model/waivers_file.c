/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/json_text.h"
#include "core/yaml.h"
#include "report/model/waivers.h"

/* The file of waivers. */

struct firmware_range {
	const char *from, *before;
};

struct entry {
	const char *cases, *reason, *ticket, *expires;
	struct firmware_range firmware;
};

struct draft {
	const struct entry *entries;
	size_t count;
};

static const struct yaml_schema firmware_schema = {.name = "firmware",
	.size = sizeof(struct firmware_range),
	.fields = (const struct yaml_field[]){
		{"from", YAML_STRING, .offset = offsetof(struct firmware_range, from), .max = 32},
		{"before", YAML_STRING, .offset = offsetof(struct firmware_range, before),
			.max = 32},
		{0}}};

static const struct yaml_schema entry_schema = {.name = "waiver",
	.size = sizeof(struct entry),
	.fields = (const struct yaml_field[]){
		{"case", YAML_STRING, .required = true, .offset = offsetof(struct entry, cases),
			.max = 200},
		{"firmware", YAML_MAPPING, .schema = &firmware_schema,
			.offset = offsetof(struct entry, firmware)},
		{"reason", YAML_STRING, .required = true, .offset = offsetof(struct entry, reason),
			.max = 200},
		{"ticket", YAML_STRING, .required = true, .offset = offsetof(struct entry, ticket),
			.max = 64},
		{"expires", YAML_STRING, .required = true,
			.offset = offsetof(struct entry, expires), .max = 32},
		{0}}};

static const struct yaml_schema schema = {.name = "the waivers",
	.size = sizeof(struct draft),
	.fields = (const struct yaml_field[]){
		{"waivers", YAML_MAPPINGS, .required = true, .schema = &entry_schema,
			.offset = offsetof(struct draft, entries),
			.with = offsetof(struct draft, count), .min = 0, .max = 1000},
		{0}}};

/* YYYY-MM-DD, a day that there is. */
static bool is_day(const char *text)
{
	struct tm day = {0};
	char again[16];

	const char *end = strptime(text, "%Y-%m-%d", &day);
	if (end == NULL || *end != '\0')
		return false;
	day.tm_hour = 12;
	timegm(&day);
	strftime(again, sizeof again, "%Y-%m-%d", &day);
	return strcmp(again, text) == 0;
}

static bool is_version(const char *text)
{
	return isdigit((unsigned char)text[0]) && text[strspn(text, "0123456789.")] == '\0' &&
	       strstr(text, "..") == NULL && text[strlen(text) - 1] != '.';
}

static bool is_there(const json_t *cases, const char *glob)
{
	size_t index;
	const json_t *entry;

	json_array_foreach(cases, index, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		if (name != NULL && fnmatch(glob, name, 0) == 0)
			return true;
	}
	return false;
}

static int check(const struct yaml_file *yaml, const struct entry *entry, size_t index,
	const json_t *cases, struct error *err)
{
	char where[64];
	const char *const versions[] = {entry->firmware.from, entry->firmware.before};
	static const char *const keys[] = {"from", "before"};

	snprintf(where, sizeof where, "waivers.%zu.case", index);
	if (!is_there(cases, entry->cases))
		return yaml_file_wrong(yaml, err, where,
			"'%s' matches no case (use a glob over suite/case; try: wizhil list)",
			entry->cases);
	snprintf(where, sizeof where, "waivers.%zu.expires", index);
	if (!is_day(entry->expires))
		return yaml_file_wrong(yaml, err, where,
			"invalid day '%s' (use the form 2026-12-31)", entry->expires);
	for (size_t i = 0; i < 2; i++) {
		snprintf(where, sizeof where, "waivers.%zu.firmware.%s", index, keys[i]);
		if (versions[i] != NULL && !is_version(versions[i]))
			return yaml_file_wrong(yaml, err, where,
				"invalid version '%s' (use the form 2.4.0)", versions[i]);
	}
	return 0;
}

static json_t *text_or_empty(const char *text)
{
	return json_text(text == NULL ? "" : text);
}

json_t *waivers_read(const char *path, const json_t *cases, struct error *err)
{
	struct draft draft = {0};
	struct yaml_file *yaml = yaml_file_read(path, &schema, &draft, err);
	json_t *waivers = yaml == NULL ? NULL : json_array();

	for (size_t i = 0; waivers != NULL && i < draft.count; i++) {
		const struct entry *entry = &draft.entries[i];
		if (check(yaml, entry, i, cases, err) != 0) {
			json_decref(waivers);
			waivers = NULL;
			break;
		}
		json_array_append_new(waivers,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "case", json_text(entry->cases),
				"from", text_or_empty(entry->firmware.from), "before",
				text_or_empty(entry->firmware.before), "reason",
				json_text(entry->reason), "ticket", json_text(entry->ticket),
				"expires", json_text(entry->expires)));
	}
	yaml_file_free(yaml);
	return waivers;
}
