/* SPDX-License-Identifier: MIT */
#include "scenario/scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/course.h"
#include "scenario/keepalive_interval.h"
#include "uart/at_command.h"

__attribute__((format(printf, 2, 3))) static void complain(
	struct scenario *s, const char *format, ...)
{
	if (s->error[0] != '\0')
		return;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(s->error, sizeof s->error, format, arguments);
	va_end(arguments);
}

static int64_t seconds(double s)
{
	return (int64_t)(s * 1e9 + (s < 0 ? -0.5 : 0.5));
}

struct scenario scenario_new(void)
{
	return (struct scenario){.watch = {.until = WATCH_TIME}};
}

static struct scenario with_connection(const char *name, enum connection_role role)
{
	struct scenario s = scenario_new();

	add_connection(&s, name, role);
	return s;
}

struct scenario tcp_client(const char *name)
{
	return with_connection(name, ROLE_TCP_CLIENT);
}

struct scenario tcp_server(const char *name)
{
	return with_connection(name, ROLE_TCP_SERVER);
}

int add_connection(struct scenario *s, const char *name, enum connection_role role)
{
	if (s->connection_count == SCENARIO_CONNECTIONS) {
		complain(s, "more than %d connections", SCENARIO_CONNECTIONS);
		return NO_CONNECTION;
	}
	if (name[0] == '\0' || strlen(name) >= SCENARIO_NAME ||
		scenario_connection(s, name) != NO_CONNECTION) {
		complain(s, "connection name '%s' is empty, too long or used twice", name);
		return NO_CONNECTION;
	}
	struct planned_connection *connection = &s->connections[s->connection_count];
	snprintf(connection->name, sizeof connection->name, "%s", name);
	connection->role = role;
	return s->connection_count++;
}

int scenario_connection(const struct scenario *s, const char *name)
{
	for (int i = 0; i < s->connection_count; i++)
		if (strcmp(s->connections[i].name, name) == 0)
			return i;
	return NO_CONNECTION;
}

/* As scenario_connection, with a complaint where there is none; NULL is the device. */
static int named(struct scenario *s, const char *name)
{
	if (name == NULL)
		return NO_CONNECTION;
	int connection = scenario_connection(s, name);
	if (connection == NO_CONNECTION)
		complain(s, "unknown connection '%s'", name);
	return connection;
}

void add_step(struct scenario *s, struct step step)
{
	if (s->step_count == SCENARIO_STEPS) {
		complain(s, "more than %d steps", SCENARIO_STEPS);
		return;
	}
	s->steps[s->step_count++] = step;
}

static void put_text(struct scenario *s, struct step *step, const char *text)
{
	if ((size_t)snprintf(step->text, sizeof step->text, "%s", text) >= sizeof step->text)
		complain(s, "command is longer than %d octets", SCENARIO_TEXT - 1);
}

static void add_text_step(
	struct scenario *s, enum step_kind kind, const char *name, const char *text)
{
	struct step step = {.kind = kind,
		.connection = named(s, name),
		.anchor = ANCHOR_SETUP,
		.anchor_connection = NO_CONNECTION};

	put_text(s, &step, text);
	add_step(s, step);
}

void option(struct scenario *s, const char *name, const char *type, const char *parameter,
	const char *value, const char *length)
{
	char text[SCENARIO_TEXT];

	if ((size_t)snprintf(text, sizeof text, "%s,%s,%s,%s", type, parameter, value, length) >=
		sizeof text)
		complain(s, "option is longer than %d octets", SCENARIO_TEXT - 1);
	add_text_step(s, STEP_OPTION, name, text);
}

void command(struct scenario *s, const char *name, const char *text)
{
	add_text_step(s, STEP_COMMAND, name, text);
}

static void put_option(struct scenario *s, const char *name, enum at_option_name which, int value)
{
	char text[SCENARIO_TEXT];

	at_option_write(text, sizeof text, which, value);
	add_text_step(s, STEP_OPTION, name, text);
}

void keepalive_with(struct scenario *s, const char *name, struct keepalive_options options)
{
	if (!options.off)
		put_option(s, name, AT_OPTION_KEEPALIVE, 1);
	if (options.timeout_first && options.timeout_s != 0)
		put_option(s, name, AT_OPTION_TIMEOUT, options.timeout_s);
	if (options.count != 0)
		put_option(s, name, AT_OPTION_COUNT, options.count);
	if (!options.timeout_first && options.timeout_s != 0)
		put_option(s, name, AT_OPTION_TIMEOUT, options.timeout_s);
}

