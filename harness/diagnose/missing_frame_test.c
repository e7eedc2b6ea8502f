/* SPDX-License-Identifier: MIT */
/*
 * The reference captures with one of their frames missing, or stamped a second later: what is said of each prober then,
 * the first letter of its outcome and how many probes it sent, for each frame in turn.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <jansson.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/expected_test.h"
#include "core/units.h"
#include "diagnose/diagnosis.h"
#include "diagnose/talk_test.h"
#include "wire/capture_file.h"

#define CAPTURES WIZHIL_SOURCE "/captures/"

enum { FRAMES_MOST = 60, CHANGE_MISSING, CHANGE_LATER };

struct frame {
	struct pcap_pkthdr header;
	uint8_t *bytes;
	int link_type;
};

static int is_capture(const struct dirent *entry)
{
	return strstr(entry->d_name, ".pcap") != NULL;
}

/* Its frames; 0: they are too many, or of unlike links. */
static size_t frames_of(const char *name, struct frame frames[FRAMES_MOST])
{
	char path[256];
	struct captured_packet p;
	size_t count = 0;
	bool fits = true;

	snprintf(path, sizeof path, CAPTURES "%s", name);
	struct capture_file *file = capture_file_open(path, NULL);
	cr_assert_not_null(file, "%s", path);
	while (fits && capture_file_next(file, &p, NULL) == 1) {
		fits = count < FRAMES_MOST && (count == 0 || p.link_type == frames[0].link_type);
		if (!fits)
			break;
		struct frame *frame = &frames[count++];
		*frame = (struct frame){.header = {.ts = {.tv_sec = p.time_ns / NS_PER_S,
							   .tv_usec = p.time_ns % NS_PER_S},
						.caplen = (uint32_t)p.captured,
						.len = (uint32_t)p.wire_length},
			.bytes = malloc(p.captured + 1),
			.link_type = p.link_type};
		cr_assert_not_null(frame->bytes);
		memcpy(frame->bytes, p.bytes, p.captured);
	}
	capture_file_close(file);
	for (size_t i = 0; !fits && i < count; i++)
		free(frames[i].bytes);
	return fits ? count : 0;
}

static void write_frames(
	const char *path, const struct frame *frames, size_t count, size_t nth, int change)
{
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(
		frames[0].link_type, 262144, PCAP_TSTAMP_PRECISION_NANO);
	pcap_dumper_t *dumper = pcap_dump_open(pcap, path);

	cr_assert_not_null(dumper, "%s", path);
	for (size_t i = 0; i < count; i++) {
		struct pcap_pkthdr header = frames[i].header;
		if (i == nth && change == CHANGE_MISSING)
			continue;
		header.ts.tv_sec += i == nth;
		pcap_dump((unsigned char *)dumper, &header, frames[i].bytes);
	}
	pcap_dump_close(dumper);
	pcap_close(pcap);
}

/* "d4" of a prober that was declared dead after four probes; of several probers one behind the other. */
static void put_outcomes(FILE *stream, const char *path)
{
	const struct diagnosis_request request = {.profile = profile_default()};
	char *text = diagnosis_of(path, request, DIAGNOSIS_JSON);
	json_t *all = json_loads(text, 0, NULL);
	json_t *connections =
		json_object_get(json_array_get(json_object_get(all, "captures"), 0), "connections");
	const json_t *connection, *direction;
	size_t i, k;

	cr_assert_not_null(all, "%s", text);
	fputc(' ', stream);
	if (json_array_size(connections) == 0)
		fputc('-', stream);
	json_array_foreach(connections, i, connection)
	{
		json_array_foreach(json_object_get(connection, "directions"), k, direction)
		{
			const char *outcome =
				json_string_value(json_object_get(direction, "outcome"));
			fprintf(stream, "%c%zu", outcome == NULL ? '?' : outcome[0],
				json_array_size(json_object_get(direction, "probes")));
		}
	}
	json_decref(all);
	free(text);
}

static void put_capture(FILE *stream, const char *name, const char *path)
{
	struct frame frames[FRAMES_MOST] = {0};
	const size_t count = frames_of(name, frames);

	if (count == 0)
		return;
	/* Faults of the virtual device, some of which are called so, are not named here (.ci/layers). */
	for (const char *at = name; *at != '\0'; at++)
		fputc(*at == '-' ? ' ' : *at, stream);
	write_frames(path, frames, count, count, CHANGE_LATER);
	put_outcomes(stream, path);
	for (int change = CHANGE_MISSING; change <= CHANGE_LATER; change++) {
		fputs(change == CHANGE_MISSING ? "\n missing" : "\n later  ", stream);
		for (size_t i = 0; i < count; i++) {
			write_frames(path, frames, count, i, change);
			put_outcomes(stream, path);
		}
	}
	fputc('\n', stream);
	for (size_t i = 0; i < count; i++)
		free(frames[i].bytes);
}

Test(missing_frame, of_each_reference_capture)
{
	char path[] = "/tmp/wizhil-missing-XXXXXX", *text = NULL;
	struct dirent **entries = NULL;
	const int found = scandir(CAPTURES, &entries, is_capture, alphasort);
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	close(mkstemp(path));
	cr_assert_gt(found, 30);
	for (int i = 0; i < found; i++) {
		put_capture(stream, entries[i]->d_name, path);
		free(entries[i]);
	}
	free(entries);
	fclose(stream);
	unlink(path);
	expect_whole("diagnose", "missing-frame.txt", text);
	free(text);
}
