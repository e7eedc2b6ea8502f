/* SPDX-License-Identifier: MIT */
#include "diagnose/network.h"

#include <stdlib.h>
#include <string.h>

enum { ARP_REQUEST = 1, ICMP_UNREACHABLE = 3, ICMP_EXCEEDED = 11 };
enum { ICMP6_UNREACHABLE = 1, ICMP6_EXCEEDED = 3 };

static size_t place_of(const struct endpoint *host)
{
	uint32_t words[4], mixed = 0;

	memcpy(words, host->address, sizeof words);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		mixed = (mixed ^ words[i]) * UINT32_C(2654435761);
	return mixed >> 22;
}

static bool is_host(const struct endpoint *a, const struct endpoint *b)
{
	return a->family == b->family && memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* Its place, or the free one for it; NULL when there is neither. */
static struct arp_host *find(const struct network *network, const struct endpoint *host)
{
	for (size_t i = 0, at = place_of(host); i < NETWORK_HOSTS; i++, at++) {
		struct arp_host *found = &network->hosts[at % NETWORK_HOSTS];
		if (found->host.family == 0 || is_host(&found->host, host))
			return found;
	}
	return NULL;
}

static void hear(const struct network *network, const struct endpoint *host)
{
	struct arp_host *found = find(network, host);

	if (found != NULL && found->host.family != 0)
		found->requests = 0;
}

static void ask(const struct network *network, const struct endpoint *host, int64_t time_ns,
	uint32_t frame, uint16_t file)
{
	struct arp_host *found = find(network, host);

	if (found == NULL)
		return;
	found->host = (struct endpoint){.family = host->family};
	memcpy(found->host.address, host->address, sizeof host->address);
	if (found->requests++ > 0)
		return;
	found->first_ns = time_ns;
	found->frame = frame;
	found->file = file;
}

int network_take_asking(struct network *network, const struct packet *packet, int64_t time_ns,
	uint32_t frame, uint16_t file)
{
	static const uint8_t unspecified[16] = {0};
	const bool arp = packet->kind == PACKET_ARP;
	const bool asks = arp ? packet->arp_operation == ARP_REQUEST
			      : packet->icmp_type == ICMP6_NEIGHBOUR_SOLICITATION;
	const struct endpoint *target = arp ? &packet->destination : &packet->icmp_target;

	if (!arp && (packet->kind != PACKET_ICMP || packet->icmp_target.family == 0))
		return 0;
	if (network->hosts == NULL)
		network->hosts = calloc(NETWORK_HOSTS, sizeof *network->hosts);
	if (network->hosts == NULL)
		return -1;
	hear(network, &packet->source);
	if (!asks && !arp)
		hear(network, target);
	/* Whoever asks for itself, or without an address, looks whether it is taken. */
	if (asks && !is_host(&packet->source, target) &&
		memcmp(packet->source.address, unspecified, sizeof unspecified) != 0)
		ask(network, target, time_ns, frame, file);
	return 0;
}

const struct arp_host *network_silent_host(
	const struct network *network, const struct endpoint *host)
{
	if (network->hosts == NULL)
		return NULL;
	const struct arp_host *found = find(network, host);
	return found != NULL && found->host.family != 0 && found->requests > 0 ? found : NULL;
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
