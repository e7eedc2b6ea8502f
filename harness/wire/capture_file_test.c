/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pcap/pcap.h>
#include <stdio.h>

#include "core/error.h"
#include "core/units.h"
#include "wire/capture_file.h"
#include "wire/wire_fixtures.h"

static struct error err;

/* A pcap file of three packets with 10 octets, microseconds or nanoseconds; some bytes are missing
 * at the end. */
static void write_pcap(const char *path, bool nanoseconds, long missing)
{
	static const uint8_t octets[10];
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535,
		nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
	pcap_dumper_t *dumper = pcap_dump_open(pcap, path);

	for (int i = 0; i < 3; i++) {
		struct pcap_pkthdr header = {.ts = {.tv_sec = 100 + i, .tv_usec = 7},
			.caplen = sizeof octets,
			.len = 60};
		pcap_dump((unsigned char *)dumper, &header, octets);
	}
	long length = pcap_dump_ftell(dumper);
	pcap_dump_close(dumper);
	pcap_close(pcap);
	cr_assert_eq(truncate(path, length - missing), 0);
}

static int64_t first_time(const char *path)
{
	struct capture_file *file = capture_file_open(path, &err);
	struct captured_packet packet = {0};

	cr_assert_not_null(file, "%s", err.text);
	cr_assert_eq(capture_file_next(file, &packet, &err), 1);
	capture_file_close(file);
	return packet.time_ns;
}

Test(capture_file, microseconds_and_nanoseconds_give_the_right_times)
{
	const char *path = scratch_path("a.pcap");

	write_pcap(path, false, 0);
	cr_assert_eq(first_time(path), 100 * NS_PER_S + 7000);
	write_pcap(path, true, 0);
	cr_assert_eq(first_time(path), 100 * NS_PER_S + 7);
	scratch_remove(path);
}

Test(capture_file, a_truncated_tail_is_told_after_the_whole_packets)
{
	const char *path = scratch_path("a.pcap");
	write_pcap(path, false, 4);
	struct capture_file *file = capture_file_open(path, &err);
	struct captured_packet packet;

	cr_assert_eq(capture_file_next(file, &packet, &err), 1);
	cr_assert_eq(capture_file_next(file, &packet, &err), 1);
	cr_assert_eq(capture_file_next(file, &packet, &err), -1);
	cr_assert_not_null(strstr(err.text, "is damaged after frame 2"), "%s", err.text);
	cr_assert_eq(err.kind, ERROR_USAGE);
	capture_file_close(file);
	scratch_remove(path);
}

Test(capture_file, what_is_no_capture_is_refused_by_name)
{
	cr_assert_null(capture_file_open("/nowhere/a.pcap", &err));
	cr_assert_str_eq(err.text, "cannot open '/nowhere/a.pcap': No such file or directory");
	cr_assert_null(capture_file_open("/", &err));
	cr_assert_str_eq(err.text, "cannot open '/': Is a directory");
	cr_assert_null(capture_file_open("/proc/self/cmdline", &err));
	cr_assert_eq(strncmp(err.text, "cannot read '/proc/self/cmdline' as a capture: ", 47), 0);
	cr_assert_eq(err.kind, ERROR_USAGE);
}
