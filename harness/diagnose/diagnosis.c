/* SPDX-License-Identifier: MIT */
#include "diagnose/diagnosis.h"

#include <stdlib.h>

#include "core/error.h"
#include "diagnose/direction.h"
#include "diagnose/findings.h"
#include "diagnose/observer.h"
#include "diagnose/overlay.h"

static void report_progress(const struct diagnosis_request *request,
	const struct observer *observer, const struct recording *recording)
{
	uint64_t octets_read, octets;

	recording_progress(recording, &octets_read, &octets);
	request->progress(octets == 0 ? -1 : (double)octets_read / (double)octets,
		observer->packets, request->progress_context);
}

static int observe(const struct diagnosis_request *request, struct observer *observer,
	struct recording *recording, struct error *err)
{
	enum { PACKETS_BETWEEN = 1 << 16 };
	struct recorded_packet packet;
	int status = 0;

	while (status == 0 && recording_next(recording, &packet) == 1) {
		status = observer_take(observer, &packet, err);
		if (request->progress != NULL && observer->packets % PACKETS_BETWEEN == 0)
			report_progress(request, observer, recording);
	}
	if (request->progress != NULL)
		request->progress(1, observer->packets, request->progress_context);
	return status != 0 ? status : observer_finish(observer, err);
}

static struct diagnosis_totals sum_up(
	const struct observer *observer, const struct recording *recording, size_t files)
{
	struct diagnosis_totals totals = {.packets = observer->packets,
		.segments = observer->segments,
		.unknown_link = observer->unknown_link,
		.unknown_link_type = observer->unknown_link_type,
		.cut = observer->cut,
		.connections = connection_count(observer->table),
		.device_seen = observer->device_seen,
		.first_ns = observer->packets > 0 ? observer->first_ns : 0,
		.last_ns = observer->packets > 0 ? observer->last_ns : 0,
		.wifi = observer->wifi,
		.holes = observer->holes};

	if (observer->longest.to_ns > observer->longest.from_ns) {
		const uint32_t index = observer->longest.connection;
		const struct connection *connection = connection_at(observer->table, index);
		totals.silent_ns = observer->longest.to_ns - observer->longest.from_ns;
		totals.silent_number = (size_t)index + 1;
		totals.silent_a = connection_endpoint(observer->table, connection, 0);
		totals.silent_b = connection_endpoint(observer->table, connection, 1);
	}
	for (size_t i = 0; i < files && totals.fault.kind == ERROR_NONE; i++)
		totals.fault = *recording_fault(recording, i);
	return totals;
}

/* Both directions of a connection, those that have nothing to say left out. */
static int evaluate(struct findings *findings, const struct sighted *sighted,
	struct direction_room rooms[2], struct diagnosed_connection *diagnosed)
{
	for (int side = 0; side < 2; side++) {
		struct diagnosed_direction *direction =
			&diagnosed->directions[diagnosed->direction_count];
		direction->prober = side == 0 ? diagnosed->a : diagnosed->b;
		direction->peer = side == 0 ? diagnosed->b : diagnosed->a;
		direction->request = findings_request(findings);
		if (direction_evaluate(sighted, side, &rooms[side], direction) != 0)
			return -1;
		if (findings_judge(findings, sighted, direction) != 0)
			return -1;
		if (direction->probe_count > 0 || direction->lookalike_count > 0 ||
			direction->finding_count > 0)
			diagnosed->direction_count++;
	}
	return 0;
}

/* The next connection that has sightings: 1; 0 at the end. */
static int next_connection(struct observer *observer, struct sighted *sighted,
	struct diagnosed_connection *diagnosed, struct error *err)
{
	ptrdiff_t count = sighting_store_next(observer->sightings, &sighted->sightings, err);

	if (count <= 0)
		return (int)count;
	uint32_t index = sighted->sightings[0].connection;
	struct connection *connection = connection_at(observer->table, index);
	sighted->count = (size_t)count;
	sighted->end_ns = observer->last_ns;
	sighted->network = &observer->network;
	sighted->holes = &observer->holes;
	sighted->device_probes = observer->device_probes;
	const struct endpoint ends[2] = {connection_endpoint(observer->table, connection, 0),
		connection_endpoint(observer->table, connection, 1)};
	const int device = observer_is_device(observer, &ends[0]) ? 0 : 1;
	const bool own = observer_is_device(observer, &ends[device]);
	sighted->device_side = device;
	sighted->bad_checksums = own && observer_trusts_checksums(observer, connection, device);
	sighted->bad_answers = own && observer_trusts_checksums(observer, connection, !device);
	connection_last_real(connection, sighted->real_ns);
	connection_outstanding(connection, sighted->outstanding);
	*diagnosed = (struct diagnosed_connection){
		.number = (size_t)index + 1, .a = ends[0], .b = ends[1]};
	return 1;
}

static int give(const struct diagnosis_request *request, struct observer *observer,
	struct overlay *overlay, diagnosis_take *take, void *context, struct error *err)
{
	struct direction_room rooms[2] = {0};
	struct findings *findings = findings_new(request);
	struct diagnosed_connection connection;
	struct sighted sighted;
	int status;

	if (findings == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	while ((status = next_connection(observer, &sighted, &connection, err)) > 0) {
		sighted.uart = overlay_side(overlay, observer, connection.number - 1);
		if (evaluate(findings, &sighted, rooms, &connection) != 0)
			status = error_set(err, ERROR_MEMORY, "out of memory");
		else if (connection.direction_count > 0 && take(&connection, context) != 0)
			status = -1;
		if (status < 0)
			break;
	}
	findings_free(findings);
	direction_room_free(&rooms[0]);
	direction_room_free(&rooms[1]);
	return status < 0 ? -1 : 0;
}

int diagnose(const struct diagnosis_request *request, diagnosis_take *take, void *context,
	struct diagnosis_totals *totals, struct error *err)
{
	struct observer observer;
	struct overlay overlay = {.of = NULL};

	if (request->uart != NULL && uart_log_read(request->uart, &overlay.log, err) != 0) {
		overlay_release(&overlay);
		return -1;
	}
	struct recording *recording = recording_open(request->paths, request->path_count, err);
	if (recording == NULL || observer_init(&observer, err) != 0) {
		recording_close(recording);
		overlay_release(&overlay);
		return -1;
	}
	observer.keep_starts = request->uart != NULL;
	observer.device = request->device;
	observer.checksums = request->device.family != 0;
	observer.idle_times = request->device.family != 0 || request->timeout_s > 0 ||
			      request->uart != NULL || request->timelines;
	int status = observe(request, &observer, recording, err);
	*totals = sum_up(&observer, recording, request->path_count);
	recording_close(recording);
	if (status == 0 && request->uart != NULL)
		status = overlay_lay(&overlay, &observer, err);
	overlay_unmatched(&overlay, totals);
	if (status == 0)
		status = give(request, &observer, &overlay, take, context, err);
	overlay_release(&overlay);
	observer_release(&observer);
	return status;
}

const char *keepalive_outcome_name(enum keepalive_outcome value)
{
	switch (value) {
	case KEEPALIVE_UNDECIDED:
		return "undecided";
	case KEEPALIVE_ALIVE:
		return "alive";
	case KEEPALIVE_REFUSED:
		return "refused";
	case KEEPALIVE_DEAD:
		return "dead";
	}
	return "undecided";
}
