/* SPDX-License-Identifier: MIT */
#include "bench/bring_up.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/access_point.h"
#include "bench/firmware.h"
#include "bench/journal.h"
#include "bench/ladder.h"
#include "bench/lost.h"
#include "core/error.h"
#include "core/json_text.h"
#include "uart/at_command.h"
#include "uart/at_reply.h"

/*
 * Bringing a device up: make it answer, by a ladder where it does not, then settings, version,
 * association and address.  Settings go to RAM only; the flash is never written (no AT&W).
 */

#define ANSWER_NS (2 * NS_PER_S)
#define COMMAND_NS (10 * NS_PER_S)
#define ASSOCIATE_NS (60 * NS_PER_S)
#define ASSOCIATE_AGAIN_NS (10 * NS_PER_S)
#define JOIN_NS (30 * NS_PER_S)
#define ASK_AGAIN_NS (500 * NS_PER_MS)

/* An access point that restarts is back within a minute or two.  The version is what two answers in
 * a row say: one may have noise of the UART in it. */
enum { ASSOCIATIONS = 12, VERSIONS = 8, MACS = 3 };

/* After it answers: what is sent, in this order. */
enum position {
	AT_ANSWER, /* the ladder */
	AT_VERBOSE,
	AT_ECHO_OFF,
	AT_XDUM,
	AT_RADIO_ON,
	AT_BULK_DATA,
	AT_STILL_ASSOCIATED, /* a check ends with the next but one */
	AT_STILL_OPEN,
	AT_VERSION,
	AT_MAC,
	AT_CLOSE_ALL,
	AT_CID_OF_BOTH, /* three options of no connection, for how the module reads CIDs */
	AT_CID_OF_HEX,
	AT_CID_OF_NEITHER,
	AT_LEAVE,
	AT_DHCP,
	AT_ADDRESS,
	AT_MODE,
	AT_AUTHENTICATION,
	AT_PASSPHRASE,
	AT_ASSOCIATE,
	AT_JOIN, /* of a module that is the access point: this host joins its network, and hears it */
	AT_STATUS,
	AT_COUNT_CIDS, /* UDP connections are opened until there is no CID left, and closed */
	AT_COUNT_LISTED,
	AT_COUNT_CLOSE,
	AT_LEFT_OPEN,
	POSITIONS
};

void bring_up_give_up(struct bring_up *up)
{
	struct error err = {0};

	up->running = false;
	error_set(&err, ERROR_BENCH, "device '%s' on '%s' %s", up->device->entry->name,
		port_path(up->device->uart.port), up->trouble);
	device_lost(up->bench, up->device, &err);
}

static void finish(struct bring_up *up)
{
	struct device *device = up->device;
	char address[16];
	char mac[18];

	up->running = false;
	device->ready = true;
	device->was_ready = true;
	device->flashed = false;
	device->knows_ns = clock_now(&up->bench->clock);
	device->resetting = false;
	stimuli_begin(&up->stimuli, device->knows_ns);
	device->cids.stuck = device->cids.leaked;
	snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", device->mac[0], device->mac[1],
		device->mac[2], device->mac[3], device->mac[4], device->mac[5]);
	inet_ntop(AF_INET, &device->address_be, address, sizeof address);
	bench_record(up->bench,
		json_pack("{s:s, s:s, s:o, s:s, s:s, s:i, s:s, s:i}", "event", "device", "device",
			device->entry->name, "firmware", json_text(device->firmware), "mac",
			device->has_mac ? mac : "unknown", "address", address, "baud", device->baud,
			"option_cid", device->option_cid_hex ? "hex" : "decimal", "cids",
			device->cids.count),
		false);
	bench_note_uart(up->bench, device);
}

/* False when it is not what was known before. */
static bool keep_version(struct device *device, const char *lines)
{
	char before[sizeof device->firmware];

	memcpy(before, device->firmware, sizeof before);
	at_reply_version(lines, device->firmware, sizeof device->firmware);
	return strcmp(before, device->firmware) == 0;
}

