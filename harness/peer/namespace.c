/* SPDX-License-Identifier: MIT */
#include "peer/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

unsigned if_nametoindex(const char *name); /* <net/if.h> and <linux/if.h> do not go together */

static int write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	ssize_t written = write(file, text, strlen(text));
	close(file);
	return written < 0 ? -1 : 0;
}

static int enter_user_namespace(struct error *err)
{
	char map[64];
	unsigned user = geteuid();
	unsigned group = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return error_errno(err, ERROR_BENCH,
			"cannot make a user and network namespace for the virtual bench (try: sudo "
			"sysctl -w kernel.unprivileged_userns_clone=1, on Ubuntu sudo sysctl -w "
			"kernel.apparmor_restrict_unprivileged_userns=0, or run as root)");
	(void)write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %u 1", user);
	if (write_file("/proc/self/uid_map", map) != 0)
		return error_errno(err, ERROR_BENCH, "cannot map the user in the namespace");
	snprintf(map, sizeof map, "0 %u 1", group);
	if (write_file("/proc/self/gid_map", map) != 0)
		return error_errno(err, ERROR_BENCH, "cannot map the group in the namespace");
	return 0;
}

int namespace_enter(struct error *err)
{
	static const char *const settings[][2] = {
		{"/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"},
		{"/proc/sys/net/ipv6/conf/all/disable_ipv6", "1"},
		{"/proc/sys/net/ipv4/tcp_invalid_ratelimit", "0"},
		{"/proc/sys/net/ipv4/tcp_moderate_rcvbuf", "0"},
		{"/proc/sys/net/ipv4/tcp_autocorking", "0"},
		{"/proc/sys/net/ipv4/tcp_no_metrics_save", "1"},
		{"/proc/sys/net/ipv4/tcp_early_retrans", "0"},
		{"/proc/sys/net/ipv4/tcp_slow_start_after_idle", "0"},
		{"/proc/sys/net/ipv4/tcp_congestion_control", "reno"},
		{"/proc/sys/net/ipv4/tcp_challenge_ack_limit", "1000000"},
		{"/proc/sys/net/ipv4/icmp_ratelimit", "0"},
		{"/proc/sys/net/ipv4/ip_local_port_range", "40000 60000"},
	};

	if (unshare(CLONE_NEWNET) != 0 && enter_user_namespace(err) != 0)
		return -1;
	/* A kernel without one of them behaves as if it were set; but this one decides verdicts. */
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
		if (write_file(settings[i][0], settings[i][1]) != 0 &&
			strstr(settings[i][0], "invalid_ratelimit") != NULL)
			return error_errno(err, ERROR_BENCH, "cannot set '%s'", settings[i][0]);
	return 0;
}

int tap_create(const char *name, struct error *err)
{
	struct ifreq request;

	int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap < 0)
		return error_errno(err, ERROR_BENCH,
			"cannot open '/dev/net/tun' for the virtual bench (try: sudo modprobe tun; in a "
			"container: --device /dev/net/tun)");
	memset(&request, 0, sizeof request);
	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
	if (ioctl(tap, TUNSETIFF, &request) != 0) {
		error_errno(err, ERROR_BENCH, "cannot make the TAP interface '%s'", name);
		close(tap);
		return -1;
	}
	return tap;
}

/* ---- rtnetlink: too little of it for a library ---- */

struct request {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
		struct rtmsg route;
		struct ndmsg neighbour;
	} body;
	char attributes[256];
};

static void begin(struct request *request, int type, int flags, size_t body)
{
	memset(request, 0, sizeof *request);
	request->header.nlmsg_type = (uint16_t)type;
	request->header.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST | NLM_F_ACK);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
}

static struct rtattr *attribute(
	struct request *request, unsigned short type, const void *value, size_t length)
{
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
	struct rtattr *added = (struct rtattr *)(void *)((char *)request + at);

	added->rta_type = type;
	added->rta_len = (unsigned short)RTA_LENGTH(length);
	if (length > 0)
		memcpy(RTA_DATA(added), value, length);
	request->header.nlmsg_len = (uint32_t)(at + RTA_ALIGN(added->rta_len));
	return added;
}

