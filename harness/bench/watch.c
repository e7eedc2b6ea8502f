/* SPDX-License-Identifier: MIT */
#include "bench/watch.h"

#include <stdio.h>

static struct watched about(
	const struct bench *bench, const struct session *session, enum watched_kind kind)
{
	const struct bench_case *test_case = &bench->cases[session->case_index];
	struct watched what = {.kind = kind,
		.repetition = test_case->repetition,
		.connections = session->scenario->connection_count,
		.t_ns = clock_now(&bench->clock),
		.expected_ns = test_case->expected_ns};

	snprintf(what.case_name, sizeof what.case_name, "%s", test_case->listed->name);
	snprintf(what.device, sizeof what.device, "%s", session->device->entry->name);
	return what;
}

void watch_session(const struct bench *bench, const struct session *session, enum watched_kind kind)
{
	if (bench->options->tell == NULL)
		return;
	const struct watched what = about(bench, session, kind);
	bench->options->tell(bench->options->context, &what);
}

/* What the setup asked for, and the steps that were carried out since. */
static struct planned_keepalive keepalive_of(const struct session *session, int connection)
{
	struct planned_keepalive keepalive = scenario_keepalive(session->scenario, connection);

	for (int i = 0; i < session->scenario->step_count; i++) {
		const struct step *step = &session->scenario->steps[i];
		if (session->done[i] && step->anchor != ANCHOR_SETUP &&
			step->connection == connection)
			planned_keepalive_apply(&keepalive, step);
	}
	return keepalive;
}

void watch_added(void *context, const struct session *session, const struct event *event)
{
	const struct bench *bench = context;
	struct watched what = about(bench, session, WATCHED_EVENT);

	what.event = *event;
	what.t_ns = event->t_ns;
	if (event->connection != NO_CONNECTION) {
		snprintf(what.connection, sizeof what.connection, "%s",
			session->scenario->connections[event->connection].name);
		what.keepalive = keepalive_of(session, event->connection);
	}
	bench->options->tell(bench->options->context, &what);
}
