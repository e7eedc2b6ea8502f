/* SPDX-License-Identifier: MIT */
#include "timeline/fields.h"

static const char *const role_names[] = {
	[ROLE_TCP_CLIENT] = "tcp client",
	[ROLE_TCP_SERVER] = "tcp server",
	[ROLE_UDP_CLIENT] = "udp client",
};
static const char *const step_names[] = {
	[STEP_OPEN] = "open",
	[STEP_OPTION] = "option",
	[STEP_COMMAND] = "command",
	[STEP_CLOSE] = "close",
	[STEP_DEVICE_SENDS] = "device sends",
	[STEP_PEER_SENDS] = "peer sends",
	[STEP_PEER_SILENT] = "peer silent",
	[STEP_PEER_SPEAKS] = "peer speaks",
	[STEP_PEER_REBOOTS] = "peer reboots",
	[STEP_PEER_RESETS] = "peer resets",
	[STEP_PEER_CLOSES] = "peer closes",
	[STEP_PEER_SEGMENT] = "peer segment",
	[STEP_PEER_GONE] = "peer gone",
	[STEP_PEER_DIALS] = "peer dials",
	[STEP_ACCESS_POINT_GOES] = "access point goes",
	[STEP_ACCESS_POINT_COMES] = "access point comes",
	[STEP_STATION_LEAVES] = "station leaves",
	[STEP_STATION_JOINS] = "station joins",
};
static const char *const anchor_names[] = {
	[ANCHOR_SETUP] = "setup",
	[ANCHOR_START] = "start",
	[ANCHOR_DEATH] = "death",
	[ANCHOR_PROBE] = "probe",
	[ANCHOR_CALL] = "call",
};
static const char *const raw_names[] = {
	[RAW_ACK] = "ack",
	[RAW_PROBE] = "probe",
	[RAW_RST] = "rst",
	[RAW_UNREACHABLE] = "unreachable",
};
static const char *const until_names[] = {
	[WATCH_TIME] = "time",
	[WATCH_DEATH] = "death",
};

static json_t *connection_to_json(const struct planned_connection *connection)
{
	struct writer w = writer_new();

	put_text(&w, "name", connection->name);
	put_name(&w, "role", (int)connection->role, NAMES(role_names));
	put_bool(&w, "opened_later", connection->opened_later);
	put_bool(&w, "spare", connection->spare);
	put_bool(&w, "wraps", connection->wraps);
	put_bool(&w, "data_mode", connection->data_mode);
	put_integer(&w, "shares", connection->shares, 0);
	put_integer(&w, "port_of", connection->port_of, 0);
	return writer_finish(&w);
}

static json_t *raw_to_json(const struct raw_plan *raw)
{
	struct writer w = writer_new();

	put_name(&w, "kind", (int)raw->kind, NAMES(raw_names));
	put_integer(&w, "seq_offset", raw->seq_offset, 0);
	put_integer(&w, "ack_offset", raw->ack_offset, 0);
	put_bool(&w, "closed_window", raw->closed_window);
	put_bool(&w, "bad_checksum", raw->bad_checksum);
	put_bool(&w, "other_port", raw->other_port);
	put_bool(&w, "other_address", raw->other_address);
	put_integer(&w, "copies", raw->copies, 0);
	put_integer(&w, "code", raw->code, 0);
	return writer_finish(&w);
}

static json_t *step_to_json(const struct step *step)
{
	struct writer w = writer_new();

	put_name(&w, "kind", (int)step->kind, NAMES(step_names));
	put_integer(&w, "connection", step->connection, NO_CONNECTION);
	put_name(&w, "anchor", (int)step->anchor, NAMES(anchor_names));
	put_integer(&w, "anchor_connection", step->anchor_connection, NO_CONNECTION);
	put_integer(&w, "at_ns", step->at_ns, 0);
	put_integer(&w, "nth", step->nth, 0);
	put_bool(&w, "every", step->every);
	put_integer(&w, "size", step->size, 0);
	put_integer(&w, "pause_ns", step->pause_ns, 0);
	if (step->kind == STEP_PEER_SEGMENT)
		put_json(&w, "raw", raw_to_json(&step->raw));
	put_text(&w, "text", step->text);
	return writer_finish(&w);
}

static json_t *watch_to_json(const struct watch *watch)
{
	struct writer w = writer_new();

	put_name(&w, "until", (int)watch->until, NAMES(until_names));
	put_integer(&w, "mask", watch->mask, 0);
	put_integer(&w, "limit_ns", watch->limit_ns, 0);
	put_integer(&w, "then_ns", watch->then_ns, 0);
	return writer_finish(&w);
}

json_t *scenario_to_json(const struct scenario *scenario)
{
	struct writer w = writer_new();
	json_t *connections = json_array();
	json_t *steps = json_array();

	for (int i = 0; i < scenario->connection_count; i++)
		if (json_array_append_new(
			    connections, connection_to_json(&scenario->connections[i])) != 0)
			w.failed = true;
	for (int i = 0; i < scenario->step_count; i++)
		if (json_array_append_new(steps, step_to_json(&scenario->steps[i])) != 0)
			w.failed = true;
	put_json(&w, "connections", connections);
	put_json(&w, "steps", steps);
	put_json(&w, "watch", watch_to_json(&scenario->watch));
	put_bool(&w, "exclusive", scenario->exclusive);
	put_text(&w, "error", scenario->error);
	return writer_finish(&w);
}