void at_spare_address(struct scenario *s, const char *name)
{
	int connection = named(s, name);

	if (connection != NO_CONNECTION)
		s->connections[connection].spare = true;
}

void in_data_mode(struct scenario *s, const char *name)
{
	int connection = named(s, name);

	if (connection != NO_CONNECTION)
		s->connections[connection].data_mode = true;
	s->exclusive = true;
}

void peer_wraps(struct scenario *s, const char *name)
{
	int connection = named(s, name);

	if (connection == NO_CONNECTION)
		return;
	if (s->connections[connection].role != ROLE_TCP_SERVER)
		complain(s, "'%s' is not a server, so the peer cannot connect to it", name);
	s->connections[connection].wraps = true;
}

void share_end(struct scenario *s, const char *name, const char *with)
{
	int connection = named(s, name), other = named(s, with);

	if (connection == NO_CONNECTION || other == NO_CONNECTION)
		return;
	if (other >= connection || s->connections[connection].role != s->connections[other].role ||
		s->connections[connection].role == ROLE_UDP_CLIENT)
		complain(s, "'%s' cannot share an end with that connection", name);
	s->connections[connection].shares = other + 1;
}

void peer_port_of(struct scenario *s, const char *name, const char *with)
{
	int connection = named(s, name), other = named(s, with);

	if (connection == NO_CONNECTION || other == NO_CONNECTION)
		return;
	if (other >= connection || s->connections[connection].role != ROLE_TCP_SERVER ||
		s->connections[other].role != ROLE_TCP_SERVER)
		complain(s, "'%s' cannot have the peer's port of that connection", name);
	s->connections[connection].port_of = other + 1;
}

static void check_act(struct scenario *s, enum step_kind kind, const struct when *when)
{
	int anchors = (when->after_death_of != NULL) + (when->on_probe != 0) + (when->on_call != 0);

	if (when->at_s < 0)
		complain(s, "step at %g s is before the start", when->at_s);
	if (when->on_probe < 0 || when->on_call < 0 || anchors > 1)
		complain(s, "step does not define its time");
	if (when->every && when->on_probe == 0 && when->on_call == 0)
		complain(s, "step for every probe does not define the connection");
	const bool wrong = kind == STEP_DEVICE_SENDS && when->text != NULL;
	if ((kind == STEP_DEVICE_SENDS || kind == STEP_PEER_SENDS) && when->size <= 0 && !wrong)
		complain(s, "step that sends lacks the size");
	if (wrong && (strlen(when->text) > 1 || when->size > 1400 || when->size < 0))
		complain(s, "a frame of a wrong CID has one letter and at most 1400 octets");
	if (when->pause_s < 0 || (when->pause_s > 0 && kind != STEP_OPTION &&
					 kind != STEP_COMMAND && kind != STEP_DEVICE_SENDS))
		complain(s, "only what is typed has a pause");
	if (kind == STEP_PEER_SEGMENT && when->raw.kind == RAW_PROBE &&
		(when->size < 0 || when->size > 1))
		complain(s, "probe size must be 0 or 1 octet");
}

void act_with(struct scenario *s, const char *name, enum step_kind kind, struct when when)
{
	struct step step = {.kind = kind,
		.connection = named(s, name),
		.anchor = ANCHOR_START,
		.anchor_connection = NO_CONNECTION,
		.at_ns = seconds(when.at_s),
		.size = when.size,
		.pause_ns = seconds(when.pause_s),
		.raw = when.raw};

	if (when.after_death_of != NULL) {
		step.anchor = ANCHOR_DEATH;
		step.anchor_connection = named(s, when.after_death_of);
	} else if (when.on_probe != 0 || when.on_call != 0) {
		step.anchor = when.on_probe != 0 ? ANCHOR_PROBE : ANCHOR_CALL;
		step.anchor_connection = named(s, when.of == NULL ? name : when.of);
		step.nth = when.on_probe != 0 ? when.on_probe : when.on_call;
		step.every = when.every;
	}
	check_act(s, kind, &when);
	put_text(s, &step, when.text == NULL ? "" : when.text);
	add_step(s, step);
	s->exclusive |= scenario_breaks_link(s);
}

