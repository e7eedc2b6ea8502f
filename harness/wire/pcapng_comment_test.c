/* SPDX-License-Identifier: MIT */
#include "wire/pcapng_comment.h"

#include <criterion/criterion.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "wire/pcapng.h"
#include "wire/wire_fixtures.h"

static const uint8_t octets[] = {1, 2, 3, 4, 5, 6, 7};
static struct error err;

static const char *comment_of(void *context, uint64_t frame)
{
	return frame == 2 ? context : NULL;
}

static bool replaces(const char *comment, size_t length)
{
	return length == 3 && strncmp(comment, "old", 3) == 0;
}

static const struct capture_comments comments = {.comment_of = comment_of,
	.replaces = replaces,
	.context = "probe 2 of 8",
	.section = "judged"};

static size_t read_whole(const char *path, char *bytes, size_t size)
{
	FILE *stream = fopen(path, "rb");

	cr_assert_not_null(stream);
	size_t length = fread(bytes, 1, size, stream);
	(void)fclose(stream);
	return length;
}

static bool has(const char *path, const char *text)
{
	char bytes[4096];
	const size_t length = read_whole(path, bytes, sizeof bytes);

	return memmem(bytes, length, text, strlen(text)) != NULL;
}

static void write_three(const char *path, const char *of_second)
{
	struct pcapng_writer *writer = pcapng_create(path, DLT_RAW, "tap0", &err);
	const char *const texts[] = {"first", of_second, NULL};

	cr_assert_not_null(writer, "%s", err.text);
	for (int i = 0; i < 3; i++)
		cr_assert_eq(
			pcapng_packet(writer, 0, i, octets, sizeof octets, 60, texts[i], &err), 0);
	cr_assert_eq(pcapng_finish(writer, &err), 0, "%s", err.text);
}

/* What libpcap reads of it. */
static int packets_of(const char *path)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, text);
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int count = 0;

	cr_assert_not_null(file, "%s", text);
	for (; pcap_next_ex(file, &header, &bytes) == 1; count++) {
		cr_expect_eq(header->caplen, sizeof octets);
		cr_expect_eq(memcmp(bytes, octets, sizeof octets), 0);
	}
	pcap_close(file);
	return count;
}

Test(pcapng_comment, stands_at_its_packet_and_the_others_are_kept)
{
	const char *path = scratch_path("a.pcapng");

	write_three(path, "said by somebody");
	cr_assert_eq(capture_comment(path, path, &comments, &err), 0, "%s", err.text);
	cr_expect(has(path, "first"));
	cr_expect(has(path, "said by somebody"));
	cr_expect(has(path, "probe 2 of 8"));
	cr_expect(has(path, "tap0"));
	cr_expect_eq(packets_of(path), 3);
	scratch_remove(path);
}

Test(pcapng_comment, takes_the_place_of_one_that_is_out_of_date)
{
	const char *path = scratch_path("a.pcapng");

	write_three(path, "old");
	cr_assert_eq(capture_comment(path, path, &comments, &err), 0, "%s", err.text);
	cr_expect_not(has(path, "old"));
	cr_expect(has(path, "probe 2 of 8"));
	cr_expect_eq(packets_of(path), 3);
	scratch_remove(path);
}

Test(pcapng_comment, is_not_written_twice)
{
	const char *path = scratch_path("a.pcapng");
	char once[4096], twice[4096];

	write_three(path, "old");
	cr_assert_eq(capture_comment(path, path, &comments, &err), 0);
	const size_t length = read_whole(path, once, sizeof once);
	cr_assert_eq(capture_comment(path, path, &comments, &err), 1);
	cr_assert_eq(read_whole(path, twice, sizeof twice), length);
	cr_expect_eq(memcmp(once, twice, length), 0);
	scratch_remove(path);
}

Test(pcapng_comment, of_the_other_byte_order_and_of_a_pcap_file)
{
	/* A section and an interface of a big-endian host, and a packet. */
	static const uint8_t big[] = {0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d,
		0, 1, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 28, 0, 0, 0, 1, 0, 0,
		0, 20, 0, 101, 0, 0, 0, 0, 1, 0, 0, 0, 0, 20, 0, 0, 0, 6, 0, 0, 0, 40, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 60, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0,
		40, 0, 0, 0, 6, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0,
		0, 60, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 40};
	const char *path = scratch_path("a.pcapng");
	FILE *stream = fopen(path, "wb");

	cr_assert_not_null(stream);
	cr_assert_eq(fwrite(big, sizeof big, 1, stream), 1);
	fclose(stream);
	cr_assert_eq(capture_comment(path, path, &comments, &err), 0, "%s", err.text);
	cr_expect(has(path, "probe 2 of 8"));
	cr_expect_eq(packets_of(path), 2);
	pcap_t *dead = pcap_open_dead(DLT_RAW, 65535);
	pcap_dumper_t *dump = pcap_dump_open(dead, path);
	const struct pcap_pkthdr header = {.caplen = sizeof octets, .len = 60};
	for (int i = 0; i < 2; i++)
		pcap_dump((u_char *)dump, &header, octets);
	pcap_dump_close(dump);
	pcap_close(dead);
	cr_assert_eq(capture_comment(path, path, &comments, &err), 0, "%s", err.text);
	cr_expect(has(path, "probe 2 of 8"));
	cr_expect_eq(packets_of(path), 2);
	scratch_remove(path);
}

Test(pcapng_comment, of_a_file_that_is_cut_off_leaves_it_as_it_is)
{
	const char *path = scratch_path("a.pcapng");
	char bytes[4096];

	write_three(path, "old");
	const size_t length = read_whole(path, bytes, sizeof bytes);
	FILE *stream = fopen(path, "wb");
	cr_assert_eq(fwrite(bytes, length - 6, 1, stream), 1);
	fclose(stream);
	cr_assert_eq(capture_comment(path, path, &comments, &err), -1);
	cr_expect_not_null(strstr(err.text, "is damaged, or cut off"));
	cr_expect_eq(read_whole(path, bytes, sizeof bytes), length - 6);
	scratch_remove(path);
}
