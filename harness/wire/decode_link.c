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
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE = 0x8864, /* of a session */
	ETHERTYPE_CISCO_METADATA = 0x8909,
	LENGTH_MAX = 1500, /* an EtherType up to here is a length: 802.3 */
	TAGS_MAX = 8,
	TAG_LENGTH = 4, /* VLAN, MPLS */
	PPPOE_LENGTH = 8,
	DLT_RAW_OPENBSD = 14,
	LINKTYPE_RAW = 101 /* what files say; libpcap gives DLT_RAW for it */
};

static uint16_t ethertype_of_ip(const struct slice *slice)
{
	const int version = slice->captured > 0 ? slice->bytes[0] >> 4 : 0;

	return version == 4 ? ETHERTYPE_IP : version == 6 ? ETHERTYPE_IPV6 : 0;
}

/* RFC 2516, section 4: a session's frames have PPP's protocol behind six octets. */
static uint16_t strip_pppoe(struct slice *slice)
{
	const uint16_t protocol = read_be16(slice->bytes + PPPOE_LENGTH - 2);

	(void)slice_advance(slice, PPPOE_LENGTH);
	return ppp_ethertype(protocol);
}

/* RFC 3032: label, traffic class, bottom of the stack, time to live.  Nothing says what follows the
 * last one. */
static uint16_t strip_mpls(struct slice *slice)
{
	const bool last = (slice->bytes[2] & 1) != 0;

	(void)slice_advance(slice, TAG_LENGTH);
	return last ? ethertype_of_ip(slice) : ETHERTYPE_MPLS;
}

/* Version, length in words, so many words of options (a security group), and what follows. */
static uint16_t strip_metadata(struct slice *slice)
{
	const size_t header = 2 + (size_t)slice->bytes[1] * 4;

	if (slice->captured < header + 2)
		return 0;
	const uint16_t ethertype = read_be16(slice->bytes + header);
	(void)slice_advance(slice, header + 2);
	return ethertype;
}

static uint16_t strip_vlan(struct slice *slice)
{
	const uint16_t ethertype = read_be16(slice->bytes + 2);

	(void)slice_advance(slice, TAG_LENGTH);
	return ethertype;
}

bool strip_tags(struct slice *slice, uint16_t *ethertype)
{
	for (int tags = 0;; tags++) {
		uint16_t (*strip)(struct slice *) = NULL;
		if (*ethertype == ETHERTYPE_VLAN || *ethertype == ETHERTYPE_QINQ ||
			*ethertype == ETHERTYPE_QINQ_OLD)
			strip = strip_vlan;
		else if (*ethertype == ETHERTYPE_MPLS || *ethertype == ETHERTYPE_MPLS_MULTICAST)
			strip = strip_mpls;
		else if (*ethertype == ETHERTYPE_PPPOE)
			strip = strip_pppoe;
		else if (*ethertype == ETHERTYPE_CISCO_METADATA)
			strip = strip_metadata;
		if (strip == NULL)
			return true;
		if (tags == TAGS_MAX ||
			slice->captured < (strip == strip_pppoe ? PPPOE_LENGTH : TAG_LENGTH))
			return false;
		*ethertype = strip(slice);
	}
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
	if (!strip_tags(slice, ethertype))
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
	return strip_tags(slice, ethertype);
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
	*ethertype = ethertype_of_ip(slice);
	return slice->captured > 0;
}

/* Those of which captures are rarely made. */
static int decode_rare(
	int linktype, struct slice *slice, struct packet *packet, uint16_t *ethertype)
{
	const int wifi = decode_wifi(linktype, slice, packet, ethertype);

	if (wifi >= 0)
		return wifi;
	if (linktype != DLT_PPP_ETHER)
		return decode_serial(linktype, slice, ethertype);
	*ethertype = ETHERTYPE_PPPOE;
	return strip_tags(slice, ethertype);
}

int decode_link(int linktype, struct slice *slice, struct packet *packet, uint16_t *ethertype)
{
	int whole;

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
		whole = decode_rare(linktype, slice, packet, ethertype);
		break;
	}
	if (whole < 0)
		return -1;
	if (whole == 0) {
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