void watch_with(struct scenario *s, struct watch_options options)
{
	s->watch = (struct watch){
		.limit_ns = seconds(options.s),
		.then_ns = seconds(options.then_s),
	};
	if (options.until == TIME) {
		s->watch.until = WATCH_TIME;
		if (options.s <= 0)
			complain(s, "the watch has no duration");
		return;
	}
	int connection = options.of == NULL ? 0 : named(s, options.of);
	s->watch.until = WATCH_DEATH;
	s->watch.mask = connection == NO_CONNECTION ? 0 : 1U << connection;
}

struct planned_keepalive scenario_keepalive(const struct scenario *s, int connection)
{
	struct planned_keepalive keepalive = planned_keepalive_default();

	/* Of what no source documents nobody knows that it is taken. */
	for (int i = 0; i < s->step_count; i++)
		if (s->steps[i].connection == connection && s->steps[i].anchor == ANCHOR_SETUP &&
			step_option_kind(&s->steps[i]) == OPTION_DOCUMENTED)
			planned_keepalive_apply(&keepalive, &s->steps[i]);
	return keepalive;
}

bool scenario_uses_spare_address(const struct scenario *s)
{
	for (int i = 0; i < s->connection_count; i++)
		if (s->connections[i].spare)
			return true;
	for (int i = 0; i < s->step_count; i++)
		if ((s->steps[i].kind == STEP_COMMAND && strstr(s->steps[i].text, "%n") != NULL) ||
			(s->steps[i].kind == STEP_PEER_SEGMENT && s->steps[i].raw.other_address))
			return true;
	return false;
}

static bool has_step(const struct scenario *s, enum step_kind one, enum step_kind other)
{
	for (int i = 0; i < s->step_count; i++)
		if (s->steps[i].kind == one || s->steps[i].kind == other)
			return true;
	return false;
}

bool scenario_uses_access_point(const struct scenario *s)
{
	return has_step(s, STEP_ACCESS_POINT_GOES, STEP_ACCESS_POINT_COMES);
}

bool scenario_uses_station(const struct scenario *s)
{
	return has_step(s, STEP_STATION_LEAVES, STEP_STATION_JOINS);
}

bool scenario_breaks_link(const struct scenario *s)
{
	return scenario_uses_access_point(s) || scenario_uses_station(s);
}

int scenario_cids(const struct scenario *s)
{
	int cids = s->connection_count;

	for (int i = 0; i < s->connection_count; i++)
		if (s->connections[i].role == ROLE_TCP_SERVER && s->connections[i].shares == 0)
			cids++;
	return cids > SCENARIO_CONNECTIONS ? SCENARIO_CONNECTIONS : cids;
}

static int64_t last_step(const struct scenario *s, enum step_anchor anchor)
{
	int64_t last = 0;

	for (int i = 0; i < s->step_count; i++)
		if (s->steps[i].anchor == anchor && s->steps[i].at_ns > last)
			last = s->steps[i].at_ns;
	return last;
}

/* From the last received segment to the death, by the slowest of the common models (A-tick). */
static int64_t slowest_death(const struct scenario *s)
{
	int64_t slowest = 0;

	for (int i = 0; i < s->connection_count; i++) {
		if ((s->watch.mask & (1U << i)) == 0)
			continue;
		struct planned_keepalive keepalive = scenario_keepalive(s, i);
		int64_t ticks =
			(keepalive.timeout_s + KEEPALIVE_INTERVAL_S - 1) / KEEPALIVE_INTERVAL_S;
		int64_t death = (ticks + keepalive.count) * KEEPALIVE_INTERVAL_S * NS_PER_S;
		if (death > slowest)
			slowest = death;
	}
	return slowest;
}

int64_t scenario_limit(const struct scenario *s)
{
	if (s->watch.limit_ns > 0)
		return s->watch.limit_ns;
	/* A probe answered just before the silence begins an idle time anew: one tick more. */
	return last_step(s, ANCHOR_START) + slowest_death(s) +
	       (KEEPALIVE_INTERVAL_S + 10) * NS_PER_S;
}

int64_t scenario_expected(const struct scenario *s)
{
	const int64_t limit = scenario_limit(s);
	int64_t until = s->watch.until == WATCH_DEATH ? 0 : limit;

	for (int i = 0; i < s->connection_count && s->watch.until == WATCH_DEATH; i++) {
		if ((s->watch.mask & (1U << i)) == 0)
			continue;
		const int64_t death = course_death(s, i);
		if (death > until)
			until = death;
	}
	return (until < limit ? until : limit) + s->watch.then_ns;
}
