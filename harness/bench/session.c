/* SPDX-License-Identifier: MIT */
#include "bench/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/session_commands.h"
#include "bench/session_events.h"
#include "bench/session_steps.h"
#include "core/error.h"
#include "core/text_buffer.h"
#include "peer/namespace.h"
#include "uart/at_command.h"

/* From the last thing done in a setup to when both sides say that the connection is open. */
#define OPEN_TIMEOUT_NS (60 * NS_PER_S)
/* How long the sniffer may take to show a segment of a connection that is open. */
#define SEEN_TIMEOUT_NS (2 * NS_PER_S)

struct session *session_new(const char *case_name, const struct scenario *scenario,
	struct device *device, const struct session_host *host)
{
	struct session *session = calloc(1, sizeof *session);

	if (session == NULL)
		return NULL;
	session->timeline = timeline_new(case_name, scenario);
	if (session->timeline == NULL) {
		free(session);
		return NULL;
	}
	session->scenario = &session->timeline->scenario;
	snprintf(session->timeline->device, sizeof session->timeline->device, "%s",
		device->entry->name);
	session->timeline->stepped = device->clock->kind == CLOCK_KIND_STEPPED;
	session->device = device;
	session->host = host;
	session->clock = device->clock;
	session->start_ns = TIME_NEVER;
	session->claims = claims_of(scenario);
	session->spare_lock = -1;
	session->station_left_ns = session->station_first_left_ns = TIME_NEVER;
	for (int i = 0; i < SCENARIO_CONNECTIONS; i++)
		session->current[i] = -1;
	for (int i = 0; i < SCENARIO_STEPS; i++)
		session->armed_ns[i] = TIME_NEVER;
	return session;
}

void session_free(struct session *session)
{
	if (session == NULL)
		return;
	for (int i = 0; i < session->flow_count; i++) {
		drop_cid(session, &session->flows[i]);
		peer_free(session->flows[i].peer);
		connection_free(session->flows[i].tracked);
	}
	/* What was to have no address must not keep it. */
	if (session->spare_there)
		(void)interface_remove_address(
			session->device->wire.interface, session->spare_address_be, NULL);
	if (session->spare_lock >= 0)
		close(session->spare_lock);
	/* What a session that was not finished leaves is there to be read. */
	(void)transcript_finish(session->transcript, NULL);
	if (session->pcapng != NULL)
		(void)pcapng_finish(session->pcapng, NULL);
	timeline_free(session->timeline);
	free(session);
}

/* Both ends have to say that it is open; of what a server accepts, its CID is the device's word. */
static bool flow_open(const struct flow *flow)
{
	return flow->device_says_open && flow->peer_says_open &&
	       (flow->role != ROLE_TCP_SERVER || flow->cid >= 0);
}

void end_early(struct session *session, int connection, enum fault_reason reason, int64_t from_ns,
	const char *text)
{
	session_fault(session, connection, reason, from_ns, text);
	session_note_watched(session);
	session->listed = ~0U;
	session->state = SESSION_CLOSING;
	session->due_ns = clock_now(session->clock);
}

/* Has the case all the evidence that it may have?  Says of what. */
static bool is_full(const struct session *session, char *text, size_t size)
{
	struct text_buffer out = text_buffer(text, size);

	if (session->timeline->count >= CASE_EVENTS)
		text_add(&out, "%d events", CASE_EVENTS);
	else if (session->pcapng != NULL && pcapng_size(session->pcapng) >= CASE_CAPTURE)
		text_add(&out, "a capture of %d MB", CASE_CAPTURE >> 20);
	else if (session->transcript != NULL && transcript_size(session->transcript) >= CASE_UART)
		text_add(&out, "%d MB of the UART", CASE_UART >> 20);
	else
		return false;
	text_add(&out, ", which is all that a case may have: its watch ends here");
	return true;
}