/* One with another firmware than was asked for is not judged. */
static void take_version(struct bring_up *up, const char *lines)
{
	up->versions = keep_version(up->device, lines) ? VERSIONS : up->versions + 1;
	if (up->versions >= VERSIONS &&
		!firmware_is_right(up->bench, up->device, up->trouble, sizeof up->trouble))
		bring_up_give_up(up);
}

/* Takes its settings or does not: false when it is over. */
static bool took_settings(struct bring_up *up, const struct at_answer *answer)
{
	if (answer->code == AT_CODE_OK)
		return true;
	const bool is_ap = up->bench->options->file->is_limited_ap;
	bool associating = up->position == AT_ASSOCIATE;
	if (is_ap && (associating || up->position == AT_MODE)) {
		snprintf(up->trouble, sizeof up->trouble,
			"answered '%s' to the request to be an access point (does this firmware do it? check wifi in the bench file: some do it open or with WEP only)",
			answer->text);
		bring_up_give_up(up);
		return false;
	}
	/* At first it is a mistake in the bench file, or a run that was killed left the access point
	 * switched off; later on it may be restarting. */
	if (associating && (up->device->was_ready || access_point_mend(up->bench, up->device)) &&
		++up->associations < ASSOCIATIONS) {
		bench_note_recovery(
			up->bench, up->device, "access point not found, next attempt in 10 s");
		up->wait_until_ns = clock_now(&up->bench->clock) + ASSOCIATE_AGAIN_NS;
		return false;
	}
	snprintf(up->trouble, sizeof up->trouble, "answered '%s' to the request to %s",
		answer->text,
		associating ? "associate (is the access point on? check wifi in the bench file)"
			    : "apply its settings (check wifi and address in the bench file)");
	bring_up_give_up(up);
	return false;
}

static void record_health(struct bring_up *up, bool healthy)
{
	bench_record(up->bench,
		json_pack("{s:s, s:s, s:s, s:b, s:f}", "event", "health", "device",
			up->device->entry->name, "after", up->after, "healthy", healthy, "t_s",
			(double)clock_now(&up->bench->clock) / 1e9),
		false);
	up->checking = false;
}

void bring_up_end_check(struct bring_up *up)
{
	record_health(up, false);
	up->running = false;
}

/* A check found that it is not as it was: from the beginning.  fault: FAULT_NONE where that is not
 * what it did of its own accord. */
static void unhealthy(struct bring_up *up, enum evidence_fault fault, const char *what)
{
	const int64_t now_ns = clock_now(&up->bench->clock);
	const struct provocation provocation = stimuli_provocation(&up->stimuli, fault, now_ns);
	char text[256];

	record_health(up, false);
	snprintf(text, sizeof text, "%s after '%s'", what, up->after);
	if (fault != FAULT_NONE)
		bench_note_breakdown(up->bench, up->device, fault, &provocation, text);
	else
		bench_note_recovery(up->bench, up->device, text);
	stimuli_end(&up->stimuli, now_ns);
	up->device->resetting = true;
}

/* AT+WSTATUS says so in clear words (G), or it still is. */
static void check_association(struct bring_up *up, const struct at_answer *answer)
{
	if (answer->code == AT_CODE_DISASSOCIATED || at_reply_not_associated(answer->lines))
		unhealthy(up, FAULT_DISASSOCIATED, "not associated");
}

/* The check's last: what is open now, nobody has. */
static void check_open(struct bring_up *up, const struct at_answer *answer)
{
	unsigned open;

	if (cid_table_read_list(&up->device->cids, answer->lines, &open) && open != 0) {
		unhealthy(up, FAULT_NONE, "lists CIDs of no known connection");
		return;
	}
	record_health(up, true);
	up->position = POSITIONS - 1;
}

/* It answers, which is all that is asked. */
static void settle_last_check(struct bring_up *up)
{
	record_health(up, true);
	up->running = false;
	up->device->ready = true;
}

static bool is_cid_question(int position)
{
	return position >= AT_CID_OF_BOTH && position <= AT_CID_OF_NEITHER;
}

