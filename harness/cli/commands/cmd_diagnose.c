/* SPDX-License-Identifier: MIT */
#include <argp.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/text_buffer.h"
#include "core/units.h"
#include "diagnose/diagnosis.h"
#include "diagnose/json.h"
#include "diagnose/text.h"
#include "judge/finding.h"
#include "report/formats/judged_capture.h"
#include "report/html/diagnosis_page.h"
#include "scenario/keepalive_interval.h"
#include "uart/at_command.h"

enum { FILES_MAX = 65535, COUNT_MAX = 255 };

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "print the diagnosis as JSON (reports/schema)", 0},
	{"html", 'H', "FILE", 0, "also write it to this file, as a page with pictures", 0},
	{"annotate", 'a', "OUT", 0,
		"also copy the capture to this pcapng file, with a comment at each probe, end, and UART line",
		0},
	{"verbose", 'v', NULL, 0, "show each probe, and what the capture cannot show", 0},
	{"device", 'd', "ADDRESS", 0,
		"IP address of the device: check its keep-alive against the vendor's documentation",
		0},
	{"options", 'o', "T,N", 0, "the options that were set: TCP_KEEPALIVE and TCP_KEEPALIVE_CNT",
		0},
	{"uart", 'u', "LOG", 0,
		"log of the module's UART during the capture: raw bytes, or a transcript of wizhil; its " AT_NAME_OPTION
		" commands replace --options",
		0},
	{"profile", 'p', "FILE", 0, "device profile with the tolerances", 0},
	{0},
};

struct diagnose_arguments {
	struct diagnosis_request request;
	const char *profile, *html, *annotate;
	bool json, verbose;
};

static void parse_device(const char *value, struct endpoint *device, struct argp_state *state)
{
	*device = (struct endpoint){.family = 4};
	if (inet_pton(AF_INET, value, device->address) == 1)
		return;
	device->family = 6;
	if (inet_pton(AF_INET6, value, device->address) != 1)
		argp_error(state, "invalid IP address '%s'", value);
}

static void parse_options(
	const char *value, struct diagnosis_request *request, struct argp_state *state)
{
	int end = 0;

	if (sscanf(value, "%7d,%7d%n", &request->timeout_s, &request->probes, &end) == 2 &&
		value[end] == '\0' &&
		planned_keepalive_swapped(request->timeout_s, request->probes))
		argp_error(state,
			"invalid --options '%s' (the timeout comes first: did you mean %d,%d?)",
			value, request->probes, request->timeout_s);
	if (sscanf(value, "%d,%d%n", &request->timeout_s, &request->probes, &end) != 2 ||
		value[end] != '\0' || request->timeout_s < 1 || request->probes < 1 ||
		request->probes > COUNT_MAX)
		argp_error(state, "invalid --options '%s' (use two numbers, as in 600,8)", value);
	const int floor_s = (int)(request->probes * KEEPALIVE_INTERVAL_NS / NS_PER_S);
	if (request->timeout_s < floor_s) {
		fprintf(stderr,
			"wizhil: --options %s: the module refuses a timeout below 75 x %d = %d s, and its behaviour after that is unknown: judging the connections as without --options\n",
			value, request->probes, floor_s);
		request->timeout_s = request->probes = 0;
	}
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct diagnose_arguments *arguments = state->input;
	struct diagnosis_request *request = &arguments->request;

	switch (key) {
	case 'j':
		arguments->json = true;
		break;
	case 'H':
		if (strcmp(value, "-") == 0)
			argp_error(state,
				"--html needs a file (standard output is used for the text)");
		arguments->html = value;
		request->timelines = true;
		break;
	case 'a':
		arguments->annotate = value;
		request->timelines = true;
		break;
	case 'v':
		arguments->verbose = true;
		break;
	case 'd':
		parse_device(value, &request->device, state);
		break;
	case 'o':
		parse_options(value, request, state);
		break;
	case 'u':
		request->uart = value;
		break;
	case 'p':
		arguments->profile = value;
		break;
	case ARGP_KEY_ARGS:
		request->paths = (const char *const *)state->argv + state->next;
		request->path_count = (size_t)(state->argc - state->next);
		if (request->path_count > FILES_MAX)
			argp_error(state, "more than %d files", FILES_MAX);
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "missing argument CAPTURE (a pcap or pcapng file, or '-')");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* A line that is written over and over, once reading has taken a second, and gone before the
 * diagnosis is written. */
struct progress {
	struct timespec begin, shown;
	bool visible;
};

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) +
	       (double)(now->tv_nsec - then->tv_nsec) / (double)NS_PER_S;
}

