/* SPDX-License-Identifier: MIT */
#include "bench/session_commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/session_events.h"
#include "core/error.h"
#include "peer/namespace.h"
#include "uart/at_command.h"

/* What the device had to say while AT+CID=? was in progress has come by then. */
#define QUEUED_NOTICE_NS NS_PER_S

/* From the peer's SYN to the device's CONNECT on the UART. */
#define ACCEPT_TIMEOUT_NS (10 * NS_PER_S)

/* What a command's answer needs to find its way back. */
struct pending_command {
	struct session *session;
	int step; /* -1: opening or closing of a flow, or the listing */
	int flow;
	int cid; /* that it names, of the flow; -1: none */
	enum command_kind kind;
	int64_t due_ns; /* of a step: when it was to be carried out; TIME_NEVER: it is none */
};

struct pending_command *pending_command_new(
	struct session *session, enum command_kind kind, int step, int flow)
{
	struct pending_command *command = calloc(1, sizeof *command);

	if (command == NULL)
		return NULL;
	command->session = session;
	command->kind = kind;
	command->step = step;
	command->flow = flow;
	command->cid = -1;
	command->due_ns = TIME_NEVER;
	if (session->state == SESSION_RUNNING && kind != COMMAND_LIST && kind != COMMAND_FIND)
		command->due_ns = clock_now(session->clock);
	session->pending++;
	return command;
}

/* What names a CID that the device has given to another connection meanwhile is not for it. */
static bool is_wanted(const void *context)
{
	const struct pending_command *command = context;

	return command == NULL || command->cid < 0 ||
	       command->session->flows[command->flow].cid == command->cid;
}

void pending_command_queued(struct pending_command *command, bool names_cid)
{
	struct session *session = command->session;

	if (names_cid && command->flow >= 0)
		command->cid = session->flows[command->flow].cid;
	uart_channel_rank_last(&session->device->uart, command->due_ns != TIME_NEVER, is_wanted);
}

/* Later than that a step is not what the scenario has; or than this, where one of its others came
 * first. */
#define LATE_NS (5 * NS_PER_S)
#define OVERTAKEN_NS NS_PER_S
/* Steps so near to each other have no order. */
#define ORDER_NS (100 * NS_PER_MS)

/* Does the step wait for the UART? */
static bool is_command(enum step_kind kind)
{
	switch (kind) {
	case STEP_OPEN:
	case STEP_OPTION:
	case STEP_COMMAND:
	case STEP_CLOSE:
	case STEP_DEVICE_SENDS:
		return true;
	case STEP_PEER_SENDS:
	case STEP_PEER_SILENT:
	case STEP_PEER_SPEAKS:
	case STEP_PEER_REBOOTS:
	case STEP_PEER_RESETS:
	case STEP_PEER_CLOSES:
	case STEP_PEER_SEGMENT:
	case STEP_PEER_GONE:
	case STEP_PEER_DIALS:
	case STEP_ACCESS_POINT_GOES:
	case STEP_ACCESS_POINT_COMES:
	case STEP_STATION_LEAVES:
	case STEP_STATION_JOINS:
		break;
	}
	return false;
}

/* Did somebody who waits for no UART act between two times? */
static bool acted_between(const struct session *session, int64_t from_ns, int64_t to_ns)
{
	const struct timeline *timeline = session->timeline;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_STEP && event->t_ns > from_ns && event->t_ns <= to_ns &&
			!is_command(session->scenario->steps[event->step].kind))
			return true;
	}
	return false;
}

/* The device was still busy with others' commands when a step was due. */
static void note_late(struct session *session, int64_t due_ns, const struct at_answer *answer)
{
	char text[EVENT_TEXT];

	if (due_ns == TIME_NEVER || !answer->answered || answer->ahead == 0)
		return;
	const int64_t late_ns = answer->sent_ns - due_ns;
	if (late_ns <= LATE_NS &&
		(late_ns <= OVERTAKEN_NS ||
			!acted_between(session, due_ns + ORDER_NS, answer->sent_ns)))
		return;
	snprintf(text, sizeof text, "the UART was busy with %d command%s until %.1f s",
		answer->ahead, answer->ahead == 1 ? "" : "s",
		(double)(answer->sent_ns - session->start_ns) / (double)NS_PER_S);
	session_fault(session, NO_CONNECTION, REASON_UART_BUSY, due_ns, text);
}

