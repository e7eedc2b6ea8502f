/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "core/error.h"
#include "peer/namespace.h"
#include "peer/rtnetlink.h"
#include "peer/veth.h"

/* The index of the interface, or -1. */
static int find(const char *name, struct error *err)
{
	unsigned index = if_nametoindex(name);

	if (index == 0)
		return error_set(err, ERROR_BENCH, "no network interface '%s'", name);
	return (int)index;
}

static int perform(
	struct rtnetlink_request *request, const char *what, const char *name, struct error *err)
{
	if (rtnetlink_do(request) == 0)
		return 0;
	if (errno == EPERM)
		return error_errno(
			err, ERROR_BENCH, "cannot %s of '%s' (try: run it as root)", what, name);
	return error_errno(err, ERROR_BENCH, "cannot %s of '%s'", what, name);
}

/* The TAP's descriptor; where there is no TAP to be had, what stands in for it. */
static int open_tap(const char *name, struct error *err)
{
	struct ifreq wanted = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap < 0)
		return veth_create(name, err);
	memcpy(wanted.ifr_name, name, strlen(name) + 1);
	if (ioctl(tap, TUNSETIFF, &wanted) != 0) {
		error_errno(err, ERROR_BENCH, "cannot create the TAP interface '%s' (%s)", name,
			errno == EBUSY ? "the name is taken" : "try: run it as root");
		close(tap);
		return -1;
	}
	return tap;
}

int tap_create(const char *name, struct error *err)
{
	/* Locally administered; each TAP is a link of its own, so one will do for all. */
	static const uint8_t mac[6] = {0x02, 0x77, 0x69, 0x7a, 0x00, 0x01};
	struct rtnetlink_request request;

	if (name[0] == '\0' || strlen(name) >= IFNAMSIZ)
		return error_set(err, ERROR_USAGE,
			"invalid interface name '%s' (use 1 to %d characters)", name, IFNAMSIZ - 1);
	int tap = open_tap(name, err);
	if (tap < 0)
		return -1;
	int index = find(name, err);
	if (index < 0)
		goto fail;
	rtnetlink_begin(&request, RTM_NEWLINK, 0, sizeof request.body.link);
	request.body.link.ifi_index = index;
	rtnetlink_add(&request, IFLA_ADDRESS, mac, sizeof mac);
	if (perform(&request, "set the MAC", name, err) != 0)
		goto fail;
	return tap;
fail:
	close(tap);
	return -1;
}

static int bring_up(const char *name, int index, struct error *err)
{
	struct rtnetlink_request request;
	const uint32_t one_segment = 1; /* what is captured is what is sent */
	const uint32_t queue = 10000;	/* more than all connections send between two steps */

	rtnetlink_begin(&request, RTM_NEWLINK, 0, sizeof request.body.link);
	request.body.link.ifi_index = index;
	request.body.link.ifi_flags = IFF_UP;
	request.body.link.ifi_change = IFF_UP | IFF_MULTICAST;
	rtnetlink_add(&request, IFLA_GSO_MAX_SEGS, &one_segment, sizeof one_segment);
	rtnetlink_add(&request, IFLA_TXQLEN, &queue, sizeof queue);
	return perform(&request, "bring up the link", name, err);
}

static int add_address(
	const char *name, int index, uint32_t address_be, int prefix, struct error *err)
{
	struct rtnetlink_request request;
	const uint32_t no_route = IFA_F_NOPREFIXROUTE;

	rtnetlink_begin(
		&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof request.body.address);
	request.body.address = (struct ifaddrmsg){.ifa_family = AF_INET,
		.ifa_prefixlen = (uint8_t)prefix,
		.ifa_index = (uint32_t)index};
	rtnetlink_add(&request, IFA_LOCAL, &address_be, sizeof address_be);
	rtnetlink_add(&request, IFA_ADDRESS, &address_be, sizeof address_be);
	rtnetlink_add(&request, IFA_FLAGS, &no_route, sizeof no_route);
	return perform(&request, "set the address", name, err);
}

