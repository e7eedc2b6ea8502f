/* SPDX-License-Identifier: MIT */
#include <net/ethernet.h>
#include <pcap/dlt.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/decode_layers.h"

/* Link layers of serial lines: PPP, Cisco HDLC, frame relay. */

enum {
	PPP_ALL_STATIONS = 0xff,
	PPP_UNNUMBERED = 0x03,
	PPP_IP = 0x0021,
	PPP_IPV6 = 0x0057,
	PPP_MPLS = 0x0281,
	ETHERTYPE_MPLS = 0x8847,
	CISCO_UNICAST = 0x0f,
	CISCO_MULTICAST = 0x8f,
	CISCO_HEADER = 4,
	RELAY_UNNUMBERED = 0x03,
	NLPID_SNAP = 0x80,
	NLPID_IPV6 = 0x8e,
	NLPID_IP = 0xcc
};

uint16_t ppp_ethertype(uint16_t protocol)
{
	return protocol == PPP_IP     ? ETHERTYPE_IP
	       : protocol == PPP_IPV6 ? ETHERTYPE_IPV6
	       : protocol == PPP_MPLS ? ETHERTYPE_MPLS
				      : 0;
}

/* RFC 1661, section 2, RFC 1662: address and control, which may be left out, and a protocol of two
 * octets, or of one where its last bit is set. */
static bool decode_ppp(struct slice *slice, uint16_t *ethertype)
{
	if (slice->captured >= 2 && slice->bytes[0] == PPP_ALL_STATIONS &&
		slice->bytes[1] == PPP_UNNUMBERED)
		(void)slice_advance(slice, 2);
	if (slice->captured < 2)
		return false;
	const bool compressed = (slice->bytes[0] & 1) != 0;
	*ethertype = ppp_ethertype(compressed ? slice->bytes[0] : read_be16(slice->bytes));
	(void)slice_advance(slice, compressed ? 1 : 2);
	return strip_tags(slice, ethertype);
}

static bool decode_cisco_hdlc(struct slice *slice, uint16_t *ethertype)
{
	if (slice->captured < CISCO_HEADER)
		return false;
	*ethertype = read_be16(slice->bytes + 2);
	(void)slice_advance(slice, CISCO_HEADER);
	return strip_tags(slice, ethertype);
}

/* RFC 1662, section 4.3.1: PPP's own address, or Cisco's, tells which of them a serial line has. */
static bool decode_serial_line(struct slice *slice, uint16_t *ethertype)
{
	if (slice->captured > 0 &&
		(slice->bytes[0] == CISCO_UNICAST || slice->bytes[0] == CISCO_MULTICAST))
		return decode_cisco_hdlc(slice, ethertype);
	return decode_ppp(slice, ethertype);
}

/* RFC 2427, section 4.1: SNAP, behind its identifier. */
static bool decode_relay_snap(struct slice *slice, uint16_t *ethertype)
{
	enum { SNAP_LENGTH = 5 };

	if (slice->captured < SNAP_LENGTH)
		return false;
	if (memcmp(slice->bytes, (const uint8_t[3]){0}, 3) == 0)
		*ethertype = read_be16(slice->bytes + 3);
	return slice_advance(slice, SNAP_LENGTH);
}

/* RFC 2427, section 3: an address (Q.922) whose last octet has its last bit set, control, perhaps
 * an octet to fill up, and the identifier of the network protocol.  Cisco's own form has an EtherType
 * behind the address. */
static bool decode_frame_relay(struct slice *slice, uint16_t *ethertype)
{
	enum { ADDRESS_MAX = 4 };
	size_t address = 0;

	while (address < slice->captured && address < ADDRESS_MAX &&
		(slice->bytes[address] & 1) == 0)
		address++;
	if (!slice_advance(slice, address + 1) || slice->captured < 2)
		return false;
	if (slice->bytes[0] != RELAY_UNNUMBERED) {
		*ethertype = read_be16(slice->bytes);
		(void)slice_advance(slice, 2);
		return strip_tags(slice, ethertype);
	}
	(void)slice_advance(slice, slice->bytes[1] == 0 ? 2 : 1);
	if (slice->captured == 0)
		return false;
	const uint8_t protocol = slice->bytes[0];
	(void)slice_advance(slice, 1);
	if (protocol == NLPID_SNAP)
		return decode_relay_snap(slice, ethertype);
	*ethertype = protocol == NLPID_IP     ? ETHERTYPE_IP
		     : protocol == NLPID_IPV6 ? ETHERTYPE_IPV6
					      : 0;
	return true;
}

int decode_serial(int linktype, struct slice *slice, uint16_t *ethertype)
{
	switch (linktype) {
	case DLT_PPP_WITH_DIR:
	case DLT_PPP_PPPD:
		return slice_advance(slice, 1) && decode_ppp(slice, ethertype);
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		return decode_serial_line(slice, ethertype);
	case DLT_C_HDLC_WITH_DIR:
		return slice_advance(slice, 1) && decode_cisco_hdlc(slice, ethertype);
	case DLT_C_HDLC:
		return decode_cisco_hdlc(slice, ethertype);
	case DLT_FRELAY_WITH_DIR:
		return slice_advance(slice, 1) && decode_frame_relay(slice, ethertype);
	case DLT_FRELAY:
		return decode_frame_relay(slice, ethertype);
	default:
		return -1;
	}
}
