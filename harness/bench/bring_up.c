/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/state.h"
#include "core/json_text.h"

/*
 * Bringing a device up: make it answer, by a ladder where it does not, then settings, version,
 * association and address.  Settings go to RAM only; the flash is never written (no AT&W).
 */

#define ANSWER_NS (2 * NS_PER_S)
#define COMMAND_NS (10 * NS_PER_S)
#define ASSOCIATE_NS (60 * NS_PER_S)
#define RESET_NS (6 * NS_PER_S) /* RST low 500 ms, then 6 s (V) */

enum { MAX_RECOVERIES = 4 };

/* In order of likelihood (wizfi210.md section 1). */
static const int rates[] = {115200, 9600, 57600, 38400, 19200, 230400, 460800, 921600};
enum { RATES = sizeof rates / sizeof rates[0] };

/* The ladder of recovery: each rung is tried before the AT that shows whether it helped. */
enum rung { RUNG_NONE, RUNG_ESCAPE, RUNG_PLUS, RUNG_BAUD, RUNG_RESET, RUNG_PIN, RUNG_POWER, RUNGS };
static const char *const rung_names[RUNGS] = {"two AT", "ESC E", "+++", "another baud rate",
	"AT+RESET", "the reset pin", "a power cycle"};

/* After it answers: what is sent, in this order. */
enum position {
	AT_ANSWER, /* the ladder */
	AT_VERBOSE,
	AT_ECHO_OFF,
	AT_XDUM,
	AT_RADIO_ON,
	AT_BULK_DATA,
	AT_VERSION,
	AT_MAC,
	AT_CLOSE_ALL,
	AT_LEAVE,
	AT_DHCP,
	AT_ADDRESS,
	AT_MODE,
	AT_AUTHENTICATION,
	AT_PASSPHRASE,
	AT_ASSOCIATE,
	AT_STATUS,
	POSITIONS
};

static void send_position(struct bring_up *up);

static void note(struct bring_up *up, const char *what)
{
	bench_record(up->bench,
		json_pack("{s:s, s:s, s:o, s:f}", "event", "recovery", "device",
			up->device->entry->name, "step", json_text(what), "t_s",
			(double)clock_now(&up->bench->clock) / 1e9),
		false);
}

static void give_up(struct bring_up *up)
{
	struct error err = {0};
	int index = (int)(up - up->bench->bring_ups);

	up->running = false;
	up->bench->lost[index] = true;
	error_set(&err, ERROR_BENCH, "device '%s' on '%s' %s", up->device->entry->name,
		port_path(up->device->port), up->trouble);
	bench_fault(up->bench, &err);
}

static void finish(struct bring_up *up)
{
	struct device *device = up->device;
	char address[16];
	char mac[18];

	up->running = false;
	device->ready = true;
	device->resetting = false;
	snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", device->mac[0], device->mac[1],
		device->mac[2], device->mac[3], device->mac[4], device->mac[5]);
	inet_ntop(AF_INET, &device->address_be, address, sizeof address);
	bench_record(up->bench,
		json_pack("{s:s, s:s, s:o, s:s, s:s, s:i}", "event", "device", "device",
			device->entry->name, "firmware", json_text(device->firmware), "mac",
			device->has_mac ? mac : "unknown", "address", address, "baud",
			device->baud),
		false);
}

/* The first run of hex pairs with colons. */
static bool parse_mac(const char *lines, uint8_t mac[6])
{
	for (const char *c = lines; *c != '\0'; c++)
		if (sscanf(c, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2],
			    &mac[3], &mac[4], &mac[5]) == 6)
			return true;
	return false;
}

static void keep_version(struct device *device, const char *lines)
{
	size_t used = 0;

	for (const char *c = lines; *c != '\0' && used + 2 < sizeof device->firmware; c++) {
		if (*c == '\n' && c[1] != '\0') {
			device->firmware[used++] = ';';
			device->firmware[used++] = ' ';
		} else if (*c != '\n') {
			device->firmware[used++] = *c;
		}
	}
	device->firmware[used] = '\0';
}

static void next_rung(struct bring_up *up);

