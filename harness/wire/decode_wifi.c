/* SPDX-License-Identifier: MIT */
#include <pcap/dlt.h>
#include <string.h>

#include "wire/air_frame.h"
#include "wire/bytes.h"
#include "wire/decode_layers.h"

/*
 * IEEE 802.11, and what monitors put before it: radiotap, Prism, AVS.  Of data frames the network
 * packet is taken, where it can be read: a protected frame only when the adapter has decrypted it.
 * Several packets may be in one frame (A-MSDU): packet_decode_more() gives the later ones.
 */

enum {
	MAC_LENGTH = 6,
	/* The frame control field, read as a number of least significant octet first. */
	TYPE_MANAGEMENT = 0,
	TYPE_CONTROL = 1,
	TYPE_DATA = 2,
	SUBTYPE_BEACON = 8,
	SUBTYPE_BLOCK_ACK = 9,
	SUBTYPE_ACK = 13,
	SUBTYPE_NO_DATA = 4, /* bits of a data frame's subtype */
	SUBTYPE_QOS = 8,
	CONTROL_TO_DS = 0x0100,
	CONTROL_FROM_DS = 0x0200,
	CONTROL_MORE_FRAGMENTS = 0x0400,
	CONTROL_RETRY = 0x0800,
	CONTROL_ASLEEP = 0x1000,
	CONTROL_PROTECTED = 0x4000,
	CONTROL_ORDER = 0x8000,
	FRAGMENT_NUMBER = 0x000f,
	QOS_A_MSDU = 0x0080,
	HEADER = 24,
	ACK_HEADER = 10,
	BLOCK_ACK_HEADER = 16,
	SNAP_HEADER = 8,
	SUBFRAME_HEADER = 14
};

static uint16_t read_le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t read_le32(const uint8_t *bytes)
{
	return (uint32_t)read_le16(bytes) | (uint32_t)read_le16(bytes + 2) << 16;
}

/* How the frame lies behind what the monitor says of it. */
struct monitored {
	bool padded;  /* the header is filled up to a multiple of four octets */
	bool damaged; /* its check sequence is wrong */
	bool checked; /* its check sequence stands at its end */
};

/* Fields follow the words that say which are there, each aligned to its size; the first two: a time
 * of eight octets, and flags. */
static bool strip_radiotap(struct slice *slice, struct monitored *monitored)
{
	enum {
		HAS_TIME = 1,
		HAS_FLAGS = 2,
		FLAG_CHECKED = 0x10,
		FLAG_PADDED = 0x20,
		FLAG_DAMAGED = 0x40,
		FIELDS = 4,
		TIME_LENGTH = 8
	};
	const uint32_t more = UINT32_C(1) << 31;

	if (slice->captured < FIELDS + 4)
		return false;
	const size_t length = read_le16(slice->bytes + 2);
	const uint32_t present = read_le32(slice->bytes + FIELDS);
	size_t at = FIELDS;
	while (at + 4 <= length && at + 4 <= slice->captured &&
		(read_le32(slice->bytes + at) & more) != 0)
		at += 4;
	at += 4;
	if ((present & HAS_TIME) != 0)
		at = (at + TIME_LENGTH - 1) / TIME_LENGTH * TIME_LENGTH + TIME_LENGTH;
	if ((present & HAS_FLAGS) != 0 && at < length && at < slice->captured) {
		monitored->checked = (slice->bytes[at] & FLAG_CHECKED) != 0;
		monitored->padded = (slice->bytes[at] & FLAG_PADDED) != 0;
		monitored->damaged = (slice->bytes[at] & FLAG_DAMAGED) != 0;
	}
	return length >= FIELDS + 4 && slice_advance(slice, length);
}

/* Both say their length in their second word, in the byte order of the machine (Prism), or of the
 * network (AVS, which has a magic number). */