/* 1: the interface has it, 0: not, -1: nobody knows. */
static int has_address(const char *name, uint32_t address_be)
{
	struct ifaddrs *list;
	int found = 0;

	if (getifaddrs(&list) != 0)
		return -1;
	for (const struct ifaddrs *address_entry = list; address_entry != NULL;
		address_entry = address_entry->ifa_next) {
		struct sockaddr_in address;
		if (address_entry->ifa_addr == NULL ||
			address_entry->ifa_addr->sa_family != AF_INET ||
			strcmp(address_entry->ifa_name, name) != 0)
			continue;
		memcpy(&address, address_entry->ifa_addr, sizeof address);
		found |= address.sin_addr.s_addr == address_be;
	}
	freeifaddrs(list);
	return found;
}

int interface_check(const char *name, uint32_t address_be, struct error *err)
{
	struct ifreq request = {0};
	char address[INET_ADDRSTRLEN];

	if (strlen(name) >= IFNAMSIZ || if_nametoindex(name) == 0)
		return error_set(
			err, ERROR_BENCH, "no network interface '%s' (see: ip link)", name);
	memcpy(request.ifr_name, name, strlen(name));
	int asking = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int failed = ioctl(asking, SIOCGIFFLAGS, &request);
	close(asking);
	if (failed == 0 && (request.ifr_flags & IFF_UP) == 0)
		return error_set(err, ERROR_BENCH,
			"network interface '%s' is down (try: sudo ip link set %s up)", name, name);
	inet_ntop(AF_INET, &address_be, address, sizeof address);
	if (has_address(name, address_be) == 0)
		return error_set(err, ERROR_BENCH,
			"network interface '%s' does not have the peer's address %s (try: sudo ip addr add %s/24 dev %s)",
			name, address, address, name);
	return 0;
}

int interface_add_address(const char *name, uint32_t address_be, struct error *err)
{
	int index = find(name, err);

	return index < 0 ? -1 : add_address(name, index, address_be, 32, err);
}

int interface_remove_address(const char *name, uint32_t address_be, struct error *err)
{
	struct rtnetlink_request request;
	int index = find(name, err);

	if (index < 0)
		return -1;
	rtnetlink_begin(&request, RTM_DELADDR, 0, sizeof request.body.address);
	request.body.address =
		(struct ifaddrmsg){.ifa_family = AF_INET, .ifa_index = (uint32_t)index};
	rtnetlink_add(&request, IFA_LOCAL, &address_be, sizeof address_be);
	return perform(&request, "remove the address", name, err);
}

static void begin_route(struct rtnetlink_request *request, int index, uint32_t to_be, int prefix)
{
	rtnetlink_begin(
		request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof request->body.route);
	request->body.route = (struct rtmsg){.rtm_family = AF_INET,
		.rtm_dst_len = (uint8_t)prefix,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST};
	rtnetlink_add(request, RTA_DST, &to_be, sizeof to_be);
	rtnetlink_add(request, RTA_OIF, &index, sizeof index);
}

static void add_stepped_metrics(struct rtnetlink_request *request)
{
	const uint32_t quickack = 1;	  /* a delayed ACK would come 40 ms of wall time later */
	const uint32_t never_ms = 100000; /* longer than a run takes in wall time */
	const uint32_t lock = 1U << RTAX_RTO_MIN; /* without its lock bit it is ignored */
	struct rtattr *metrics = rtnetlink_add(request, RTA_METRICS, NULL, 0);

	rtnetlink_add(request, RTAX_QUICKACK, &quickack, sizeof quickack);
	rtnetlink_add(request, RTAX_RTO_MIN, &never_ms, sizeof never_ms);
	rtnetlink_add(request, RTAX_LOCK, &lock, sizeof lock);
	rtnetlink_end_nest(request, metrics);
}

