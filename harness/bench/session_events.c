/* SPDX-License-Identifier: MIT */
#include "bench/session_events.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text_buffer.h"

/* Of what the bench stamps itself: it happened after the last look that did not find it, and the way
 * to the bench took no longer than way_ns. */
static int64_t error_of_stamp(const struct session *session, int64_t now_ns, int64_t way_ns)
{
	if (session->clock->kind == CLOCK_KIND_STEPPED)
		return 0;
	return way_ns + now_ns - session->clock->looked_ns;
}

static struct event event_now(const struct session *session, enum event_kind kind)
{
	const int64_t now_ns = clock_now(session->clock);

	return (struct event){.t_ns = now_ns,
		.error_ns = error_of_stamp(
			session, now_ns, round_trips_bound(&session->device->uart.round_trips)),
		.kind = kind,
		.connection = NO_CONNECTION,
		.cid = -1,
		.step = -1};
}

static struct event flow_event(
	const struct session *session, enum event_kind kind, const struct flow *flow)
{
	struct event event = event_now(session, kind);

	if (flow != NULL) {
		event.connection = flow->connection;
		event.generation = flow->generation;
		event.cid = flow->cid;
	}
	return event;
}

/* Out of memory is noticed at the end: a timeline that is cut short has no EVENT_WATCHED. */
void session_add(struct session *session, const struct event *event)
{
	if (session->full)
		return;
	(void)timeline_add(session->timeline, event);
	if (session->host->added != NULL)
		session->host->added(session->host->context, session, event);
}

void session_note_command(struct session *session, const struct flow *flow, const char *format, ...)
{
	struct event event = flow_event(session, EVENT_COMMAND, flow);
	char line[256];

	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	event.command = at_command_of(line);
	transcript_redact(line, event.text, sizeof event.text);
	session_add(session, &event);
}

void session_note_answer(
	struct session *session, const struct flow *flow, int step, const struct at_answer *answer)
{
	struct event event =
		flow_event(session, answer->answered ? EVENT_RESPONSE : EVENT_FAULT, flow);

	event.step = step;
	event.code = answer->code;
	event.form = answer->form;
	if (!answer->answered) {
		event.reason = REASON_NO_ANSWER;
		event.fault = fault_of_reason(event.reason);
	}
	snprintf(event.text, sizeof event.text, "%s",
		answer->answered ? answer->text : "a command got no answer");
	session_add(session, &event);
}

void session_note_opened(struct session *session, const struct flow *flow)
{
	struct event event = flow_event(session, EVENT_OPENED, flow);

	session_add(session, &event);
}

void session_note_listing(struct session *session, unsigned open)
{
	for (int i = 0; i < session->flow_count; i++) {
		const struct flow *flow = &session->flows[i];
		/* The CID of a flow that died was taken from it: the timeline knows which it
		 * was. */
		int cid = -1;
		for (size_t j = 0; j < session->timeline->count; j++) {
			const struct event *event = &session->timeline->events[j];
			if (event->kind == EVENT_OPENED && event->connection == flow->connection &&
				event->generation == flow->generation)
				cid = event->cid;
		}
		if (cid < 0)
			continue;
		struct event event = flow_event(session, EVENT_LISTING, flow);
		event.cid = cid;
		event.listed = (open & (1U << cid)) != 0;
		/* A number that the device gave to somebody else since says nothing about this
		 * one. */
		if (cid_table_is_anothers(&session->device->cids, cid, flow))
			event.listed = false;
		/* Nor one that it may have given to a peer of whom it has not told yet. */
		else if (event.listed && (flow->ended || flow->noticed) &&
			 cid_table_accepts_until(&session->device->cids, event.t_ns) > 0)
			continue;
		session_add(session, &event);
	}
}

void session_note_no_link(struct session *session, int64_t from_ns)
{
	const int64_t now_ns = clock_now(session->clock);
	const int64_t origin_ns = session->start_ns > 0 ? session->start_ns : now_ns;
	char text[EVENT_TEXT];

	snprintf(text, sizeof text, "'%s' was without carrier, or down, from %.1f to %.1f s",
		session->device->wire.interface, (double)(from_ns - origin_ns) / (double)NS_PER_S,
		(double)(now_ns - origin_ns) / (double)NS_PER_S);
	/* That it goes with a station that leaves is the scenario's doing. */
	session_fault(session, NO_CONNECTION,
		from_ns >= session->station_first_left_ns ? REASON_STATION_AWAY : REASON_LINK_DOWN,
		from_ns, text);
}

void session_note_station_away(struct session *session)
{
	const int64_t left_ns = session->station_left_ns;
	char text[EVENT_TEXT];

	if (left_ns == TIME_NEVER)
		return;
	session->station_left_ns = TIME_NEVER;
	snprintf(text, sizeof text, "this host was off the module's network from %.1f to %.1f s",
		(double)(left_ns - session->start_ns) / (double)NS_PER_S,
		(double)(clock_now(session->clock) - session->start_ns) / (double)NS_PER_S);
	session_fault(session, NO_CONNECTION, REASON_STATION_AWAY, left_ns, text);
}

void session_note_watched(struct session *session)
{
	session_note_station_away(session);
	if (session->device->wire.link.down)
		session_note_no_link(session, session->device->wire.link.down_ns);
	struct event event = event_now(session, EVENT_WATCHED);

	session_add(session, &event);
}

void session_note_start(struct session *session)
{
	struct event event = event_now(session, EVENT_START);

	session_add(session, &event);
}

void session_note_step(struct session *session, int index)
{
	struct event event = event_now(session, EVENT_STEP);

	event.step = index;
	event.connection = session->scenario->steps[index].connection;
	session_add(session, &event);
}

