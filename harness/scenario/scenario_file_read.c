/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "core/text_buffer.h"
#include "scenario/scenario_draft.h"
#include "scenario/scenario_file.h"
#include "scenario/scenario_words.h"

/* From the draft to the scenario, by the verbs of scenario.h, so that a file and a case in C are
 * held to the same rules. */

struct reading {
	const struct yaml_file *yaml;
	const struct draft *draft;
	struct scenario_file *file;
	struct error *err;
};

/* The place of a value in the file: "steps.3.size". */
struct place {
	char text[64];
};

static struct place entry(const char *list, size_t index, const char *key)
{
	struct place place;

	snprintf(place.text, sizeof place.text, "%s.%zu.%s", list, index, key);
	return place;
}

#define WRONG(reading, place, ...)                                                                 \
	yaml_file_wrong((reading)->yaml, (reading)->err, (place).text, __VA_ARGS__)

/* What the verbs complain of, if they do. */
static int check_complaint(const struct reading *r, const char *list, size_t index)
{
	const char *complaint = r->file->scenario.error;

	return complaint[0] == '\0' ? 0 : WRONG(r, entry(list, index, ""), "%s", complaint);
}

/* The connection of that name must be there. */
static int check_name(
	const struct reading *r, const char *list, size_t index, const char *key, const char *name)
{
	if (name == NULL || scenario_connection(&r->file->scenario, name) != NO_CONNECTION)
		return 0;
	return WRONG(r, entry(list, index, key), "unknown connection '%s'", name);
}

static int read_name(const struct reading *r)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	const char *name = r->draft->name;

	if (strspn(name, allowed) != strlen(name) || name[0] == '.')
		return yaml_file_wrong(r->yaml, r->err, "scenario",
			"invalid scenario name '%s' (use letters, digits, - _ .)", name);
	snprintf(r->file->name, sizeof r->file->name, "%s", name);
	if (r->draft->about != NULL)
		snprintf(r->file->about, sizeof r->file->about, "%s", r->draft->about);
	return 0;
}

static int read_connections(const struct reading *r)
{
	struct scenario *s = &r->file->scenario;

	for (size_t i = 0; i < r->draft->connection_count; i++) {
		const struct draft_connection *from = &r->draft->connections[i];
		int index = add_connection(s, from->name, (enum connection_role)from->role);
		if (index != NO_CONNECTION) {
			s->connections[index].opened_later = from->opened_later;
			if (from->spare)
				at_spare_address(s, from->name);
			if (from->wraps)
				peer_wraps(s, from->name);
			if (from->data_mode)
				in_data_mode(s, from->name);
			if (from->shares != NULL)
				share_end(s, from->name, from->shares);
			if (from->port_of != NULL)
				peer_port_of(s, from->name, from->port_of);
		}
		if (check_complaint(r, "connections", i) != 0)
			return -1;
	}
	return 0;
}

/* ---- setup ---- */

static int read_keepalive(const struct reading *r, const struct draft_setup *from, size_t i)
{
	const struct draft_keepalive *keepalive = &from->keepalive;

	if (keepalive->timeout_ns % NS_PER_S != 0)
		return WRONG(r, entry("setup", i, "keepalive.timeout"),
			"timeout must be a whole number of seconds");
	keepalive_with(&r->file->scenario, from->connection,
		(struct keepalive_options){.count = keepalive->count,
			.timeout_s = (int)(keepalive->timeout_ns / NS_PER_S),
			.off = keepalive->off,
			.timeout_first = keepalive->timeout_first});
	return 0;
}

/* "type,parameter,value,length", any text between the commas, so that wrong ones can be sent. */
static void read_option(struct scenario *s, const char *connection, const char *text)
{
	struct step step = {.kind = STEP_OPTION,
		.connection = scenario_connection(s, connection),
		.anchor = ANCHOR_SETUP,
		.anchor_connection = NO_CONNECTION};

	snprintf(step.text, sizeof step.text, "%s", text);
	add_step(s, step);
}

static int read_setup(const struct reading *r)
{
	struct scenario *s = &r->file->scenario;

	for (size_t i = 0; i < r->draft->setup_count; i++) {
		const struct draft_setup *from = &r->draft->setup[i];
		if ((from->option != NULL) + (from->command != NULL) + from->has_keepalive != 1)
			return WRONG(r, entry("setup", i, ""),
				"a setup step must have exactly one of 'keepalive', 'option' and 'command'");
		if (check_name(r, "setup", i, "connection", from->connection) != 0)
			return -1;
		if (from->connection == NULL && from->command == NULL)
			return WRONG(r, entry("setup", i, ""), "missing key 'connection'");
		if (from->has_keepalive && read_keepalive(r, from, i) != 0)
			return -1;
		if (from->option != NULL)
			read_option(s, from->connection, from->option);
		if (from->command != NULL)
			command(s, from->connection, from->command);
		if (check_complaint(r, "setup", i) != 0)
			return -1;
	}
	return 0;
}