/* The family reads the CID of an option in decimal (cases/DEVICE.md 5, I).  A module that says of
 * 'b' what it says of '1', namely that there is no such connection, and of 'g' something else,
 * reads hex.  One that takes any letter for 0 says the same of both, and reads decimal. */
static void take_cid_answer(struct bring_up *up, const struct at_answer *answer)
{
	if (up->position == AT_CID_OF_BOTH)
		up->of_1 = *answer;
	else if (up->position == AT_CID_OF_HEX)
		up->of_b = *answer;
	else
		up->device->option_cid_hex |= up->of_1.code != AT_CODE_OK &&
					      strcmp(up->of_b.text, up->of_1.text) == 0 &&
					      strcmp(answer->text, up->of_1.text) != 0;
}

/* How many CIDs it has, no command says (V: 16).  A UDP connection takes one and puts nothing on
 * the air.  One that is refused for another reason than that there is no CID left tells nothing. */
static void count_cid(struct bring_up *up, const struct at_answer *answer)
{
	bool full = answer->code == AT_CODE_NO_CID || answer->code == AT_CODE_ERROR ||
		    answer->code == AT_CODE_OTHER;

	if (answer->code == AT_CODE_OK && answer->cid >= 0 && answer->cid < DEVICE_CIDS &&
		(up->opened & 1U << answer->cid) == 0) {
		up->opened |= 1U << answer->cid;
		up->counted = __builtin_popcount(up->opened) == DEVICE_CIDS;
		up->position -= !up->counted; /* once more */
	} else {
		up->counted = full && up->opened != 0;
	}
}

/* A number of open connections reads like a list of one. */
static void take_counted_list(struct bring_up *up, const struct at_answer *answer)
{
	unsigned listed;

	up->device->cids.lists_otherwise = at_reply_cids(answer->lines, &listed) && listed != 0 &&
					   up->opened != 0 && (listed & up->opened) == 0;
}

static void take_left_open(struct bring_up *up, const struct at_answer *answer)
{
	struct device *device = up->device;

	if (!cid_table_read_list(&device->cids, answer->lines, &device->cids.leaked)) {
		bench_note_recovery(up->bench, device, "lists its CIDs in an unknown format");
		device->cids.leaked = 0;
	}
	/* What was held all the time could not be opened. */
	if (up->counted)
		device->cids.count = __builtin_popcount(up->opened | device->cids.leaked);
	device->cids.counted = true;
}

/* Behind one name there is one module for the whole of a run, also when its port was away.  What is
 * heard MACS times is no noise of the UART. */
static void take_mac(struct bring_up *up, const char *lines)
{
	struct device *device = up->device;
	uint8_t mac[6];

	if (!at_reply_mac(lines, mac))
		return;
	if (!device->has_mac)
		memcpy(device->mac, mac, sizeof mac);
	device->has_mac = true;
	const bool same = memcmp(mac, device->mac, sizeof mac) == 0;
	up->strange_macs = same ? 0 : up->strange_macs + 1;
	if (up->strange_macs < MACS)
		return;
	snprintf(up->trouble, sizeof up->trouble,
		"is another module: its MAC is %02x:%02x:%02x:%02x:%02x:%02x, and that of the module of this run %02x:%02x:%02x:%02x:%02x:%02x (connect that one again, or begin a new run)",
		mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], device->mac[0], device->mac[1],
		device->mac[2], device->mac[3], device->mac[4], device->mac[5]);
	bring_up_give_up(up);
}