static void show_progress(double part, uint64_t packets, void *context)
{
	const double often_s = 0.2, patience_s = 1;
	struct progress *progress = context;
	struct timespec now;

	if (part >= 1) {
		fputs(progress->visible ? "\r\033[K" : "", stderr);
		progress->visible = false;
		return;
	}
	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	if (seconds_since(&progress->begin, &now) < patience_s ||
		seconds_since(&progress->shown, &now) < often_s)
		return;
	progress->shown = now;
	progress->visible = true;
	if (part < 0)
		fprintf(stderr, "\r%llu packets ", (unsigned long long)packets);
	else
		fprintf(stderr, "\r%3.0f %%, %llu packets ", part * 100,
			(unsigned long long)packets);
}

/* Findings worse than a note decide the exit code. */
struct counted {
	diagnosis_take *take;
	void *context;
	struct diagnosis_page *page; /* NULL: none is wanted */
	struct frame_notes *notes;   /* likewise */
	bool found;
	char probers[ENDPOINT_TEXT * 2]; /* addresses that probe, the first few */
};

static void note_prober(struct counted *counted, const struct diagnosed_direction *direction)
{
	char text[ENDPOINT_TEXT];
	struct text_buffer probers = text_buffer_behind(counted->probers, sizeof counted->probers);

	(void)endpoint_format_address(&direction->prober, text);
	if (direction->probe_count == 0 || strstr(counted->probers, text) != NULL ||
		strlen(counted->probers) + strlen(text) + 3 > sizeof counted->probers)
		return;
	text_add(&probers, "%s%s", counted->probers[0] == '\0' ? "" : ", ", text);
}

static int count_findings(const struct diagnosed_connection *connection, void *context)
{
	struct counted *counted = context;

	for (size_t i = 0; i < connection->direction_count; i++)
		note_prober(counted, &connection->directions[i]);
	for (size_t i = 0; i < connection->direction_count; i++)
		for (size_t j = 0; j < connection->directions[i].finding_count; j++)
			counted->found |=
				connection->directions[i].findings[j].severity > SEVERITY_NOTE;
	for (size_t i = 0; counted->notes != NULL && i < connection->direction_count; i++)
		if (connection->directions[i].timeline != NULL &&
			frame_notes_take(counted->notes, connection->directions[i].timeline,
				connection->directions[i].verdict) != 0)
			return -1;
	if (counted->page != NULL && diagnosis_page_take(connection, counted->page) != 0)
		return -1;
	return counted->take(connection, counted->context);
}

/* Under another name first, so that a page that is there is whole. */
static int write_page(struct diagnosis_page *page, const struct diagnosis_totals *totals,
	const char *path, struct error *err)
{
	char temporary[4096];

	snprintf(temporary, sizeof temporary, "%s.part", path);
	FILE *stream = fopen(temporary, "we");
	if (stream == NULL)
		return error_errno(err, ERROR_USAGE, "cannot write '%s'", path);
	diagnosis_page_write(page, totals, stream);
	int failed = ferror(stream);
	failed |= fclose(stream);
	if (failed == 0 && rename(temporary, path) == 0)
		return 0;
	(void)error_errno(err, ERROR_BENCH, "cannot write '%s'", path);
	unlink(temporary);
	return -1;
}

static int complain_of_device(
	const struct diagnosis_request *request, const char *probers, struct error *err)
{
	char text[ENDPOINT_TEXT];

	return error_set(err, ERROR_USAGE, "no connection has an end '%s' (%s%s)",
		endpoint_format_address(&request->device, text),
		probers[0] == '\0' ? "no address sends probes" : "these send probes: ", probers);
}

/* The copy is of one file, which stays as it is. */
static int check_annotate(const struct diagnose_arguments *arguments, struct error *err)
{
	const struct diagnosis_request *request = &arguments->request;
	struct stat from, to;

	if (arguments->annotate == NULL)
		return 0;
	if (request->path_count != 1 || strcmp(request->paths[0], "-") == 0)
		return error_set(err, ERROR_USAGE,
			"--annotate needs one capture file (join several with mergecap)");
	if (stat(request->paths[0], &from) == 0 && stat(arguments->annotate, &to) == 0 &&
		from.st_dev == to.st_dev && from.st_ino == to.st_ino)
		return error_set(err, ERROR_USAGE,
			"--annotate would replace the capture '%s' (give another name)",
			request->paths[0]);
	return 0;
}

