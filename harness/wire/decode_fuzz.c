/* SPDX-License-Identifier: MIT */
/*
 * Any bytes, as frames of every link type, decoded and tracked.  The input is a list of frames: a
 * byte of length, a byte of time since the last, the bytes.  What must hold besides memory safety:
 * payloads lie within the frame, and an answer names a probe that came before.
 */
#include <pcap/dlt.h>
#include <stdlib.h>

#include "wire/connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int linktype, const uint8_t *bytes, size_t captured, size_t wire_length,
	struct packet *packet)
{
	if (packet_decode(linktype, bytes, captured, wire_length, packet) != 0)
		abort();
	if (packet->payload != NULL &&
		(packet->payload < bytes ||
			packet->payload + packet->captured_payload > bytes + captured))
		abort();
	if (packet->captured_payload > packet->length)
		abort();
	for (uint16_t more = packet->more; more != 0; more = packet->more) {
		packet_decode_more(bytes, captured, wire_length, packet);
		if (packet->more != 0 && packet->more <= more)
			abort();
	}
}

static void track(struct connection_table *table, const struct packet *packet, int64_t time_ns,
	uint64_t frame)
{
	int direction;
	struct tracked_segment tracked;
	struct connection *connection = connection_find(table, packet, &direction, NULL);

	if (connection == NULL)
		return;
	connection_track(connection, packet, time_ns, frame, direction, &tracked);
	if (tracked.answers_frame >= frame)
		abort();
	if (connection_index(connection) >= connection_count(table))
		abort();
}

static void run(int linktype, const uint8_t *bytes, size_t size)
{
	struct connection_table *table = connection_table_new();
	int64_t time_ns = 0;
	uint64_t frame = 0;

	while (table != NULL && size > 2) {
		size_t length = bytes[0];
		/* 0..12.7 s forward, or 12.8 s backward. */
		time_ns += (int8_t)bytes[1] * 100 * NS_PER_MS;
		bytes += 2;
		size -= 2;
		if (length > size)
			length = size;
		struct packet packet;
		/* Cut at the end when the last bit of the length says so. */
		check(linktype, bytes, length, length + (length % 2) * 40, &packet);
		if (packet.kind == PACKET_TCP)
			track(table, &packet, time_ns, ++frame);
		bytes += length;
		size -= length;
	}
	connection_table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const int linktypes[] = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL,
		DLT_LOOP, DLT_RAW, DLT_IPV4, DLT_IPV6, DLT_IEEE802_11, DLT_IEEE802_11_RADIO,
		DLT_IEEE802_11_RADIO_AVS, DLT_PRISM_HEADER, DLT_PPP, DLT_PPP_SERIAL, DLT_PPP_PPPD,
		DLT_PPP_ETHER, DLT_C_HDLC, DLT_FRELAY};

	for (size_t i = 0; i < sizeof linktypes / sizeof linktypes[0]; i++)
		run(linktypes[i], bytes, size);
	return 0;
}
