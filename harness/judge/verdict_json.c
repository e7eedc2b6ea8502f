/* SPDX-License-Identifier: MIT */
#include "judge/verdict.h"

#include <stdio.h>
#include <string.h>

#include "core/json_text.h"
#include "core/names.h"
#include "scenario/scenario.h"

static const char *const severities[] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_FAILURE] = "failure",
};

const char *severity_name(enum severity severity)
{
	return severities[severity];
}

static json_t *models_to_json(unsigned set)
{
	json_t *array = json_array();

	for (unsigned model = MODEL_A; model < MODELS_ALL; model <<= 1)
		if ((set & model) != 0)
			json_array_append_new(
				array, json_string(timing_model_name((enum timing_model)model)));
	return array;
}

/* The leg of a check: its window, what was measured, and where both begin. */
static int leg_to_json(const struct check *check, json_t *json)
{
	int failed = 0;

	if (!check->measured && !check->placed)
		return 0;
	failed |= json_object_set_new(json, "leg", json_string(leg_name(check->leg).text));
	failed |= json_object_set_new(json, "from_ns", json_integer(check->from_ns));
	failed |= json_object_set_new(json, "to_ns", json_integer(check->to_ns));
	if (check->placed) {
		failed |= json_object_set_new(json, "connection", json_integer(check->connection));
		failed |= json_object_set_new(json, "begin_ns", json_integer(check->begin_ns));
	}
	if (!check->measured)
		return failed;
	failed |= json_object_set_new(json, "measured_ns", json_integer(check->measured_ns));
	return failed | json_object_set_new(json, "error_ns", json_integer(check->error_ns));
}

static json_t *check_to_json(const struct check *check)
{
	json_t *json = json_pack("{s:o, s:s, s:o, s:o}", "requirement",
		json_text(check->requirement), "outcome", outcome_name(check->outcome), "models",
		models_to_json(check->models), "text", json_text(check->text));

	if (json != NULL && check->lost_frames)
		json_object_set_new(json, "lost_frames", json_integer(check->connection));
	if (json == NULL || leg_to_json(check, json) == 0)
		return json;
	json_decref(json);
	return NULL;
}

static json_t *finding_to_json(const struct finding *finding)
{
	return json_pack("{s:o, s:s, s:o}", "requirement", json_text(finding->requirement),
		"severity", severity_name(finding->severity), "text", json_text(finding->text));
}

static json_t *fact_to_json(const struct fact *fact)
{
	json_t *json =
		json_pack("{s:s, s:o}", "name", fact_name(fact->id), "text", json_text(fact->text));

	if (json != NULL && fact->number) {
		json_object_set_new(json, "value", json_real(fact->value));
		json_object_set_new(json, "error", json_real(fact->error));
	}
	return json;
}

static json_t *gap_to_json(const struct fact_gap *gap)
{
	return json_pack("{s:s, s:s, s:o}", "name", fact_name(gap->id), "reason",
		gap_name(gap->reason), "text", json_text(gap->text));
}

/* -1 when out of memory.  A verdict that found out all that it was to has none. */
static int gaps_to_json(const struct verdict *verdict, json_t *json)
{
	if (json == NULL || verdict->gap_count == 0)
		return json == NULL ? -1 : 0;
	json_t *gaps = json_array();
	int failed = 0;

	for (size_t i = 0; i < verdict->gap_count; i++)
		failed |= json_array_append_new(gaps, gap_to_json(&verdict->gaps[i]));
	return failed | json_object_set_new(json, "gaps", gaps);
}

/* A verdict of a bench where no frame can be lost has none. */
static int losses_to_json(const struct losses *losses, json_t *json)
{
	if (json == NULL || losses->level <= 0)
		return json == NULL ? -1 : 0;
	json_t *places = json_array();
	int failed = 0;

	for (size_t i = 0; i < losses->count; i++) {
		const struct loss_count *c = &losses->counts[i];
		failed |= json_array_append_new(places,
			json_pack("[s, i, i, i, i, i, I]", loss_kind_name(c->kind), c->k, c->of,
				c->connection, c->due, c->absent, (json_int_t)c->absent_ns));
	}
	return failed | json_object_set_new(json, "losses",
				json_pack("{s:f, s:i, s:i, s:o}", "level", losses->level, "arrived",
					losses->arrived, "lost", losses->lost, "places", places));
}

