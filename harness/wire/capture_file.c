/* SPDX-License-Identifier: MIT */
#include "wire/capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/error.h"
#include "core/units.h"
#include "wire/pcapng_read.h"

enum { STREAM_BUFFER = 1 << 16 };

/*
 * The records of a plain file of libpcap's own format, read many at a time: libpcap's way to each of
 * them costs more than half of a bare look at it.  It begins behind the file header, and leaves to
 * libpcap, from there on, whatever is not a whole and ordinary record: the end of the file, and all
 * damage.
 */
struct records {
	uint8_t *buffer; /* NULL: libpcap reads the file */
	int descriptor;
	bool nanoseconds;
	uint32_t longest; /* snap length */
	size_t have, at;  /* octets in the buffer, and the next record there */
	off_t offset;	  /* of the buffer in the file */
};

enum { FILE_HEADER = 24, RECORD_HEADER = 16, RECORDS_BUFFER = 1 << 17 };

struct capture_file {
	pcap_t *pcap;
	struct records records;
	struct pcapng_reader *pcapng; /* instead, from where libpcap refused on; NULL: it did not */
	int link_type;		      /* of libpcap's packets */
	uint64_t frames;
	uint64_t size;
	char *path;
	char *buffer; /* of the stream */
};

static ssize_t read_unpacked(void *gz, char *bytes, size_t size)
{
	return gzread(gz, bytes, (unsigned)size);
}

static int close_unpacked(void *gz)
{
	return gzclose(gz) == Z_OK ? 0 : -1;
}

/* A stream of what is packed in the descriptor, which it takes over.  What is not packed comes out
 * as it is. */
static FILE *unpack(int descriptor)
{
	static const cookie_io_functions_t functions = {
		.read = read_unpacked, .close = close_unpacked};
	enum { PACKED_BUFFER = 1 << 17 };
	gzFile gz = gzdopen(descriptor, "rb");

	if (gz == NULL) {
		(void)close(descriptor);
		errno = ENOMEM;
		return NULL;
	}
	(void)gzbuffer(gz, PACKED_BUFFER);
	FILE *stream = fopencookie(gz, "rb", functions);
	if (stream == NULL)
		(void)gzclose(gz);
	return stream;
}

/* RFC 1952, 2.3.1. */
static bool is_packed(FILE *stream)
{
	bool packed = getc(stream) == 0x1f && getc(stream) == 0x8b;

	(void)fseek(stream, 0, SEEK_SET);
	return packed;
}

/* fopen() opens folders, and read then fails with words that help nobody.  size: 0 where it says
 * nothing. */
static FILE *open_stream(const char *path, uint64_t *size)
{
	struct stat status;

	*size = 0;
	if (strcmp(path, "-") == 0)
		return unpack(dup(STDIN_FILENO));
	FILE *stream = fopen(path, "rbe");
	if (stream == NULL || fstat(fileno(stream), &status) != 0)
		return stream;
	if (S_ISDIR(status.st_mode)) {
		(void)fclose(stream);
		errno = EISDIR;
		return NULL;
	}
	if (!S_ISREG(status.st_mode) || is_packed(stream)) {
		int descriptor = fcntl(fileno(stream), F_DUPFD_CLOEXEC, 0);
		(void)fclose(stream);
		return descriptor < 0 ? NULL : unpack(descriptor);
	}
	*size = (uint64_t)status.st_size;
	return stream;
}

static void release(struct capture_file *file)
{
	if (file == NULL)
		return;
	free(file->records.buffer);
	free(file->path);
	free(file->buffer);
	free(file);
}

static uint32_t native32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof value);
	return value;
}