/* The CID was another connection's by the time. */
static void not_asked(struct session *session, struct pending_command *command)
{
	if (session->state != SESSION_FINISHED && command->due_ns != TIME_NEVER)
		session_note_fault(session, session->flows[command->flow].connection, REASON_NO_CID,
			"a command for a connection whose CID the device gave to another");
	free(command);
	session_go_on(session);
}

void keep_notice_pending(struct session *session, struct flow *flow)
{
	if (flow->cid < 0 || flow->noticed)
		return;
	flow->pending_notice_cid = flow->cid;
	session->device->cids.notice_pending_ns[flow->cid] =
		flow->death_ns == TIME_NEVER ? clock_now(session->clock) : flow->death_ns;
}

/* The number may have been that of a connection that is over: it is no more. */
static void give_cid(struct session *session, int cid, struct flow *flow)
{
	struct flow *before = cid_table_give(&session->device->cids, cid, flow);

	if (before != NULL) {
		keep_notice_pending(session, before);
		before->cid = -1;
	}
}

void take_cid(struct session *session, struct flow *flow, int cid)
{
	if (!is_cid(cid))
		return;
	give_cid(session, cid, flow);
	flow->cid = cid;
}

static void take_listener_cid(struct session *session, struct flow *flow, int cid)
{
	flow->listener_cid = cid;
	if (is_cid(cid))
		give_cid(session, cid, NULL);
}

void drop_cid(struct session *session, struct flow *flow)
{
	cid_table_drop(&session->device->cids, flow->cid, flow);
	flow->cid = -1;
}

struct flow *flow_of(struct session *session, int connection)
{
	if (connection < 0 || session->current[connection] < 0)
		return NULL;
	return &session->flows[session->current[connection]];
}

void bench_trouble(struct session *session, struct flow *flow, const struct error *err)
{
	/* What cannot be done to a connection that the device has not opened, or accepted, is not the
	 * bench's, and where one side only has opened it, a frame of the handshake was lost.  Nor is
	 * it what cannot be done to one that is over. */
	bool refused = flow != NULL && flow->peer != NULL && flow->role != ROLE_UDP_CLIENT &&
		       (!flow->device_says_open || !flow->peer_says_open);
	bool gone = refused || (flow != NULL && flow->ended);

	session_note_fault(session, flow == NULL ? NO_CONNECTION : flow->connection,
		gone ? REASON_ENDED : REASON_PEER_FAILED, err->text);
}

/* The SYN takes one, and so many octets are left to 0. */
#define WRAPPING (UINT32_MAX - PEER_WRAPS_AFTER)

enum { DIAL_PORTS = 8 };

/* The peer's way to a server on the device.  The device must say of it in time.  On the stepped clock
 * the ports come round within the minute of an earlier connection's TIME-WAIT; from another port
 * there is none. */
static void dial(struct session *session, struct flow *flow)
{
	const struct planned_connection *connection =
		&session->scenario->connections[flow->connection];
	struct error err = {0};

	for (int tried = 0; tried < DIAL_PORTS && flow->peer == NULL; tried++) {
		if (tried > 0)
			flow->peer_port = session->host->next_port(session->host->context);
		flow->peer =
			peer_connect(flow->peer_be, flow->peer_port, session->device->address_be,
				flow->device_port, connection->wraps ? WRAPPING : 0, &err);
		if (flow->peer == NULL && (errno != EADDRNOTAVAIL || connection->port_of > 0))
			break;
	}
	if (flow->peer == NULL)
		bench_trouble(session, flow, &err);
	flow->dialled_ns = clock_now(session->clock);
	session->due_ns = flow->dialled_ns + ACCEPT_TIMEOUT_NS;
	cid_table_dialled(&session->device->cids, flow->dialled_ns, session->due_ns);
}

