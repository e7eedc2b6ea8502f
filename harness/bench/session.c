/* SPDX-License-Identifier: MIT */
#include "bench/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/session_events.h"
#include "bench/session_raw.h"
#include "peer/namespace.h"

#define COMMAND_TIMEOUT_NS (10 * NS_PER_S)
#define CONNECT_TIMEOUT_NS (90 * NS_PER_S)
/* A silence may begin only when nothing of the peer's own is in flight (platform.md, rule 6). */
#define QUIET_RETRY_NS (10 * NS_PER_MS)

static void go_on(struct session *session);

enum errand_kind { ERRAND_STEP, ERRAND_OPEN, ERRAND_LIST, ERRAND_CLOSE };

/* What a command's answer needs to find its way back. */
struct errand {
	struct session *session;
	int step; /* -1: opening or closing of a flow, or the listing */
	int flow;
	enum errand_kind kind;
};

static struct errand *errand_new(struct session *session, enum errand_kind kind, int step, int flow)
{
	struct errand *errand = calloc(1, sizeof *errand);

	if (errand == NULL)
		return NULL;
	errand->session = session;
	errand->kind = kind;
	errand->step = step;
	errand->flow = flow;
	session->pending++;
	return errand;
}

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
	session->cids = scenario_cids(scenario);
	for (int i = 0; i < SCENARIO_CONNECTIONS; i++)
		session->current[i] = -1;
	for (int i = 0; i < SCENARIO_STEPS; i++)
		session->armed_ns[i] = TIME_NEVER;
	return session;
}

/* The device gave the number to this flow: whoever had it has it no more. */
static void take_cid(struct session *session, struct flow *flow, int cid)
{
	if (cid < 0 || cid >= DEVICE_CIDS)
		return;
	struct flow *before = session->device->cid_owner[cid];
	if (before != NULL && before != flow)
		before->cid = -1;
	session->device->cid_owner[cid] = flow;
	flow->cid = cid;
}

static void drop_cid(struct session *session, struct flow *flow)
{
	if (flow->cid >= 0 && session->device->cid_owner[flow->cid] == flow)
		session->device->cid_owner[flow->cid] = NULL;
	flow->cid = -1;
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
	timeline_free(session->timeline);
	free(session);
}

static struct flow *flow_of(struct session *session, int connection)
{
	if (connection < 0 || session->current[connection] < 0)
		return NULL;
	return &session->flows[session->current[connection]];
}

static void bench_trouble(struct session *session, struct flow *flow, const struct error *err)
{
	session_note_fault(
		session, flow == NULL ? NO_CONNECTION : flow->connection, FAULT_BENCH, err->text);
}

/* Both ends have to say that it is open. */
static bool flow_open(const struct flow *flow)
{
	return flow->device_says_open && flow->peer_says_open;
}

static void command_done(void *context, const struct at_answer *answer)
{
	struct errand *errand = context;
	struct session *session = errand->session;
	struct flow *flow = errand->flow < 0 ? NULL : &session->flows[errand->flow];
	enum errand_kind kind = errand->kind;
	int step = errand->step;

	free(errand);
	session->pending--;
	session_note_answer(session, flow, step, answer);
	switch (kind) {
	case ERRAND_STEP:
		break;
	case ERRAND_OPEN:
		if (flow == NULL)
			break;
		if (answer->answered && answer->code == AT_CODE_OK) {
			flow->device_says_open = true;
			if (flow->role == ROLE_TCP_SERVER) {
				flow->listener_cid = answer->cid;
			} else {
				take_cid(session, flow, answer->cid);
				session_note_opened(session, flow);
			}
		} else if (session->state == SESSION_SETUP) {
			char text[EVENT_TEXT];
			snprintf(text, sizeof text, "'%s' could not be opened: %s",
				session->scenario->connections[flow->connection].name,
				answer->answered ? answer->text : "no answer");
			session_note_fault(session, flow->connection, FAULT_BENCH, text);
			session->listed = ~0U;
			session->state = SESSION_CLOSING;
		}
		break;
	case ERRAND_LIST:
		session_note_listing(session, answer);
		session_note_watched(session);
		session->listed = answer->answered ? device_parse_cids(answer->lines) : ~0U;
		session->state = SESSION_CLOSING;
		session->due_ns = clock_now(session->clock);
		break;
	case ERRAND_CLOSE:
		if (flow == NULL)
			break;
		if (answer->answered && answer->code != AT_CODE_OK && flow->cid >= 0)
			session->device->leaked |= 1U << flow->cid;
		drop_cid(session, flow);
		break;
	}
	go_on(session);
}

