/* SPDX-License-Identifier: MIT */
#include "diagnose/network.h"

#include <stdlib.h>
#include <string.h>

enum { ARP_REQUEST = 1, ICMP_UNREACHABLE = 3, ICMP_EXCEEDED = 11 };
enum { ICMP6_UNREACHABLE = 1, ICMP6_EXCEEDED = 3 };

static size_t place_of(const uint8_t address[4])
{
	uint32_t word;

	memcpy(&word, address, sizeof word);
	return (word * UINT32_C(2654435761)) >> 22;
}

/* Its place, or the free one for it; NULL when there is neither. */
static struct arp_host *find(const struct network *network, const uint8_t address[4])
{
	for (size_t i = 0, at = place_of(address); i < NETWORK_HOSTS; i++, at++) {
		struct arp_host *host = &network->hosts[at % NETWORK_HOSTS];
		if (!host->used || memcmp(host->address, address, 4) == 0)
			return host;
	}
	return NULL;
}

int network_take_arp(struct network *network, const struct packet *packet, int64_t time_ns,
	uint32_t frame, uint16_t file)
{
	if (network->hosts == NULL)
		network->hosts = calloc(NETWORK_HOSTS, sizeof *network->hosts);
	if (network->hosts == NULL)
		return -1;
	struct arp_host *sender = find(network, packet->source.address);
	if (sender != NULL && sender->used)
		sender->requests = 0;
	bool own = memcmp(packet->source.address, packet->destination.address, 4) == 0;
	if (packet->arp_operation != ARP_REQUEST || own)
		return 0;
	struct arp_host *host = find(network, packet->destination.address);
	if (host == NULL)
		return 0;
	host->used = true;
	memcpy(host->address, packet->destination.address, 4);
	if (host->requests++ == 0) {
		host->first_ns = time_ns;
		host->frame = frame;
		host->file = file;
	}
	return 0;
}

const struct arp_host *network_silent_host(
	const struct network *network, const struct endpoint *host)
{
	if (network->hosts == NULL || host->family != 4)
		return NULL;
	const struct arp_host *found = find(network, host->address);
	return found != NULL && found->used && found->requests > 0 ? found : NULL;
}

size_t network_router(struct network *network, const struct endpoint *sender)
{
	for (size_t i = 0; i < network->router_count; i++)
		if (endpoint_equal(&network->routers[i], sender))
			return i;
	if (network->router_count == NETWORK_ROUTERS)
		return NETWORK_ROUTERS - 1;
	network->routers[network->router_count] = *sender;
	return network->router_count++;
}

bool network_is_error(const struct packet *packet)
{
	const uint8_t type = packet->icmp_type;

	if (packet->kind != PACKET_ICMP || packet->icmp_source.family == 0)
		return false;
	return packet->source.family == 6 ? type == ICMP6_UNREACHABLE || type == ICMP6_EXCEEDED
					  : type == ICMP_UNREACHABLE || type == ICMP_EXCEEDED;
}

const char *network_error_words(int family, uint8_t type, uint8_t code)
{
	static const char *const four[] = {"network unreachable", "host unreachable",
		"protocol unreachable", "port unreachable", "fragmentation needed",
		"source route failed", "network unknown", "host unknown", "source isolated",
		"network prohibited", "host prohibited", "network unreachable for its service",
		"host unreachable for its service", "administratively prohibited"};
	static const char *const six[] = {"no route", "administratively prohibited",
		"beyond the scope of the source address", "address unreachable",
		"port unreachable"};

	if (type == (family == 6 ? ICMP6_EXCEEDED : ICMP_EXCEEDED))
		return "time to live exceeded";
	if (family == 6)
		return code < sizeof six / sizeof *six ? six[code] : "unreachable";
	return code < sizeof four / sizeof *four ? four[code] : "unreachable";
}

void network_release(struct network *network)
{
	free(network->hosts);
	*network = (struct network){.hosts = NULL};
}