/* Of a file of this machine's byte order, and of the version that has been written since 1998. */
static void begin_records(struct records *records, FILE *stream, pcap_t *pcap)
{
	const uint32_t microseconds = 0xa1b2c3d4, nanoseconds = 0xa1b23c4d;
	const int longest = pcap_snapshot(pcap);
	uint8_t header[FILE_HEADER];
	uint16_t version[2];

	if (pread(fileno(stream), header, sizeof header, 0) != sizeof header)
		return;
	const uint32_t magic = native32(header);
	memcpy(version, header + 4, sizeof version);
	if ((magic != microseconds && magic != nanoseconds) || version[0] != 2 || version[1] != 4 ||
		longest <= 0)
		return;
	*records = (struct records){.descriptor = fileno(stream),
		.nanoseconds = magic == nanoseconds,
		.longest = longest < RECORDS_BUFFER - RECORD_HEADER
				   ? (uint32_t)longest
				   : RECORDS_BUFFER - RECORD_HEADER,
		.offset = FILE_HEADER};
	records->buffer = malloc(RECORDS_BUFFER);
}

/* Moves what is left to the front, and reads on; false when nothing more came. */
static bool read_records(struct records *records)
{
	const size_t left = records->have - records->at;

	memmove(records->buffer, records->buffer + records->at, left);
	records->offset += (off_t)records->at;
	records->at = 0;
	records->have = left;
	const ssize_t got = pread(records->descriptor, records->buffer + left,
		RECORDS_BUFFER - left, records->offset + (off_t)left);
	if (got > 0)
		records->have += (size_t)got;
	return got > 0;
}

/* The next record; NULL: the rest is libpcap's. */
static const uint8_t *next_record(struct records *records)
{
	for (;;) {
		const uint8_t *record = records->buffer + records->at;
		const size_t left = records->have - records->at;
		if (left >= RECORD_HEADER) {
			const uint32_t captured = native32(record + 8);
			if (captured > records->longest)
				return NULL;
			if (left - RECORD_HEADER >= captured) {
				records->at += RECORD_HEADER + captured;
				return record;
			}
		}
		if (!read_records(records))
			return NULL;
	}
}

static void leave_records(struct capture_file *file)
{
	(void)fseeko(
		pcap_file(file->pcap), file->records.offset + (off_t)file->records.at, SEEK_SET);
	free(file->records.buffer);
	file->records.buffer = NULL;
}

struct capture_file *capture_file_open(const char *path, struct error *err)
{
	char reason[PCAP_ERRBUF_SIZE] = "";
	uint64_t size;
	FILE *stream = open_stream(path, &size);

