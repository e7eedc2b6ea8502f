/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "diagnose/network.h"

static struct endpoint host(uint8_t last)
{
	return (struct endpoint){.address = {192, 0, 2, last}, .family = 4};
}

static void arp(
	struct network *network, int operation, uint8_t sender, uint8_t target, uint32_t frame)
{
	const struct packet packet = {.kind = PACKET_ARP,
		.arp_operation = (uint16_t)operation,
		.source = host(sender),
		.destination = host(target)};

	cr_assert_eq(network_take_asking(network, &packet, (int64_t)frame * 10, frame, 2), 0);
}

Test(network, a_host_that_was_asked_for_in_vain_is_silent)
{
	struct network network = {.hosts = NULL};
	const struct endpoint asked = host(1), asking = host(10);

	cr_expect_null(network_silent_host(&network, &asked));
	arp(&network, 1, 10, 1, 7);
	arp(&network, 1, 10, 1, 8);
	const struct arp_host *found = network_silent_host(&network, &asked);
	cr_assert_not_null(found);
	cr_expect_eq(found->requests, 2);
	cr_expect_eq(found->frame, 7);
	cr_expect_eq(found->first_ns, 70);
	cr_expect_eq(found->file, 2);
	cr_expect_null(network_silent_host(&network, &asking));
	network_release(&network);
}

Test(network, any_arp_packet_of_a_host_is_a_sign_of_it)
{
	struct network network = {.hosts = NULL};
	const struct endpoint asked = host(1);

	arp(&network, 1, 10, 1, 1);
	arp(&network, 2, 1, 10, 2);
	cr_expect_null(network_silent_host(&network, &asked));
	arp(&network, 1, 10, 1, 3);
	arp(&network, 1, 1, 5, 4);
	cr_expect_null(network_silent_host(&network, &asked));
	arp(&network, 1, 10, 1, 5);
	cr_assert_not_null(network_silent_host(&network, &asked));
	cr_expect_eq(network_silent_host(&network, &asked)->frame, 5);
	network_release(&network);
}

Test(network, who_asks_for_itself_or_without_an_address_asks_for_nobody)
{
	struct network network = {.hosts = NULL};
	const struct endpoint asked = host(1);
	struct packet packet = {.kind = PACKET_ARP,
		.arp_operation = 1,
		.source = {.family = 4},
		.destination = asked};

	arp(&network, 1, 1, 1, 1);
	cr_expect_null(network_silent_host(&network, &asked));
	cr_assert_eq(network_take_asking(&network, &packet, 0, 2, 0), 0);
	cr_expect_null(network_silent_host(&network, &asked));
	network_release(&network);
}

Test(network, neighbour_discovery_is_the_same_for_ipv6)
{
	struct network network = {.hosts = NULL};
	const struct endpoint asked = {.address = {0x20, 1, [15] = 1}, .family = 6};
	struct packet packet = {.kind = PACKET_ICMP,
		.icmp_type = ICMP6_NEIGHBOUR_SOLICITATION,
		.source = {.address = {0x20, 1, [15] = 2}, .family = 6},
		.icmp_target = asked};

	cr_assert_eq(network_take_asking(&network, &packet, 5, 1, 0), 0);
	cr_assert_not_null(network_silent_host(&network, &asked));
	/* An advertisement may come from another address of the host. */
	packet.icmp_type = ICMP6_NEIGHBOUR_SOLICITATION + 1;
	cr_assert_eq(network_take_asking(&network, &packet, 6, 2, 0), 0);
	cr_expect_null(network_silent_host(&network, &asked));
	network_release(&network);
}