static void answered(void *context, const struct at_answer *answer)
{
	struct bring_up *up = context;
	struct device *device = up->device;
	bool well = answer->answered && answer->code == AT_CODE_OK;

	if (!up->running)
		return;
	if (up->position == AT_ANSWER && !answer->answered) {
		next_rung(up);
		return;
	}
	if (!answer->answered) {
		snprintf(up->trouble, sizeof up->trouble,
			"stopped answering while it was brought up");
		give_up(up);
		return;
	}
	switch (up->position) {
	case AT_VERSION:
		keep_version(device, answer->lines);
		break;
	case AT_MAC:
		device->has_mac = device->has_mac || parse_mac(answer->lines, device->mac);
		break;
	case AT_ADDRESS:
	case AT_AUTHENTICATION:
	case AT_PASSPHRASE:
	case AT_ASSOCIATE:
		if (well)
			break;
		snprintf(up->trouble, sizeof up->trouble,
			"answered '%s' when it was to %s (check wifi and address in the bench "
			"file)",
			answer->text,
			up->position == AT_ASSOCIATE ? "associate" : "take its settings");
		give_up(up);
		return;
	default: /* what an older firmware does not know, it can be without */
		break;
	}
	up->position++;
	send_position(up);
}

static void begin_rung(struct bring_up *up)
{
	struct device *device = up->device;
	const struct bench_device *entry = device->entry;
	int64_t now = clock_now(&up->bench->clock);
	int status = 0;

	up->wait_until_ns = now;
	switch ((enum rung)up->rung) {
	case RUNG_NONE:
	case RUNGS:
		break;
	case RUNG_ESCAPE:
		device_resync(device);
		device_put(device,
			"\x1b"
			"E\r",
			3);
		break;
	case RUNG_PLUS:
		device_put(device, "+++", 3);
		up->wait_until_ns = now + ANSWER_NS;
		break;
	case RUNG_BAUD:
		break;
	case RUNG_RESET:
		device_put(device, "\rAT+RESET\r", 10);
		up->wait_until_ns = now + RESET_NS;
		break;
	case RUNG_PIN:
		status = system(entry->reset.command);
		up->wait_until_ns = now + RESET_NS;
		break;
	case RUNG_POWER:
		status = system(entry->power.cycle);
		up->wait_until_ns = now + RESET_NS;
		break;
	}
	if (up->rung != RUNG_NONE)
		note(up, rung_names[up->rung]);
	if (status != 0)
		note(up, "the command failed");
}

static void next_rung(struct bring_up *up)
{
	const struct bench_device *entry = up->device->entry;
	struct error err = {0};

	/* The first AT after a boot may fail: two. */
	if (up->baud++ == 0) {
		send_position(up);
		return;
	}
	if (up->rung == RUNG_BAUD && up->attempts < RATES) {
		up->device->baud = rates[up->attempts++];
		(void)port_set_baud(up->device->port, up->device->baud, &err);
		up->baud = 0;
		send_position(up);
		return;
	}
	do
		up->rung++;
	while ((up->rung == RUNG_BAUD && entry->uart.baud != 0) ||
		(up->rung == RUNG_PIN && entry->reset.command == NULL) ||
		(up->rung == RUNG_POWER && entry->power.cycle == NULL));
	if (up->rung >= RUNGS) {
		snprintf(up->trouble, sizeof up->trouble,
			"does not answer AT (check power, wiring and baud rate; ESC E, +++, "
			"AT+RESET%s%s%s were tried)",
			entry->uart.baud == 0 ? ", all baud rates" : "",
			entry->reset.command != NULL ? ", the reset pin" : "",
			entry->power.cycle != NULL ? ", a power cycle" : "");
		give_up(up);
		return;
	}
	up->baud = 0;
	begin_rung(up);
}

#define SEND(limit, ...) device_command(up->device, limit, answered, up, __VA_ARGS__)

/* AT+WAUTH: 0 any, 1 open, 2 shared. */
static void send_address(struct bring_up *up)
{
	const struct bench_device *entry = up->device->entry;
	struct in_addr address = {.s_addr = entry->address.address_be};
	struct in_addr gateway = {.s_addr = entry->address.gateway_be};
	struct in_addr mask = {.s_addr = htonl(~0U << (32 - entry->address.prefix))};
	char text[3][INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address, text[0], sizeof text[0]);
	inet_ntop(AF_INET, &mask, text[1], sizeof text[1]);
	inet_ntop(AF_INET, &gateway, text[2], sizeof text[2]);
	SEND(COMMAND_NS, "AT+NSET=%s,%s,%s", text[0], text[1], text[2]);
}

