/* SPDX-License-Identifier: MIT */
#include "report/model/requirements.h"

#include <string.h>

#include "core/data_file.h"

static const char *const levels[] = {"must", "should", "may", "characterise", NULL};

#define AT(member) offsetof(struct requirement, member)
static const struct yaml_schema requirement_schema = {"requirement", sizeof(struct requirement),
	NULL,
	(const struct yaml_field[]){{"id", YAML_STRING, .required = true, .offset = AT(id)},
		{"text", YAML_STRING, .required = true, .offset = AT(text)},
		{"source", YAML_STRING, .required = true, .offset = AT(source)},
		{"level", YAML_ENUM, .required = true, .offset = AT(level), .words = levels},
		{"of_run", YAML_BOOL, .offset = AT(of_run)}, {0}}};
static const struct yaml_schema requirements_schema = {"requirements", sizeof(struct requirements),
	NULL,
	(const struct yaml_field[]){{"requirements", YAML_MAPPINGS, .required = true,
					    .offset = offsetof(struct requirements, entries),
					    .with = offsetof(struct requirements, count),
					    .schema = &requirement_schema},
		{0}}};

int requirements_read(struct requirements *requirements, struct error *err)
{
	char path[4096];

	*requirements = (struct requirements){0};
	if (data_file("cases/requirements.yaml", path, sizeof path, err) != 0)
		return -1;
	struct yaml_file *file = yaml_file_read(path, &requirements_schema, requirements, err);
	requirements->file = file;
	return file == NULL ? -1 : 0;
}

void requirements_free(struct requirements *requirements)
{
	yaml_file_free(requirements->file);
	*requirements = (struct requirements){0};
}

const struct requirement *requirement_find(const struct requirements *requirements, const char *id)
{
	for (size_t i = 0; i < requirements->count; i++)
		if (strcmp(requirements->entries[i].id, id) == 0)
			return &requirements->entries[i];
	return NULL;
}

const char *requirement_level_name(int level)
{
	return levels[level];
}
