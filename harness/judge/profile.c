/* SPDX-License-Identifier: MIT */
#include "judge/profile.h"

#include <stdio.h>

#include "core/yaml.h"
#include "judge/loss.h"
#include "judge/timing_model.h"

/* As the file has it.  What is said of figures and evidence is for people. */
struct draft {
	const char *firmware;
	struct profile profile;
	int words[FACT_COUNT]; /* what has words */
	bool given[FACT_COUNT];
	const char *answers[FACT_COUNT]; /* what has none */
	const char *const *notes;
	size_t note_count;
};

#define AT(member) .offset = offsetof(struct draft, member)

/* What someone might try to bend. */
/* clang-format off */
#define GIVEN_BY_SOURCE(key) \
	{key, YAML_REFUSED, .why = "'" key "' is defined by the vendor or a standard (V, S) and cannot be set in a profile; a device that differs fails"}
/* clang-format on */
#define ALL_GIVEN_BY_SOURCE                                                                        \
	GIVEN_BY_SOURCE("interval"), GIVEN_BY_SOURCE("interval_s"), GIVEN_BY_SOURCE("count"),      \
		GIVEN_BY_SOURCE("counts"), GIVEN_BY_SOURCE("timeout"),                             \
		GIVEN_BY_SOURCE("timeout_s"), GIVEN_BY_SOURCE("idle"), GIVEN_BY_SOURCE("floor"),   \
		GIVEN_BY_SOURCE("probes"), GIVEN_BY_SOURCE("probe_format")

static const struct yaml_schema tolerances_schema = {.name = "tolerances",
	.fields = (const struct yaml_field[]){
		{"jitter_ms", YAML_INT, AT(profile.jitter_ms), .min = 0, .max = 30000},
		{"skew_ppm", YAML_INT, AT(profile.skew_ppm), .min = 0, .max = 10000},
		{"uart_latency_ms", YAML_REFUSED,
			.why = "uart_latency_ms is a property of the bench and is measured in each run (remove the key)"},
		{"lossy_air", YAML_BOOL, AT(profile.lossy_air),
			.given = YAML_GIVEN(struct draft, profile.air_is_told)},
		{"loss_percent", YAML_DOUBLE, AT(profile.loss_percent), .min = 0.1, .max = 30},
		{"loss_level", YAML_DOUBLE, AT(profile.loss_level), .min = 1e-12, .max = 0.01},
		ALL_GIVEN_BY_SOURCE, {0}}};

#define FACT_WORDS(fact, method, requirement, what, ...)                                           \
	{#fact, YAML_ENUM, AT(words[FACT_##fact]),                                                 \
		.given = YAML_GIVEN(struct draft, given[FACT_##fact]),                             \
		.words = (const char *const[]){__VA_ARGS__, NULL}},
#define FACT_ANSWER(fact, method, requirement, what)                                               \
	{#fact, YAML_STRING, AT(answers[FACT_##fact]), .max = FACT_TEXT - 1, .min = 1},
#define FACT_NUMBER(fact, method, requirement, what, unit)                                         \
	{#fact, YAML_REFUSED,                                                                      \
		.why = "'" #fact                                                                   \
		       "' is a measured value: it belongs below 'measured' and cannot be pinned"},

#define FACT_METHOD(method, generation)

static const struct yaml_schema pins_schema = {.name = "pins",
	.fields = (const struct yaml_field[]){
#include "judge/facts.def"
		ALL_GIVEN_BY_SOURCE, {0}}};

/* The mappings are no structs of their own: their offsets are the draft's, from 0. */
static const struct yaml_schema profile_schema = {.name = "the profile",
	.size = sizeof(struct draft),
	.fields = (const struct yaml_field[]){
		{"firmware", YAML_STRING, .required = true, AT(firmware), .min = 1, .max = 95},
		{"cids", YAML_INT, AT(profile.cids), .min = 1, .max = 16},
		{"tolerances", YAML_MAPPING, .schema = &tolerances_schema},
		{"pins", YAML_MAPPING, .schema = &pins_schema},
		{"measured", YAML_ASSIGNMENTS, AT(notes),
			.with = offsetof(struct draft, note_count)},
		{"evidence", YAML_ASSIGNMENTS, AT(notes),
			.with = offsetof(struct draft, note_count)},
		ALL_GIVEN_BY_SOURCE, {0}}};

struct profile profile_default(void)
{
	return (struct profile){.jitter_ms = 500,
		.skew_ppm = 200,
		.loss_percent = LOSS_ASSUMED_PERCENT,
		.loss_level = LOSS_LEVEL};
}

void profile_take_clock(struct profile *profile, bool stepped)
{
	profile->lossy_air |= !stepped && !profile->air_is_told;
}

int profile_read(const char *path, struct profile *profile, struct error *err)
{
	struct draft draft = {.profile = profile_default()};
	struct yaml_file *yaml = yaml_file_read(path, &profile_schema, &draft, err);

	if (yaml == NULL)
		return -1;
	*profile = draft.profile;
	snprintf(profile->firmware, sizeof profile->firmware, "%s", draft.firmware);
	for (int i = 0; i < FACT_COUNT; i++) {
		const char *pin = draft.given[i] ? fact_words((enum fact_id)i)[draft.words[i]]
						 : draft.answers[i];
		if (pin != NULL)
			snprintf(profile->pins[i], sizeof profile->pins[i], "%s", pin);
	}
	profile->models = timing_model_find(profile->pins[FACT_timing_model]);
	yaml_file_free(yaml);
	return 0;
}

const char *profile_pin(const struct profile *profile, enum fact_id id)
{
	return profile->pins[id][0] == '\0' ? NULL : profile->pins[id];
}

unsigned profile_models(const struct profile *profile)
{
	return profile->models;
}
