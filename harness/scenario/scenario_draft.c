/* SPDX-License-Identifier: MIT */
#include "scenario/scenario_draft.h"

#include "scenario/scenario_file.h"
#include "scenario/scenario_words.h"

/* The keys of a scenario file. */

#define AT(type, member) .offset = offsetof(struct draft_##type, member)
#define WITH(type, member) .with = offsetof(struct draft_##type, member)
#define GIVEN(type, member) .given = YAML_GIVEN(struct draft_##type, member)
#define FIELDS (const struct yaml_field[])
#define REQUIRED .required = true
#define LIMITS(least, most) .min = (least), .max = (most)
#define TIME YAML_DURATION, LIMITS(0, LONGEST_S)

static const struct yaml_schema connection_schema = {"a connection",
	sizeof(struct draft_connection), NULL,
	FIELDS{{"name", YAML_STRING, REQUIRED, LIMITS(1, SCENARIO_NAME - 1), AT(connection, name)},
		{"role", YAML_ENUM, .words = scenario_roles, AT(connection, role)},
		{"opened_later", YAML_BOOL, AT(connection, opened_later)},
		{"spare_address", YAML_BOOL, AT(connection, spare)},
		{"peer_wraps", YAML_BOOL, AT(connection, wraps)},
		{"data_mode", YAML_BOOL, AT(connection, data_mode)},
		{"shares_end_with", YAML_STRING, AT(connection, shares)},
		{"peer_port_of", YAML_STRING, AT(connection, port_of)}, {0}}};

static const struct yaml_schema keepalive_schema = {"keepalive", sizeof(struct draft_keepalive),
	NULL,
	FIELDS{{"count", YAML_INT, LIMITS(1, 1e6), AT(keepalive, count)},
		{"timeout", YAML_DURATION, LIMITS(1, 1e8), AT(keepalive, timeout_ns)},
		{"off", YAML_BOOL, AT(keepalive, off)},
		{"timeout_first", YAML_BOOL, AT(keepalive, timeout_first)}, {0}}};

static const struct yaml_schema setup_schema = {"a setup step", sizeof(struct draft_setup), NULL,
	FIELDS{{"connection", YAML_STRING, AT(setup, connection)},
		{"keepalive", YAML_MAPPING, .schema = &keepalive_schema, AT(setup, keepalive),
			GIVEN(setup, has_keepalive)},
		{"option", YAML_STRING, LIMITS(1, SCENARIO_TEXT - 1), AT(setup, option)},
		{"command", YAML_STRING, LIMITS(1, SCENARIO_TEXT - 1), AT(setup, command)}, {0}}};

static const struct yaml_schema step_schema = {"a step", sizeof(struct draft_step), NULL,
	FIELDS{{"connection", YAML_STRING, AT(step, connection)}, {"at", TIME, AT(step, at_ns)},
		{"after_death_of", YAML_STRING, AT(step, after_death_of)},
		{"on_probe", YAML_INT, LIMITS(1, 1e6), AT(step, on_probe),
			GIVEN(step, has_on_probe)},
		{"on_call", YAML_INT, LIMITS(1, 1e6), AT(step, on_call), GIVEN(step, has_on_call)},
		{"of", YAML_STRING, AT(step, of)}, {"every", YAML_BOOL, AT(step, every)},
		{"act", YAML_ENUM, .words = scenario_act_words, AT(step, act),
			GIVEN(step, has_act)},
		{"option", YAML_STRING, LIMITS(1, SCENARIO_TEXT - 1), AT(step, option)},
		{"command", YAML_STRING, LIMITS(1, SCENARIO_TEXT - 1), AT(step, command)},
		{"size", YAML_INT, LIMITS(0, 1e6), AT(step, size), GIVEN(step, has_size)},
		{"pause", TIME, AT(step, pause_ns)},
		{"cid", YAML_STRING, LIMITS(0, 1), AT(step, cid)},
		{"seq_offset", YAML_INT, AT(step, raw.seq_offset), GIVEN(step, has_segment)},
		{"ack_offset", YAML_INT, AT(step, raw.ack_offset), GIVEN(step, has_segment)},
		{"closed_window", YAML_BOOL, AT(step, raw.closed_window), GIVEN(step, has_segment)},
		{"bad_checksum", YAML_BOOL, AT(step, raw.bad_checksum), GIVEN(step, has_segment)},
		{"other_port", YAML_BOOL, AT(step, raw.other_port), GIVEN(step, has_segment)},
		{"other_address", YAML_BOOL, AT(step, raw.other_address), GIVEN(step, has_segment)},
		{"copies", YAML_INT, LIMITS(1, 16), AT(step, raw.copies), GIVEN(step, has_segment)},
		{"code", YAML_INT, LIMITS(0, 255), AT(step, raw.code), GIVEN(step, has_code)},
		{0}}};

