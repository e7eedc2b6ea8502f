/* SPDX-License-Identifier: MIT */
#include "bench/session_steps.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "bench/session_commands.h"
#include "bench/session_events.h"
#include "bench/session_raw.h"
#include "core/error.h"
#include "peer/namespace.h"
#include "uart/at_command.h"

/* A silence may begin only when nothing of the peer's own is in flight (harness/PLATFORM.md, rule
 * 6). */
#define QUIET_RETRY_NS (10 * NS_PER_MS)

/* A CID as AT+SETSOCKOPT takes it: decimal, unless the device is known to read it otherwise; empty
 * where there is none. */
static void option_cid(const struct session *session, int cid, char text[8])
{
	text[0] = '\0';
	if (cid >= 0)
		snprintf(text, 8, session->device->option_cid_hex ? "%x" : "%d", (unsigned)cid);
}

/* Writes the step's AT command with the CID in it; false where it has none to name. */
static bool step_line(struct session *session, const struct step *step, char *line, size_t size)
{
	const struct flow *flow = flow_of(session, step->connection);
	char cid[8] = "";

	if (flow != NULL && step->kind == STEP_OPTION)
		option_cid(session, flow->cid, cid);
	else if (flow != NULL && flow->cid >= 0)
		snprintf(cid, sizeof cid, "%x", (unsigned)flow->cid);
	if (step->kind == STEP_OPTION) {
		at_write_option(line, size, cid, step->text);
		return cid[0] != '\0';
	}
	if (step->kind == STEP_CLOSE) {
		at_write_close(line, size, flow == NULL ? -1 : flow->cid);
		return cid[0] != '\0';
	}
	/* "%c" as the module prints CIDs; "%d" as AT+SETSOCKOPT takes them (cases/DEVICE.md 5). */
	const char *mark = strstr(step->text, "%c");
	const char *option = strstr(step->text, "%d"), *listener = strstr(step->text, "%l");
	if (mark == NULL && flow != NULL && (option != NULL || listener != NULL)) {
		option_cid(session, option != NULL ? flow->cid : flow->listener_cid, cid);
		mark = option != NULL ? option : listener;
	}
	if (mark == NULL) {
		snprintf(line, size, "%s", step->text);
		return true;
	}
	snprintf(line, size, "%.*s%s%s", (int)(mark - step->text), step->text, cid, mark + 2);
	return cid[0] != '\0';
}

/* Puts the peer's address for "%p", one that nobody has for "%n". */
static void put_address(struct session *session, char *line, size_t size)
{
	char *mark = strstr(line, "%p");
	uint32_t address_be = session->host->peer_address_be;
	char address[INET_ADDRSTRLEN], rest[SCENARIO_TEXT];

	if (mark == NULL) {
		mark = strstr(line, "%n");
		address_be = session->spare_address_be;
	}
	if (mark == NULL)
		return;
	if (address_be == 0)
		session_note_fault(session, NO_CONNECTION, REASON_NO_SPARE_ADDRESS,
			"the bench has no spare address");
	inet_ntop(AF_INET, &address_be, address, sizeof address);
	snprintf(rest, sizeof rest, "%s", mark + 2);
	snprintf(mark, size - (size_t)(mark - line), "%s%s", address, rest);
}

/* ---- what the steps do: 0, or -1 with err set: what the bench could not do ---- */

static int give_command(struct session *session, struct flow *flow, int index)
{
	const struct step *step = &session->scenario->steps[index];
	char line[SCENARIO_TEXT + 32];

	bool named = step_line(session, step, line, sizeof line);
	put_address(session, line, sizeof line);
	if (!named) {
		session_note_fault(session, step->connection, REASON_NO_CID,
			"a command for a connection that has no CID");
		return 0;
	}
	int which = flow == NULL ? -1 : (int)(flow - session->flows);
	struct pending_command *command = pending_command_new(
		session, step->kind == STEP_CLOSE ? COMMAND_CLOSE : COMMAND_STEP, index, which);
	if (command == NULL)
		return 0;
	session_note_command(session, flow, "%s", line);
	const enum at_verb verb = at_command_verb(line, NULL);
	bool dials = step->kind == STEP_COMMAND &&
		     (verb == AT_VERB_DIAL_TCP || verb == AT_VERB_DIAL_UDP);
	device_command_in_halves(session->device, step->pause_ns,
		dials ? CONNECT_TIMEOUT_NS : COMMAND_TIMEOUT_NS, command_done, command, line);
	pending_command_queued(command, step->kind != STEP_COMMAND);
	return 0;
}

