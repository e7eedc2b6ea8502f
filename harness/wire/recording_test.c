/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pcap/pcap.h>

#include "core/error.h"
#include "core/units.h"
#include "wire/recording.h"
#include "wire/wire_fixtures.h"

static struct error err;

/* A capture with one packet at each of the seconds, up to the first 0. */
static char *capture(const int *seconds)
{
	static const uint8_t octets[10];
	char *path = strdup(scratch_path("a.pcap"));
	pcap_t *pcap =
		pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535, PCAP_TSTAMP_PRECISION_NANO);
	pcap_dumper_t *dumper = pcap_dump_open(pcap, path);

	for (; *seconds != 0; seconds++) {
		struct pcap_pkthdr header = {
			.ts = {.tv_sec = *seconds}, .caplen = sizeof octets, .len = 60};
		pcap_dump((unsigned char *)dumper, &header, octets);
	}
	pcap_dump_close(dumper);
	pcap_close(pcap);
	return path;
}

static void expect_order(const char *const *paths, size_t count, const int *files_and_seconds)
{
	struct recording *recording = recording_open(paths, count, &err);
	struct recorded_packet packet;

	cr_assert_not_null(recording, "%s", err.text);
	for (; files_and_seconds[1] != 0; files_and_seconds += 2) {
		cr_assert_eq(recording_next(recording, &packet), 1);
		cr_assert_eq(packet.file, (size_t)files_and_seconds[0]);
		cr_assert_eq(packet.packet.time_ns, files_and_seconds[1] * NS_PER_S);
	}
	cr_assert_eq(recording_next(recording, &packet), 0);
	cr_assert_eq(recording_next(recording, &packet), 0);
	recording_close(recording);
}

static void forget(char *path)
{
	scratch_remove(path);
	free(path);
}

Test(recording, files_of_a_ring_follow_each_other_whatever_their_order)
{
	char *later = capture((int[]){30, 40, 0}), *sooner = capture((int[]){10, 20, 0});

	expect_order((const char *[]){later, sooner}, 2, (int[]){1, 10, 1, 20, 0, 30, 0, 40, 0, 0});
	forget(later);
	forget(sooner);
}

Test(recording, files_of_the_same_time_are_mixed_by_it)
{
	char *a = capture((int[]){10, 30, 50, 0}), *b = capture((int[]){20, 40, 0});

	expect_order((const char *[]){a, b}, 2, (int[]){0, 10, 1, 20, 0, 30, 1, 40, 0, 50, 0, 0});
	forget(a);
	forget(b);
}

Test(recording, within_a_file_stamps_that_go_back_keep_their_place)
{
	char *a = capture((int[]){10, 30, 20, 0}), *empty = capture((int[]){0});

	expect_order((const char *[]){a}, 1, (int[]){0, 10, 0, 30, 0, 20, 0, 0});
	expect_order((const char *[]){empty, a}, 2, (int[]){1, 10, 1, 30, 1, 20, 0, 0});
	forget(a);
	forget(empty);
}

Test(recording, of_two_files_is_read_from_nothing_to_all_their_octets)
{
	char *a = capture((int[]){10, 30, 0}), *b = capture((int[]){20, 40, 0});
	const char *const paths[] = {a, b};
	struct recording *recording = recording_open(paths, 2, &err);
	struct recorded_packet packet;
	uint64_t read = 99, all = 99, before = 0;
	const uint64_t file = 24 + 2 * (16 + 10); /* of libpcap: its header, two frames */

	cr_assert_not_null(recording, "%s", err.text);
	recording_progress(recording, &read, &all);
	cr_expect_eq(all, 2 * file);
	cr_expect_lt(read, all);
	while (recording_next(recording, &packet) == 1) {
		recording_progress(recording, &read, &all);
		cr_expect_geq(read, before);
		cr_expect_leq(read, all);
		before = read;
	}
	recording_progress(recording, &read, &all);
	cr_expect_eq(read, all);
	cr_expect_eq(all, 2 * file);
	cr_expect_eq(recording_frames(recording, 0), 2);
	cr_expect_eq(recording_frames(recording, 1), 2);
	cr_expect_eq(recording_fault(recording, 0)->kind, ERROR_NONE);
	recording_close(recording);
	forget(a);
	forget(b);
}

Test(recording, a_file_that_is_not_there_is_refused_by_name)
{
	char *a = capture((int[]){10, 0});

	cr_assert_null(recording_open((const char *[]){a, "/nowhere/b"}, 2, &err));
	cr_assert_not_null(strstr(err.text, "/nowhere/b"));
	forget(a);
}