json_t *verdict_to_json(const struct verdict *verdict)
{
	json_t *checks = json_array();
	json_t *findings = json_array();
	json_t *facts = json_array();
	int failed = 0;

	for (size_t i = 0; i < verdict->check_count; i++)
		failed |= json_array_append_new(checks, check_to_json(&verdict->checks[i]));
	for (size_t i = 0; i < verdict->finding_count; i++)
		failed |= json_array_append_new(findings, finding_to_json(&verdict->findings[i]));
	for (size_t i = 0; i < verdict->fact_count; i++)
		failed |= json_array_append_new(facts, fact_to_json(&verdict->facts[i]));
	if (failed != 0) {
		json_decref(checks);
		json_decref(findings);
		json_decref(facts);
		return NULL;
	}
	json_t *json = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "outcome",
		outcome_name(verdict->outcome), "models", models_to_json(verdict->models), "text",
		json_text(verdict->text), "requirement", json_text(verdict->requirement), "checks",
		checks, "findings", findings, "facts", facts);
	if (gaps_to_json(verdict, json) == 0 && losses_to_json(&verdict->losses, json) == 0)
		return json;
	json_decref(json);
	return NULL;
}

/* What is no UTF-8 grew when it was written: a text that does not fit any more is cut. */
static int text_from_json(const json_t *object, const char *key, char *text, size_t size)
{
	const char *value = json_string_value(json_object_get(object, key));

	snprintf(text, size, "%s", value == NULL ? "" : value);
	return value == NULL ? -1 : 0;
}

static int outcome_from_json(const json_t *object, enum outcome *outcome)
{
	const char *name = json_string_value(json_object_get(object, "outcome"));

	return name == NULL ? -1 : outcome_parse(name, outcome);
}

/* What says nothing of models excludes none. */
static int models_from_json(const json_t *object, unsigned *set)
{
	const json_t *array = json_object_get(object, "models");
	size_t index;
	const json_t *name;

	*set = array == NULL ? MODELS_ALL : 0;
	if (array != NULL && !json_is_array(array))
		return -1;
	json_array_foreach(array, index, name)
	{
		const unsigned model = timing_model_find(json_string_value(name));
		if (model == 0)
			return -1;
		*set |= model;
	}
	return 0;
}

static int integer_from_json(const json_t *object, const char *key, int64_t *value)
{
	const json_t *integer = json_object_get(object, key);

	*value = json_integer_value(integer);
	return json_is_integer(integer) ? 0 : -1;
}

/* Another version may have legs that this has not: such a check keeps its sentence only. */
static int leg_from_json(const json_t *json, struct check *check)
{
	const char *name = json_string_value(json_object_get(json, "leg"));
	int64_t connection = 0;
	int failed = name == NULL ? -1 : 0;

	if (!check->measured && !check->placed)
		return 0;
	if (name != NULL && !leg_find(name, &check->leg)) {
		check->leg = (struct leg_id){0};
		check->measured = check->placed = false;
		return 0;
	}
	failed |= integer_from_json(json, "from_ns", &check->from_ns);
	failed |= integer_from_json(json, "to_ns", &check->to_ns);
	if (check->placed) {
		failed |= integer_from_json(json, "connection", &connection);
		failed |= integer_from_json(json, "begin_ns", &check->begin_ns);
		failed |= connection < 0 || connection >= SCENARIO_CONNECTIONS ? -1 : 0;
		check->connection = (int)connection;
	}
	if (!check->measured)
		return failed;
	failed |= integer_from_json(json, "measured_ns", &check->measured_ns);
	return failed | integer_from_json(json, "error_ns", &check->error_ns);
}

static int lost_frames_from_json(const json_t *json, struct check *check)
{
	int64_t connection = 0;

	if (json_object_get(json, "lost_frames") == NULL)
		return 0;
	if (integer_from_json(json, "lost_frames", &connection) != 0 || connection < 0 ||
		connection >= SCENARIO_CONNECTIONS)
		return -1;
	check->lost_frames = true;
	check->connection = (int)connection;
	return 0;
}

static int check_from_json(const json_t *json, struct check *check)
{
	int failed = 0;

	*check = (struct check){.measured = json_object_get(json, "measured_ns") != NULL,
		.placed = json_object_get(json, "begin_ns") != NULL};
	failed |=
		text_from_json(json, "requirement", check->requirement, sizeof check->requirement);
	failed |= outcome_from_json(json, &check->outcome);
	failed |= models_from_json(json, &check->models);
	failed |= text_from_json(json, "text", check->text, sizeof check->text);
	failed |= lost_frames_from_json(json, check);
	return failed | leg_from_json(json, check);
}

static int finding_from_json(const json_t *json, struct finding *finding)
{
	const int severity =
		names_find(NAMES(severities), json_string_value(json_object_get(json, "severity")));
	int failed = severity < 0 ? -1 : 0;

	*finding = (struct finding){.severity = (enum severity)(failed ? 0 : severity)};
	failed |= text_from_json(
		json, "requirement", finding->requirement, sizeof finding->requirement);
	failed |= text_from_json(json, "text", finding->text, sizeof finding->text);
	return failed;
}

