/* SPDX-License-Identifier: MIT */
#include "bench/access_point.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/journal.h"
#include "core/error.h"
#include "wire/raw_segment.h"

/* Who is waited for so long wants to know it. */
enum { SAY_MS = 1000 };

/* Some take a while to go down behind their command.  Then the module is asked for its hardware
 * address, which it would not hear. */
#define GOES_DOWN_NS (10 * NS_PER_S)

struct session *access_point_session(const struct bench *bench, const struct device *device)
{
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		if ((device == NULL || s->device == device) && s->claims.access_point)
			return s;
	return NULL;
}

static void failed(struct bench *bench, const struct error *err)
{
	struct session *session = access_point_session(bench, NULL);

	if (session != NULL)
		session_fault(session, NO_CONNECTION, REASON_HOOK_FAILED, 0, err->text);
	else
		bench_record_fault(bench, err);
}

/* To its end, which may take until its deadline. */
static int finish(struct bench *bench, struct error *err)
{
	const int ended = hook_finish(&bench->access_point, SAY_MS, err);

	if (ended <= 0)
		return ended;
	char text[96];
	snprintf(text, sizeof text, "waiting for the %s command, %d s at most",
		bench->access_point.name, HOOK_TIMEOUT_S);
	bench_note_waiting(bench, text);
	return hook_finish(&bench->access_point, -1, err);
}

int access_point_ask(struct bench *bench, struct device *device, struct error *err)
{
	struct wire_watch *wire = &device->wire;
	uint8_t mac[6], frame[64];

	const int socket = wire_watch_raw_socket(wire, err);
	if (socket < 0 || raw_socket_mac(socket, wire->interface, mac, err) != 0)
		return -1;
	const size_t length = raw_arp_request_build(
		frame, sizeof frame, mac, bench->host.peer_address_be, device->address_be);
	return raw_send(socket, frame, length, err);
}

/* Is it really gone?  The module would answer what everybody on a network answers. */
static void ask(struct bench *bench)
{
	const struct session *session = access_point_session(bench, NULL);
	struct error err = {0};

	bench->access_point_ask_ns = TIME_NEVER;
	if (session == NULL || session->device->wire.capture == NULL)
		return;
	bench->access_point_asked_ns = clock_now(&bench->clock);
	(void)access_point_ask(bench, session->device, &err);
}

void access_point_finish(struct bench *bench)
{
	struct error err = {0};
	bool stepped = bench->clock.kind == CLOCK_KIND_STEPPED;

	if (bench->access_point.running) {
		const int ended =
			stepped ? finish(bench, &err) : hook_finish(&bench->access_point, 0, &err);
		for (int i = 0; i < bench->device_count && ended != 1; i++)
			bench->devices[i]->hooked = true;
		if (ended < 0)
			failed(bench, &err);
		else if (ended == 0 && bench->access_point_off)
			bench->access_point_ask_ns = clock_now(&bench->clock) + GOES_DOWN_NS;
	}
	if (clock_now(&bench->clock) >= bench->access_point_ask_ns)
		ask(bench);
}

void access_point_heard(struct bench *bench, const struct device *device, int64_t t_ns)
{
	struct session *session = access_point_session(bench, device);

	if (session == NULL || t_ns < bench->access_point_asked_ns)
		return;
	bench->access_point_asked_ns = TIME_NEVER;
	if (bench->options->file->is_limited_ap)
		session_fault(session, NO_CONNECTION, REASON_ACCESS_POINT_UP, t_ns,
			"the station did not leave: 10 s after its command the module is still heard (check 'station: leave' in the bench file)");
	else
		session_fault(session, NO_CONNECTION, REASON_ACCESS_POINT_UP, t_ns,
			"the access point did not go down: 10 s after its command the module is still heard on the network (check 'access_point: down' in the bench file)");
}

static int begin(struct bench *bench, bool up, struct error *err)
{
	const struct bench_file *file = bench->options->file;
	struct hook_request request = {.name = up ? "access point up" : "access point down",
		.command = up ? file->access_point.up : file->access_point.down,
		.device = "",
		.port = "",
		.file = file};

	if (file->is_limited_ap) {
		request.name = up ? "station join" : "station leave";
		request.command = up ? file->station.join : file->station.leave;
	}
	/* The one before must have ended: they would work against each other. */
	if (finish(bench, err) != 0)
		return -1;
	if (hook_start(&bench->access_point, &request, err) != 0)
		return -1;
	bench->access_point_off = !up;
	bench->access_point_ask_ns = bench->access_point_asked_ns = TIME_NEVER;
	return 0;
}

int access_point_switch(void *context, bool up, struct error *err)
{
	struct bench *bench = context;

	if (begin(bench, up, err) != 0)
		return -1;
	access_point_finish(bench);
	return 0;
}

void access_point_restore(struct bench *bench)
{
	struct error err = {0};

	if (!bench->access_point_off)
		return;
	/* How the command that switched it off ended does not matter any more. */
	(void)finish(bench, NULL);
	if (begin(bench, true, &err) == 0 && finish(bench, &err) == 0)
		return;
	bench->access_point_off = false;
	bench_record_fault(bench, &err);
}

bool access_point_mend(struct bench *bench, const struct device *device)
{
	struct error err = {0};

	if (!bench->options->file->has_access_point)
		return false;
	/* Another run may measure its loss. */
	if (bench->access_point_mended || !lab_work_alone(&bench->lab))
		return true;
	bench->access_point_mended = true;
	bench_note_recovery(bench, device,
		"the access point was off, or out of reach, at the start: switched on by 'access_point: up'");
	if (begin(bench, true, &err) != 0)
		bench_record_fault(bench, &err);
	access_point_finish(bench);
	return true;
}

int access_point_join(struct bench *bench, struct error *err)
{
	if (!bench->options->file->has_station)
		return 0;
	if (begin(bench, true, err) != 0)
		return -1;
	access_point_finish(bench);
	return 0;
}

bool access_point_is_at_work(const struct bench *bench)
{
	return bench->access_point.running;
}

void access_point_close(struct bench *bench)
{
	access_point_restore(bench);
	(void)finish(bench, NULL);
}