Test(network, other_packets_say_nothing)
{
	struct network network = {.hosts = NULL};
	const struct packet tcp = {
		.kind = PACKET_TCP, .arp_operation = 1, .source = host(10), .destination = host(1)};
	const struct packet echo = {
		.kind = PACKET_ICMP, .icmp_type = 8, .source = host(10), .destination = host(1)};

	cr_assert_eq(network_take_asking(&network, &tcp, 0, 1, 0), 0);
	cr_assert_eq(network_take_asking(&network, &echo, 0, 2, 0), 0);
	cr_expect_null(network.hosts);
}

Test(network, as_many_hosts_as_fit_are_kept_and_those_that_come_later_are_lost)
{
	struct network network = {.hosts = NULL};
	size_t silent = 0;

	for (uint32_t i = 0; i < NETWORK_HOSTS + 10; i++) {
		const struct packet packet = {.kind = PACKET_ARP,
			.arp_operation = 1,
			.source = host(10),
			.destination = {
				.address = {10, 0, (uint8_t)(i >> 8), (uint8_t)i}, .family = 4}};
		cr_assert_eq(network_take_asking(&network, &packet, 0, i + 1, 0), 0);
	}
	for (uint32_t i = 0; i < NETWORK_HOSTS + 10; i++) {
		const struct endpoint asked = {
			.address = {10, 0, (uint8_t)(i >> 8), (uint8_t)i}, .family = 4};
		const struct arp_host *found = network_silent_host(&network, &asked);
		silent += found != NULL;
		if (i < NETWORK_HOSTS)
			cr_assert(found != NULL && found->frame == i + 1, "host %u", i);
	}
	cr_expect_eq(silent, NETWORK_HOSTS);
	network_release(&network);
}

Test(network, routers_are_told_apart_as_long_as_they_fit)
{
	static struct network network;
	const struct endpoint first = host(1), second = host(2);

	cr_expect_eq(network_router(&network, &first), 0);
	cr_expect_eq(network_router(&network, &second), 1);
	cr_expect_eq(network_router(&network, &first), 0);
	for (uint32_t i = 2; i < NETWORK_ROUTERS + 3; i++) {
		const struct endpoint more = {
			.address = {10, 0, (uint8_t)(i >> 8), (uint8_t)i}, .family = 4};
		cr_expect_eq(network_router(&network, &more),
			i < NETWORK_ROUTERS ? i : NETWORK_ROUTERS - 1);
	}
	cr_expect_eq(network.router_count, NETWORK_ROUTERS);
}

Test(network, errors_are_those_that_say_that_a_segment_does_not_arrive)
{
	static const struct {
		int family;
		uint8_t type;
		bool is_error;
	} cases[] = {{4, 3, true}, {4, 11, true}, {4, 8, false}, {4, 1, false}, {6, 1, true},
		{6, 3, true}, {6, 11, false}, {6, 128, false}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct packet packet = {.kind = PACKET_ICMP,
			.icmp_type = cases[i].type,
			.source = {.family = (uint8_t)cases[i].family},
			.icmp_source = {.family = (uint8_t)cases[i].family}};
		cr_expect_eq(network_is_error(&packet), cases[i].is_error, "%zu", i);
		packet.icmp_source.family = 0;
		cr_expect_not(network_is_error(&packet));
		packet.icmp_source.family = 4;
		packet.kind = PACKET_TCP;
		cr_expect_not(network_is_error(&packet));
	}
}

Test(network, errors_have_their_words)
{
	static const struct {
		int family;
		uint8_t type, code;
		const char *words;
	} cases[] = {{4, 3, 0, "network unreachable"}, {4, 3, 1, "host unreachable"},
		{4, 3, 3, "port unreachable"}, {4, 3, 13, "administratively prohibited"},
		{4, 3, 14, "unreachable"}, {4, 11, 0, "time to live exceeded"},
		{6, 1, 0, "no route"}, {6, 1, 4, "port unreachable"}, {6, 1, 5, "unreachable"},
		{6, 3, 0, "time to live exceeded"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_str_eq(network_error_words(cases[i].family, cases[i].type, cases[i].code),
			cases[i].words);
}
