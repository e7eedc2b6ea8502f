/* SPDX-License-Identifier: MIT */
#include "bench/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file_copy.h"
#include "core/file_open.h"

/* suite/case becomes suite.case in file names. */
static void flat_name(const char *case_name, char *flat, size_t size)
{
	snprintf(flat, size, "%s", case_name);
	for (char *c = flat; *c != '\0'; c++)
		if (*c == '/')
			*c = '.';
}

static void evidence_names(const struct bench_case *test_case, bool alone, char names[3][160])
{
	static const char *const endings[] = {"timeline.jsonl", "pcapng", "uart.txt"};
	char flat[96];
	char number[16] = "";

	char repetition[16] = "";
	char device[34] = "";

	flat_name(test_case->listed->name, flat, sizeof flat);
	if (test_case->listed->device[0] != '\0')
		snprintf(device, sizeof device, ".%s", test_case->listed->device);
	if (test_case->repetition > 1)
		snprintf(repetition, sizeof repetition, ".r%d", test_case->repetition);
	if (test_case->drives > 0)
		snprintf(number, sizeof number, ".%d", test_case->drives + 1);
	for (int i = 0; i < 3; i++)
		snprintf(names[i], 160, "evidence/%s%s%s%s%s.%s", flat, device, repetition, number,
			alone ? ".alone" : "", endings[i]);
}

int evidence_open(struct bench *bench, struct session *session, struct bench_case *test_case,
	struct error *err)
{
	char path[512];

	evidence_names(test_case, test_case->again, session->evidence);
	snprintf(path, sizeof path, "%s/evidence", bench->options->run_folder);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return error_errno(err, ERROR_BENCH, "cannot create '%s'", path);
	snprintf(path, sizeof path, "%s/%s", bench->options->run_folder, session->evidence[1]);
	session->pcapng = pcapng_create(path, wire_watch_link_type(&session->device->wire),
		bench->options->file->peer.interface, err);
	if (session->pcapng == NULL)
		return -1;
	if (bench->monitor.capture != NULL)
		pcapng_add_interface(session->pcapng, bench->monitor.link_type,
			bench->options->file->monitor.interface);
	snprintf(path, sizeof path, "%s/%s", bench->options->run_folder, session->evidence[2]);
	session->transcript = transcript_open(path, err);
	return session->transcript == NULL ? -1 : 0;
}

static int memfd_of(const struct timeline *timeline, struct error *err)
{
	int memory = memfd_create("timeline", MFD_CLOEXEC);
	if (memory < 0)
		return error_errno(err, ERROR_BENCH, "cannot create a memory file");
	FILE *stream = file_of(dup(memory), "w");
	if (stream == NULL) {
		error_errno(err, ERROR_BENCH, "cannot write to a memory file");
		close(memory);
		return -1;
	}
	if (timeline_write(timeline, stream, err) != 0) {
		fclose(stream);
		close(memory);
		return -1;
	}
	fclose(stream);
	return memory;
}

static int copy_to_file(int memory, const char *path, struct error *err)
{
	char temporary[520];
	struct stat size;
	off_t from = 0;

	snprintf(temporary, sizeof temporary, "%s.part", path);
	int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0 || fstat(memory, &size) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", temporary);
	while (from < size.st_size) {
		if (sendfile(file, memory, &from, (size_t)(size.st_size - from)) <= 0) {
			error_errno(err, ERROR_BENCH, "cannot write '%s'", temporary);
			close(file);
			unlink(temporary);
			return -1;
		}
	}
	if (close(file) == 0 && rename(temporary, path) == 0)
		return 0;
	error_errno(err, ERROR_BENCH, "cannot write '%s'", path);
	unlink(temporary);
	return -1;
}

/* On the real clock, where a run is worth more than the milliseconds: on disk before the verdict
 * that is reached by it counts. */
static int bring_to_disk(
	const struct bench *bench, const struct session *session, struct error *err)
{
	char path[512];

	for (int i = 0; i < 3 && bench->clock.kind == CLOCK_KIND_REAL; i++) {
		snprintf(path, sizeof path, "%s/%s", bench->options->run_folder,
			session->evidence[i]);
		int file = open(path, O_RDONLY | O_CLOEXEC);
		int failed = file < 0 ? -1 : fdatasync(file);
		if (failed != 0)
			error_errno(err, ERROR_BENCH, "cannot flush '%s' to disk", path);
		if (file >= 0)
			close(file);
		if (failed != 0)
			return -1;
	}
	return 0;
}

int evidence_finish(struct bench *bench, struct session *session, struct error *err)
{
	char path[512];
	int failed = 0;

	if (session->pcapng != NULL)
		failed |= pcapng_finish(session->pcapng, err);
	if (session->transcript != NULL)
		transcript_flush(session->transcript, clock_now(&bench->clock));
	if (session->transcript != NULL)
		failed |= transcript_finish(session->transcript, err);
	session->pcapng = NULL;
	session->transcript = NULL;
	if (failed != 0)
		return -1;
	session->timeline->uart = session->device->uart.round_trips;
	int memory = memfd_of(session->timeline, err);
	if (memory < 0)
		return -1;
	snprintf(path, sizeof path, "%s/%s", bench->options->run_folder, session->evidence[0]);
	if (copy_to_file(memory, path, err) != 0 || bring_to_disk(bench, session, err) != 0) {
		close(memory);
		return -1;
	}
	return memory;
}

void evidence_discard(const struct bench *bench, struct session *session)
{
	char path[512];

	(void)transcript_finish(session->transcript, NULL);
	if (session->pcapng != NULL)
		(void)pcapng_finish(session->pcapng, NULL);
	session->transcript = NULL;
	session->pcapng = NULL;
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", bench->options->run_folder,
			session->evidence[i]);
		(void)unlink(path);
	}
}

/* What a recorded run has of a case comes into the folder of the run that judges it, which may comment it.
 * One that has no capture or transcript is judged by its timeline. */
static int keep_recorded(const struct bench *bench, struct bench_case *test_case, struct error *err)
{
	char from[4096], to[4096];

	snprintf(to, sizeof to, "%s/evidence", bench->options->run_folder);
	if (mkdir(to, 0700) != 0 && errno != EEXIST)
		return error_errno(err, ERROR_BENCH, "cannot create '%.200s'", to);
	for (int i = 0; i < 3; i++) {
		snprintf(from, sizeof from, "%s/%s", bench->options->recorded,
			test_case->evidence[i]);
		snprintf(
			to, sizeof to, "%s/%s", bench->options->run_folder, test_case->evidence[i]);
		if (access(from, F_OK) != 0)
			test_case->evidence[i][0] = '\0';
		else if (file_copy(from, to, err) != 0)
			return -1;
	}
	return 0;
}

int evidence_recorded(struct bench *bench, struct bench_case *test_case, struct error *err)
{
	char names[3][160], path[4096];

	evidence_names(test_case, test_case->again, names);
	snprintf(path, sizeof path, "%s/%s", bench->options->recorded, names[0]);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return error_errno(
			err, ERROR_BENCH, "cannot read the recorded timeline '%.200s'", path);
	memcpy(test_case->evidence, names, sizeof names);
	if (keep_recorded(bench, test_case, err) == 0)
		return file;
	close(file);
	return -1;
}