/* Does the list show none of several connections of which neither wire nor UART told an end?  A
 * module loses them all at once when it reboots or loses its association without a word. */
static bool lost_them_all(const struct device *device, unsigned listed)
{
	int living = 0;

	for (int cid = 0; cid < DEVICE_CIDS; cid++) {
		const struct flow *flow = device->cids.owner[cid];
		living += flow != NULL && flow->device_says_open && !flow->ended && !flow->noticed;
	}
	return listed == 0 && living > 1;
}

/* ATA need not name the CID of what it opens (cases/DEVICE.md 4). */
static bool is_unnamed(const struct session *session, const struct flow *flow)
{
	return session->scenario->connections[flow->connection].data_mode && flow->cid < 0 &&
	       flow->device_says_open && !flow->ended && !flow->noticed &&
	       (flow->role != ROLE_TCP_SERVER || flow->peer_says_open);
}

/* The one that is listed and nobody's is its. */
static void find_unnamed(struct session *session, const struct at_answer *answer)
{
	const struct cid_table *cids = &session->device->cids;
	unsigned nobodys;

	if (!answer->answered || !cid_table_read_list(cids, answer->lines, &nobodys))
		return;
	nobodys &= ~(cids->listeners | cids->leaked);
	for (int cid = 0; cid < DEVICE_CIDS; cid++)
		if (cids->owner[cid] != NULL && !cids->owner[cid]->ended &&
			!cids->owner[cid]->noticed)
			nobodys &= ~(1U << cid);
	for (int i = 0; i < session->flow_count; i++) {
		struct flow *flow = &session->flows[i];
		if (!is_unnamed(session, flow) || __builtin_popcount(nobodys) != 1)
			continue;
		take_cid(session, flow, __builtin_ctz(nobodys));
		session_note_opened(session, flow);
		session->device->uart.data_mode.cid = flow->cid;
		nobodys = 0;
	}
}

/* Data mode was left by this step: now it can be asked for. */
static void ask_for_unnamed(
	struct session *session, const struct flow *flow, int step, const struct at_answer *answer)
{
	if (flow == NULL || answer->code != AT_CODE_OK || !is_unnamed(session, flow) ||
		strcmp(session->scenario->steps[step].text, AT_LEAVE_DATA_MODE) != 0)
		return;
	struct pending_command *command = pending_command_new(session, COMMAND_FIND, -1, -1);
	if (command != NULL)
		device_command(session->device, COMMAND_TIMEOUT_NS, command_done, command,
			AT_LINE_LIST_CIDS);
}

static void take_listing(struct session *session, const struct at_answer *answer)
{
	struct device *device = session->device;
	unsigned listed = 0;
	bool known = answer->answered && cid_table_read_list(&device->cids, answer->lines, &listed);

	if (known && lost_them_all(device, listed)) {
		device->handlers.forgot(device->handlers.context, device, REASON_CIDS_LOST,
			"lists none of its connections, but sent no notice of their end");
		/* Not where the loss is what is measured. */
		if (session->state == SESSION_FINISHED)
			return;
	}
	if (known)
		session_note_listing(session, listed);
	session_note_watched(session);
	session->listed = known ? listed : ~0U;
	session->state = SESSION_CLOSING;
	session->due_ns = clock_now(session->clock) + QUEUED_NOTICE_NS;
}

static void take_close(struct session *session, struct flow *flow, const struct at_answer *answer)
{
	/* It was listed as open and cannot be closed; without a listing nobody knows. */
	if (answer->answered && answer->code != AT_CODE_OK && flow->cid >= 0 &&
		session->listed != ~0U)
		session->device->cids.leaked |= 1U << flow->cid;
	/* Some say so, later (cases/DEVICE.md 6, I). */
	keep_notice_pending(session, flow);
	drop_cid(session, flow);
}

