/* SPDX-License-Identifier: MIT */
#include "judge/profile.h"

#include <stdio.h>

#include "core/yaml.h"
#include "judge/verdict.h"

/* As the file has it. */
struct draft {
	const char *firmware;
	struct profile profile;
	int model;
	bool has_model;
	bool rst_at_death;
	bool has_rst_at_death;
};

static const char *const model_words[] = {"A", "A-tick", "A-free", "B", "D", "E", NULL};
static const enum timing_model models[] = {
	MODEL_A, MODEL_A_TICK, MODEL_A_FREE, MODEL_B, MODEL_D, MODEL_E};
/* Written out, not pinning is said by leaving the key out. */
static const char *const notice_words[] = {[NOTICE_NOT_PINNED] = "any",
	[NOTICE_DISCONNECT] = "disconnect",
	[NOTICE_SOCKET_FAILURE] = "socket-failure",
	NULL};

#define AT(member) .offset = offsetof(struct draft, member)

/* What someone might try to bend. */
#define GIVEN_BY_SOURCE(key)                                                                       \
	{                                                                                          \
		key, YAML_REFUSED,                                                                 \
			.why = "'" key "' is what vendor or standard say (V, S): a profile "       \
			       "cannot set it; a device that differs fails"                        \
	}
#define ALL_GIVEN_BY_SOURCE                                                                        \
	GIVEN_BY_SOURCE("interval"), GIVEN_BY_SOURCE("interval_s"), GIVEN_BY_SOURCE("count"),      \
		GIVEN_BY_SOURCE("counts"), GIVEN_BY_SOURCE("timeout"),                             \
		GIVEN_BY_SOURCE("timeout_s"), GIVEN_BY_SOURCE("idle"), GIVEN_BY_SOURCE("floor"),   \
		GIVEN_BY_SOURCE("probes"), GIVEN_BY_SOURCE("probe_format")

static const struct yaml_schema tolerances_schema = {.name = "tolerances",
	.fields = (const struct yaml_field[]){
		{"jitter_ms", YAML_INT, AT(profile.jitter_ms), .min = 0, .max = 30000},
		{"skew_ppm", YAML_INT, AT(profile.skew_ppm), .min = 0, .max = 10000},
		{"uart_latency_ms", YAML_INT, AT(profile.uart_latency_ms), .min = 0, .max = 10000},
		ALL_GIVEN_BY_SOURCE, {0}}};

static const struct yaml_schema pins_schema = {.name = "pins",
	.fields = (const struct yaml_field[]){
		{"timing_model", YAML_ENUM, AT(model), .words = model_words,
			.given = YAML_GIVEN(struct draft, has_model)},
		{"notice_fin", YAML_ENUM, AT(profile.notice_fin), .words = notice_words},
		{"notice_rst", YAML_ENUM, AT(profile.notice_rst), .words = notice_words},
		{"notice_abort", YAML_ENUM, AT(profile.notice_abort), .words = notice_words},
		{"rst_at_death", YAML_BOOL, AT(rst_at_death),
			.given = YAML_GIVEN(struct draft, has_rst_at_death)},
		ALL_GIVEN_BY_SOURCE, {0}}};

/* The two mappings are no structs of their own: their offsets are the draft's, from 0. */
static const struct yaml_schema profile_schema = {.name = "the profile",
	.size = sizeof(struct draft),
	.fields = (const struct yaml_field[]){
		{"firmware", YAML_STRING, .required = true, AT(firmware), .min = 1, .max = 95},
		{"tolerances", YAML_MAPPING, .schema = &tolerances_schema},
		{"pins", YAML_MAPPING, .schema = &pins_schema}, ALL_GIVEN_BY_SOURCE, {0}}};

struct profile profile_default(void)
{
	return (struct profile){.jitter_ms = 500, .skew_ppm = 200, .uart_latency_ms = 50};
}

int profile_read(const char *path, struct profile *profile, struct error *err)
{
	struct draft draft = {.profile = profile_default()};
	struct yaml_file *yaml = yaml_file_read(path, &profile_schema, &draft, err);

	if (yaml == NULL)
		return -1;
	*profile = draft.profile;
	snprintf(profile->firmware, sizeof profile->firmware, "%s", draft.firmware);
	if (draft.has_model)
		profile->models = models[draft.model];
	if (draft.has_rst_at_death)
		profile->rst_at_death = draft.rst_at_death ? PIN_TRUE : PIN_FALSE;
	yaml_file_free(yaml);
	return 0;
}

unsigned profile_models(const struct profile *profile)
{
	return profile->models;
}