/* The peer's address of this flow.  The spare one comes and goes. */
static uint32_t flow_address(struct session *session, struct flow *flow)
{
	struct error err = {0};

	if (!session->scenario->connections[flow->connection].spare)
		return session->host->peer_address_be;
	if (interface_add_address(
		    session->device->interface, session->host->spare_address_be, &err) != 0)
		bench_trouble(session, flow, &err);
	return session->host->spare_address_be;
}

static void open_flow(struct session *session, int connection)
{
	struct error err = {0};

	if (session->flow_count == SESSION_FLOWS) {
		session_note_fault(session, connection, FAULT_BENCH, "too many connections opened");
		return;
	}
	int index = session->flow_count++;
	struct flow *flow = &session->flows[index];
	struct flow *before = flow_of(session, connection);
	*flow = (struct flow){.session = session,
		.connection = connection,
		.generation = before == NULL ? 1 : before->generation + 1,
		.role = session->scenario->connections[connection].role,
		.cid = -1,
		.listener_cid = -1,
		.death_ns = TIME_NEVER};
	session->current[connection] = index;
	flow->tracked = connection_new();
	flow->peer_port = session->host->next_port(session->host->context);
	struct errand *errand = errand_new(session, ERRAND_OPEN, -1, index);
	if (errand == NULL)
		return;
	char address[16];
	uint32_t peer_be = flow_address(session, flow);
	const unsigned char *peer = (const unsigned char *)&peer_be;
	snprintf(address, sizeof address, "%d.%d.%d.%d", peer[0], peer[1], peer[2], peer[3]);
	switch (flow->role) {
	case ROLE_TCP_CLIENT:
		flow->peer = peer_listen(peer_be, flow->peer_port, &err);
		if (flow->peer == NULL)
			bench_trouble(session, flow, &err);
		session_note_command(session, flow, "AT+NCTCP=%s,%d", address, flow->peer_port);
		device_command(session->device, CONNECT_TIMEOUT_NS, command_done, errand,
			"AT+NCTCP=%s,%d", address, flow->peer_port);
		break;
	case ROLE_TCP_SERVER:
		session_note_command(session, flow, "AT+NSTCP=%d", flow->peer_port);
		flow->device_port = flow->peer_port;
		device_command(session->device, COMMAND_TIMEOUT_NS, command_done, errand,
			"AT+NSTCP=%d", flow->peer_port);
		break;
	case ROLE_UDP_CLIENT:
		flow->peer_says_open = true;
		session_note_command(session, flow, "AT+NCUDP=%s,%d", address, flow->peer_port);
		device_command(session->device, COMMAND_TIMEOUT_NS, command_done, errand,
			"AT+NCUDP=%s,%d", address, flow->peer_port);
		break;
	}
}

/* Writes the step's AT command with the CID in it; false where it has none to name. */
static bool step_line(struct session *session, const struct step *step, char *line, size_t size)
{
	const struct flow *flow = flow_of(session, step->connection);
	char cid[8] = "";

	if (flow != NULL && flow->cid >= 0)
		snprintf(cid, sizeof cid, step->kind == STEP_OPTION ? "%d" : "%x", flow->cid);
	if (step->kind == STEP_OPTION) {
		snprintf(line, size, "AT+SETSOCKOPT=%s,%s", cid, step->text);
		return cid[0] != '\0';
	}
	if (step->kind == STEP_CLOSE) {
		snprintf(line, size, "AT+NCLOSE=%s", cid);
		return cid[0] != '\0';
	}
	const char *mark = strstr(step->text, "%c");
	if (mark == NULL) {
		snprintf(line, size, "%s", step->text);
		return true;
	}
	snprintf(line, size, "%.*s%s%s", (int)(mark - step->text), step->text, cid, mark + 2);
	return cid[0] != '\0';
}

