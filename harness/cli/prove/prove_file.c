/* SPDX-License-Identifier: MIT */
#include <fnmatch.h>
#include <stdlib.h>

#include "cli/prove/prove.h"
#include "core/array.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/yaml.h"

#define FAULT_FILE "fixtures/virtual-wizfi210/faults.yaml"
#define VARIANT_FILE "fixtures/virtual-wizfi210/variants.yaml"

/* As the files have them. */
struct draft {
	const struct subject *subjects;
	size_t subject_count;
	const struct sweep *sweeps;
	size_t sweep_count;
};

#define OF_SUBJECT(member) .offset = offsetof(struct subject, member)
/* clang-format off */
#define SETTINGS \
	{"settings", YAML_ASSIGNMENTS, .required = true, OF_SUBJECT(sets), \
		.with = offsetof(struct subject, set_count)}
/* clang-format on */

static const struct yaml_schema fault_schema = {.name = "the fault",
	.size = sizeof(struct subject),
	.defaults = &(const struct subject){.kind = SUBJECT_FAULT},
	.fields = (const struct yaml_field[]){
		{"name", YAML_STRING, .required = true, OF_SUBJECT(name)},
		{"what", YAML_STRING, .required = true, OF_SUBJECT(what)},
		{"where", YAML_STRING, .required = true, OF_SUBJECT(where)},
		{"breaks", YAML_STRINGS, .required = true, OF_SUBJECT(breaks),
			.with = offsetof(struct subject, break_count)},
		{"bench", YAML_STRING, OF_SUBJECT(bench)}, SETTINGS, {0}}};

static const struct yaml_schema variant_schema = {.name = "the variant",
	.size = sizeof(struct subject),
	.defaults = &(const struct subject){.kind = SUBJECT_VARIANT},
	.fields = (const struct yaml_field[]){
		{"name", YAML_STRING, .required = true, OF_SUBJECT(name)},
		{"what", YAML_STRING, .required = true, OF_SUBJECT(what)},
		{"profile", YAML_STRING, OF_SUBJECT(profile)},
		{"bench", YAML_STRING, OF_SUBJECT(bench)},
		{"imperfect_bench", YAML_BOOL, OF_SUBJECT(imperfect)},
		{"not_run", YAML_INT, OF_SUBJECT(not_run), .min = 0, .max = 1000}, SETTINGS, {0}}};

#define OF_SWEEP(member) .offset = offsetof(struct sweep, member)

static const struct yaml_schema sweep_schema = {.name = "the leg",
	.size = sizeof(struct sweep),
	.fields =
		(const struct yaml_field[]){{"name", YAML_STRING, .required = true, OF_SWEEP(name)},
			{"leg", YAML_STRING, .required = true, OF_SWEEP(leg)},
			{"setting", YAML_STRING, .required = true, .max = 60, OF_SWEEP(setting)},
			{"besides", YAML_ASSIGNMENTS, OF_SWEEP(sets),
				.with = offsetof(struct sweep, set_count)},
			{"healthy", YAML_DOUBLE, .required = true, OF_SWEEP(healthy)},
			{"to", YAML_DOUBLE, .required = true, OF_SWEEP(to)},
			{"breaks", YAML_STRINGS, .required = true, OF_SWEEP(breaks),
				.with = offsetof(struct sweep, break_count)},
			{0}}};

#define OF_DRAFT(member) .offset = offsetof(struct draft, member)

static const struct yaml_schema faults_schema = {.name = "the file of faults",
	.size = sizeof(struct draft),
	.fields = (const struct yaml_field[]){
		{"faults", YAML_MAPPINGS, .required = true, OF_DRAFT(subjects),
			.with = offsetof(struct draft, subject_count), .schema = &fault_schema},
		{0}}};

static const struct yaml_schema variants_schema = {.name = "the file of variants",
	.size = sizeof(struct draft),
	.fields = (const struct yaml_field[]){
		{"variants", YAML_MAPPINGS, .required = true, OF_DRAFT(subjects),
			.with = offsetof(struct draft, subject_count), .schema = &variant_schema},
		{"legs", YAML_MAPPINGS, OF_DRAFT(sweeps),
			.with = offsetof(struct draft, sweep_count), .schema = &sweep_schema},
		{0}}};

int proof_files_add(struct proof_files *files, const struct subject *subject, struct error *err)
{
	struct subject *added =
		array_add(&files->subjects, &files->subject_count, sizeof *files->subjects);

	if (added == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	*added = *subject;
	return 0;
}

int proof_files_read(
	const char *faults, const char *variants, struct proof_files *files, struct error *err)
{
	struct draft bad = {0}, good = {0};
	char path[4096];

	*files = (struct proof_files){0};
	if (faults == NULL && data_file(FAULT_FILE, path, sizeof path, err) != 0)
		return -1;
	files->faults_yaml =
		yaml_file_read(faults == NULL ? path : faults, &faults_schema, &bad, err);
	if (files->faults_yaml == NULL)
		return -1;
	if (variants == NULL && data_file(VARIANT_FILE, path, sizeof path, err) != 0)
		goto fail;
	files->variants_yaml =
		yaml_file_read(variants == NULL ? path : variants, &variants_schema, &good, err);
	if (files->variants_yaml == NULL)
		goto fail;
	for (size_t i = 0; i < bad.subject_count; i++) {
		struct subject subject = bad.subjects[i];
		if (subject.bench != NULL)
			subject.bench = yaml_file_beside(files->faults_yaml, subject.bench);
		if (proof_files_add(files, &subject, err) != 0)
			goto fail;
	}
	for (size_t i = 0; i < good.subject_count; i++) {
		struct subject subject = good.subjects[i];
		if (subject.profile != NULL)
			subject.profile = yaml_file_beside(files->variants_yaml, subject.profile);
		if (subject.bench != NULL)
			subject.bench = yaml_file_beside(files->variants_yaml, subject.bench);
		if (proof_files_add(files, &subject, err) != 0)
			goto fail;
	}
	files->sweeps = good.sweeps;
	files->sweep_count = good.sweep_count;
	return 0;
fail:
	proof_files_free(files);
	return -1;
}

void proof_files_free(struct proof_files *files)
{
	yaml_file_free(files->faults_yaml);
	yaml_file_free(files->variants_yaml);
	free(files->subjects);
	*files = (struct proof_files){0};
}

bool prove_matches(const char *name, char *const *globs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fnmatch(globs[i], name, 0) == 0)
			return true;
	return count == 0;
}
