/* SPDX-License-Identifier: MIT */
#include "bench/wire_watch.h"

#include <pcap/dlt.h>
#include <unistd.h>

#include "core/error.h"
#include "wire/raw_segment.h"

void wire_watch_init(struct wire_watch *wire)
{
	*wire = (struct wire_watch){.link = link_watch_none(), .raw_socket = -1};
}

void wire_watch_close(struct wire_watch *wire)
{
	if (wire->raw_socket >= 0)
		close(wire->raw_socket);
	link_watch_close(&wire->link);
	capture_close(wire->capture);
}

bool wire_watch_dropped(struct wire_watch *wire, int64_t now_ns, int64_t *since_ns)
{
	uint64_t drops = wire->drops;

	*since_ns = wire->looked_ns;
	wire->looked_ns = now_ns;
	if (wire->capture == NULL || capture_drops(wire->capture, &drops) != 0 ||
		drops == wire->drops)
		return false;
	wire->drops = drops;
	return true;
}

void wire_watch_nothing(struct wire_watch *wire, int64_t now_ns)
{
	wire->looked_ns = now_ns;
	wire->link.looked_ns = now_ns;
}

int wire_watch_begin_link(struct wire_watch *wire, int64_t now_ns, struct error *err)
{
	if (link_watch_open(&wire->link, wire->interface, now_ns) != 0)
		return error_errno(
			err, ERROR_BENCH, "cannot watch the link of '%s'", wire->interface);
	return 0;
}

int wire_watch_link_type(const struct wire_watch *wire)
{
	return wire->capture == NULL ? DLT_EN10MB : capture_link_type(wire->capture);
}

int wire_watch_raw_socket(struct wire_watch *wire, struct error *err)
{
	if (wire->raw_socket < 0)
		wire->raw_socket = raw_socket_open(wire->interface, err);
	return wire->raw_socket;
}