/* To a CID that is none, or none at all in it; the octets are not the connection's. */
static void send_wrong_frame(struct session *session, struct flow *flow, int index)
{
	unsigned char octets[1400];
	const struct step *step = &session->scenario->steps[index];
	struct pending_command *command =
		pending_command_new(session, COMMAND_STEP, index, (int)(flow - session->flows));

	if (command == NULL)
		return;
	session_pattern(flow->connection, flow->device_sent, octets, (size_t)step->size);
	const char letter =
		step->text[0] == '%' ? "0123456789abcdef"[flow->cid & 15] : step->text[0];
	device_send_as(session->device, letter, octets, (size_t)step->size, command_done, command);
	pending_command_queued(command, false);
}

static int send_from_device(struct session *session, struct flow *flow, int index)
{
	unsigned char octets[1400];
	const struct step *step = &session->scenario->steps[index];

	if (flow == NULL || flow->cid < 0)
		session_note_fault(session, step->connection, REASON_NO_CID,
			"data for a connection that has no CID");
	if (flow != NULL && flow->cid >= 0 && step->text[0] != '\0') {
		send_wrong_frame(session, flow, index);
		return 0;
	}
	for (int left = flow == NULL || flow->cid < 0 ? 0 : step->size; left > 0;) {
		size_t part = (size_t)left < sizeof octets ? (size_t)left : sizeof octets;
		session_pattern(flow->connection, flow->device_sent, octets, part);
		struct pending_command *command = pending_command_new(
			session, COMMAND_STEP, index, (int)(flow - session->flows));
		if (command == NULL)
			break;
		device_send(session->device, flow->cid, step->pause_ns, octets, part, command_done,
			command);
		pending_command_queued(command, true);
		flow->device_sent += part;
		left -= (int)part;
	}
	return 0;
}

static int send_from_peer(struct session *session, struct flow *flow, int size, struct error *err)
{
	unsigned char octets[1400];

	/* Before the first datagram of the device nobody knows where to. */
	if (flow->role == ROLE_UDP_CLIENT && peer_addresses(flow->peer).remote_port == 0)
		return 0;
	session_note_peer(session, flow, ACT_SENT, size);
	while (size > 0) {
		size_t part = (size_t)size < sizeof octets ? (size_t)size : sizeof octets;
		session_pattern(flow->connection, flow->sent, octets, part);
		if (peer_send(flow->peer, octets, part, err) != 0)
			return -1;
		flow->sent += part;
		size -= (int)part;
	}
	return 0;
}

/* Notes the act of the peer when it has been carried out, or tried. */
static int noted(struct session *session, struct flow *flow, enum peer_act act,
	const struct step *step, int failed)
{
	session_note_peer(session, flow, act, step->size);
	return failed;
}

/* Of several connections to the host that goes, the first one takes it away. */
static int remove_spare(struct session *session, struct error *err)
{
	if (!session->spare_there)
		return 0;
	session->spare_there = false;
	return interface_remove_address(
		session->device->wire.interface, session->spare_address_be, err);
}