int interface_configure(
	const char *name, uint32_t address_be, int prefix, bool stepped, struct error *err)
{
	struct rtnetlink_request request;

	if (prefix < 0 || prefix > 32)
		return error_set(err, ERROR_USAGE, "invalid prefix %d (use 0 to 32)", prefix);
	int index = find(name, err);
	if (index < 0 || bring_up(name, index, err) != 0 ||
		add_address(name, index, address_be, prefix, err) != 0)
		return -1;
	uint32_t mask_be = htonl(prefix == 0 ? 0 : ~UINT32_C(0) << (32 - prefix));
	begin_route(&request, index, address_be & mask_be, prefix);
	rtnetlink_add(&request, RTA_PREFSRC, &address_be, sizeof address_be);
	/* Routes that differ in nothing else would replace each other. */
	const uint32_t priority = (uint32_t)index;
	rtnetlink_add(&request, RTA_PRIORITY, &priority, sizeof priority);
	if (stepped)
		add_stepped_metrics(&request);
	return perform(&request, "set the route", name, err);
}

/* Adds to 'route' what the route that now leads over the interface to the address has: its metrics
 * and its source address. */
static int copy_route(struct rtnetlink_request *route, int index, uint32_t to_be)
{
	struct rtnetlink_request question;
	union {
		struct nlmsghdr header;
		char room[1024]; // cppcheck-suppress unusedStructMember
	} answer;

	rtnetlink_begin(&question, RTM_GETROUTE, 0, sizeof question.body.route);
	question.body.route = (struct rtmsg){
		.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_flags = RTM_F_FIB_MATCH};
	rtnetlink_add(&question, RTA_DST, &to_be, sizeof to_be);
	rtnetlink_add(&question, RTA_OIF, &index, sizeof index);
	if (rtnetlink_ask(&question, &answer, sizeof answer) < 0)
		return -1;
	static const int types[] = {RTA_METRICS, RTA_PREFSRC};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		const struct rtattr *found =
			rtnetlink_find(&answer.header, sizeof(struct rtmsg), types[i]);
		if (found != NULL && RTA_PAYLOAD(found) <= 128)
			rtnetlink_add(route, types[i], RTA_DATA(found), RTA_PAYLOAD(found));
	}
	return 0;
}

int neighbour_add_permanent(
	const char *name, uint32_t address_be, const uint8_t mac[6], struct error *err)
{
	struct rtnetlink_request request;

	int index = find(name, err);
	if (index < 0)
		return -1;
	rtnetlink_begin(&request, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE,
		sizeof request.body.neighbour);
	request.body.neighbour = (struct ndmsg){
		.ndm_family = AF_INET, .ndm_ifindex = index, .ndm_state = NUD_PERMANENT};
	rtnetlink_add(&request, NDA_DST, &address_be, sizeof address_be);
	rtnetlink_add(&request, NDA_LLADDR, mac, 6);
	if (perform(&request, "set the neighbour", name, err) != 0)
		return -1;
	begin_route(&request, index, address_be, 32);
	if (copy_route(&request, index, address_be) != 0)
		return error_errno(err, ERROR_BENCH, "no route over '%s' to the device", name);
	return perform(&request, "set the device's route", name, err);
}

int neighbour_remove(const char *name, uint32_t address_be, struct error *err)
{
	struct rtnetlink_request request;

	int index = find(name, err);
	if (index < 0)
		return -1;
	rtnetlink_begin(&request, RTM_DELROUTE, 0, sizeof request.body.route);
	request.body.route = (struct rtmsg){
		.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_table = RT_TABLE_MAIN};
	rtnetlink_add(&request, RTA_DST, &address_be, sizeof address_be);
	rtnetlink_add(&request, RTA_OIF, &index, sizeof index);
	if (rtnetlink_do(&request) != 0 && errno != ESRCH)
		return error_errno(
			err, ERROR_BENCH, "cannot remove the device's route of '%s'", name);
	rtnetlink_begin(&request, RTM_DELNEIGH, 0, sizeof request.body.neighbour);
	request.body.neighbour = (struct ndmsg){.ndm_family = AF_INET, .ndm_ifindex = index};
	rtnetlink_add(&request, NDA_DST, &address_be, sizeof address_be);
	return perform(&request, "remove the neighbour", name, err);
}