static void end_where_full(struct session *session)
{
	const int64_t now_ns = clock_now(session->clock);
	char text[EVENT_TEXT];

	if (session->full || session->state < SESSION_SETUP || session->state > SESSION_LISTING ||
		!is_full(session, text, sizeof text))
		return;
	end_early(session, NO_CONNECTION, REASON_EVIDENCE_FULL, now_ns, text);
	if (session->transcript != NULL)
		transcript_remark(session->transcript, now_ns, text);
	session->full = true;
}

/* A server that the peer has dialled and that tells of no connection. */
static struct flow *awaited_accept(struct session *session)
{
	if (session->state != SESSION_SETUP || session->flow_count == 0)
		return NULL;
	struct flow *flow = &session->flows[session->flow_count - 1];
	if (flow->role != ROLE_TCP_SERVER || flow->listener_cid < 0 || flow->cid >= 0)
		return NULL;
	return flow;
}

static void give_up_accept(struct session *session, const struct flow *flow)
{
	char text[EVENT_TEXT];

	snprintf(text, sizeof text, "'%s' was not accepted: the device reported no connection",
		session->scenario->connections[flow->connection].name);
	/* The dialling was the bench's, and went well; the silence is the module's. */
	end_early(session, flow->connection, REASON_NOT_ACCEPTED, flow->dialled_ns, text);
}

/* It is connected, and the sniffer saw nothing of it. */
static bool is_unseen(const struct flow *flow)
{
	return flow->role != ROLE_UDP_CLIENT && flow_open(flow) && !flow->device_seen;
}

static bool has_unseen(const struct session *session)
{
	for (int i = 0; i < session->flow_count; i++)
		if (is_unseen(&session->flows[i]))
			return true;
	return false;
}

/* How many things the setup consists of; one more is done when the sniffer is waited for. */
static int setup_length(const struct session *session)
{
	return session->scenario->connection_count + session->scenario->step_count;
}

/* A sniffer at the wrong place makes a silent module of a talking one. */
static void note_unseen(struct session *session)
{
	const struct device *device = session->device;
	char text[EVENT_TEXT];

	for (int i = 0; i < session->flow_count; i++) {
		const struct flow *flow = &session->flows[i];
		if (!is_unseen(flow))
			continue;
		snprintf(text, sizeof text,
			"the sniffer on '%s' saw no frame of '%s', which is connected",
			device->wire.interface,
			session->scenario->connections[flow->connection].name);
		session_note_fault(session, flow->connection,
			device->wire.drops > 0 ? REASON_FRAMES_DROPPED : REASON_NOT_SEEN, text);
	}
}

bool session_bears_nobody(const struct session *session)
{
	return session->claims.sharing == SHARING_NONE ||
	       (session->claims.sharing == SHARING_LATER && session->start_ns == TIME_NEVER &&
		       session->state <= SESSION_SETUP);
}

/* It is dead, or may be, of which nobody has told yet: a device that sends nothing at a death tells of it
 * later, and its CID is free meanwhile. */
static bool may_be_dead(const struct flow *flow)
{
	return flow->death_ns != TIME_NEVER || flow->unanswered_probes > 0;
}

bool session_keeps_cid(const struct session *session)
{
	const struct scenario *scenario = session->scenario;

	if (!session->claims.names_dead_cid || session->state != SESSION_RUNNING)
		return false;
	for (int i = 0; i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];
		if (!step_names_dead_cid(scenario, step) ||
			(session->done[i] && session->pending == 0))
			continue;
		for (int j = 0; j < session->flow_count; j++)
			if (session->flows[j].connection == step->connection &&
				may_be_dead(&session->flows[j]))
				return true;
	}
	return false;
}

static bool opens_held(const struct session *session)
{
	const struct session_host *host = session->host;

	return host->opens_held != NULL && host->opens_held(host->context, session);
}