static bool strip_prism(struct slice *slice)
{
	enum { PRISM_HEADER = 144, LENGTH_MAX = 1024 };
	const uint32_t avs = 0x80211000;

	if (slice->captured < 8)
		return false;
	if ((read_be32(slice->bytes) & 0xfffff000U) == avs)
		return slice_advance(slice, read_be32(slice->bytes + 4));
	const uint32_t length = read_le32(slice->bytes + 4), other = read_be32(slice->bytes + 4);
	const uint32_t known = length <= LENGTH_MAX ? length : other;
	return slice_advance(slice, known == 0 || known > LENGTH_MAX ? PRISM_HEADER : known);
}

static bool is_snap(const struct slice *slice, size_t at)
{
	static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0, 0};

	return slice->captured >= at + SNAP_HEADER &&
	       memcmp(slice->bytes + at, snap, sizeof snap) == 0;
}

/* An adapter that has decrypted the frame may have left the initialization vector: of WEP, of TKIP
 * and CCMP.  False: it is encrypted. */
static bool strip_vector(struct slice *slice)
{
	static const size_t lengths[] = {0, 4, 8};

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		if (is_snap(slice, lengths[i]))
			return slice_advance(slice, lengths[i]);
	return false;
}

static size_t header_length(uint16_t control, struct monitored monitored)
{
	const unsigned subtype = control >> 4 & 15;
	size_t length = HEADER;

	if ((control & CONTROL_TO_DS) != 0 && (control & CONTROL_FROM_DS) != 0)
		length += MAC_LENGTH;
	if ((subtype & SUBTYPE_QOS) != 0)
		length += (control & CONTROL_ORDER) != 0 ? 2 + 4 : 2;
	return monitored.padded ? (length + 3) / 4 * 4 : length;
}

/* Who sent it and whom it is for, at first and at last. */
static void take_addresses(const uint8_t *header, uint16_t control, struct packet *packet)
{
	const bool to = (control & CONTROL_TO_DS) != 0, from = (control & CONTROL_FROM_DS) != 0;
	const uint8_t *first = header + 4, *second = header + 10, *third = header + 16;

	memcpy(packet->destination_mac, to ? third : first, MAC_LENGTH);
	memcpy(packet->source_mac,
		to && from ? header + HEADER
		: from	   ? third
			   : second,
		MAC_LENGTH);
	packet->has_mac = true;
}

static void take_radio_addresses(const uint8_t *header, struct packet *packet)
{
	memcpy(packet->destination_mac, header + 4, MAC_LENGTH);
	memcpy(packet->source_mac, header + 10, MAC_LENGTH);
	packet->has_mac = true;
}

static bool strip_snap(struct slice *slice, uint16_t *ethertype)
{
	if (slice->captured < SNAP_HEADER)
		return false;
	if (is_snap(slice, 0))
		*ethertype = read_be16(slice->bytes + SNAP_HEADER - 2);
	(void)slice_advance(slice, SNAP_HEADER);
	return strip_tags(slice, ethertype);
}

/* One of the packets of an A-MSDU: two addresses, the length, SNAP, and filling to four octets. */
static bool strip_subframe(
	struct slice *slice, const uint8_t *frame, struct packet *packet, uint16_t *ethertype)
{
	if (slice->captured < SUBFRAME_HEADER)
		return false;
	const size_t length = read_be16(slice->bytes + 12);
	const size_t next = (SUBFRAME_HEADER + length + 3) / 4 * 4;
	memcpy(packet->destination_mac, slice->bytes, MAC_LENGTH);
	memcpy(packet->source_mac, slice->bytes + MAC_LENGTH, MAC_LENGTH);
	packet->has_mac = true;
	/* A check sequence of four octets may follow the last one. */
	const size_t at = (size_t)(slice->bytes - frame) + next;
	if (next + SUBFRAME_HEADER <= slice->captured && at <= UINT16_MAX)
		packet->more = (uint16_t)at;
	(void)slice_advance(slice, SUBFRAME_HEADER);
	if (length < slice->length)
		slice_limit(slice, length);
	return strip_snap(slice, ethertype);
}