static void run_command_step(struct session *session, int index)
{
	const struct step *step = &session->scenario->steps[index];
	struct flow *flow = flow_of(session, step->connection);
	char line[SCENARIO_TEXT + 32];

	if (!step_line(session, step, line, sizeof line)) {
		session_note_fault(session, step->connection, FAULT_BENCH,
			"a command for a connection that has no CID");
		return;
	}
	int which = flow == NULL ? -1 : (int)(flow - session->flows);
	struct errand *errand = errand_new(
		session, step->kind == STEP_CLOSE ? ERRAND_CLOSE : ERRAND_STEP, index, which);
	if (errand == NULL)
		return;
	session_note_command(session, flow, "%s", line);
	device_command(session->device, COMMAND_TIMEOUT_NS, command_done, errand, "%s", line);
}

static void send_from_device(struct session *session, struct flow *flow, int index)
{
	unsigned char octets[1400];
	const struct step *step = &session->scenario->steps[index];

	for (int left = step->size; left > 0;) {
		size_t part = (size_t)left < sizeof octets ? (size_t)left : sizeof octets;
		session_pattern(flow->connection, flow->device_sent, octets, part);
		struct errand *errand =
			errand_new(session, ERRAND_STEP, index, (int)(flow - session->flows));
		if (errand == NULL)
			return;
		device_send(session->device, flow->cid, octets, part, command_done, errand);
		flow->device_sent += part;
		left -= (int)part;
	}
}

static void send_from_peer(struct session *session, struct flow *flow, int size, struct error *err)
{
	unsigned char octets[1400];

	while (size > 0) {
		size_t part = (size_t)size < sizeof octets ? (size_t)size : sizeof octets;
		session_pattern(flow->connection, flow->sent, octets, part);
		if (peer_send(flow->peer, octets, part, err) != 0) {
			bench_trouble(session, flow, err);
			return;
		}
		flow->sent += part;
		size -= (int)part;
	}
}

/* Carries out an act of the peer; false: not yet, try again at not_before_ns. */
static bool run_peer_step(struct session *session, int index)
{
	const struct step *step = &session->scenario->steps[index];
	struct flow *flow = flow_of(session, step->connection);
	struct error err = {0};
	int failed = 0;

	if (flow == NULL || flow->peer == NULL) {
		session_note_fault(session, step->connection, FAULT_BENCH,
			"an act of a peer that is not connected");
		return true;
	}
	if (step->kind == STEP_PEER_SILENT && !peer_quiet(flow->peer)) {
		session->not_before_ns[index] = clock_now(session->clock) + QUIET_RETRY_NS;
		return false;
	}
	const char *word = "";
	if (step->kind == STEP_PEER_SILENT) {
		word = "silent";
		failed = peer_silence(flow->peer, &err);
	} else if (step->kind == STEP_PEER_SPEAKS) {
		word = "speaks";
		failed = peer_speak(flow->peer, &err);
	} else if (step->kind == STEP_PEER_REBOOTS) {
		word = "rebooted";
		failed = peer_reboot(flow->peer, &err);
	} else if (step->kind == STEP_PEER_RESETS) {
		word = "reset";
		failed = peer_reset(flow->peer, &err);
	} else if (step->kind == STEP_PEER_CLOSES) {
		word = "closed";
		failed = peer_close(flow->peer, &err);
	} else if (step->kind == STEP_PEER_GONE) {
		word = "gone";
		failed = interface_remove_address(
			session->device->interface, session->host->spare_address_be, &err);
	} else if (step->kind == STEP_PEER_SEGMENT) {
		word = "raw segment";
		failed = session_raw_send(session, flow, step, &err);
	} else {
		word = "sent";
	}
	session_note_peer(session, flow, word, step->size);
	if (step->kind == STEP_PEER_SENDS)
		send_from_peer(session, flow, step->size, &err);
	if (failed != 0)
		bench_trouble(session, flow, &err);
	return true;
}

