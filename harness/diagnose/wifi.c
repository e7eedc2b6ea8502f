/* SPDX-License-Identifier: MIT */
#include "diagnose/wifi.h"

#include <stdio.h>
#include <string.h>

#include "core/units.h"

/* An acknowledgement follows its frame at once, behind a short space and at the lowest rate. */
#define ACKNOWLEDGED_NS (5 * NS_PER_MS)

static struct wifi_link *find(struct wifi *wifi, const struct packet *packet)
{
	for (size_t i = 0; i < wifi->link_count; i++) {
		struct wifi_link *link = &wifi->links[i];
		if (memcmp(link->from, packet->source_mac, sizeof link->from) == 0 &&
			memcmp(link->to, packet->destination_mac, sizeof link->to) == 0)
			return link;
	}
	if (wifi->link_count == WIFI_LINKS)
		return NULL;
	struct wifi_link *link = &wifi->links[wifi->link_count++];
	memcpy(link->from, packet->source_mac, sizeof link->from);
	memcpy(link->to, packet->destination_mac, sizeof link->to);
	link->shortest = UINT16_MAX;
	return link;
}

static void take_data(struct wifi *wifi, const struct packet *packet, int64_t time_ns)
{
	const bool group = (packet->destination_mac[0] & 1) != 0;
	struct wifi_link *link = group ? NULL : find(wifi, packet);

	wifi->encrypted++;
	wifi->waiting = link;
	if (link == NULL)
		return;
	if (link->frames++ == 0)
		link->first_ns = time_ns;
	else if (time_ns - link->last_ns > link->pause_ns)
		link->pause_ns = time_ns - link->last_ns;
	link->last_ns = time_ns;
	link->retried += packet->wifi_retry;
	link->pending++;
	if (packet->wifi_length < link->shortest)
		link->shortest = packet->wifi_length;
	if (packet->wifi_length > link->longest)
		link->longest = packet->wifi_length;
}

static void take_acknowledgement(struct wifi *wifi, const struct packet *packet, int64_t time_ns)
{
	struct wifi_link *link = wifi->waiting;

	if (link == NULL || time_ns - link->last_ns > ACKNOWLEDGED_NS ||
		memcmp(link->from, packet->destination_mac, sizeof link->from) != 0)
		return;
	link->acknowledged += packet->wifi == WIFI_BLOCK_ACK ? link->pending : 1;
	link->pending = 0;
	wifi->waiting = NULL;
}

void wifi_take(struct wifi *wifi, const struct packet *packet, int64_t time_ns)
{
	switch ((enum wifi_frame)packet->wifi) {
	case WIFI_ENCRYPTED:
		take_data(wifi, packet, time_ns);
		break;
	case WIFI_ACK:
	case WIFI_BLOCK_ACK:
		take_acknowledgement(wifi, packet, time_ns);
		break;
	case WIFI_DAMAGED:
		wifi->damaged++;
		break;
	case WIFI_DATA:
		wifi->waiting = NULL;
		break;
	case WIFI_NONE:
	case WIFI_OTHER:
		break;
	}
}

char *mac_format(const uint8_t mac[6], char *text)
{
	(void)snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		mac[3], mac[4], mac[5]);
	return text;
}
