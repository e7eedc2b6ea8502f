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

enum { STREAM_BUFFER = 1 << 16 };

struct capture_file {
	pcap_t *pcap;
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
	free(file->path);
	free(file->buffer);
	free(file);
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
	return file; /* NOLINT(clang-analyzer-unix.Stream): pcap_close() closes it */
}

uint64_t capture_file_size(const struct capture_file *file)
{
	return file->size;
}

int capture_file_link_type(const struct capture_file *file)
{
	return pcap_datalink(file->pcap);
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
static int explain(const struct capture_file *file, const char *reason, struct error *err)
{
	const unsigned long long frames = file->frames;
	const char *name = NULL;
	int type = 0;

	if (sscanf(reason, "an interface has a type %d different", &type) == 1) {
		name = pcap_datalink_val_to_name(type);
		return error_set(err, ERROR_USAGE,
			"cannot read '%s' after frame %llu: an interface has link type %d (%s), the first has %s (try for each interface N: tshark -r '%s' -Y 'frame.interface_id == N' -F pcap -w part.pcap; for a later one: editcap -F pcap -T ENCAPSULATION '%s' part.pcap FRAMES-OF-OTHERS)",
			file->path, frames, type, name == NULL ? "unknown" : name,
			pcap_datalink_val_to_name(pcap_datalink(file->pcap)), file->path,
			file->path);
	}
	if (strstr(reason, "different from the snapshot length") != NULL)
		return error_set(err, ERROR_USAGE,
			"cannot read '%s' after frame %llu: its interfaces have different snap lengths (try: editcap -F pcap '%s' whole.pcap)",
			file->path, frames, file->path);
	if (is_section_of_other_order(reason))
		return error_set(err, ERROR_USAGE,
			"cannot read '%s' after frame %llu: the next section has the other byte order (try: editcap -F pcap '%s' whole.pcap)",
			file->path, frames, file->path);
	return error_set(err, ERROR_USAGE, "'%s' is damaged after frame %llu: %s", file->path,
		frames, reason);
}

int capture_file_next(struct capture_file *file, struct captured_packet *packet, struct error *err)
{
	struct pcap_pkthdr *header;
	const unsigned char *bytes;
	int status = pcap_next_ex(file->pcap, &header, &bytes);

	if (status == PCAP_ERROR_BREAK)
		return 0;
	if (status != 1)
		return explain(file, pcap_geterr(file->pcap), err);
	/* tv_usec holds nanoseconds: the handle's precision.  A damaged file may hold any time. */
	int64_t seconds = header->ts.tv_sec;
	if (seconds < 0 || seconds > UINT32_MAX)
		seconds = UINT32_MAX;
	*packet = (struct captured_packet){.frame = ++file->frames,
		.time_ns = seconds * NS_PER_S + header->ts.tv_usec % NS_PER_S,
		.bytes = bytes,
		.captured = header->caplen,
		.wire_length = header->len};
	return 1;
}

void capture_file_close(struct capture_file *file)
{
	if (file == NULL)
		return;
	pcap_close(file->pcap);
	release(file);
}
