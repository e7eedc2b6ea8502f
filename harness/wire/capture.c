/* SPDX-License-Identifier: MIT */
#include "wire/capture.h"

#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "core/error.h"
#include "core/units.h"

struct capture {
	pcap_t *pcap;
	int descriptor;
	int link_type;
	char interface[IF_NAMESIZE];
};

static const char set_capabilities[] =
	"try: sudo setcap cap_net_raw,cap_net_admin+ep $(command -v wizhil)";

static int explain_activation(pcap_t *pcap, const char *interface, int status, struct error *err)
{
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return error_set(err, ERROR_BENCH,
			"cannot open '%s' for capture: permission denied (%s)", interface,
			set_capabilities);
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return error_set(err, ERROR_USAGE,
			"cannot open '%s' for capture: no such interface", interface);
	case PCAP_ERROR_IFACE_NOT_UP:
		return error_set(err, ERROR_BENCH,
			"cannot open '%s' for capture: the interface is down (try: ip link set %s up)",
			interface, interface);
	case PCAP_ERROR:
		return error_set(err, ERROR_BENCH, "cannot open '%s' for capture: %s", interface,
			pcap_geterr(pcap));
	default:
		return error_set(err, ERROR_BENCH, "cannot open '%s' for capture: %s (%s)",
			interface, pcap_statustostr(status), pcap_geterr(pcap));
	}
}

static int configure(pcap_t *pcap)
{
	if (pcap_set_snaplen(pcap, CAPTURE_SNAP_LENGTH) != 0 || pcap_set_promisc(pcap, 0) != 0 ||
		pcap_set_immediate_mode(pcap, 1) != 0 ||
		pcap_set_buffer_size(pcap, CAPTURE_BUFFER) != 0)
		return -1;
	return pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
}

static int set_filter(pcap_t *pcap, const char *filter, struct error *err)
{
	struct bpf_program program;

	if (filter == NULL)
		return 0;
	if (pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return error_set(err, ERROR_USAGE, "cannot use the capture filter '%s': %s", filter,
			pcap_geterr(pcap));
	int status = pcap_setfilter(pcap, &program);
	pcap_freecode(&program);
	if (status != 0)
		return error_set(err, ERROR_BENCH, "cannot set the capture filter '%s': %s", filter,
			pcap_geterr(pcap));
	return 0;
}

static int start(struct capture *capture, const char *filter, struct error *err)
{
	char reason[PCAP_ERRBUF_SIZE] = "";
	int status = pcap_activate(capture->pcap);

	if (status < 0)
		return explain_activation(capture->pcap, capture->interface, status, err);
	if (set_filter(capture->pcap, filter, err) != 0)
		return error_context(err, "'%s'", capture->interface);
	if (pcap_setnonblock(capture->pcap, 1, reason) != 0)
		return error_set(err, ERROR_BENCH, "cannot read '%s' without blocking: %s",
			capture->interface, reason);
	capture->descriptor = pcap_get_selectable_fd(capture->pcap);
	if (capture->descriptor < 0)
		return error_set(
			err, ERROR_BENCH, "cannot wait for packets on '%s'", capture->interface);
	capture->link_type = pcap_datalink(capture->pcap);
	return 0;
}

struct capture *capture_open(const char *interface, const char *filter, struct error *err)
{
	char reason[PCAP_ERRBUF_SIZE] = "";

	if (strlen(interface) >= IF_NAMESIZE || if_nametoindex(interface) == 0) {
		(void)error_set(err, ERROR_USAGE, "cannot open '%s' for capture: no such interface",
			interface);
		return NULL;
	}
	struct capture *capture = calloc(1, sizeof *capture);
	if (capture == NULL) {
		(void)error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	memcpy(capture->interface, interface, strlen(interface) + 1);
	capture->pcap = pcap_create(interface, reason);
	if (capture->pcap == NULL || configure(capture->pcap) != 0) {
		(void)error_set(err, ERROR_BENCH, "cannot open '%s' for capture: %s", interface,
			capture->pcap == NULL ? reason : "libpcap rejects the settings");
		capture_close(capture);
		return NULL;
	}
	if (start(capture, filter, err) != 0) {
		capture_close(capture);
		return NULL;
	}
	return capture;
}

int capture_descriptor(const struct capture *capture)
{
	return capture->descriptor;
}

struct delivery {
	capture_frame_fn *frame;
	void *context;
};

static void deliver(
	unsigned char *user, const struct pcap_pkthdr *header, const unsigned char *bytes)
{
	const struct delivery *delivery = (const struct delivery *)(void *)user;
	/* tv_usec holds nanoseconds: the handle's precision. */
	int64_t realtime_ns = (int64_t)header->ts.tv_sec * NS_PER_S + header->ts.tv_usec;

	delivery->frame(delivery->context, realtime_ns, bytes, header->caplen, header->len);
}

/* libpcap takes an interface that goes down for one that is quiet. */
static int check_interface(const struct capture *capture, struct error *err)
{
	struct ifreq request = {0};

	memcpy(request.ifr_name, capture->interface, sizeof capture->interface);
	if (ioctl(capture->descriptor, SIOCGIFFLAGS, &request) != 0)
		return error_errno(err, ERROR_BENCH, "capture on '%s' ended", capture->interface);
	if ((request.ifr_flags & IFF_UP) == 0)
		return error_set(err, ERROR_BENCH, "capture on '%s' ended: the interface went down",
			capture->interface);
	return 0;
}

int capture_dispatch(
	struct capture *capture, capture_frame_fn *frame, void *context, struct error *err)
{
	struct delivery delivery = {frame, context};
	int count = pcap_dispatch(capture->pcap, -1, deliver, (unsigned char *)&delivery);

	if (count < 0)
		return error_set(err, ERROR_BENCH, "capture on '%s' ended: %s", capture->interface,
			pcap_geterr(capture->pcap));
	return count > 0 ? count : check_interface(capture, err);
}

int capture_drops(struct capture *capture, uint64_t *drops)
{
	struct pcap_stat statistics;

	if (pcap_stats(capture->pcap, &statistics) != 0)
		return -1;
	*drops = statistics.ps_drop;
	return 0;
}

int capture_link_type(const struct capture *capture)
{
	return capture->link_type;
}

void capture_close(struct capture *capture)
{
	if (capture == NULL)
		return;
	if (capture->pcap != NULL)
		pcap_close(capture->pcap);
	free(capture);
}