static int get_connection(struct reader *r, const char *key, int count)
{
	return (int)get_integer(r, key, NO_CONNECTION, NO_CONNECTION, count - 1);
}

static const char *connection_from_json(const json_t *json, struct planned_connection *connection)
{
	struct reader r = {.object = json};

	get_text(&r, "name", connection->name, sizeof connection->name);
	connection->role = (enum connection_role)get_name(&r, "role", NAMES(role_names));
	connection->opened_later = get_bool(&r, "opened_later");
	connection->spare = get_bool(&r, "spare");
	connection->wraps = get_bool(&r, "wraps");
	connection->data_mode = get_bool(&r, "data_mode");
	connection->shares = (int)get_integer(&r, "shares", 0, 0, SCENARIO_CONNECTIONS);
	connection->port_of = (int)get_integer(&r, "port_of", 0, 0, SCENARIO_CONNECTIONS);
	return r.bad;
}

static const char *raw_from_json(const json_t *json, struct raw_plan *raw)
{
	struct reader r = {.object = json};

	raw->kind = (enum raw_kind)get_name(&r, "kind", NAMES(raw_names));
	raw->seq_offset = (int)get_integer(&r, "seq_offset", 0, INT32_MIN, INT32_MAX);
	raw->ack_offset = (int)get_integer(&r, "ack_offset", 0, INT32_MIN, INT32_MAX);
	raw->closed_window = get_bool(&r, "closed_window");
	raw->bad_checksum = get_bool(&r, "bad_checksum");
	raw->other_port = get_bool(&r, "other_port");
	raw->other_address = get_bool(&r, "other_address");
	raw->copies = (int)get_integer(&r, "copies", 0, 0, INT32_MAX);
	raw->code = (int)get_integer(&r, "code", 0, 0, UINT8_MAX);
	return r.bad;
}

static const char *step_from_json(const json_t *json, struct step *step, int connections)
{
	struct reader r = {.object = json};

	step->kind = (enum step_kind)get_name(&r, "kind", NAMES(step_names));
	step->connection = get_connection(&r, "connection", connections);
	step->anchor = (enum step_anchor)get_name(&r, "anchor", NAMES(anchor_names));
	step->anchor_connection = get_connection(&r, "anchor_connection", connections);
	step->at_ns = get_integer(&r, "at_ns", 0, INT64_MIN, INT64_MAX);
	step->nth = (int)get_integer(&r, "nth", 0, 0, INT32_MAX);
	step->every = get_bool(&r, "every");
	step->size = (int)get_integer(&r, "size", 0, INT32_MIN, INT32_MAX);
	step->pause_ns = get_integer(&r, "pause_ns", 0, 0, INT64_MAX);
	if (r.bad == NULL && step->kind == STEP_PEER_SEGMENT)
		r.bad = raw_from_json(json_object_get(json, "raw"), &step->raw);
	get_text(&r, "text", step->text, sizeof step->text);
	return r.bad;
}

static const char *watch_from_json(const json_t *json, struct watch *watch)
{
	struct reader r = {.object = json};

	watch->until = (enum watch_until)get_name(&r, "until", NAMES(until_names));
	watch->mask = (unsigned)get_integer(&r, "mask", 0, 0, UINT32_MAX);
	watch->limit_ns = get_integer(&r, "limit_ns", 0, INT64_MIN, INT64_MAX);
	watch->then_ns = get_integer(&r, "then_ns", 0, INT64_MIN, INT64_MAX);
	return r.bad;
}

const char *scenario_from_json(const json_t *json, struct scenario *scenario)
{
	struct reader r = {.object = json};

	*scenario = (struct scenario){0};
	const json_t *connections = get_array(&r, "connections", SCENARIO_CONNECTIONS);
	const json_t *steps = get_array(&r, "steps", SCENARIO_STEPS);
	if (r.bad != NULL)
		return r.bad;
	scenario->connection_count = (int)json_array_size(connections);
	scenario->step_count = (int)json_array_size(steps);
	for (int i = 0; i < scenario->connection_count && r.bad == NULL; i++)
		r.bad = connection_from_json(
			json_array_get(connections, (size_t)i), &scenario->connections[i]);
	for (int i = 0; i < scenario->step_count && r.bad == NULL; i++)
		r.bad = step_from_json(json_array_get(steps, (size_t)i), &scenario->steps[i],
			scenario->connection_count);
	if (r.bad == NULL)
		r.bad = watch_from_json(json_object_get(json, "watch"), &scenario->watch);
	scenario->exclusive = get_bool(&r, "exclusive");
	get_text(&r, "error", scenario->error, sizeof scenario->error);
	return r.bad;
}