static void take_answer(struct bring_up *up, const struct at_answer *answer)
{
	struct device *device = up->device;

	if (up->position == AT_ANSWER) {
		ladder_done(up);
		if (up->checking && up->rung > 0)
			unhealthy(up, FAULT_SILENT_DEVICE, "did not answer");
		else if (up->checking && up->check_is_last)
			settle_last_check(up);
	} else if (up->position == AT_VERSION) {
		take_version(up, answer->lines);
	} else if (up->position == AT_MAC) {
		take_mac(up, answer->lines);
	} else if (is_cid_question(up->position)) {
		take_cid_answer(up, answer);
	} else if (up->position == AT_STILL_ASSOCIATED) {
		check_association(up, answer);
	} else if (up->position == AT_STILL_OPEN) {
		check_open(up, answer);
	} else if (up->position == AT_LEFT_OPEN) {
		take_left_open(up, answer);
	} else if (up->position == AT_COUNT_CIDS) {
		count_cid(up, answer);
	} else if (up->position == AT_COUNT_LISTED) {
		take_counted_list(up, answer);
	} else if (up->position == AT_ASSOCIATE && device->entry->address.dhcp) {
		(void)at_reply_address(answer->lines, &device->address_be);
	}
}

static bool is_count(int position)
{
	return position >= AT_COUNT_CIDS && position <= AT_COUNT_CLOSE;
}

/* A station is what it is without AT+WM as well. */
static bool is_setting(const struct bring_up *up)
{
	const int position = up->position;

	if (position == AT_MODE)
		return up->bench->options->file->is_limited_ap;
	return position == AT_ADDRESS || position == AT_AUTHENTICATION ||
	       position == AT_PASSPHRASE || position == AT_ASSOCIATE;
}

/* It does not answer AT. */
static void climb(struct bring_up *up)
{
	switch (ladder_next(up)) {
	case LADDER_ASK:
		bring_up_send(up);
		break;
	case LADDER_WAIT:
		break;
	case LADDER_OVER:
		bring_up_give_up(up);
		break;
	}
}

static void answered(void *context, const struct at_answer *answer)
{
	struct bring_up *up = context;

	if (!up->running)
		return;
	if (!answer->answered && up->position == AT_ANSWER) {
		climb(up);
		return;
	}
	if (!answer->answered) {
		/* Some lock up at an error, which is for the cases to find: it is not asked
		 * again. */
		up->device->reads_cids_unasked |= is_cid_question(up->position);
		up->device->cids.counted |= is_count(up->position);
		/* It answered AT a moment ago: once more from the beginning, and not for ever. */
		if (++up->recoveries <= MAX_RECOVERIES) {
			if (up->checking)
				unhealthy(up, FAULT_SILENT_DEVICE, "stopped answering");
			else
				bench_note_recovery(
					up->bench, up->device, "stopped answering during bring-up");
			up->position = AT_ANSWER;
			up->tries = 1;
			climb(up);
			return;
		}
		snprintf(up->trouble, sizeof up->trouble, "stopped answering during bring-up");
		bring_up_give_up(up);
		return;
	}
	if (up->position == AT_ANSWER && ladder_settle(up))
		return;
	if (is_setting(up) && !took_settings(up, answer))
		return;
	take_answer(up, answer);
	if (!up->running)
		return;
	if (up->position == AT_LEFT_OPEN && up->device->cids.leaked != 0 && !up->restarted) {
		up->position = AT_ANSWER;
		ladder_restart(up, "lists CIDs of no known connection");
		return;
	}
	if ((up->position != AT_VERSION || up->versions >= VERSIONS) && up->strange_macs == 0)
		up->position++;
	/* These two are the check's alone. */
	if (!up->checking && up->position == AT_STILL_ASSOCIATED)
		up->position = AT_VERSION;
	if (!up->checking && up->position == AT_STILL_OPEN)
		up->position = AT_VERSION;
	if (up->position == AT_CID_OF_BOTH && up->device->reads_cids_unasked)
		up->position = AT_LEAVE;
	if (up->position == AT_COUNT_CIDS && up->device->cids.counted)
		up->position = AT_LEFT_OPEN;
	bring_up_send(up);
}

#define SEND(limit, ...) device_command(up->device, limit, answered, up, __VA_ARGS__)

static void send_address(struct bring_up *up)
{
	const struct bench_address *address = &up->device->entry->address;
	char line[AT_COMMAND_SIZE];

	at_write_network(line, sizeof line, address->address_be,
		htonl(~0U << (32 - address->prefix)), address->gateway_be);
	SEND(COMMAND_NS, "%s", line);
}

