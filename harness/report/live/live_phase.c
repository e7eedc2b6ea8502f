/* SPDX-License-Identifier: MIT */
#include "report/live/live_phase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "judge/models.h"

static struct live_connection *connection_of(
	struct live_session *session, const struct watched *what)
{
	if (what->connection[0] == '\0')
		return NULL;
	for (int i = 0; i < session->count; i++)
		if (strcmp(session->connections[i].name, what->connection) == 0)
			return &session->connections[i];
	if (session->count == SCENARIO_CONNECTIONS)
		return NULL;
	struct live_connection *live = &session->connections[session->count++];
	*live = (struct live_connection){.cid = -1};
	snprintf(live->name, sizeof live->name, "%s", what->connection);
	return live;
}

static void take_segment(struct live_connection *connection, const struct event *event)
{
	const struct timeline_segment *segment = &event->segment;

	if (segment->direction == FROM_PEER) {
		if (segment->role == ROLE_STRAY)
			return;
		connection->answered +=
			connection->unanswered > 0 && segment->role == ROLE_PROBE_ANSWER;
		connection->unanswered = 0;
		connection->heard_ns = event->t_ns;
		return;
	}
	if (segment->role == ROLE_PROBE) {
		connection->unanswered++;
		connection->probe_ns = event->t_ns;
	}
	if ((segment->flags & (TCP_FLAG_RST | TCP_FLAG_FIN)) != 0 && connection->death_ns == 0)
		connection->death_ns = event->t_ns;
}

static void take_of_connection(struct live_connection *connection, const struct event *event)
{
	switch (event->kind) {
	case EVENT_OPENED:
		/* A new generation: what was before is over. */
		connection->cid = event->cid;
		connection->unanswered = connection->answered = 0;
		connection->death_ns = 0;
		connection->noticed = false;
		break;
	case EVENT_SEGMENT:
		take_segment(connection, event);
		break;
	case EVENT_NOTICE:
		connection->noticed = true;
		if (connection->death_ns == 0)
			connection->death_ns = event->t_ns;
		break;
	case EVENT_COMMAND:
	case EVENT_RESPONSE:
	case EVENT_DATA:
	case EVENT_LISTING:
	case EVENT_PEER:
	case EVENT_STEP:
	case EVENT_START:
	case EVENT_WATCHED:
	case EVENT_ARP:
	case EVENT_AIR:
	case EVENT_FAULT:
		break;
	}
}

void live_phase_take(struct live_session *session, const struct watched *what)
{
	struct live_connection *connection = connection_of(session, what);

	if (connection != NULL) {
		connection->keepalive = what->keepalive;
		take_of_connection(connection, &what->event);
	}
	if (what->event.kind == EVENT_COMMAND)
		snprintf(session->doing, sizeof session->doing, "%s", what->event.text);
	session->started |= what->event.kind == EVENT_START;
	session->watched |= what->event.kind == EVENT_WATCHED;
}

/* The higher, the more a person wants to know of it. */
static int weight_of(const struct live_connection *connection)
{
	if (connection->death_ns != 0)
		return connection->noticed ? 0 : 1000;
	return connection->unanswered > 0 ? 100 + connection->unanswered : 1;
}

const struct live_connection *live_phase_connection(const struct live_session *session)
{
	const struct live_connection *best = NULL;

	for (int i = 0; i < session->count; i++)
		if (best == NULL || weight_of(&session->connections[i]) > weight_of(best))
			best = &session->connections[i];
	return best;
}

static long long seconds(int64_t ns)
{
	return (long long)((ns + NS_PER_S / 2) / NS_PER_S);
}

static void probing_text(
	const struct live_connection *connection, int64_t now_ns, char *text, size_t size)
{
	int64_t due_ns = connection->probe_ns + KEEPALIVE_INTERVAL_NS - now_ns;
	const char *what = connection->unanswered >= connection->keepalive.count ? "death" : "next";

	if (due_ns >= 0)
		snprintf(text, size, "%d of %d probes unanswered, %s due in %lld s",
			connection->unanswered, connection->keepalive.count, what, seconds(due_ns));
	else
		snprintf(text, size, "%d of %d probes unanswered, %s overdue by %lld s",
			connection->unanswered, connection->keepalive.count, what,
			seconds(-due_ns));
}

static void connection_text(
	const struct live_connection *connection, int64_t now_ns, char *text, size_t size)
{
	if (connection->death_ns != 0) {
		snprintf(text, size, "dead for %lld s, %s", seconds(now_ns - connection->death_ns),
			connection->noticed ? "noticed" : "no notice yet");
	} else if (connection->unanswered > 0) {
		probing_text(connection, now_ns, text, size);
	} else if (connection->heard_ns == 0) {
		snprintf(text, size, "opening");
	} else if (!connection->keepalive.on) {
		snprintf(text, size, "idle for %lld s, keep-alive off",
			seconds(now_ns - connection->heard_ns));
	} else {
		snprintf(text, size, "idle for %lld of %d s, %d probe%s answered",
			seconds(now_ns - connection->heard_ns), connection->keepalive.timeout_s,
			connection->answered, connection->answered == 1 ? "" : "s");
	}
}

void live_phase_text(const struct live_session *session, int64_t now_ns, char *text, size_t size)
{
	const struct live_connection *connection = live_phase_connection(session);
	char words[128];

	if (session->watched) {
		snprintf(text, size, "closing: %s", session->doing);
	} else if (connection == NULL && session->doing[0] == '\0') {
		snprintf(text, size, "waiting for its start");
	} else if (!session->started || connection == NULL) {
		snprintf(text, size, "setting up: %s", session->doing);
	} else {
		connection_text(connection, now_ns, words, sizeof words);
		snprintf(text, size, "%s%s%s",
			session->about.connections > 1 ? connection->name : "",
			session->about.connections > 1 ? ": " : "", words);
	}
}