static bool decode_data(struct slice *slice, const uint8_t *frame, struct monitored monitored,
	struct packet *packet, uint16_t *ethertype)
{
	const uint8_t *header = slice->bytes;
	const uint16_t control = read_le16(header);
	const size_t length = header_length(control, monitored);
	const unsigned subtype = control >> 4 & 15;

	if (slice->captured < length)
		return false;
	packet->fragment = (control & CONTROL_MORE_FRAGMENTS) != 0 ||
			   (read_le16(header + HEADER - 2) & FRAGMENT_NUMBER) != 0;
	packet->wifi_length = (uint16_t)(slice->length > UINT16_MAX ? UINT16_MAX : slice->length);
	(void)slice_advance(slice, length);
	if ((subtype & SUBTYPE_NO_DATA) != 0) {
		packet->wifi = WIFI_OTHER;
		return true;
	}
	if ((control & CONTROL_PROTECTED) != 0 && !strip_vector(slice)) {
		packet->wifi = WIFI_ENCRYPTED;
		packet->wifi_retry = (control & CONTROL_RETRY) != 0;
		take_radio_addresses(header, packet);
		return true;
	}
	packet->wifi = WIFI_DATA;
	take_addresses(header, control, packet);
	if (packet->fragment)
		return true;
	const uint8_t *qos =
		header + HEADER +
		((control & CONTROL_TO_DS) != 0 && (control & CONTROL_FROM_DS) != 0 ? MAC_LENGTH
										    : 0);
	if ((subtype & SUBTYPE_QOS) != 0 && (read_le16(qos) & QOS_A_MSDU) != 0)
		return strip_subframe(slice, frame, packet, ethertype);
	return strip_snap(slice, ethertype);
}

static bool decode_frame(struct slice *slice, const uint8_t *frame, struct monitored monitored,
	struct packet *packet, uint16_t *ethertype)
{
	if (slice->captured < ACK_HEADER)
		return false;
	const uint16_t control = read_le16(slice->bytes);
	const unsigned type = control >> 2 & 3, subtype = control >> 4 & 15;
	packet->wifi = WIFI_OTHER;
	/* Nothing in it can be relied on. */
	if (monitored.damaged) {
		packet->wifi = WIFI_DAMAGED;
		return true;
	}
	if (type == TYPE_CONTROL && (subtype == SUBTYPE_ACK || subtype == SUBTYPE_BLOCK_ACK)) {
		packet->wifi = subtype == SUBTYPE_ACK ? WIFI_ACK : WIFI_BLOCK_ACK;
		memcpy(packet->destination_mac, slice->bytes + 4, MAC_LENGTH);
	}
	if (type != TYPE_DATA)
		return true;
	return slice->captured >= HEADER && decode_data(slice, frame, monitored, packet, ethertype);
}

/* What the monitor put before the frame.  1: gone, 0: it was cut, -1: no link type of a monitor. */
static int strip_monitor(int linktype, struct slice *slice, struct monitored *monitored)
{
	switch (linktype) {
	case DLT_IEEE802_11_RADIO:
		return strip_radiotap(slice, monitored);
	case DLT_PRISM_HEADER:
	case DLT_IEEE802_11_RADIO_AVS:
		return strip_prism(slice);
	case DLT_IEEE802_11:
		return 1;
	default:
		return -1;
	}
}

int decode_wifi(int linktype, struct slice *slice, struct packet *packet, uint16_t *ethertype)
{
	const uint8_t *frame = slice->bytes;
	struct monitored monitored = {0};
	const int stripped = strip_monitor(linktype, slice, &monitored);

	return stripped == 1 ? decode_frame(slice, frame, monitored, packet, ethertype) : stripped;
}

bool air_frame_link_type(int linktype)
{
	struct slice nothing = {0};
	struct monitored monitored = {0};

	return strip_monitor(linktype, &nothing, &monitored) >= 0;
}