/* ---- steps ---- */

static int check_keys(const struct reading *r, const struct draft_step *from, size_t i)
{
	const struct act *act = from->has_act ? &scenario_acts[from->act] : NULL;
	const char *words = act == NULL ? "a command" : act->words;
	unsigned takes = act == NULL ? 0 : act->takes;

	if (from->has_size && (takes & ACT_SIZE) == 0)
		return WRONG(r, entry("steps", i, "size"), "'%s' does not support 'size'", words);
	if (from->has_segment && (takes & ACT_SEGMENT) == 0)
		return WRONG(r, entry("steps", i, ""),
			"'%s' does not support seq_offset, ack_offset, closed_window, bad_checksum, other_port, other_address and copies (only 'peer answers' and 'peer probes' do)",
			words);
	if (from->has_code && (takes & ACT_CODE) == 0)
		return WRONG(r, entry("steps", i, "code"), "'%s' does not support 'code'", words);
	if (from->connection == NULL && from->command == NULL)
		return WRONG(r, entry("steps", i, ""), "missing key 'connection'");
	if (from->cid != NULL && (act == NULL || act->kind != STEP_DEVICE_SENDS))
		return WRONG(r, entry("steps", i, "cid"), "'%s' does not support 'cid'", words);
	if (from->of != NULL && !from->has_on_probe && !from->has_on_call)
		return WRONG(r, entry("steps", i, "of"), "'of' needs 'on_probe' or 'on_call'");
	return 0;
}

static int read_step(const struct reading *r, const struct draft_step *from, size_t i)
{
	struct when when = {.at_s = (double)from->at_ns / (double)NS_PER_S,
		.after_death_of = from->after_death_of,
		.on_probe = from->on_probe,
		.on_call = from->on_call,
		.of = from->of,
		.every = from->every,
		.size = from->size,
		.pause_s = (double)from->pause_ns / (double)NS_PER_S,
		.text = from->option != NULL	? from->option
			: from->command != NULL ? from->command
						: from->cid,
		.raw = from->raw};
	enum step_kind kind = from->option != NULL ? STEP_OPTION : STEP_COMMAND;

	if ((from->option != NULL) + (from->command != NULL) + from->has_act != 1)
		return WRONG(r, entry("steps", i, ""),
			"a step must have exactly one of 'act', 'option' and 'command'");
	if (check_keys(r, from, i) != 0 ||
		check_name(r, "steps", i, "connection", from->connection) != 0 ||
		check_name(r, "steps", i, "after_death_of", from->after_death_of) != 0 ||
		check_name(r, "steps", i, "of", from->of) != 0)
		return -1;
	if (from->has_act) {
		kind = scenario_acts[from->act].kind;
		when.raw.kind = scenario_acts[from->act].raw;
	}
	act_with(&r->file->scenario, from->connection, kind, when);
	return check_complaint(r, "steps", i);
}

static int read_watch(const struct reading *r)
{
	const struct draft_watch *from = &r->draft->watch;
	struct watch *to = &r->file->scenario.watch;

	if (from->has_mask == from->has_for)
		return yaml_file_wrong(r->yaml, r->err, "watch",
			"watch must have exactly one of 'for' and 'until_death_of'");
	if (from->has_at_most && from->has_for)
		return yaml_file_wrong(
			r->yaml, r->err, "watch.at_most", "'at_most' needs 'until_death_of'");
	if (from->has_for && from->for_ns == 0)
		return yaml_file_wrong(r->yaml, r->err, "watch.for", "the watch has no duration");
	*to = (struct watch){.until = from->has_for ? WATCH_TIME : WATCH_DEATH,
		.limit_ns = from->has_for ? from->for_ns : from->at_most_ns,
		.then_ns = from->then_ns};
	for (size_t i = 0; i < from->mask_count; i++) {
		int connection = scenario_connection(&r->file->scenario, from->mask[i]);
		if (connection == NO_CONNECTION)
			return WRONG(r, entry("watch.until_death_of", i, ""),
				"unknown connection '%s'", from->mask[i]);
		to->mask |= 1U << connection;
	}
	return 0;
}

/* ---- expectations ---- */

static unsigned given_parameters(const struct draft_expectation *from)
{
	return (from->has_count ? PARAMETER_COUNT : 0) | (from->has_rounds ? PARAMETER_ROUNDS : 0) |
	       (from->has_after ? PARAMETER_AFTER : 0) | (from->has_in ? PARAMETER_IN : 0) |
	       (from->has_within ? PARAMETER_WITHIN : 0) | (from->has_for ? PARAMETER_FOR : 0) |
	       (from->has_nth ? PARAMETER_NTH : 0) | (from->answer != NULL ? PARAMETER_ANSWER : 0) |
	       (from->cid_of != NULL ? PARAMETER_CID_OF : 0);
}