	if (stream == NULL) {
		(void)error_errno(err, ERROR_USAGE, "cannot open '%s'", path);
		return NULL;
	}
	struct capture_file *file = calloc(1, sizeof *file);
	if (file == NULL || (file->path = strdup(path)) == NULL ||
		(file->buffer = malloc(STREAM_BUFFER)) == NULL) {
		(void)error_set(err, ERROR_MEMORY, "out of memory");
		(void)fclose(stream);
		release(file);
		return NULL;
	}
	(void)setvbuf(stream, file->buffer, _IOFBF, STREAM_BUFFER);
	file->size = size;
	/* One thread reads it: locks, two for each packet, would take a tenth of the time. */
	(void)__fsetlocking(stream, FSETLOCKING_BYCALLER);
	file->pcap = pcap_fopen_offline_with_tstamp_precision(
		stream, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (file->pcap == NULL) {
		bool empty = strstr(reason, "only got 0") != NULL;
		(void)error_set(err, ERROR_USAGE, "cannot read '%s' as a capture: %s", path,
			empty ? "it is empty" : reason);
		(void)fclose(stream);
		release(file);
		return NULL;
	}
	file->link_type = pcap_datalink(file->pcap);
	if (size > 0)
		begin_records(&file->records, stream, file->pcap);
	return file; /* NOLINT(clang-analyzer-unix.Stream): pcap_close() closes it */
}

uint64_t capture_file_size(const struct capture_file *file)
{
	return file->size;
}

/* libpcap takes one byte order of a pcapng file: of a section in the other one it finds the length
 * too large, as it reads it. */
static bool is_section_of_other_order(const char *reason)
{
	const unsigned section_max = 4096;
	unsigned length;

	if (strstr(reason, "different byte orders") != NULL)
		return true;
	return sscanf(reason, "pcapng block size %u > maximum", &length) == 1 &&
	       __builtin_bswap32(length) <= section_max && __builtin_bswap32(length) % 4 == 0;
}

/* libpcap takes one kind of interface of a pcapng file, and refuses the file at the first other
 * one. */
static bool refuses_unlike(const char *reason)
{
	int type;

	return sscanf(reason, "an interface has a type %d different", &type) == 1 ||
	       strstr(reason, "different from the snapshot length") != NULL ||
	       is_section_of_other_order(reason);
}

static int next_unlike(struct capture_file *file, struct captured_packet *packet, struct error *err)
{
	struct error reason = {0};
	const int status = pcapng_reader_next(file->pcapng, packet, &reason);

	if (status < 0)
		return error_set(err, reason.kind, "'%s' is damaged after frame %llu: %s",
			file->path, (unsigned long long)file->frames, reason.text);
	if (status == 1)
		packet->frame = ++file->frames;
	return status;
}

/* The same file once more, behind the packets that libpcap gave. */
static int read_unlike(struct capture_file *file, struct captured_packet *packet, struct error *err)
{
	const uint64_t given = file->frames;
	struct stat status_of_file;
	uint64_t size;

	if (stat(file->path, &status_of_file) != 0 || !S_ISREG(status_of_file.st_mode))
		return error_set(err, ERROR_USAGE,
			"cannot read '%s' after frame %llu: its interfaces or sections are unlike, and it cannot be read twice (try: save it as a file first)",
			file->path, (unsigned long long)given);
	FILE *stream = open_stream(file->path, &size);

	if (stream == NULL)
		return error_errno(err, ERROR_USAGE, "cannot open '%s' again", file->path);
	(void)__fsetlocking(stream, FSETLOCKING_BYCALLER);
	file->pcapng = pcapng_reader_new(stream, err);
	if (file->pcapng == NULL)
		return -1;
	for (file->frames = 0; file->frames < given;) {
		const int status = next_unlike(file, packet, err);
		if (status != 1)
			return status;
	}
	return next_unlike(file, packet, err);
}

/* A damaged file may hold any time. */
static int64_t time_of(int64_t seconds, int64_t nanoseconds)
{
	if (seconds < 0 || seconds > UINT32_MAX)
		seconds = UINT32_MAX;
	return seconds * NS_PER_S + nanoseconds % NS_PER_S;
}

static void give_record(
	struct capture_file *file, const uint8_t *record, struct captured_packet *packet)
{
	const int64_t part = (int32_t)native32(record + 4);
	const int64_t unit = file->records.nanoseconds ? 1 : NS_PER_S / 1000000;

	*packet = (struct captured_packet){.frame = ++file->frames,
		.time_ns = time_of((int32_t)native32(record), part * unit),
		.bytes = record + RECORD_HEADER,
		.captured = native32(record + 8),
		.wire_length = native32(record + 12),
		.link_type = file->link_type};
}

int capture_file_next(struct capture_file *file, struct captured_packet *packet, struct error *err)
{
	struct pcap_pkthdr *header;
	const unsigned char *bytes;

	if (file->records.buffer != NULL) {
		const uint8_t *record = next_record(&file->records);
		if (record != NULL) {
			give_record(file, record, packet);
			return 1;
		}
		leave_records(file);
	}
	if (file->pcapng != NULL)
		return next_unlike(file, packet, err);
	int status = pcap_next_ex(file->pcap, &header, &bytes);
	if (status == PCAP_ERROR_BREAK)
		return 0;
	if (status != 1 && refuses_unlike(pcap_geterr(file->pcap)))
		return read_unlike(file, packet, err);
	if (status != 1)
		return error_set(err, ERROR_USAGE, "'%s' is damaged after frame %llu: %s",
			file->path, (unsigned long long)file->frames, pcap_geterr(file->pcap));
	/* tv_usec holds nanoseconds: the handle's precision. */
	*packet = (struct captured_packet){.frame = ++file->frames,
		.time_ns = time_of(header->ts.tv_sec, header->ts.tv_usec),
		.bytes = bytes,
		.captured = header->caplen,
		.wire_length = header->len,
		.link_type = file->link_type};
	return 1;
}

void capture_file_close(struct capture_file *file)
{
	if (file == NULL)
		return;
	pcap_close(file->pcap);
	pcapng_reader_free(file->pcapng);
	release(file);
}