static void not_opened(
	struct session *session, const struct flow *flow, const struct at_answer *answer)
{
	const bool unused = answer->code == AT_CODE_NO_CID && session->device->cids.count > 0 &&
			    cid_table_is_unused(&session->device->cids);
	char text[EVENT_TEXT];

	const struct planned_connection *planned =
		&session->scenario->connections[flow->connection];
	snprintf(text, sizeof text, "'%s' could not be opened%s: %s%s", planned->name,
		planned->data_mode ? " by " AT_LINE_AUTO_START : "",
		answer->answered ? answer->text : "no answer",
		unused ? ", and no CID was in use" : "");
	end_early(session, flow->connection,
		!answer->answered ? REASON_NO_ANSWER
		: unused	  ? REASON_NONE_IN_USE
				  : REASON_NOT_OPENED,
		clock_now(session->clock), text);
}

struct session *session_asking(const struct device *device)
{
	const struct at_request *request = device->uart.current;

	if (request == NULL || request->done != command_done)
		return NULL;
	return ((const struct pending_command *)request->context)->session;
}

void command_done(void *context, const struct at_answer *answer)
{
	struct pending_command *command = context;
	struct session *session = command->session;
	struct flow *flow = command->flow < 0 ? NULL : &session->flows[command->flow];
	enum command_kind kind = command->kind;
	int step = command->step;
	const int64_t step_due_ns = command->due_ns;

	session->pending--;
	if (answer == NULL) {
		not_asked(session, command);
		return;
	}
	free(command);
	session_note_answer(session, flow, step, answer);
	/* It was abandoned: nothing is asked of the device for it any more. */
	if (session->state == SESSION_FINISHED)
		return;
	note_late(session, step_due_ns, answer);
	switch (kind) {
	case COMMAND_STEP:
		ask_for_unnamed(session, flow, step, answer);
		break;
	case COMMAND_FIND:
		find_unnamed(session, answer);
		break;
	case COMMAND_OPEN:
		if (flow == NULL)
			break;
		flow->opening = false;
		if (answer->answered && answer->code == AT_CODE_OK) {
			flow->device_says_open = true;
			if (flow->role == ROLE_TCP_SERVER) {
				take_listener_cid(session, flow, answer->cid);
				dial(session, flow);
			} else {
				take_cid(session, flow, answer->cid);
				session_note_opened(session, flow);
			}
		} else if (session->state == SESSION_SETUP) {
			not_opened(session, flow, answer);
		}
		break;
	case COMMAND_LIST:
		find_unnamed(session, answer);
		take_listing(session, answer);
		break;
	case COMMAND_CLOSE:
		if (flow == NULL)
			break;
		take_close(session, flow, answer);
		break;
	}
	session_go_on(session);
}

/* The peer's address of this flow.  The spare one comes and goes. */
static uint32_t flow_address(struct session *session, struct flow *flow)
{
	struct error err = {0};

	if (!session->scenario->connections[flow->connection].spare)
		return session->host->peer_address_be;
	if (interface_add_address(
		    session->device->wire.interface, session->spare_address_be, &err) != 0)
		bench_trouble(session, flow, &err);
	session->spare_there = true;
	return session->spare_address_be;
}

/* The connection's next generation; NULL where there is no room for it. */
static struct flow *next_flow(struct session *session, int connection)
{
	if (session->flow_count == SESSION_FLOWS) {
		session_note_fault(
			session, connection, REASON_FLOWS_USED_UP, "too many connections opened");
		return NULL;
	}
	int index = session->flow_count++;
	struct flow *flow = &session->flows[index];
	struct flow *before = flow_of(session, connection);
	*flow = (struct flow){.session = session,
		.connection = connection,
		.generation = before == NULL ? 1 : before->generation + 1,
		.role = session->scenario->connections[connection].role,
		.cid = -1,
		.pending_notice_cid = -1,
		.listener_cid = -1,
		.death_ns = TIME_NEVER};
	session->current[connection] = index;
	flow->tracked = connection_new();
	flow->peer_port = session->host->next_port(session->host->context);
	flow->peer_be = flow_address(session, flow);
	return flow;
}

