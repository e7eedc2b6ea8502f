/* SPDX-License-Identifier: MIT */
#include "diagnose/overlay.h"

#include <stdlib.h>

#include "core/error.h"
#include "core/units.h"

/* How much the module's connections may lie off those of the recording, by the two clocks, and how
 * much faster one of these may run. */
#define APART_NS (2 * NS_PER_S)
enum { SKEW_PPM = 200 };
/* More are not looked at to find how the clocks stand. */
enum { LOGGED_MAX = 64, RECORDED_MAX = 4096 };

/* How much the log's clock is behind, at a time of its own. */
struct log_clock {
	int64_t behind_ns, at_ns;
};

/* The half between command and CONNECT: when its SYN was sent, about. */
static int64_t dialled_ns(const struct uart_connection *logged)
{
	return logged->begun_ns + (logged->connect_ns - logged->begun_ns) / 2;
}

static bool is_of(
	const struct observer *observer, size_t index, const struct uart_connection *logged)
{
	const struct connection *connection = connection_at(observer->table, index);

	for (int side = 0; side < 2; side++) {
		const struct endpoint peer = connection_endpoint(observer->table, connection, side);
		if (uart_connection_is_to(logged, &peer))
			return true;
	}
	return false;
}

/* The connection of the recording that began when the logged one did, by such a clock; the number
 * of connections: there is none. */
static size_t find(const struct observer *observer, const struct uart_connection *logged,
	const struct log_clock *clock)
{
	const size_t count = connection_count(observer->table);
	const int64_t wanted_ns = dialled_ns(logged) + clock->behind_ns;
	const int64_t apart_ns =
		APART_NS + llabs(dialled_ns(logged) - clock->at_ns) / 1000000 * SKEW_PPM;
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (observer->starts[middle] < wanted_ns - apart_ns)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < count && observer->starts[low] <= wanted_ns + apart_ns; low++)
		if (is_of(observer, low, logged))
			return low;
	return count;
}

static size_t count_found(
	const struct uart_log *log, const struct observer *observer, const struct log_clock *clock)
{
	const size_t none = connection_count(observer->table);
	size_t found = 0, before = none;

	/* Those of the log that are one in the recording count once. */
	for (size_t i = 0; i < log->count && i < LOGGED_MAX; i++) {
		const size_t index = find(observer, &log->connections[i], clock);
		found += index != none && index != before;
		before = index;
	}
	return found;
}

/* The clock by which the most of the log's connections, two at least, are in the recording.  False
 * where several do as well. */
static bool find_clock(
	const struct uart_log *log, const struct observer *observer, struct log_clock *clock)
{
	const size_t count = connection_count(observer->table);
	size_t most = 1;
	bool sure = false;

	for (size_t i = 0; i < log->count && i < LOGGED_MAX; i++) {
		const struct uart_connection *logged = &log->connections[i];
		for (size_t j = 0; j < count && j < RECORDED_MAX; j++) {
			const int64_t at_ns = dialled_ns(logged);
			const struct log_clock here = {observer->starts[j] - at_ns, at_ns};
			if (!is_of(observer, j, logged))
				continue;
			const size_t found = count_found(log, observer, &here);
			if (found > most) {
				most = found;
				*clock = here;
				sure = true;
			} else if (found == most &&
				   llabs(here.behind_ns - clock->behind_ns) > APART_NS) {
				sure = false;
			}
		}
	}
	return sure;
}

static void lay_by_clock(
	struct overlay *overlay, const struct observer *observer, const struct log_clock *clock)
{
	for (size_t i = 0; i < overlay->log.count; i++) {
		struct uart_connection *logged = &overlay->log.connections[i];
		const size_t index = find(observer, logged, clock);
		if (index == connection_count(observer->table))
			continue;
		struct uart_connection *before = overlay->of[index];
		if (before != NULL && (before->has_peer || !logged->has_peer))
			continue;
		if (before != NULL)
			before->taken = false;
		overlay->of[index] = logged;
		logged->taken = true;
	}
}

static void lay_in_order(struct overlay *overlay, const struct observer *observer)
{
	for (size_t i = 0; i < connection_count(observer->table); i++) {
		const struct connection *connection = connection_at(observer->table, i);
		for (int side = 1; side >= 0 && overlay->of[i] == NULL; side--) {
			struct endpoint peer =
				connection_endpoint(observer->table, connection, side);
			overlay->of[i] = uart_log_take(&overlay->log, &peer);
		}
	}
}

int overlay_lay(struct overlay *overlay, const struct observer *observer, struct error *err)
{
	struct log_clock clock = {0};

	overlay->of =
		calloc(connection_count(observer->table) + 1, sizeof(struct uart_connection *));
	if (overlay->of == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	if (overlay->log.timed && find_clock(&overlay->log, observer, &clock))
		lay_by_clock(overlay, observer, &clock);
	else
		lay_in_order(overlay, observer);
	return 0;
}

void overlay_unmatched(const struct overlay *overlay, struct diagnosis_totals *totals)
{
	totals->unmatched_cid = -1;
	for (size_t i = overlay->log.count; i-- > 0;) {
		if (overlay->log.connections[i].taken || overlay->log.connections[i].other)
			continue;
		totals->unmatched_cid = overlay->log.connections[i].cid;
		totals->unmatched_peer = overlay->log.connections[i].peer;
	}
}

const struct uart_side *overlay_side(
	struct overlay *overlay, const struct observer *observer, size_t index)
{
	if (overlay->of == NULL || overlay->of[index] == NULL)
		return NULL;
	overlay->side = (struct uart_side){.log = &overlay->log,
		.connection = overlay->of[index],
		.start_ns = observer->starts[index]};
	return &overlay->side;
}

void overlay_release(struct overlay *overlay)
{
	uart_log_release(&overlay->log);
	free(overlay->of);
}
