/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/units.h"
#include "wire/capture_file.h"
#include "wire/pcapng.h"
#include "wire/wire_fixtures.h"

static const uint8_t octets[] = {1, 2, 3, 4, 5, 6, 7};
static struct error err;

static void write_two(const char *path)
{
	struct pcapng_writer *writer = pcapng_create(path, DLT_RAW, "tap0", &err);

	cr_assert_not_null(writer, "%s", err.text);
	cr_assert_eq(pcapng_packet(writer, PCAPNG_WIRE, 1700000000 * NS_PER_S + 123456789, octets,
			     sizeof octets, 60, "a probe", &err),
		0);
	cr_assert_eq(pcapng_packet(writer, PCAPNG_WIRE, 1700000000 * NS_PER_S + 999999999, octets,
			     4, 4, NULL, &err),
		0);
	cr_assert_eq(pcapng_finish(writer, &err), 0, "%s", err.text);
}

static size_t read_whole(const char *path, char *bytes, size_t size)
{
	FILE *stream = fopen(path, "rb");

	cr_assert_not_null(stream);
	size_t length = fread(bytes, 1, size, stream);
	(void)fclose(stream);
	return length;
}

Test(pcapng, packets_are_read_back_by_libpcap_with_nanoseconds_and_lengths)
{
	const char *path = scratch_path("a.pcapng");
	write_two(path);
	struct capture_file *file = capture_file_open(path, &err);
	struct captured_packet packet;

	cr_assert_not_null(file, "%s", err.text);
	cr_assert_eq(capture_file_next(file, &packet, &err), 1, "%s", err.text);
	cr_assert_eq(packet.frame, 1);
	cr_assert_eq(packet.link_type, DLT_RAW);
	cr_assert_eq(packet.time_ns, 1700000000 * NS_PER_S + 123456789);
	cr_assert_eq(packet.captured, sizeof octets);
	cr_assert_eq(packet.wire_length, 60);
	cr_assert_eq(memcmp(packet.bytes, octets, sizeof octets), 0);
	cr_assert_eq(capture_file_next(file, &packet, &err), 1);
	cr_assert_eq(packet.time_ns, 1700000000 * NS_PER_S + 999999999);
	cr_assert_eq(capture_file_next(file, &packet, &err), 0);
	capture_file_close(file);
	scratch_remove(path);
}

Test(pcapng, comment_application_and_interface_are_in_the_file)
{
	/* Code, length, padded value, as the format says; little endian here. */
	static const char comment[] = "\1\0\7\0a probe\0\0\0\0\0";
	static const char application[] = "\4\0\6\0wizhil\0\0";
	static const char interface[] = "\2\0\4\0tap0";
	const char *path = scratch_path("a.pcapng");
	char bytes[1024];

	write_two(path);
	size_t length = read_whole(path, bytes, sizeof bytes);
	cr_assert_eq(length % 4, 0);
	cr_assert_not_null(memmem(bytes, length, comment, sizeof comment - 1));
	cr_assert_not_null(memmem(bytes, length, application, sizeof application - 1));
	cr_assert_not_null(memmem(bytes, length, interface, sizeof interface - 1));
	scratch_remove(path);
}

Test(pcapng, the_file_is_private_and_gets_its_name_at_the_end)
{
	const char *path = scratch_path("a.pcapng");
	struct pcapng_writer *writer = pcapng_create(path, DLT_EN10MB, "eth0", &err);
	struct stat status;

	cr_assert_eq(stat(path, &status), -1);
	cr_assert_eq(pcapng_finish(writer, &err), 0);
	cr_assert_eq(stat(path, &status), 0);
	cr_assert_eq(status.st_mode & 0777, 0600);
	scratch_remove(path);
}

Test(pcapng, a_discarded_file_leaves_nothing)
{
	const char *path = scratch_path("a.pcapng");
	char part[160];
	struct stat status;

	(void)snprintf(part, sizeof part, "%s.part", path);
	struct pcapng_writer *writer = pcapng_create(path, DLT_EN10MB, "eth0", &err);
	cr_assert_eq(stat(part, &status), 0);
	pcapng_discard(writer);
	cr_assert_eq(stat(part, &status), -1);
	cr_assert_eq(stat(path, &status), -1);
	scratch_remove(path);
}

Test(pcapng, a_folder_that_is_not_there_is_an_error_that_names_the_file)
{
	cr_assert_null(pcapng_create("/nowhere/a.pcapng", DLT_EN10MB, "eth0", &err));
	cr_assert_str_eq(
		err.text, "cannot create '/nowhere/a.pcapng.part': No such file or directory");
}

Test(pcapng, a_full_disk_is_told_at_the_latest_at_the_end)
{
	static uint8_t big[65536];
	const char *path = scratch_path("a.pcapng");
	struct pcapng_writer *writer = pcapng_create(path, DLT_EN10MB, "eth0", &err);
	char part[160];
	int status = 0;

	/* A file that may not grow fails as a disk that is full. */
	(void)signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){100000, 100000}), 0);
	for (int i = 0; i < 4 && status == 0; i++)
		status = pcapng_packet(
			writer, PCAPNG_WIRE, 0, big, sizeof big, sizeof big, NULL, &err);
	status |= pcapng_finish(writer, &err);
	cr_assert_eq(status, -1);
	cr_assert_not_null(strstr(err.text, "File too large"), "%s", err.text);
	cr_assert_eq(access(path, F_OK), -1);
	(void)snprintf(part, sizeof part, "%s.part", path);
	(void)unlink(part);
	scratch_remove(path);
}
