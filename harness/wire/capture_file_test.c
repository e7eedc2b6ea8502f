/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <unistd.h>

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

/* A file of records as long as they like; some are longer than the snap length says. */
static void write_records(const char *path, unsigned seed, uint32_t snap_length, size_t records)
{
	const uint32_t head[] = {seed % 2 != 0 ? 0xa1b23c4d : 0xa1b2c3d4, 4 << 16 | 2, 0, 0,
		snap_length, DLT_EN10MB};
	FILE *file = fopen(path, "wb");

	cr_assert_not_null(file);
	fwrite(head, sizeof head, 1, file);
	for (size_t i = 0; i < records; i++) {
		seed = seed * 1103515245 + 12345;
		const uint32_t captured = seed % 17 == 0 ? seed >> 16 : (seed >> 8) % 1600;
		const uint32_t record[] = {i % 50 == 49 ? seed : (uint32_t)(1000 + i), seed,
			captured, captured + seed % 3};
		fwrite(record, sizeof record, 1, file);
		for (uint32_t octet = 0; octet < captured; octet++)
			putc((int)(octet + i), file);
	}
	fclose(file);
}

/* As libpcap reads it itself. */
static void expect_as_libpcap(const char *path)
{
	char reason[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const unsigned char *bytes;
	struct captured_packet packet;
	pcap_t *pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, reason);
	struct capture_file *file = capture_file_open(path, &err);
	uint64_t frames = 0;

	cr_assert_not_null(pcap, "%s", reason);
	cr_assert_not_null(file, "%s", err.text);
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		cr_assert_eq(capture_file_next(file, &packet, &err), 1, "%s", err.text);
		cr_assert_eq(packet.frame, ++frames);
		cr_assert_eq(packet.captured, header->caplen);
		cr_assert_eq(packet.wire_length, header->len);
		cr_assert_eq(memcmp(packet.bytes, bytes, packet.captured), 0);
		cr_assert(header->ts.tv_sec < 0 ||
			  packet.time_ns ==
				  header->ts.tv_sec * NS_PER_S + header->ts.tv_usec % NS_PER_S);
	}
	const bool damaged = pcap_geterr(pcap)[0] != '\0';
	cr_assert_eq(capture_file_next(file, &packet, &err), damaged ? -1 : 0);
	cr_assert(!damaged || strstr(err.text, pcap_geterr(pcap)) != NULL, "%s", err.text);
	pcap_close(pcap);
	capture_file_close(file);
}

Test(capture_file, records_are_read_as_libpcap_reads_them)
{
	const char *path = scratch_path("records.pcap");

	for (unsigned seed = 1; seed < 40; seed++) {
		write_records(path, seed, seed % 3 == 0 ? 1000 : 262144, 300);
		if (seed % 5 == 0)
			cr_assert_eq(truncate(path, 100000 + seed), 0);
		expect_as_libpcap(path);
	}
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