static int fact_from_json(const json_t *json, struct fact *fact)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	const json_t *value = json_object_get(json, "value");
	int id = name == NULL ? -1 : fact_find(name);

	*fact = (struct fact){.id = id < 0 ? FACT_COUNT : (enum fact_id)id,
		.number = value != NULL,
		.value = json_number_value(value),
		.error = json_number_value(json_object_get(json, "error"))};
	return id < 0 ? -1 : text_from_json(json, "text", fact->text, sizeof fact->text);
}

static int gap_from_json(const json_t *json, struct fact_gap *gap)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	const char *reason = json_string_value(json_object_get(json, "reason"));
	const int id = name == NULL ? -1 : fact_find(name);
	const int which = reason == NULL ? -1 : gap_find(reason);

	if (id < 0 || which < 0)
		return -1;
	*gap = (struct fact_gap){.id = (enum fact_id)id, .reason = (enum gap_reason)which};
	return text_from_json(json, "text", gap->text, sizeof gap->text);
}

static int gaps_from_json(const json_t *gaps, struct verdict *verdict)
{
	int failed = 0;

	/* There are none, or the run is from before they were written. */
	if (json_array_size(gaps) > VERDICT_GAPS)
		return -1;
	verdict->gap_count = json_array_size(gaps);
	for (size_t i = 0; i < verdict->gap_count; i++)
		failed |= gap_from_json(json_array_get(gaps, i), &verdict->gaps[i]);
	return failed;
}

static int loss_from_json(json_t *json, struct loss_count *c)
{
	const char *kind = NULL;
	json_int_t absent_ns = 0;

	*c = (struct loss_count){0};
	if (json_unpack(json, "[s, i, i, i, i, i, I!]", &kind, &c->k, &c->of, &c->connection,
		    &c->due, &c->absent, &absent_ns) != 0)
		return -1;
	c->absent_ns = absent_ns;
	if (!loss_kind_find(kind, &c->kind) || c->connection < 0 ||
		c->connection >= SCENARIO_CONNECTIONS)
		return -1;
	return c->due < 0 || c->absent < 0 || c->absent > c->due ? -1 : 0;
}

/* There are none, or the run is from before they were written. */
static int losses_from_json(const json_t *json, struct losses *losses)
{
	const json_t *places = json_object_get(json, "places");
	int64_t arrived = 0, lost = 0;
	int failed = 0;

	losses->level = json_number_value(json_object_get(json, "level"));
	losses->arrived = losses->lost = 0;
	losses->count = 0;
	if (json == NULL)
		return 0;
	failed |= integer_from_json(json, "arrived", &arrived);
	failed |= integer_from_json(json, "lost", &lost);
	if (failed != 0 || !json_is_array(places) || json_array_size(places) > LOSS_COUNTS ||
		arrived < 0 || arrived > INT32_MAX || lost < 0 || lost > INT32_MAX)
		return -1;
	losses->arrived = (int)arrived;
	losses->lost = (int)lost;
	losses->count = json_array_size(places);
	for (size_t i = 0; i < losses->count; i++)
		failed |= loss_from_json(json_array_get(places, i), &losses->counts[i]);
	return failed;
}

int verdict_from_json(const json_t *json, struct verdict *verdict)
{
	const json_t *checks = json_object_get(json, "checks");
	const json_t *findings = json_object_get(json, "findings");
	const json_t *facts = json_object_get(json, "facts");
	int failed = 0;

	/* Of its lists only what is counted is written: they have room for far more. */
	verdict->check_count = verdict->finding_count = verdict->fact_count = 0;
	verdict->gap_count = 0;
	failed |= losses_from_json(json_object_get(json, "losses"), &verdict->losses);
	failed |= outcome_from_json(json, &verdict->outcome);
	failed |= models_from_json(json, &verdict->models);
	failed |= text_from_json(json, "text", verdict->text, sizeof verdict->text);
	failed |= text_from_json(
		json, "requirement", verdict->requirement, sizeof verdict->requirement);
	if (!json_is_array(checks) || json_array_size(checks) > VERDICT_CHECKS)
		return -1;
	if (!json_is_array(findings) || json_array_size(findings) > VERDICT_FINDINGS)
		return -1;
	verdict->check_count = json_array_size(checks);
	verdict->finding_count = json_array_size(findings);
	for (size_t i = 0; i < verdict->check_count; i++)
		failed |= check_from_json(json_array_get(checks, i), &verdict->checks[i]);
	for (size_t i = 0; i < verdict->finding_count; i++)
		failed |= finding_from_json(json_array_get(findings, i), &verdict->findings[i]);
	/* Runs that were recorded before there were facts have none. */
	if (json_array_size(facts) > VERDICT_FACTS)
		return -1;
	verdict->fact_count = json_array_size(facts);
	for (size_t i = 0; i < verdict->fact_count; i++)
		failed |= fact_from_json(json_array_get(facts, i), &verdict->facts[i]);
	return failed | gaps_from_json(json_object_get(json, "gaps"), verdict);
}
