/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "wire/raw_segment.h"

int raw_socket_open(const char *interface, struct error *err)
{
	unsigned index = if_nametoindex(interface);

	if (index == 0)
		return error_set(err, ERROR_USAGE, "cannot send frames on '%s': no such interface",
			interface);
	/* Protocol 0: nothing is received. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 && errno == EPERM)
		return error_set(err, ERROR_BENCH,
			"cannot send frames on '%s': permission denied (try: sudo setcap cap_net_raw,cap_net_admin+ep $(command -v wizhil))",
			interface);
	if (fd < 0)
		return error_errno(err, ERROR_BENCH, "cannot send frames on '%s'", interface);
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)index};
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		(void)error_errno(err, ERROR_BENCH, "cannot send frames on '%s'", interface);
		(void)close(fd);
		return -1;
	}
	return fd;
}

int raw_socket_mac(int fd, const char *interface, uint8_t mac[6], struct error *err)
{
	struct ifreq request = {0};

	strncpy(request.ifr_name, interface, sizeof request.ifr_name - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &request) != 0)
		return error_errno(
			err, ERROR_BENCH, "cannot read the hardware address of '%s'", interface);
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	return 0;
}

int raw_send(int fd, const uint8_t *frame, size_t length, struct error *err)
{
	ssize_t sent = send(fd, frame, length, MSG_NOSIGNAL);

	if (sent < 0)
		return error_errno(err, ERROR_BENCH, "cannot send a frame of %zu bytes", length);
	return 0;
}