void dial_again(struct session *session, int connection)
{
	struct flow *before = flow_of(session, connection);

	if (before == NULL || before->listener_cid < 0) {
		session_note_fault(session, connection, REASON_NO_LISTENER,
			"the peer cannot connect: the device does not listen");
		return;
	}
	struct flow *flow = next_flow(session, connection);
	if (flow == NULL)
		return;
	flow->listener_cid = before->listener_cid;
	flow->device_port = before->device_port;
	flow->device_says_open = true;
	before->listener_cid = -1;
	dial(session, flow);
}

/* The peer dials the listener of another connection. */
static void dial_listener_of(struct session *session, struct flow *flow, const struct flow *other)
{
	if (other == NULL || other->listener_cid < 0) {
		session_note_fault(session, flow->connection, REASON_NO_LISTENER,
			"the peer cannot connect: the device does not listen");
		return;
	}
	flow->listener_cid = other->listener_cid;
	flow->device_port = other->device_port;
	flow->device_says_open = true;
	dial(session, flow);
}

void open_flow(struct session *session, int connection)
{
	struct error err = {0};
	struct flow *flow = next_flow(session, connection);
	const int shares = session->scenario->connections[connection].shares;
	const struct flow *other = flow_of(session, shares - 1);
	const struct flow *port_of =
		flow_of(session, session->scenario->connections[connection].port_of - 1);

	if (flow == NULL)
		return;
	if (flow->role == ROLE_TCP_SERVER)
		flow->device_port = flow->peer_port;
	if (port_of != NULL)
		flow->peer_port = port_of->peer_port;
	if (shares > 0 && flow->role == ROLE_TCP_SERVER) {
		dial_listener_of(session, flow, other);
		return;
	}
	if (other != NULL)
		flow->peer_port = other->peer_port;
	struct pending_command *command =
		pending_command_new(session, COMMAND_OPEN, -1, (int)(flow - session->flows));
	if (command == NULL)
		return;
	flow->opening = true;
	char line[AT_COMMAND_SIZE] = "";
	int64_t timeout_ns = COMMAND_TIMEOUT_NS;
	const uint32_t peer_be = flow->peer_be;
	const bool auto_start = session->scenario->connections[connection].data_mode;
	switch (flow->role) {
	case ROLE_TCP_CLIENT:
		flow->peer = peer_listen(peer_be, flow->peer_port, &err);
		if (flow->peer == NULL)
			bench_trouble(session, flow, &err);
		timeout_ns = CONNECT_TIMEOUT_NS;
		(auto_start ? at_write_auto_dial : at_write_dial_tcp)(
			line, sizeof line, peer_be, flow->peer_port);
		break;
	case ROLE_TCP_SERVER:
		(auto_start ? at_write_auto_serve : at_write_serve_tcp)(
			line, sizeof line, flow->device_port);
		break;
	case ROLE_UDP_CLIENT:
		flow->peer = peer_datagrams(peer_be, flow->peer_port, &err);
		if (flow->peer == NULL)
			bench_trouble(session, flow, &err);
		flow->peer_says_open = true;
		at_write_dial_udp(line, sizeof line, peer_be, flow->peer_port);
		break;
	}
	session_note_command(session, flow, "%s", line);
	if (auto_start) {
		/* What it answers to the address, it answers to ATA. */
		device_command(session->device, COMMAND_TIMEOUT_NS, NULL, NULL, "%s", line);
		pending_command_queued(command, false);
		snprintf(line, sizeof line, AT_LINE_AUTO_START);
		session_note_command(session, flow, "%s", line);
	}
	device_command(session->device, timeout_ns, command_done, command, "%s", line);
	pending_command_queued(command, false);
}