static void send_passphrase(struct bring_up *up)
{
	char *secret = NULL;
	struct error err = {0};

	if (bench_file_secret(&up->device->entry->wifi, &secret, &err) != 0) {
		snprintf(up->trouble, sizeof up->trouble, "has no passphrase: %.200s", err.text);
		give_up(up);
		return;
	}
	if (secret == NULL) {
		up->position++;
		send_position(up);
		return;
	}
	SEND(COMMAND_NS, "AT+WWPA=%s", secret);
	free(secret);
}

static void send_position(struct bring_up *up)
{
	static const char *const fixed[POSITIONS] = {[AT_ANSWER] = "AT",
		[AT_VERBOSE] = "ATV1",
		[AT_ECHO_OFF] = "ATE0",
		[AT_XDUM] = "AT+XDUM=0",
		[AT_RADIO_ON] = "AT+WRXACTIVE=1",
		[AT_BULK_DATA] = "AT+BDATA=1",
		[AT_VERSION] = "AT+VER=?",
		[AT_MAC] = "AT+NMAC=?",
		[AT_CLOSE_ALL] = "AT+NCLOSEALL",
		[AT_LEAVE] = "AT+WD",
		[AT_MODE] = "AT+WM=0",
		[AT_AUTHENTICATION] = "AT+WAUTH=0",
		[AT_STATUS] = "AT+NSTAT=?"};

	switch ((enum position)up->position) {
	case POSITIONS:
		finish(up);
		break;
	case AT_DHCP:
		SEND(COMMAND_NS, "AT+NDHCP=%d", up->device->entry->address.dhcp ? 1 : 0);
		break;
	case AT_ADDRESS:
		if (!up->device->entry->address.dhcp) {
			send_address(up);
			break;
		}
		up->position++;
		send_position(up);
		break;
	case AT_PASSPHRASE:
		send_passphrase(up);
		break;
	case AT_ASSOCIATE:
		SEND(ASSOCIATE_NS, "AT+WA=%s", up->device->entry->wifi.ssid);
		break;
	case AT_ANSWER:
	default:
		SEND(up->position == AT_ANSWER ? ANSWER_NS : COMMAND_NS, "%s", fixed[up->position]);
		break;
	}
}

static void prepare(struct bench *bench, int index)
{
	struct bring_up *up = &bench->bring_ups[index];

	up->bench = bench;
	up->device = bench->devices[index];
	up->running = true;
	up->position = AT_ANSWER;
	up->rung = RUNG_NONE;
	up->baud = 0;
	up->attempts = 0;
	up->wait_until_ns = TIME_NEVER;
	up->device->ready = false;
	up->device->resetting = true;
	up->device->leaked = 0;
}

void bring_up_begin(struct bench *bench, int index)
{
	prepare(bench, index);
	send_position(&bench->bring_ups[index]);
}

void device_reset(struct bench *bench, int index, const char *why)
{
	struct bring_up *up = &bench->bring_ups[index];

	note(up, why);
	device_abandon(up->device);
	prepare(bench, index);
	up->rung = RUNG_RESET;
	begin_rung(up);
}

void bring_up_run(struct bench *bench, int index)
{
	struct bring_up *up = &bench->bring_ups[index];

	if (!up->running || up->wait_until_ns == TIME_NEVER ||
		clock_now(&bench->clock) < up->wait_until_ns)
		return;
	up->wait_until_ns = TIME_NEVER;
	send_position(up);
}

void device_recover(
	struct bench *bench, struct device *device, enum evidence_fault fault, const char *why)
{
	int index = 0;
	char text[EVENT_TEXT];

	while (bench->devices[index] != device)
		index++;
	struct bring_up *up = &bench->bring_ups[index];
	if (up->running || bench->lost[index])
		return;
	device->ready = false;
	snprintf(text, sizeof text, "device '%s' %s", device->entry->name, why);
	for (struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device || s->state == SESSION_FINISHED)
			continue;
		session_fault(s, fault, clock_now(&bench->clock), text);
		session_abandon(s);
	}
	note(up->bench == NULL ? &(struct bring_up){.bench = bench, .device = device} : up, why);
	device_abandon(device);
	if (++up->recoveries > MAX_RECOVERIES) {
		snprintf(up->trouble, sizeof up->trouble, "%s, for the %d. time in this run", why,
			up->recoveries);
		give_up(up);
		return;
	}
	bring_up_begin(bench, index);
}

bool devices_ready(const struct bench *bench)
{
	for (int i = 0; i < bench->device_count; i++)
		if (!bench->devices[i]->ready && !bench->lost[i])
			return false;
	return true;
}