static void send_count(struct bring_up *up)
{
	char line[AT_COMMAND_SIZE];

	at_write_dial_udp(line, sizeof line, up->bench->host.peer_address_be,
		up->bench->options->file->peer.first_port);
	SEND(COMMAND_NS, "%s", line);
}

/* A keep-alive switched off, of this CID. */
static void send_option(struct bring_up *up, const char *cid)
{
	char line[AT_COMMAND_SIZE], fields[32];

	at_option_write(fields, sizeof fields, AT_OPTION_KEEPALIVE, 0);
	at_write_option(line, sizeof line, cid, fields);
	SEND(COMMAND_NS, "%s", line);
}

static void send_passphrase(struct bring_up *up)
{
	char *secret = NULL;
	struct error err = {0};

	if (bench_file_secret(&up->device->entry->wifi, &secret, &err) != 0) {
		snprintf(up->trouble, sizeof up->trouble, "has no passphrase: %.200s", err.text);
		bring_up_give_up(up);
		return;
	}
	if (secret == NULL) {
		up->position++;
		bring_up_send(up);
		return;
	}
	char line[AT_COMMAND_SIZE];
	if (up->device->entry->wifi.security == WIFI_WEP)
		at_write_wep_key(line, sizeof line, secret);
	else
		at_write_passphrase(line, sizeof line, secret);
	SEND(COMMAND_NS, "%s", line);
	explicit_bzero(line, sizeof line);
	free(secret);
}

static void joined(struct bring_up *up)
{
	up->join_ns = TIME_NEVER;
	up->position++;
	bring_up_send(up);
}

/* Its network is new: this host has to join it, by the command of the bench file or on its own, and
 * then hears the module. */
static void join(struct bring_up *up)
{
	struct bench *bench = up->bench;
	struct device *device = up->device;
	const int64_t now_ns = clock_now(&bench->clock);
	struct error err = {0};

	if (!bench->options->file->is_limited_ap) {
		joined(up);
		return;
	}
	if (up->join_ns == TIME_NEVER) {
		up->frames_before = device->wire.frames_from;
		up->join_ns = now_ns;
		if (access_point_join(bench, &err) != 0)
			bench_record_fault(bench, &err);
	}
	if (access_point_is_at_work(bench)) {
		up->join_ns = now_ns;
	} else if (device->wire.capture == NULL || device->wire.frames_from > up->frames_before) {
		joined(up);
		return;
	} else if (now_ns - up->join_ns > JOIN_NS) {
		snprintf(up->trouble, sizeof up->trouble,
			"made the network '%s', and nothing is heard of it on '%s' for 30 s (does this host join it? 'station: join' in the bench file has the command)",
			device->entry->wifi.ssid, device->wire.interface);
		bring_up_give_up(up);
		return;
	}
	/* While the link is down there is nothing to send to. */
	if (device->wire.capture != NULL)
		(void)access_point_ask(bench, device, &err);
	up->wait_until_ns = now_ns + ASK_AGAIN_NS;
}

