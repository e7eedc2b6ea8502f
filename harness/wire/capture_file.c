/* SPDX-License-Identifier: MIT */
#include "wire/capture_file.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/units.h"

struct capture_file {
	pcap_t *pcap;
	uint64_t frames;
	char *path;
};

/* fopen() opens folders, and read then fails with words that help nobody. */
static FILE *open_stream(const char *path)
{
	struct stat status;

	if (strcmp(path, "-") == 0)
		return stdin;
	FILE *stream = fopen(path, "rbe");
	if (stream != NULL && fstat(fileno(stream), &status) == 0 && S_ISDIR(status.st_mode)) {
		(void)fclose(stream);
		errno = EISDIR;
		return NULL;
	}
	return stream;
}

struct capture_file *capture_file_open(const char *path, struct error *err)
{
	char reason[PCAP_ERRBUF_SIZE] = "";
	FILE *stream = open_stream(path);

	if (stream == NULL) {
		(void)error_errno(err, ERROR_USAGE, "cannot open '%s'", path);
		return NULL;
	}
	struct capture_file *file = calloc(1, sizeof *file);
	if (file == NULL || (file->path = strdup(path)) == NULL) {
		(void)error_set(err, ERROR_MEMORY, "out of memory");
		(void)fclose(stream);
		free(file);
		return NULL;
	}
	file->pcap = pcap_fopen_offline_with_tstamp_precision(
		stream, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (file->pcap == NULL) {
		(void)error_set(
			err, ERROR_USAGE, "cannot read '%s' as a capture: %s", path, reason);
		(void)fclose(stream);
		free(file->path);
		free(file);
		return NULL;
	}
	return file;
}

int capture_file_link_type(const struct capture_file *file)
{
	return pcap_datalink(file->pcap);
}

int capture_file_next(struct capture_file *file, struct captured_packet *packet, struct error *err)
{
	struct pcap_pkthdr *header;
	const unsigned char *bytes;
	int status = pcap_next_ex(file->pcap, &header, &bytes);

	if (status == PCAP_ERROR_BREAK)
		return 0;
	if (status != 1)
		return error_set(err, ERROR_USAGE, "'%s' is damaged after frame %llu: %s",
			file->path, (unsigned long long)file->frames, pcap_geterr(file->pcap));
	/* tv_usec holds nanoseconds: the handle's precision. */
	*packet = (struct captured_packet){.frame = ++file->frames,
		.time_ns = (int64_t)header->ts.tv_sec * NS_PER_S + header->ts.tv_usec,
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
	free(file->path);
	free(file);
}