static int carry_out(struct session *session, struct flow *flow, int index, struct error *err)
{
	const struct step *step = &session->scenario->steps[index];
	const struct session_host *host = session->host;

	switch (step->kind) {
	case STEP_OPEN:
		open_flow(session, step->connection);
		return 0;
	case STEP_OPTION:
	case STEP_COMMAND:
	case STEP_CLOSE:
		return give_command(session, flow, index);
	case STEP_DEVICE_SENDS:
		return send_from_device(session, flow, index);
	case STEP_ACCESS_POINT_GOES:
		return host->access_point(host->context, false, err);
	case STEP_ACCESS_POINT_COMES:
		return host->access_point(host->context, true, err);
	case STEP_STATION_LEAVES:
		session->station_left_ns = clock_now(session->clock);
		if (session->station_first_left_ns == TIME_NEVER)
			session->station_first_left_ns = session->station_left_ns;
		return host->access_point(host->context, false, err);
	case STEP_STATION_JOINS:
		session_note_station_away(session);
		return host->access_point(host->context, true, err);
	case STEP_PEER_DIALS:
		dial_again(session, step->connection);
		return 0;
	case STEP_PEER_SENDS:
		return send_from_peer(session, flow, step->size, err);
	case STEP_PEER_SILENT:
		return noted(session, flow, ACT_SILENT, step, peer_silence(flow->peer, err));
	case STEP_PEER_SPEAKS:
		return noted(session, flow, ACT_SPEAKS, step, peer_speak(flow->peer, err));
	case STEP_PEER_REBOOTS:
		return noted(session, flow, ACT_REBOOTED, step, peer_reboot(flow->peer, err));
	case STEP_PEER_RESETS:
		return noted(session, flow, ACT_RESET, step, peer_reset(flow->peer, err));
	case STEP_PEER_CLOSES:
		return noted(session, flow, ACT_CLOSED, step, peer_close(flow->peer, err));
	case STEP_PEER_SEGMENT:
		return noted(session, flow, ACT_RAW_SEGMENT, step,
			session_raw_send(session, flow, step, err));
	case STEP_PEER_GONE:
		return noted(session, flow, ACT_GONE, step, remove_spare(session, err));
	}
	return 0;
}

/* Is it done by the peer's end of the connection, which must be there? */
static bool needs_peer(enum step_kind kind)
{
	switch (kind) {
	case STEP_PEER_SENDS:
	case STEP_PEER_SILENT:
	case STEP_PEER_SPEAKS:
	case STEP_PEER_REBOOTS:
	case STEP_PEER_RESETS:
	case STEP_PEER_CLOSES:
	case STEP_PEER_SEGMENT:
	case STEP_PEER_GONE:
		return true;
	case STEP_OPEN:
	case STEP_OPTION:
	case STEP_COMMAND:
	case STEP_CLOSE:
	case STEP_DEVICE_SENDS:
	case STEP_PEER_DIALS:
	case STEP_ACCESS_POINT_GOES:
	case STEP_ACCESS_POINT_COMES:
	case STEP_STATION_LEAVES:
	case STEP_STATION_JOINS:
		break;
	}
	return false;
}

/* Of datagrams there is nothing but their sending. */
static bool has_peer(const struct flow *flow, enum step_kind kind)
{
	return flow != NULL && flow->peer != NULL &&
	       (flow->role != ROLE_UDP_CLIENT || kind == STEP_PEER_SENDS);
}

void run_step(struct session *session, int index)
{
	const struct step *step = &session->scenario->steps[index];
	struct flow *flow = flow_of(session, step->connection);
	struct error err = {0};

	if (needs_peer(step->kind) && !has_peer(flow, step->kind)) {
		session_note_fault(session, step->connection, REASON_NOT_CONNECTED,
			"an act of a peer that is not connected");
	} else if (step->kind == STEP_PEER_SILENT && !peer_quiet(flow->peer)) {
		session->not_before_ns[index] = clock_now(session->clock) + QUIET_RETRY_NS;
		return;
	} else if (carry_out(session, flow, index, &err) != 0) {
		bench_trouble(session, needs_peer(step->kind) ? flow : NULL, &err);
	}
	session->done[index] = !step->every;
	session->armed_ns[index] = TIME_NEVER;
	session_note_step(session, index);
}

int64_t step_time(struct session *session, int index)
{
	const struct step *step = &session->scenario->steps[index];
	const struct flow *of = flow_of(session, step->connection);
	int64_t at = TIME_NEVER;

	if (of != NULL && of->opening && step->kind != STEP_OPEN)
		return TIME_NEVER;
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