void bring_up_send(struct bring_up *up)
{
	static const char *const fixed[POSITIONS] = {[AT_VERBOSE] = AT_LINE_WORDS,
		[AT_ECHO_OFF] = AT_LINE_ECHO_OFF,
		[AT_XDUM] = AT_LINE_MESSAGES,
		[AT_RADIO_ON] = AT_LINE_RADIO_ON,
		[AT_BULK_DATA] = AT_LINE_BULK_DATA,
		[AT_STILL_ASSOCIATED] = AT_LINE_WIFI_STATUS,
		[AT_STILL_OPEN] = AT_LINE_LIST_CIDS,
		[AT_VERSION] = AT_LINE_VERSION,
		[AT_MAC] = AT_LINE_MAC,
		[AT_CLOSE_ALL] = AT_LINE_CLOSE_ALL,
		[AT_LEAVE] = AT_LINE_DISASSOCIATE,
		[AT_AUTHENTICATION] = AT_LINE_AUTHENTICATION,
		[AT_STATUS] = AT_LINE_NETWORK_STATUS,
		[AT_COUNT_LISTED] = AT_LINE_LIST_CIDS,
		[AT_COUNT_CLOSE] = AT_LINE_CLOSE_ALL,
		[AT_LEFT_OPEN] = AT_LINE_LIST_CIDS};
	char line[AT_COMMAND_SIZE];

	switch ((enum position)up->position) {
	case POSITIONS:
		finish(up);
		break;
	case AT_DHCP:
		at_write_dhcp(line, sizeof line, up->device->entry->address.dhcp);
		SEND(COMMAND_NS, "%s", line);
		break;
	case AT_ADDRESS:
		if (!up->device->entry->address.dhcp) {
			send_address(up);
			break;
		}
		up->position++;
		bring_up_send(up);
		break;
	case AT_PASSPHRASE:
		send_passphrase(up);
		break;
	case AT_CID_OF_BOTH:
		send_option(up, "1");
		break;
	case AT_CID_OF_HEX:
		send_option(up, "b");
		break;
	case AT_CID_OF_NEITHER:
		send_option(up, "g");
		break;
	case AT_COUNT_CIDS:
		send_count(up);
		break;
	case AT_MODE:
		SEND(COMMAND_NS, "%s",
			up->device->entry->wifi.mode == WIFI_LIMITED_AP ? AT_LINE_LIMITED_AP
									: AT_LINE_STATION);
		break;
	case AT_ASSOCIATE:
		at_write_associate(line, sizeof line, up->device->entry->wifi.ssid,
			up->device->entry->wifi.channel);
		SEND(ASSOCIATE_NS, "%s", line);
		break;
	case AT_JOIN:
		join(up);
		break;
	case AT_ANSWER:
		/* The second also helps one that was left with numeric answers. */
		SEND(ANSWER_NS, "%s", up->tries == 0 ? AT_LINE_CHECK : AT_LINE_WORDS);
		break;
	default:
		SEND(COMMAND_NS, "%s", fixed[up->position]);
		break;
	}
}

void bring_up_prepare(struct bench *bench, int index)
{
	struct bring_up *up = &bench->bring_ups[index];

	up->bench = bench;
	up->device = bench->devices[index];
	up->running = true;
	up->checking = false;
	up->position = AT_ANSWER;
	up->rung = 0;
	up->tries = 0;
	up->home_baud = up->device->baud;
	up->associations = 0;
	up->versions = 0;
	up->strange_macs = 0;
	up->restarted = false;
	up->opened = 0;
	up->counted = false;
	up->settled = true;
	up->wait_until_ns = TIME_NEVER;
	up->join_ns = TIME_NEVER;
	up->hook_trouble[0] = '\0';
	up->rates_refused = 0;
	up->device->ready = false;
	up->device->resetting = true;
	cid_table_forget_notices(&up->device->cids);
}

void bring_up_begin(struct bench *bench, int index)
{
	bring_up_prepare(bench, index);
	if (bench->devices[index]->flashed)
		ladder_await_boot(&bench->bring_ups[index]);
	else
		bring_up_send(&bench->bring_ups[index]);
}

static void check(struct bench *bench, int index, const char *after, bool last)
{
	struct bring_up *up = &bench->bring_ups[index];

	bring_up_prepare(bench, index);
	up->checking = true;
	up->check_is_last = last;
	up->device->resetting = false;
	snprintf(up->after, sizeof up->after, "%s", after);
	bring_up_send(up);
}

void bring_up_check(struct bench *bench, int index, const char *after)
{
	check(bench, index, after, false);
}

void bring_up_check_last(struct bench *bench, int index)
{
	check(bench, index, "the last case", true);
}

void bring_up_run(struct bench *bench, int index)
{
	struct bring_up *up = &bench->bring_ups[index];

	if (!up->running || ladder_works(up) || up->wait_until_ns == TIME_NEVER ||
		clock_now(&bench->clock) < up->wait_until_ns)
		return;
	up->wait_until_ns = TIME_NEVER;
	bring_up_send(up);
}