/* The next thing of the setup; the start when there is none left. */
static void run_setup(struct session *session)
{
	const struct scenario *scenario = session->scenario;

	for (;;) {
		if (session->pending > 0)
			return;
		int position = session->setup_position;
		if (position > 0 && position <= scenario->connection_count) {
			const struct flow *flow = flow_of(session, position - 1);
			if (flow != NULL && !flow_open(flow))
				return;
		}
		if (position >= setup_length(session))
			break;
		session->due_ns = clock_now(session->clock) + OPEN_TIMEOUT_NS;
		if (position < scenario->connection_count && opens_held(session))
			return;
		session->setup_position++;
		if (position < scenario->connection_count) {
			if (!scenario->connections[position].opened_later)
				open_flow(session, position);
			continue;
		}
		int index = position - scenario->connection_count;
		if (scenario->steps[index].anchor == ANCHOR_SETUP)
			run_step(session, index);
	}
	/* UART and sockets may be read before the frames that they tell of are in the capture. */
	if (session->setup_position == setup_length(session)) {
		session->setup_position++;
		session->due_ns = clock_now(session->clock) + SEEN_TIMEOUT_NS;
	}
	if (has_unseen(session) && clock_now(session->clock) < session->due_ns)
		return;
	note_unseen(session);
	session->start_ns = clock_now(session->clock);
	session->state = SESSION_RUNNING;
	session_note_start(session);
}

/* When the watch ends as far as is known now. */
static int64_t watch_end(const struct session *session)
{
	const struct scenario *scenario = session->scenario;
	int64_t end = session->start_ns + scenario_limit(scenario) + scenario->watch.then_ns;
	int64_t last_death = 0;

	if (scenario->watch.until == WATCH_TIME)
		return end;
	for (int i = 0; i < scenario->connection_count; i++) {
		int64_t death = TIME_NEVER;
		if ((scenario->watch.mask & (1U << i)) == 0)
			continue;
		for (int j = 0; j < session->flow_count; j++)
			if (session->flows[j].connection == i && death == TIME_NEVER)
				death = session->flows[j].death_ns;
		if (death == TIME_NEVER)
			return end;
		if (death > last_death)
			last_death = death;
	}
	int64_t after_death = last_death + scenario->watch.then_ns;
	return after_death < end ? after_death : end;
}

static void list_cids(struct session *session)
{
	struct pending_command *command = pending_command_new(session, COMMAND_LIST, -1, -1);

	session->state = SESSION_LISTING;
	if (session->device->uart.data_mode.on)
		device_command(session->device, COMMAND_TIMEOUT_NS, NULL, NULL, AT_LEAVE_DATA_MODE);
	if (command != NULL)
		device_command(session->device, COMMAND_TIMEOUT_NS, command_done, command,
			AT_LINE_LIST_CIDS);
}

/* The wire or the UART told of its end.  Where its CID is listed as open all the same, the device may
 * have given it to another connection, and the notice of that waits behind the listing. */
static bool is_over(const struct flow *flow)
{
	return flow->ended || flow->noticed;
}

/* Such a notice may come yet: of what was said until the listing, or of a peer that has dialled. */
static bool may_be_anothers(struct session *session, const struct flow *flow)
{
	const int64_t now_ns = clock_now(session->clock);
	const int64_t accepts_ns = cid_table_accepts_until(&session->device->cids, now_ns);

	if (accepts_ns > session->due_ns)
		session->due_ns = accepts_ns;
	return (is_over(flow) || accepts_ns > 0) && now_ns < session->due_ns;
}

/* Closes what is still open, one command at a time, then it is over. */
static void run_closing(struct session *session)
{
	struct error err = {0};

	if (session->pending > 0)
		return;
	for (int i = 0; i < session->flow_count; i++) {
		struct flow *flow = &session->flows[i];
		if (flow->cid >= 0 && (session->listed & (1U << flow->cid)) == 0) {
			keep_notice_pending(session, flow);
			drop_cid(session, flow);
		}
		int *cid = flow->cid >= 0 ? &flow->cid : &flow->listener_cid;
		if (*cid < 0)
			continue;
		if (cid == &flow->cid && may_be_anothers(session, flow))
			return;
		if (flow->peer != NULL && flow->cid >= 0)
			peer_speak(flow->peer, &err);
		struct pending_command *command =
			pending_command_new(session, COMMAND_CLOSE, -1, cid == &flow->cid ? i : -1);
		int closing = *cid;
		if (cid == &flow->listener_cid) {
			cid_table_close_listener(
				&session->device->cids, closing, clock_now(session->clock));
			for (int j = 0; j < session->flow_count; j++)
				if (session->flows[j].listener_cid == closing)
					session->flows[j].listener_cid = -1;
		}
		if (command == NULL)
			break;
		char line[AT_COMMAND_SIZE];
		at_write_close(line, sizeof line, closing);
		device_command(
			session->device, COMMAND_TIMEOUT_NS, command_done, command, "%s", line);
		pending_command_queued(command, cid == &flow->cid);
		return;
	}
	session->state = SESSION_FINISHED;
}