static int perform(struct request *request, const char *what, const char *name, struct error *err)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr answer;
		char rest[512];
	} reply;

	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (netlink < 0)
		return error_errno(err, ERROR_BENCH, "cannot talk to rtnetlink");
	ssize_t got = -1;
	if (send(netlink, request, request->header.nlmsg_len, 0) >= 0)
		got = recv(netlink, &reply, sizeof reply, 0);
	close(netlink);
	if (got < (ssize_t)(sizeof reply.header + sizeof reply.answer)) {
		errno = got < 0 ? errno : EPROTO;
		return error_errno(err, ERROR_BENCH, "cannot %s of '%s'", what, name);
	}
	if (reply.header.nlmsg_type == NLMSG_ERROR && reply.answer.error != 0) {
		errno = -reply.answer.error;
		return error_errno(err, ERROR_BENCH, "cannot %s of '%s'", what, name);
	}
	return 0;
}

static int set_route(
	int index, const char *name, uint32_t address_be, int prefix, bool stepped, struct error *err)
{
	struct request request;
	uint32_t mask_be = __builtin_bswap32(prefix == 0 ? 0 : ~0U << (32 - prefix));
	uint32_t subnet_be = address_be & mask_be;
	const uint32_t quickack = 1;
	const uint32_t never_ms = 100000; /* longer than a run takes in wall time */
	const uint32_t lock = 1U << RTAX_RTO_MIN; /* without its lock bit it is ignored */

	begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof request.body.route);
	request.body.route = (struct rtmsg){.rtm_family = AF_INET,
		.rtm_dst_len = (uint8_t)prefix,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST};
	attribute(&request, RTA_DST, &subnet_be, sizeof subnet_be);
	attribute(&request, RTA_OIF, &index, sizeof index);
	attribute(&request, RTA_PREFSRC, &address_be, sizeof address_be);
	if (stepped) {
		struct rtattr *metrics = attribute(&request, RTA_METRICS, NULL, 0);
		attribute(&request, RTAX_QUICKACK, &quickack, sizeof quickack);
		attribute(&request, RTAX_RTO_MIN, &never_ms, sizeof never_ms);
		attribute(&request, RTAX_LOCK, &lock, sizeof lock);
		metrics->rta_len = (unsigned short)((char *)&request + request.header.nlmsg_len -
						    (char *)metrics);
	}
	return perform(&request, "set the route", name, err);
}

int interface_configure(
	const char *name, uint32_t address_be, int prefix, bool stepped, struct error *err)
{
	struct request request;
	int index = (int)if_nametoindex(name);
	const uint32_t one_segment = 1;
	const uint32_t queue = 10000;
	const uint32_t no_route = IFA_F_NOPREFIXROUTE;

	begin(&request, RTM_NEWLINK, 0, sizeof request.body.link);
	request.body.link.ifi_index = index;
	request.body.link.ifi_flags = IFF_UP;
	request.body.link.ifi_change = IFF_UP | IFF_MULTICAST;
	attribute(&request, IFLA_GSO_MAX_SEGS, &one_segment, sizeof one_segment);
	attribute(&request, IFLA_TXQLEN, &queue, sizeof queue);
	if (perform(&request, "bring up the link", name, err) != 0)
		return -1;
	begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof request.body.address);
	request.body.address = (struct ifaddrmsg){.ifa_family = AF_INET,
		.ifa_prefixlen = (uint8_t)prefix,
		.ifa_index = (uint32_t)index};
	attribute(&request, IFA_LOCAL, &address_be, sizeof address_be);
	attribute(&request, IFA_ADDRESS, &address_be, sizeof address_be);
	attribute(&request, IFA_FLAGS, &no_route, sizeof no_route);
	if (perform(&request, "set the address", name, err) != 0)
		return -1;
	return set_route(index, name, address_be, prefix, stepped, err);
}

int neighbour_add_permanent(
	const char *name, uint32_t address_be, const uint8_t mac[6], struct error *err)
{
	struct request request;

	begin(&request, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, sizeof request.body.neighbour);
	request.body.neighbour = (struct ndmsg){.ndm_family = AF_INET,
		.ndm_ifindex = (int)if_nametoindex(name),
		.ndm_state = NUD_PERMANENT};
	attribute(&request, NDA_DST, &address_be, sizeof address_be);
	attribute(&request, NDA_LLADDR, mac, 6);
	return perform(&request, "set the neighbour", name, err);
}