static void run_step(struct session *session, int index)
{
	const struct step *step = &session->scenario->steps[index];
	struct flow *flow = flow_of(session, step->connection);

	switch (step->kind) {
	case STEP_OPEN:
		open_flow(session, step->connection);
		break;
	case STEP_OPTION:
	case STEP_COMMAND:
	case STEP_CLOSE:
		run_command_step(session, index);
		break;
	case STEP_DEVICE_SENDS:
		if (flow != NULL && flow->cid >= 0)
			send_from_device(session, flow, index);
		break;
	case STEP_PEER_SENDS:
	case STEP_PEER_SILENT:
	case STEP_PEER_SPEAKS:
	case STEP_PEER_REBOOTS:
	case STEP_PEER_RESETS:
	case STEP_PEER_CLOSES:
	case STEP_PEER_SEGMENT:
	case STEP_PEER_GONE:
		if (!run_peer_step(session, index))
			return;
		break;
	}
	session->done[index] = !step->every;
	session->armed_ns[index] = TIME_NEVER;
	session_note_step(session, index);
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
		session->setup_position++;
		if (position < scenario->connection_count) {
			if (!scenario->connections[position].opened_later)
				open_flow(session, position);
			continue;
		}
		int index = position - scenario->connection_count;
		if (index >= scenario->step_count)
			break;
		if (scenario->steps[index].anchor == ANCHOR_SETUP)
			run_step(session, index);
	}
	session->start_ns = clock_now(session->clock);
	session->state = SESSION_RUNNING;
	session_note_start(session);
}

static int64_t step_time(struct session *session, int index)
{
	const struct step *step = &session->scenario->steps[index];
	int64_t at = TIME_NEVER;

	if (step->anchor == ANCHOR_START) {
		at = session->start_ns + step->at_ns;
	} else if (step->anchor == ANCHOR_PROBE || step->anchor == ANCHOR_CALL) {
		at = session->armed_ns[index];
	} else if (step->anchor == ANCHOR_DEATH) {
		const struct flow *flow = flow_of(session, step->anchor_connection);
		for (int i = 0; i < session->flow_count && flow != NULL; i++)
			if (session->flows[i].connection == step->anchor_connection &&
				session->flows[i].death_ns != TIME_NEVER) {
				at = session->flows[i].death_ns + step->at_ns;
				break;
			}
	}
	if (at != TIME_NEVER && at < session->not_before_ns[index])
		at = session->not_before_ns[index];
	return at;
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
	struct errand *errand = errand_new(session, ERRAND_LIST, -1, -1);

	session->state = SESSION_LISTING;
	if (errand != NULL)
		device_command(
			session->device, COMMAND_TIMEOUT_NS, command_done, errand, "AT+CID=?");
}

/* Closes what is still open, one command at a time, then it is over. */
static void run_closing(struct session *session)
{
	struct error err = {0};

	if (session->pending > 0)
		return;
	for (int i = 0; i < session->flow_count; i++) {
		struct flow *flow = &session->flows[i];
		if (flow->cid >= 0 && (session->listed & (1U << flow->cid)) == 0)
			drop_cid(session, flow);
		int *cid = flow->cid >= 0 ? &flow->cid : &flow->listener_cid;
		if (*cid < 0)
			continue;
		if (flow->peer != NULL && flow->cid >= 0)
			peer_speak(flow->peer, &err);
		struct errand *errand =
			errand_new(session, ERRAND_CLOSE, -1, cid == &flow->cid ? i : -1);
		int closing = *cid;
		if (cid == &flow->listener_cid)
			flow->listener_cid = -1;
		if (errand == NULL)
			break;
		device_command(session->device, COMMAND_TIMEOUT_NS, command_done, errand,
			"AT+NCLOSE=%x", closing);
		return;
	}
	session->state = SESSION_FINISHED;
}

static void go_on(struct session *session)
{
	if (session->state == SESSION_SETUP)
		run_setup(session);
	else if (session->state == SESSION_CLOSING)
		run_closing(session);
}

void session_run(struct session *session, int64_t now_ns)
{
	switch (session->state) {
	case SESSION_DELAYED:
		if (now_ns < session->due_ns)
			return;
		session->state = SESSION_SETUP;
		run_setup(session);
		break;
	case SESSION_SETUP:
	case SESSION_CLOSING:
		go_on(session);
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

	if (session->state == SESSION_DELAYED)
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

bool session_take_accept(struct session *session, const struct at_token *token)
{
	for (int i = 0; i < session->flow_count; i++) {
		struct flow *flow = &session->flows[i];
		if (flow->role != ROLE_TCP_SERVER || flow->listener_cid != token->server_cid ||
			flow->cid >= 0)
			continue;
		take_cid(session, flow, token->cid);
		session_note_opened(session, flow);
		go_on(session);
		return true;
	}
	return false;
}

void session_abandon(struct session *session)
{
	session_note_watched(session);
	session->state = SESSION_FINISHED;
}