void session_note_peer(
	struct session *session, const struct flow *flow, enum peer_act act, int size)
{
	struct event event = flow_event(session, EVENT_PEER, flow);

	event.error_ns = error_of_stamp(session, event.t_ns, NS_PER_MS);
	event.act = act;
	event.size = size;
	session_add(session, &event);
}

void session_fault(struct session *session, int connection, enum fault_reason reason,
	int64_t from_ns, const char *text)
{
	struct event event = event_now(session, EVENT_FAULT);

	event.connection = connection;
	event.fault = fault_of_reason(reason);
	event.reason = reason;
	event.from_ns = from_ns;
	/* A port may have a long name, and what happened to it stands behind. */
	text_fit(event.text, sizeof event.text, text);
	session_add(session, &event);
}

void session_note_fault(
	struct session *session, int connection, enum fault_reason reason, const char *text)
{
	session_fault(session, connection, reason, clock_now(session->clock), text);
}

static struct event notice_event(const struct session *session, const struct flow *flow,
	const struct at_token *token, struct uart_free uart_free)
{
	struct event event = flow_event(session, EVENT_NOTICE, flow);

	event.cid = token->cid;
	event.code = token->code;
	event.form = token->form;
	event.from_ns = uart_free.since_ns;
	event.busy_ns = uart_free.busy_since_ns;
	snprintf(event.text, sizeof event.text, "%s", token->text);
	return event;
}

void session_take_listener_notice(struct session *session, const struct flow *flow,
	const struct at_token *token, struct uart_free uart_free)
{
	struct event event = notice_event(session, flow, token, uart_free);

	event.of_listener = true;
	session_add(session, &event);
}

void session_take_notice(struct session *session, struct flow *flow, const struct at_token *token,
	struct uart_free uart_free)
{
	const struct event event = notice_event(session, flow, token, uart_free);

	session_add(session, &event);
	if (flow == NULL)
		return;
	flow->noticed = true;
	if (flow->death_ns == TIME_NEVER)
		flow->death_ns = event.t_ns;
}

bool session_awaits_notice(const struct session *session)
{
	for (int i = 0; i < session->flow_count; i++)
		if (session->flows[i].death_ns != TIME_NEVER && !session->flows[i].noticed)
			return true;
	return false;
}

void session_pattern(int connection, uint64_t offset, unsigned char *octets, size_t length)
{
	for (size_t i = 0; i < length; i++)
		octets[i] = (unsigned char)('!' + (offset + i + (uint64_t)connection * 17) % 89);
}

void session_take_data(struct session *session, struct flow *flow, const struct at_token *token)
{
	struct event event = flow_event(session, EVENT_DATA, flow);

	event.size = (int)token->length;
	event.ok = true;
	for (size_t i = 0; i < token->length; i++) {
		unsigned char expected;
		session_pattern(flow->connection, flow->received + i, &expected, 1);
		event.ok = event.ok && token->data[i] == expected;
	}
	flow->received += token->length;
	session_add(session, &event);
}

int session_poll(const struct session *session, struct pollfd *polls, int room)
{
	int count = 0;

	for (int i = 0; i < session->flow_count && count < room; i++) {
		const struct peer *peer = session->flows[i].peer;
		if (peer == NULL || peer_descriptor(peer) < 0)
			continue;
		polls[count++] = (struct pollfd){
			.fd = peer_descriptor(peer), .events = peer_poll_events(peer)};
	}
	return count;
}

/* What the application at the peer's end got, and whether it is what the device was given. */
static void note_received(struct session *session, struct flow *flow, const struct peer_data *data)
{
	struct event event = flow_event(session, EVENT_PEER, flow);

	event.error_ns = error_of_stamp(session, event.t_ns, NS_PER_MS);
	event.size = (int)data->length;
	event.ok = true;
	for (size_t i = 0; i < data->length; i++) {
		unsigned char expected;
		session_pattern(flow->connection, flow->peer_received + i, &expected, 1);
		event.ok = event.ok && flow->peer_received + i < flow->device_sent &&
			   data->octets[i] == expected;
	}
	event.act = ACT_RECEIVED;
	flow->peer_received += data->length;
	session_add(session, &event);
}

static void take_peer_event(
	struct session *session, struct flow *flow, enum peer_event what, struct peer_data *data)
{
	switch (what) {
	case PEER_NOTHING:
		break;
	case PEER_ACCEPTED:
	case PEER_CONNECTED:
		flow->peer_says_open = true;
		session_note_peer(session, flow, ACT_CONNECTED, 0);
		break;
	case PEER_REFUSED:
		session_note_peer(session, flow, ACT_REFUSED, 0);
		break;
	case PEER_DATA:
		note_received(session, flow, data);
		break;
	case PEER_CLOSED_BY_DEVICE:
		session_note_peer(session, flow, ACT_CLOSED_BY_DEVICE, 0);
		/* An application that reads the end of file closes too. */
		(void)peer_close(flow->peer, &session->fault);
		break;
	case PEER_RESET_BY_DEVICE:
		session_note_peer(session, flow, ACT_RESET_BY_DEVICE, 0);
		break;
	case PEER_ERROR:
		session_note_fault(
			session, flow->connection, REASON_PEER_FAILED, session->fault.text);
		break;
	}
}

void session_handle_peers(struct session *session)
{
	for (int i = 0; i < session->flow_count; i++) {
		struct flow *flow = &session->flows[i];
		enum peer_event what = PEER_NOTHING;
		struct peer_data data = {0};
		while (flow->peer != NULL &&
			(what = peer_handle(flow->peer, &data, &session->fault)) != PEER_NOTHING) {
			take_peer_event(session, flow, what, &data);
			if (what == PEER_ERROR)
				break;
		}
	}
}