void session_go_on(struct session *session)
{
	if (session->state == SESSION_SETUP)
		run_setup(session);
	else if (session->state == SESSION_CLOSING)
		run_closing(session);
}

/* One side says that the connection is open, the other never did: a frame of the handshake was lost
 * in the air.  The stepped clock does not wait for the kernel to repeat it. */
static void give_up_setup(struct session *session)
{
	end_early(session, NO_CONNECTION, REASON_HALF_OPEN, clock_now(session->clock),
		"a connection was open on one side only: its handshake was not completed");
}

void session_run(struct session *session, int64_t now_ns)
{
	end_where_full(session);
	switch (session->state) {
	case SESSION_DELAYED:
		if (now_ns < session->due_ns)
			return;
		session->state = SESSION_SETUP;
		run_setup(session);
		break;
	case SESSION_SETUP:
		if (session->pending == 0 && now_ns >= session->due_ns &&
			session->setup_position <= setup_length(session)) {
			if (awaited_accept(session) != NULL)
				give_up_accept(session, awaited_accept(session));
			else
				give_up_setup(session);
		}
		session_go_on(session);
		break;
	case SESSION_CLOSING:
		session_go_on(session);
		break;
	case SESSION_RUNNING:
		for (int i = 0; i < session->scenario->step_count; i++)
			if (!session->done[i] &&
				session->scenario->steps[i].anchor != ANCHOR_SETUP &&
				step_time(session, i) <= now_ns)
				run_step(session, i);
		if (session->state == SESSION_RUNNING && now_ns >= watch_end(session))
			list_cids(session);
		break;
	case SESSION_LISTING:
	case SESSION_FINISHED:
		break;
	}
}

int64_t session_deadline(const struct session *session)
{
	int64_t next = TIME_NEVER;

	if (session->state == SESSION_DELAYED ||
		(session->state == SESSION_SETUP && session->pending == 0))
		return session->due_ns;
	if (session->state == SESSION_CLOSING && session->pending == 0)
		return session->due_ns;
	if (session->state != SESSION_RUNNING)
		return TIME_NEVER;
	next = watch_end(session);
	for (int i = 0; i < session->scenario->step_count; i++) {
		if (session->done[i] || session->scenario->steps[i].anchor == ANCHOR_SETUP)
			continue;
		int64_t at = step_time((struct session *)(uintptr_t)session, i);
		if (at < next)
			next = at;
	}
	return next;
}

/* The flow that waits to be accepted.  Several may have the listener in common: the port tells them
 * apart. */
static struct flow *accepted_flow(struct session *session, const struct at_token *token)
{
	struct flow *found = NULL;

	for (int i = 0; i < session->flow_count; i++) {
		struct flow *flow = &session->flows[i];
		if (flow->role != ROLE_TCP_SERVER || flow->listener_cid != token->server_cid ||
			flow->cid >= 0)
			continue;
		if (flow->peer_port == token->port)
			return flow;
		if (found == NULL)
			found = flow;
	}
	return found;
}

bool session_take_accept(struct session *session, const struct at_token *token)
{
	struct flow *flow = accepted_flow(session, token);

	if (flow == NULL)
		return false;
	take_cid(session, flow, token->cid);
	session_note_opened(session, flow);
	session_go_on(session);
	return true;
}

void session_abandon(struct session *session)
{
	session_note_watched(session);
	session->state = SESSION_FINISHED;
}