static int run(const struct diagnose_arguments *arguments, struct diagnosis_totals *totals,
	bool *found, struct error *err)
{
	const struct diagnosis_request *request = &arguments->request;
	struct counted counted = {.take = diagnosis_text_take};

	if (arguments->json) {
		/* It may have more octets than a tenth of the capture. */
		static char buffer[1 << 16];
		(void)setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
		counted.take = diagnosis_json_take;
		counted.context = diagnosis_json_new(stdout, request->paths, request->path_count);
	} else {
		counted.context = diagnosis_text_new(request, arguments->verbose);
	}
	if (arguments->html != NULL)
		counted.page = diagnosis_page_new(request);
	if (arguments->annotate != NULL)
		counted.notes = frame_notes_new();
	if (counted.context == NULL || (arguments->html != NULL && counted.page == NULL) ||
		(arguments->annotate != NULL && counted.notes == NULL))
		return error_set(err, ERROR_MEMORY, "out of memory");
	int status = diagnose(request, count_findings, &counted, totals, err);
	if (!arguments->json)
		(void)terminal_fit();
	struct error *finish_err = status == 0 ? err : NULL;
	if ((arguments->json ? diagnosis_json_finish(counted.context, totals, finish_err)
			     : diagnosis_text_finish(
				       counted.context, totals, stdout, finish_err)) != 0)
		status = -1;
	if (status == 0 && counted.page != NULL)
		status = write_page(counted.page, totals, arguments->html, err);
	if (status == 0 && counted.notes != NULL)
		status = judged_capture_write(
			request->paths[0], arguments->annotate, counted.notes, err);
	diagnosis_page_free(counted.page);
	frame_notes_free(counted.notes);
	*found = counted.found;
	if (status == 0 && request->device.family != 0 && totals->segments > 0 &&
		!totals->device_seen)
		return complain_of_device(request, counted.probers, err);
	return status;
}

/* No TCP at all: why? */
static int complain_of_nothing(
	const struct diagnosis_request *request, const struct diagnosis_totals *totals)
{
	const char *path = request->paths[0];

	if (totals->unknown_link > 0 && totals->unknown_link == totals->packets) {
		remark("'%s' has packets of link type %d, which is not supported (supported are Ethernet, Wi-Fi, Linux cooked, BSD null, PPP, Cisco HDLC, frame relay and raw IP)",
			path, totals->unknown_link_type);
		return EXIT_CODE_USAGE;
	}
	remark("'%s' has no TCP segment: %s", path,
		totals->packets == 0	     ? "it has no packets"
		: totals->wifi.encrypted > 0 ? "its Wi-Fi frames are encrypted"
					     : "nothing was diagnosed");
	return EXIT_CODE_NOT_RUN;
}

int command_diagnose(int argc, char **argv)
{
	static const struct argp parser = {options, parse, "FILE...",
		"Explains TCP keep-alive on each connection of a capture: which end sends probes, how often, whether they are answered, and which end gives up.\v"
		"Reads pcap and pcapng, also compressed with gzip. Several files are read as one recording, in the order of time; '-' is standard input.\n\n"
		"--html writes a self-contained page with a picture of each connection, the worst first.\n\n"
		"--annotate writes a pcapng file with the same packets for Wireshark: comments tell which probe of how many it is, the gap before it, what was expected and what the judge says; the plugin wizhil.lua makes fields and columns of them (frame.comment contains \"fails\" finds them without it).\n\n"
		"Without --device and --options only violations of the TCP standards are findings. Exit codes: 0 no finding, 1 a finding, 2 a file cannot be read to its end, 77 no TCP.",
		NULL, NULL, NULL};
	struct diagnose_arguments arguments = {.request.profile = profile_default()};
	struct diagnosis_totals totals = {0};
	struct progress progress = {0};
	struct error err = {0};
	bool found = false;

	if (!command_parse(&parser, argc, argv, &arguments))
		return EXIT_CODE_PASS;
	if (arguments.profile != NULL &&
		profile_read(arguments.profile, &arguments.request.profile, &err) != 0)
		return complain(&err);
	if (check_annotate(&arguments, &err) != 0)
		return complain(&err);
	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &progress.begin);
	if (isatty(STDERR_FILENO)) {
		arguments.request.progress = show_progress;
		arguments.request.progress_context = &progress;
	}
	int status = run(&arguments, &totals, &found, &err);
	if (status != 0)
		return complain(&err);
	if (totals.fault.kind != ERROR_NONE)
		return complain(&totals.fault);
	if (totals.segments == 0)
		return complain_of_nothing(&arguments.request, &totals);
	return found ? EXIT_CODE_FIRMWARE : EXIT_CODE_PASS;
}
