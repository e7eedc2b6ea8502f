/* SPDX-License-Identifier: MIT */
#include "wire/capture.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"

/* libpcap's ring gives each frame a slot of the snapshot length, in immediate mode the more so: with
 * 2048 octets (whole Ethernet frames, so that checksums can be verified) 64 MB hold some 30,000
 * frames.  A keep-alive suite sends a few a second. */
enum { SNAPSHOT = 2048, RING = 64 << 20 };

struct capture {
	pcap_t *pcap;
	char interface[64];
	capture_frame_fn *take;
	void *context;
};

static int refuse(const struct capture *capture, int status, struct error *err)
{
	const char *why = pcap_geterr(capture->pcap);

	if (status == PCAP_ERROR_NO_SUCH_DEVICE || status == PCAP_ERROR_IFACE_NOT_UP)
		return error_set(err, ERROR_BENCH,
			"cannot open '%s' for capture: %s (check peer.interface in the bench file; ip "
			"link shows what there is)",
			capture->interface, pcap_statustostr(status));
	if (status == PCAP_ERROR_PERM_DENIED)
		return error_set(err, ERROR_BENCH,
			"cannot open '%s' for capture: permission denied (try: sudo setcap "
			"cap_net_raw,cap_net_admin+ep build/wizhil)",
			capture->interface);
	return error_set(err, ERROR_BENCH, "cannot open '%s' for capture: %s", capture->interface,
		why[0] != '\0' ? why : pcap_statustostr(status));
}

static int set_filter(struct capture *capture, const char *filter, struct error *err)
{
	struct bpf_program program;

	if (pcap_compile(capture->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return error_set(err, ERROR_BENCH, "cannot compile the capture filter '%s': %s",
			filter, pcap_geterr(capture->pcap));
	int failed = pcap_setfilter(capture->pcap, &program);
	pcap_freecode(&program);
	if (failed != 0)
		return error_set(err, ERROR_BENCH, "cannot set the capture filter '%s': %s", filter,
			pcap_geterr(capture->pcap));
	return 0;
}

struct capture *capture_open(const char *interface, const char *filter, struct error *err)
{
	char trouble[PCAP_ERRBUF_SIZE];
	struct capture *capture = calloc(1, sizeof *capture);

	if (capture == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	strncpy(capture->interface, interface, sizeof capture->interface - 1);
	capture->pcap = pcap_create(interface, trouble);
	if (capture->pcap == NULL) {
		error_set(err, ERROR_BENCH, "cannot open '%s' for capture: %s", interface, trouble);
		goto fail;
	}
	pcap_set_snaplen(capture->pcap, SNAPSHOT);
	pcap_set_buffer_size(capture->pcap, RING);
	pcap_set_immediate_mode(capture->pcap, 1);
	pcap_set_tstamp_precision(capture->pcap, PCAP_TSTAMP_PRECISION_NANO);
	int status = pcap_activate(capture->pcap);
	if (status < 0) {
		refuse(capture, status, err);
		goto fail;
	}
	if (pcap_setnonblock(capture->pcap, 1, trouble) != 0) {
		error_set(err, ERROR_BENCH, "cannot capture on '%s': %s", interface, trouble);
		goto fail;
	}
	if (filter != NULL && set_filter(capture, filter, err) != 0)
		goto fail;
	return capture;
fail:
	capture_close(capture);
	return NULL;
}

int capture_descriptor(const struct capture *capture)
{
	return pcap_get_selectable_fd(capture->pcap);
}

int capture_link_type(const struct capture *capture)
{
	return pcap_datalink(capture->pcap);
}

static void hand_over(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct capture *capture = (struct capture *)(void *)user;
	/* Nanosecond precision: tv_usec holds nanoseconds. */
	int64_t stamp = (int64_t)header->ts.tv_sec * NS_PER_S + header->ts.tv_usec;

	capture->take(capture->context, stamp, bytes, header->caplen, header->len);
}

int capture_dispatch(
	struct capture *capture, capture_frame_fn *take, void *context, struct error *err)
{
	capture->take = take;
	capture->context = context;
	int count = pcap_dispatch(capture->pcap, -1, hand_over, (u_char *)capture);
	if (count < 0)
		return error_set(err, ERROR_BENCH, "the capture on '%s' ended: %s",
			capture->interface, pcap_geterr(capture->pcap));
	return count;
}

int capture_drops(struct capture *capture, uint64_t *drops)
{
	struct pcap_stat counters;

	if (pcap_stats(capture->pcap, &counters) != 0)
		return -1;
	*drops = (uint64_t)counters.ps_drop + counters.ps_ifdrop;
	return 0;
}

void capture_close(struct capture *capture)
{
	if (capture == NULL)
		return;
	if (capture->pcap != NULL)
		pcap_close(capture->pcap);
	free(capture);
}
