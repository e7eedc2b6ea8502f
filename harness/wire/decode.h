/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_WIRE_DECODE_H
#define WIZHIL_WIRE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * From the bytes of a captured frame to what the harness wants to know of it.  Pure: no I/O, no
 * state, no allocation.  Nothing is trusted: any bytes may come.
 *
 * Lengths follow the IP header, not the frame: Ethernet pads short frames, and switches add
 * trailers.  What the capture cut off is not an error of the packet: 'cut' says so.
 */

/* One end of a connection; IPv4 takes the first 4 octets, the rest is 0. */
struct endpoint {
	uint8_t address[16];
	uint8_t family; /* 4, 6; 0: none */
	uint16_t port;	/* 0 where there is none */
};

enum packet_kind {
	PACKET_OTHER, /* none of these, an IP fragment, or too much cut off to tell */
	PACKET_ARP,
	PACKET_ICMP, /* ICMP and ICMPv6: see source.family */
	PACKET_TCP,
	PACKET_UDP,
	PACKET_MALFORMED /* the lengths in its headers contradict each other */
};

/* packet.flags: the TCP flags as on the wire. */
enum segment_flag {
	SEGMENT_FLAG_FIN = 0x01,
	SEGMENT_FLAG_SYN = 0x02,
	SEGMENT_FLAG_RST = 0x04,
	SEGMENT_FLAG_PSH = 0x08,
	SEGMENT_FLAG_ACK = 0x10,
	SEGMENT_FLAG_URG = 0x20
};

enum { WINDOW_SCALE_NONE = 255 };

/* What a frame of a Wi-Fi monitor is. */
enum wifi_frame {
	WIFI_NONE, /* none */
	WIFI_DATA, /* data that can be read */
	WIFI_ENCRYPTED,
	WIFI_ACK,	/* of a frame; destination_mac: who had sent it */
	WIFI_BLOCK_ACK, /* of several */
	WIFI_DAMAGED,	/* its check sequence is wrong */
	WIFI_OTHER
};

enum { ICMP6_NEIGHBOUR_SOLICITATION = 135, ICMP6_NEIGHBOUR_ADVERTISEMENT = 136 };

struct packet {
	enum packet_kind kind;
	uint8_t source_mac[6], destination_mac[6]; /* destination: all 0 in Linux cooked captures */
	bool has_mac;
	bool fragment; /* of IP or 802.11, the first included: never looked into */
	bool cut;      /* headers are missing at the end: the snap length was too short */
	uint8_t wifi;  /* enum wifi_frame; of encrypted data the MACs are those of the radio link */
	bool wifi_retry;      /* of encrypted data: it was sent again */
	uint16_t wifi_length; /* of data: of the 802.11 frame */
	uint16_t more;	      /* the frame has another packet: packet_decode_more(); 0: no */
	struct endpoint source, destination; /* ARP: sender and target, IPv4 */
	uint8_t ttl;			     /* hop limit in IPv6 */
	bool ip_checksum_ok;		     /* always true in IPv6, which has none */
	bool too_short; /* the frame, not the capture, ends before its IPv4 packet does */
	uint8_t tos;	/* IPv4 only, as the next one */
	bool dont_fragment;
	bool has_ip_id;
	uint16_t ip_id; /* identification; IPv4 only */

	/* ARP */
	uint16_t arp_operation; /* 1 request, 2 reply */

	/* ICMP: and, of an error message, the ends of the TCP segment it quotes (family 0: none) */
	uint8_t icmp_type, icmp_code;
	struct endpoint icmp_source, icmp_destination;
	uint32_t icmp_seq; /* SEQ of that segment */
	bool icmp_header;  /* its whole TCP header is quoted */
	/* The host that a neighbour solicitation asks for, or an advertisement is of (RFC 4861);
	 * family 0: it is neither. */
	struct endpoint icmp_target;

	/* TCP; length, payload and captured_payload also for UDP */
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t window;	   /* as on the wire, not scaled */
	uint16_t checksum;	   /* the field */
	uint32_t length;	   /* payload octets by the IP total length */
	bool checksum_known;	   /* false when the capture cut the segment */
	bool tcp_checksum_ok;	   /* false also when not known */
	uint32_t captured_payload; /* octets at payload; less than length when cut */
	const uint8_t *payload; /* into the caller's bytes; NULL when nothing of it was captured */
	bool has_sack;
	uint32_t sack_left, sack_right; /* the first block: where a D-SACK stands (RFC 2883) */
	uint8_t window_scale;		/* the option, in SYNs; WINDOW_SCALE_NONE without */
	uint16_t mss;			/* the option; 0 without */
	uint8_t option_kinds[8], option_count; /* the first ones, in their order */
	bool has_timestamps;
	uint32_t ts_value, ts_echo;
};

/*
 * Decodes a frame of which 'captured' bytes are there; on the wire it had wire_length.  linktype is
 * a DLT_* value of libpcap: Ethernet (with VLAN tags, MPLS labels, PPPoE sessions,
 * Cisco metadata, and SNAP), 802.11
 * (also with radiotap, Prism or AVS headers), Linux cooked v1 and v2, BSD null and loop, PPP, Cisco
 * HDLC, frame relay, raw IP.  Fills the packet in any case.  Returns 0, or -1 when the link type is
 * none of these (kind is then PACKET_OTHER).
 */
int packet_decode(int linktype, const uint8_t *bytes, size_t captured, size_t wire_length,
	struct packet *packet);

/* The same without a look at the checksums, which takes most of the time of long segments: the IP
 * checksum counts as right, the TCP checksum as not known. */
int packet_decode_headers(int linktype, const uint8_t *bytes, size_t captured, size_t wire_length,
	struct packet *packet);

/* The next packet of the same frame, of which the one before said that there is one (packet->more),
 * without a look at the checksums. */
void packet_decode_more(
	const uint8_t *bytes, size_t captured, size_t wire_length, struct packet *packet);

/* True when packet_decode knows the link type. */
bool packet_link_type_known(int linktype);

/* How many routers a packet with this TTL or hop limit (0 to 255) has passed: systems begin with 32,
 * 64, 128 or 255, so it is an upper bound. */
int packet_hops(int ttl);

/* True when both name the same address and port. */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* Room for the longest endpoint as text. */
enum { ENDPOINT_TEXT = 56 };

/* "192.0.2.1:80" or "[2001:db8::1]:80" into text, which has ENDPOINT_TEXT bytes; returns text. */
char *endpoint_format(const struct endpoint *endpoint, char *text);

/* The same without a port: "192.0.2.1", "2001:db8::1". */
char *endpoint_format_address(const struct endpoint *endpoint, char *text);

#endif
