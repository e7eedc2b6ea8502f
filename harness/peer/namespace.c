/* SPDX-License-Identifier: MIT */
#include "peer/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/error.h"
#include "peer/rtnetlink.h"

struct setting {
	const char *path;
	const char *value;
	bool required; /* also where the kernel does not know it */
};

static int write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	ssize_t written = write(file, text, strlen(text));
	int saved = errno;
	close(file);
	errno = saved;
	return written < 0 ? -1 : 0;
}

/* The number in a file of /proc; absent where there is none. */
static long read_number(const char *path, long absent)
{
	char text[32] = "";
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return absent;
	ssize_t length = read(file, text, sizeof text - 1);
	close(file);
	return length > 0 ? strtol(text, NULL, 10) : absent;
}

/* What this system's administrator has to do for user namespaces. */
static const char *remedy(void)
{
	if (read_number("/proc/sys/kernel/unprivileged_userns_clone", 1) == 0)
		return "try: sudo sysctl -w kernel.unprivileged_userns_clone=1";
	if (read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0) != 0)
		return "try: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
	if (read_number("/proc/sys/user/max_user_namespaces", 1) == 0)
		return "try: sudo sysctl -w user.max_user_namespaces=10000";
	if (read_number("/proc/sys/user/max_net_namespaces", 1) == 0)
		return "try: sudo sysctl -w user.max_net_namespaces=10000";
	return "try: run it as root, or in a container with --privileged";
}

static int refused(struct error *err, const char *what)
{
	if (errno == EINVAL)
		return error_set(err, ERROR_BENCH,
			"cannot %s: this kernel has no user namespaces, or the process has threads",
			what);
	const char *reason = strerror(errno);

	return error_set(err, ERROR_BENCH, "cannot %s for the virtual bench: %s (%s)", what, reason,
		remedy());
}

static int enter_user_namespace(struct error *err)
{
	char map[64];
	const unsigned user = geteuid();
	const unsigned group = getegid();

	/* A program with file capabilities does not own its own /proc entries otherwise. */
	(void)prctl(PR_SET_DUMPABLE, 1);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return refused(err, "create a user and network namespace");
	/* Kernels before 3.19 have no such file and ask for none. */
	(void)write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %u 1", user);
	if (write_file("/proc/self/uid_map", map) != 0)
		return refused(err, "map the user into the namespace");
	snprintf(map, sizeof map, "0 %u 1", group);
	if (write_file("/proc/self/gid_map", map) != 0)
		return refused(err, "map the group into the namespace");
	return 0;
}

static int apply(const struct setting *setting, struct error *err)
{
	if (write_file(setting->path, setting->value) == 0)
		return 0;
	if (errno == ENOENT && !setting->required)
		return 0;
	const char *reason = strerror(errno);

	if (errno == EROFS || errno == EACCES || errno == EPERM)
		return error_set(err, ERROR_BENCH,
			"cannot set '%s': %s (in a container try: --privileged; else %s)",
			setting->path, reason, remedy());
	return error_errno(
		err, ERROR_BENCH, "cannot set '%s' (Linux 4.15 or later is needed)", setting->path);
}

static int loopback_up(struct error *err)
{
	struct rtnetlink_request request;

	rtnetlink_begin(&request, RTM_NEWLINK, 0, sizeof request.body.link);
	request.body.link.ifi_index = (int)if_nametoindex("lo");
	request.body.link.ifi_flags = IFF_UP;
	request.body.link.ifi_change = IFF_UP;
	if (rtnetlink_do(&request) != 0)
		return refused(err, "bring up 'lo'");
	return 0;
}

int namespace_enter(struct error *err)
{
	/* Most are inherited from the host, so each is set, whatever its usual value. */
	static const struct setting settings[] = {
		/* neighbour discovery and router solicitation run on wall time */
		{"/proc/sys/net/ipv6/conf/default/disable_ipv6", "1", false},
		{"/proc/sys/net/ipv6/conf/all/disable_ipv6", "1", false},
		/* else a healthy peer answers a zero-length probe once in 500 ms of wall time */
		{"/proc/sys/net/ipv4/tcp_invalid_ratelimit", "0", true},
		{"/proc/sys/net/ipv4/tcp_challenge_ack_limit", "2147483647", false},
		{"/proc/sys/net/ipv4/icmp_ratelimit", "0", false},
		/* windows and segments that depend on wall time */
		{"/proc/sys/net/ipv4/tcp_moderate_rcvbuf", "0", false},
		{"/proc/sys/net/ipv4/tcp_autocorking", "0", false},
		{"/proc/sys/net/ipv4/tcp_no_metrics_save", "1", false},
		{"/proc/sys/net/ipv4/tcp_early_retrans", "0", false},
		{"/proc/sys/net/ipv4/tcp_slow_start_after_idle", "0", false},
		{"/proc/sys/net/ipv4/tcp_congestion_control", "reno", true},
		/* the bench uses lower ports by number */
		{"/proc/sys/net/ipv4/ip_local_port_range", "40000 60000", false},
		/* several interfaces may lead to one subnet */
		{"/proc/sys/net/ipv4/conf/all/rp_filter", "0", false},
		{"/proc/sys/net/ipv4/conf/default/rp_filter", "0", false},
	};

	if (unshare(CLONE_NEWNET) != 0 && enter_user_namespace(err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
		if (apply(&settings[i], err) != 0)
			return -1;
	return loopback_up(err);
}
