/* SPDX-License-Identifier: MIT */
#include "peer/veth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/veth.h>

#include "core/error.h"
#include "peer/rtnetlink.h"

enum { RECEIVE_BUFFER = 16 << 20 };

static int add_pair(const char *name, const char *other)
{
	struct rtnetlink_request request;
	const struct ifinfomsg empty = {0};

	rtnetlink_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof request.body.link);
	rtnetlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
	struct rtattr *info = rtnetlink_add(&request, IFLA_LINKINFO, NULL, 0);
	rtnetlink_add(&request, IFLA_INFO_KIND, "veth", 4);
	struct rtattr *data = rtnetlink_add(&request, IFLA_INFO_DATA, NULL, 0);
	struct rtattr *peer = rtnetlink_add(&request, VETH_INFO_PEER, &empty, sizeof empty);
	rtnetlink_add(&request, IFLA_IFNAME, other, strlen(other) + 1);
	rtnetlink_end_nest(&request, peer);
	rtnetlink_end_nest(&request, data);
	rtnetlink_end_nest(&request, info);
	return rtnetlink_do(&request);
}

static int set_up(const char *name)
{
	struct rtnetlink_request request;

	rtnetlink_begin(&request, RTM_NEWLINK, 0, sizeof request.body.link);
	request.body.link.ifi_index = (int)if_nametoindex(name);
	request.body.link.ifi_flags = IFF_UP | IFF_NOARP;
	request.body.link.ifi_change = IFF_UP | IFF_NOARP | IFF_MULTICAST;
	return rtnetlink_do(&request);
}

/* The kernel's end would leave checksums to a card that is not there. */
static int checksums_by_the_kernel(int any_socket, const char *name)
{
	struct ethtool_value off = {.cmd = ETHTOOL_STXCSUM, .data = 0};
	struct ifreq request = {.ifr_data = (char *)&off};

	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
	return ioctl(any_socket, SIOCETHTOOL, &request);
}

static int open_end(const char *other, struct error *err)
{
	const int on = 1;
	const int size = RECEIVE_BUFFER;
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	int end = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (end < 0)
		return error_errno(err, ERROR_BENCH, "cannot create a packet socket");
	address.sll_ifindex = (int)if_nametoindex(other);
	(void)setsockopt(end, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	/* A TAP does not read what it wrote. */
	if (setsockopt(end, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0 ||
		bind(end, (const struct sockaddr *)&address, sizeof address) != 0) {
		error_errno(err, ERROR_BENCH, "cannot use the interface '%s'", other);
		close(end);
		return -1;
	}
	return end;
}

int veth_create(const char *name, struct error *err)
{
	char other[IFNAMSIZ];

	snprintf(other, sizeof other, "%.*s-d", IFNAMSIZ - 3, name);
	if (add_pair(name, other) != 0 || set_up(other) != 0)
		return error_errno(err, ERROR_BENCH,
			"cannot create the interface '%s' without /dev/net/tun (try: sudo chmod 0666 /dev/net/tun)",
			name);
	int end = open_end(other, err);
	if (end < 0)
		return -1;
	if (checksums_by_the_kernel(end, name) != 0) {
		error_errno(err, ERROR_BENCH, "cannot switch off checksum offload of '%s'", name);
		close(end);
		return -1;
	}
	return end;
}