static bool is_aggregate(const struct slice *slice, uint16_t control)
{
	const bool to = (control & CONTROL_TO_DS) != 0, from = (control & CONTROL_FROM_DS) != 0;
	const size_t qos = HEADER + (to && from ? MAC_LENGTH : 0);

	return (control >> 4 & SUBTYPE_QOS) != 0 && slice->captured >= qos + 2 &&
	       (read_le16(slice->bytes + qos) & QOS_A_MSDU) != 0;
}

static bool is_about_keys(struct slice slice, size_t header)
{
	enum { TYPE_KEYS = 0x888e };

	return slice_advance(&slice, header) && is_snap(&slice, 0) &&
	       read_be16(slice.bytes + SNAP_HEADER - 2) == TYPE_KEYS;
}

static void read_data_frame(
	const struct slice *slice, struct monitored monitored, struct air_frame *frame)
{
	enum { CHECK_SEQUENCE = 4 };
	const uint16_t control = read_le16(slice->bytes);
	const uint16_t sequence = read_le16(slice->bytes + HEADER - 2);
	const size_t header = header_length(control, monitored);
	const size_t rest = header + (monitored.checked ? CHECK_SEQUENCE : 0);

	frame->kind = (control >> 4 & SUBTYPE_NO_DATA) != 0 ? AIR_NULL : AIR_DATA;
	if (frame->kind == AIR_DATA && is_about_keys(*slice, header))
		frame->kind = AIR_KEYS;
	frame->to_access_point = (control & CONTROL_TO_DS) != 0;
	frame->from_access_point = (control & CONTROL_FROM_DS) != 0;
	frame->retry = (control & CONTROL_RETRY) != 0;
	frame->asleep = (control & CONTROL_ASLEEP) != 0;
	frame->sequence = sequence >> 4;
	frame->fragment =
		(control & CONTROL_MORE_FRAGMENTS) != 0 || (sequence & FRAGMENT_NUMBER) != 0;
	frame->several = is_aggregate(slice, control);
	frame->body = (uint32_t)(slice->length > rest ? slice->length - rest : 0);
}

bool air_frame_read(
	int linktype, const uint8_t *bytes, size_t captured, size_t length, struct air_frame *frame)
{
	struct slice slice = {.bytes = bytes,
		.captured = captured < length ? captured : length,
		.length = length};
	struct monitored monitored = {0};

	*frame = (struct air_frame){.kind = AIR_OTHER};
	if (strip_monitor(linktype, &slice, &monitored) != 1 || monitored.damaged ||
		slice.captured < ACK_HEADER)
		return false;
	const uint16_t control = read_le16(slice.bytes);
	const unsigned type = control >> 2 & 3, subtype = control >> 4 & 15;
	memcpy(frame->receiver, slice.bytes + 4, MAC_LENGTH);
	if (type == TYPE_CONTROL && subtype == SUBTYPE_ACK)
		frame->kind = AIR_ACK;
	else if (type == TYPE_CONTROL && subtype == SUBTYPE_BLOCK_ACK)
		frame->kind = AIR_BLOCK_ACK;
	if (frame->kind == AIR_BLOCK_ACK && slice.captured >= BLOCK_ACK_HEADER)
		memcpy(frame->transmitter, slice.bytes + 10, MAC_LENGTH);
	if (type != TYPE_DATA && type != TYPE_MANAGEMENT)
		return true;
	if (slice.captured < HEADER)
		return false;
	memcpy(frame->transmitter, slice.bytes + 10, MAC_LENGTH);
	if (type == TYPE_MANAGEMENT && subtype == SUBTYPE_BEACON)
		frame->kind = AIR_BEACON;
	else if (type == TYPE_DATA)
		read_data_frame(&slice, monitored, frame);
	return true;
}

bool decode_subframe(
	struct slice *slice, const uint8_t *frame, struct packet *packet, uint16_t *ethertype)
{
	packet->wifi = WIFI_DATA;
	return strip_subframe(slice, frame, packet, ethertype);
}