static const struct yaml_schema watch_schema = {"watch", sizeof(struct draft_watch), NULL,
	FIELDS{{"for", TIME, AT(watch, for_ns), GIVEN(watch, has_for)},
		{"until_death_of", YAML_STRINGS, LIMITS(1, SCENARIO_CONNECTIONS), AT(watch, mask),
			WITH(watch, mask_count), GIVEN(watch, has_mask)},
		{"at_most", TIME, AT(watch, at_most_ns), GIVEN(watch, has_at_most)},
		{"then", TIME, AT(watch, then_ns)}, {0}}};

static const struct yaml_schema expectation_schema = {"an expectation",
	sizeof(struct draft_expectation), NULL,
	FIELDS{{"connection", YAML_STRING, REQUIRED, AT(expectation, connection)},
		{"expect", YAML_ENUM, REQUIRED, .words = expectation_words, AT(expectation, kind)},
		{"requirement", YAML_STRING, LIMITS(1, EXPECTATION_REQUIREMENT - 1),
			AT(expectation, requirement)},
		{"count", YAML_INT, LIMITS(0, 1e6), AT(expectation, count),
			GIVEN(expectation, has_count)},
		{"rounds", YAML_INT, LIMITS(0, 1e6), AT(expectation, rounds),
			GIVEN(expectation, has_rounds)},
		{"after", YAML_ENUM, .words = scenario_references, AT(expectation, after),
			GIVEN(expectation, has_after)},
		{"in", TIME, AT(expectation, in_ns), GIVEN(expectation, has_in)},
		{"within", TIME, AT(expectation, within_ns), GIVEN(expectation, has_within)},
		{"for", TIME, AT(expectation, for_ns), GIVEN(expectation, has_for)},
		{"nth", YAML_INT, LIMITS(0, SCENARIO_STEPS), AT(expectation, nth),
			GIVEN(expectation, has_nth)},
		{"answer", YAML_STRING, LIMITS(1, EXPECTATION_TEXT - 1), AT(expectation, answer)},
		{"cid_of", YAML_STRING, AT(expectation, cid_of)}, {0}}};

#define WHOLE(member) .offset = offsetof(struct draft, member)
#define COUNT(member) .with = offsetof(struct draft, member)

const struct yaml_schema scenario_schema = {"a scenario", sizeof(struct draft), NULL,
	FIELDS{{"scenario", YAML_STRING, REQUIRED, LIMITS(1, SCENARIO_FILE_NAME - 1), WHOLE(name)},
		{"about", YAML_STRING, LIMITS(1, SCENARIO_ABOUT - 1), WHOLE(about)},
		{"exclusive", YAML_BOOL, WHOLE(exclusive)},
		{"connections", YAML_MAPPINGS, REQUIRED, LIMITS(1, SCENARIO_CONNECTIONS),
			.schema = &connection_schema, WHOLE(connections), COUNT(connection_count)},
		{"setup", YAML_MAPPINGS, LIMITS(0, SCENARIO_STEPS), .schema = &setup_schema,
			WHOLE(setup), COUNT(setup_count)},
		{"steps", YAML_MAPPINGS, LIMITS(0, SCENARIO_STEPS), .schema = &step_schema,
			WHOLE(steps), COUNT(step_count)},
		{"watch", YAML_MAPPING, REQUIRED, .schema = &watch_schema, WHOLE(watch)},
		{"expectations", YAML_MAPPINGS, REQUIRED, LIMITS(1, SCENARIO_EXPECTATIONS),
			.schema = &expectation_schema, WHOLE(expectations),
			COUNT(expectation_count)},
		{0}}};
