/* SPDX-License-Identifier: MIT */
#include "peer/arp_probe.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/dlt.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "core/raw_clock.h"
#include "core/units.h"
#include "wire/decode.h"
#include "wire/raw_segment.h"

#define HEAR_NS (333 * NS_PER_MS)

static int open_socket(const char *interface)
{
	const struct sockaddr_ll where = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = (int)if_nametoindex(interface)};
	int file = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ARP));

	if (file >= 0 && bind(file, (const struct sockaddr *)&where, sizeof where) == 0)
		return file;
	if (file >= 0)
		close(file);
	return -1;
}

static bool is_answer(const struct packet *packet, uint32_t address_be, const uint8_t own[6])
{
	return packet->kind == PACKET_ARP && packet->arp_operation == 2 &&
	       memcmp(packet->source.address, &address_be, 4) == 0 && packet->has_mac &&
	       memcmp(packet->source_mac, own, 6) != 0;
}

/* True: somebody said that the address is its own, and *answer is what it said. */
static bool hear(int file, uint32_t address_be, const uint8_t own[6], struct packet *answer)
{
	const int64_t end_ns = raw_clock_ns() + HEAR_NS;
	uint8_t frame[256];
	int64_t left_ns;

	while ((left_ns = end_ns - raw_clock_ns()) > 0) {
		struct pollfd ready = {.fd = file, .events = POLLIN};
		ssize_t got = 0;
		if (poll(&ready, 1, (int)(left_ns / NS_PER_MS) + 1) > 0)
			got = recv(file, frame, sizeof frame, 0);
		if (got > 0 &&
			packet_decode(DLT_EN10MB, frame, (size_t)got, (size_t)got, answer) == 0 &&
			is_answer(answer, address_be, own))
			return true;
	}
	return false;
}

int arp_probe(const char *interface, uint32_t address_be, struct error *err)
{
	uint8_t own[6], frame[64];
	char address[INET_ADDRSTRLEN];
	struct packet answer;
	bool heard = false;
	int file = open_socket(interface);

	if (file < 0)
		return 0;
	if (raw_socket_mac(file, interface, own, NULL) == 0) {
		const size_t length =
			raw_arp_request_build(frame, sizeof frame, own, 0, address_be);
		heard = raw_send(file, frame, length, NULL) == 0 &&
			hear(file, address_be, own, &answer);
	}
	close(file);
	if (!heard)
		return 0;
	inet_ntop(AF_INET, &address_be, address, sizeof address);
	const uint8_t *mac = answer.source_mac;
	return error_set(err, ERROR_BENCH,
		"'%s' is not alone with the peer's address %s: %02x:%02x:%02x:%02x:%02x:%02x answers ARP for it, too, and the module may send there (if that is another interface of this host, try: sudo sysctl net.ipv4.conf.all.arp_ignore=1)",
		interface, address, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}
