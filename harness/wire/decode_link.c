/* SPDX-License-Identifier: MIT */
#include <net/ethernet.h>
#include <pcap/dlt.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/decode_layers.h"

enum {
	MAC_LENGTH = 6,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_QINQ_OLD = 0x9100,
	LENGTH_MAX = 1500, /* an EtherType up to here is a length: 802.3 */
	VLAN_TAGS_MAX = 8,
	DLT_RAW_OPENBSD = 14,
	LINKTYPE_RAW = 101 /* what files say; libpcap gives DLT_RAW for it */
};

static bool strip_vlan_tags(struct slice *slice, uint16_t *ethertype)
{
	for (int tags = 0; *ethertype == ETHERTYPE_VLAN || *ethertype == ETHERTYPE_QINQ ||
			   *ethertype == ETHERTYPE_QINQ_OLD;
		tags++) {
		if (tags == VLAN_TAGS_MAX || slice->captured < 4)
			return false;
		*ethertype = read_be16(slice->bytes + 2);
		(void)slice_advance(slice, 4);
	}
	return true;
}

/* 802.3 with LLC: IP comes in SNAP only (RFC 1042). */
static uint16_t strip_snap(struct slice *slice)
{
	static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0, 0, 0};

	if (slice->captured < 8 || memcmp(slice->bytes, snap, sizeof snap) != 0)
		return 0;
	uint16_t ethertype = read_be16(slice->bytes + 6);
	(void)slice_advance(slice, 8);
	return ethertype;
}

static bool decode_ethernet(struct slice *slice, struct packet *packet, uint16_t *ethertype)
{
	if (slice->captured < 14)
		return false;
	memcpy(packet->destination_mac, slice->bytes, MAC_LENGTH);
	memcpy(packet->source_mac, slice->bytes + MAC_LENGTH, MAC_LENGTH);
	packet->has_mac = true;
	*ethertype = read_be16(slice->bytes + 12);
	(void)slice_advance(slice, 14);
	if (!strip_vlan_tags(slice, ethertype))
		return false;
	if (*ethertype <= LENGTH_MAX)
		*ethertype = strip_snap(slice);
	return true;
}

/* Linux cooked: the protocol, the sender's address length and address lie elsewhere in v2. */
static bool decode_cooked(struct slice *slice, struct packet *packet, uint16_t *ethertype, bool v2)
{
	size_t header = v2 ? 20 : 16;

	if (slice->captured < header)
		return false;
	*ethertype = read_be16(slice->bytes + (v2 ? 0 : 14));
	unsigned address_length = v2 ? slice->bytes[11] : read_be16(slice->bytes + 4);
	if (address_length == MAC_LENGTH) {
		memcpy(packet->source_mac, slice->bytes + (v2 ? 12 : 6), MAC_LENGTH);
		packet->has_mac = true;
	}
	(void)slice_advance(slice, header);
	return strip_vlan_tags(slice, ethertype);
}

/* The address family is in the byte order of the machine that captured, and the number of IPv6 in
 * its numbering: NetBSD and Linux 24 and 10, FreeBSD 28, macOS 30. */
static bool decode_null(struct slice *slice, uint16_t *ethertype)
{
	if (slice->captured < 4)
		return false;
	uint32_t family = read_be32(slice->bytes);
	if (family > UINT16_MAX)
		family = __builtin_bswap32(family);
	if (family == 2)
		*ethertype = ETHERTYPE_IP;
	else if (family == 10 || family == 24 || family == 28 || family == 30)
		*ethertype = ETHERTYPE_IPV6;
	return slice_advance(slice, 4);
}

static bool decode_raw(const struct slice *slice, uint16_t *ethertype)
{
	if (slice->captured == 0)
		return false;
	if (slice->bytes[0] >> 4 == 4)
		*ethertype = ETHERTYPE_IP;
	else if (slice->bytes[0] >> 4 == 6)
		*ethertype = ETHERTYPE_IPV6;
	return true;
}

int decode_link(int linktype, struct slice *slice, struct packet *packet, uint16_t *ethertype)
{
	bool whole;

	*ethertype = 0;
	switch (linktype) {
	case DLT_EN10MB:
		whole = decode_ethernet(slice, packet, ethertype);
		break;
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
		whole = decode_cooked(slice, packet, ethertype, linktype == DLT_LINUX_SLL2);
		break;
	case DLT_NULL:
	case DLT_LOOP:
		whole = decode_null(slice, ethertype);
		break;
	case DLT_RAW:
	case DLT_RAW_OPENBSD:
	case LINKTYPE_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		whole = decode_raw(slice, ethertype);
		break;
	default:
		return -1;
	}
	if (!whole) {
		packet->cut = true;
		*ethertype = 0;
	}
	return 0;
}

bool packet_link_type_known(int linktype)
{
	struct packet packet = {0};
	struct slice nothing = {0};
	uint16_t ethertype;

	return decode_link(linktype, &nothing, &packet, &ethertype) == 0;
}