static int check_parameters(const struct reading *r, const struct draft_expectation *from, size_t i)
{
	const struct expectation_rule *rule = expectation_rule((enum expectation_kind)from->kind);
	unsigned given = given_parameters(from);

	for (unsigned k = 0; expectation_keys[k] != NULL; k++) {
		unsigned bit = 1U << k;
		if ((rule->needs & bit) != 0 && (given & bit) == 0)
			return WRONG(r, entry("expectations", i, ""), "'%s' lacks the key '%s'",
				rule->words, expectation_keys[k]);
		if (((rule->needs | rule->takes) & bit) == 0 && (given & bit) != 0)
			return WRONG(r, entry("expectations", i, expectation_keys[k]),
				"'%s' does not support the key '%s'", rule->words,
				expectation_keys[k]);
	}
	return 0;
}

/* As ids are made: capitals and digits in parts, "KA-DEAD-01". */
static bool is_requirement(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == strlen(text) &&
	       strchr(text, '-') != NULL;
}

static int read_expectation(const struct reading *r, const struct draft_expectation *from, size_t i)
{
	const struct scenario *s = &r->file->scenario;
	struct expectation to = expectation_new((enum expectation_kind)from->kind, NO_CONNECTION);

	if (check_parameters(r, from, i) != 0 ||
		check_name(r, "expectations", i, "connection", from->connection) != 0 ||
		check_name(r, "expectations", i, "cid_of", from->cid_of) != 0)
		return -1;
	to.connection = scenario_connection(s, from->connection);
	to.parameters.count = from->has_rounds ? from->rounds
			      : from->has_nth  ? from->nth
					       : from->count;
	to.parameters.after = (enum death_reference)from->after;
	if (from->has_in || from->has_within || from->has_for)
		to.parameters.time_ns = from->has_in	   ? from->in_ns
					: from->has_within ? from->within_ns
							   : from->for_ns;
	if (from->cid_of != NULL)
		to.parameters.cid_of = scenario_connection(s, from->cid_of);
	if (from->answer != NULL)
		snprintf(to.parameters.answer, sizeof to.parameters.answer, "%s", from->answer);
	if (from->requirement != NULL) {
		if (!is_requirement(from->requirement))
			return WRONG(r, entry("expectations", i, "requirement"),
				"invalid requirement '%s' (use an id such as KA-DEAD-01)",
				from->requirement);
		snprintf(to.requirement, sizeof to.requirement, "%s", from->requirement);
	}
	r->file->expectations[r->file->expectation_count++] = to;
	return 0;
}

/* ---- the file ---- */

static int read_draft(const struct reading *r)
{
	if (read_name(r) != 0 || read_connections(r) != 0 || read_setup(r) != 0)
		return -1;
	for (size_t i = 0; i < r->draft->step_count; i++)
		if (read_step(r, &r->draft->steps[i], i) != 0)
			return -1;
	if (read_watch(r) != 0)
		return -1;
	for (size_t i = 0; i < r->draft->expectation_count; i++)
		if (read_expectation(r, &r->draft->expectations[i], i) != 0)
			return -1;
	r->file->scenario.exclusive |= r->draft->exclusive;
	return 0;
}

static int finish(struct yaml_file *yaml, const struct draft *draft, struct scenario_file *file,
	struct error *err)
{
	const struct reading r = {.yaml = yaml, .draft = draft, .file = file, .err = err};

	if (yaml == NULL)
		return -1;
	*file = (struct scenario_file){.scenario = scenario_new()};
	int result = read_draft(&r);
	yaml_file_free(yaml);
	return result;
}

int scenario_file_read(const char *path, struct scenario_file *file, struct error *err)
{
	struct draft draft = {0};

	return finish(yaml_file_read(path, &scenario_schema, &draft, err), &draft, file, err);
}

int scenario_file_read_text(const char *name, const char *text, size_t length,
	struct scenario_file *file, struct error *err)
{
	struct draft draft = {0};

	return finish(yaml_file_read_text(name, text, length, &scenario_schema, &draft, err),
		&draft, file, err);
}

char *scenario_file_requirements(const struct scenario_file *file, char *text)
{
	struct text_buffer ids = text_buffer(text, SCENARIO_REQUIREMENTS);

	for (int i = 0; i < file->expectation_count; i++) {
		const char *id = file->expectations[i].requirement;
		bool known = false;
		for (int j = 0; j < i; j++)
			known |= strcmp(file->expectations[j].requirement, id) == 0;
		if (!known)
			text_add(&ids, "%s%s", ids.length > 0 ? " " : "", id);
	}
	return text;
}
