/* SPDX-License-Identifier: MIT */
#include "diagnose/talk_test.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/expected_test.h"
#include "core/units.h"
#include "diagnose/json.h"
#include "diagnose/text.h"
#include "wire/pcapng.h"
#include "wire/raw_segment.h"

enum { ETHERNET = 1, FRAME_MAX = 2048, FIRST_PORT = 40000, PEER_PORT = 80 };
enum { DEVICE_HOST = 10, PEER_HOST = 1 };
#define START_NS (INT64_C(1700000000) * NS_PER_S)

static struct error err;

static struct endpoint endpoint_of(uint8_t host, uint16_t port)
{
	return (struct endpoint){.address = {192, 0, 2, host}, .family = 4, .port = port};
}

/* ---- captures ---- */

void write_temporary(char path[64], const char *text)
{
	snprintf(path, 64, "/tmp/wizhil-talk-XXXXXX");
	int file = mkstemp(path);

	cr_assert_geq(file, 0);
	cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
	close(file);
}

struct capture *capture_new(void)
{
	struct capture *capture = calloc(1, sizeof *capture);

	cr_assert_not_null(capture);
	write_temporary(capture->path, "");
	capture->writer = pcapng_create(capture->path, ETHERNET, "lab", &err);
	cr_assert_not_null(capture->writer, "%s", err.text);
	capture->now_ns = START_NS;
	return capture;
}

void capture_free(struct capture *capture)
{
	pcapng_discard(capture->writer);
	unlink(capture->path);
	free(capture);
}

void capture_wait(struct capture *capture, double seconds)
{
	capture->now_ns += (int64_t)(seconds * (double)NS_PER_S);
}

static uint32_t put(struct capture *capture, const uint8_t *frame, size_t length)
{
	cr_assert_eq(pcapng_packet(capture->writer, PCAPNG_WIRE, capture->now_ns, frame, length,
			     length, NULL, &err),
		0);
	capture->now_ns += NS_PER_MS;
	return ++capture->frames;
}

void capture_noise(struct capture *capture)
{
	uint8_t frame[60] = {[12] = 0x88, [13] = 0xb5}; /* IEEE 802: for experiments */

	memset(frame, 0xff, 6);
	put(capture, frame, sizeof frame);
}

void capture_arp(struct capture *capture, int operation, uint8_t sender, uint8_t target)
{
	uint8_t frame[42] = {[12] = 0x08,
		[13] = 0x06,
		[15] = 1,
		[16] = 0x08,
		[18] = 6,
		[19] = 4,
		[21] = (uint8_t)operation,
		[28] = 192,
		[30] = 2,
		[31] = sender,
		[38] = 192,
		[40] = 2,
		[41] = target};

	put(capture, frame, sizeof frame);
}

/* ---- connections ---- */

struct talk talk_of(struct capture *capture, uint16_t number)
{
	return (struct talk){.capture = capture,
		.sides = {endpoint_of(DEVICE_HOST, (uint16_t)(FIRST_PORT + number)),
			endpoint_of(PEER_HOST, PEER_PORT)},
		.next = {1000, 5000},
		.ttl = {64, 64},
		.window = {8192, 8192}};
}

static struct raw_tcp segment_of(struct talk *talk, int side, uint8_t flags, size_t octets)
{
	static const uint8_t payload[FRAME_MAX];

	return (struct raw_tcp){.source_mac = {2, 0, 0, 0, 0, (uint8_t)side},
		.destination_mac = {2, 0, 0, 0, 0, (uint8_t)!side},
		.source = talk->sides[side],
		.destination = talk->sides[!side],
		.ip_id = ++talk->capture->ip_id,
		.ttl = talk->ttl[side],
		.seq = talk->next[side],
		.ack = (flags & SEGMENT_FLAG_ACK) != 0 ? talk->next[!side] : 0,
		.flags = flags,
		.window = talk->window[side],
		.payload = payload,
		.length = octets};
}

static uint32_t send_segment(struct talk *talk, const struct raw_tcp *segment)
{
	uint8_t frame[FRAME_MAX];
	size_t length = raw_tcp_build(frame, sizeof frame, segment);

	cr_assert_gt(length, 0);
	return put(talk->capture, frame, length);
}

uint32_t talk_say(struct talk *talk, int side, uint8_t flags, size_t octets)
{
	const struct raw_tcp segment = segment_of(talk, side, flags, octets);

	talk->next[side] +=
		(uint32_t)octets + ((flags & (SEGMENT_FLAG_SYN | SEGMENT_FLAG_FIN)) != 0);
	return send_segment(talk, &segment);
}

uint32_t talk_say_at(struct talk *talk, int side, uint8_t flags, size_t octets, int32_t distance)
{
	struct raw_tcp segment = segment_of(talk, side, flags, octets);

	segment.seq += (uint32_t)distance;
	return send_segment(talk, &segment);
}

void talk_open(struct talk *talk)
{
	talk_say(talk, 0, SEGMENT_FLAG_SYN, 0);
	talk_say(talk, 1, SEGMENT_FLAG_SYN | SEGMENT_FLAG_ACK, 0);
	talk_say(talk, 0, SEGMENT_FLAG_ACK, 0);
}

void talk_data(struct talk *talk, int side)
{
	talk_say(talk, side, SEGMENT_FLAG_ACK | SEGMENT_FLAG_PSH, 20);
	talk_say(talk, !side, SEGMENT_FLAG_ACK, 0);
}

struct talk talk_begun(struct capture *capture, uint16_t number)
{
	struct talk talk = talk_of(capture, number);

	talk_open(&talk);
	talk_data(&talk, 0);
	return talk;
}

uint32_t talk_probe(struct talk *talk, int side)
{
	return talk_say_at(talk, side, SEGMENT_FLAG_ACK, 0, -1);
}

void talk_answer(struct talk *talk, int side)
{
	talk_say(talk, side, SEGMENT_FLAG_ACK, 0);
}

void talk_refuse(struct talk *talk, int side)
{
	talk_say(talk, side, SEGMENT_FLAG_RST, 0);
}

void talk_answered(struct talk *talk, int count, double seconds)
{
	for (int i = 0; i < count; i++) {
		capture_wait(talk->capture, seconds);
		talk_probe(talk, 0);
		talk_answer(talk, 1);
	}
}

void talk_unanswered(struct talk *talk, int count, double idle_s, double interval_s)
{
	for (int i = 0; i < count; i++) {
		capture_wait(talk->capture, i == 0 ? idle_s : interval_s);
		talk_probe(talk, 0);
	}
}

void talk_unreachable(struct talk *talk, int side)
{
	const struct raw_tcp quoted = segment_of(talk, side, SEGMENT_FLAG_ACK, 0);
	const struct raw_icmp_unreachable fields = {
		.sender = {.address = {198, 51, 100, 1}, .family = 4},
		.ip_id = ++talk->capture->ip_id,
		.ttl = 64,
		.code = 1,
		.quoted = &quoted};
	uint8_t frame[FRAME_MAX];
	size_t length = raw_icmp_unreachable_build(frame, sizeof frame, &fields);

	cr_assert_gt(length, 0);
	put(talk->capture, frame, length);
}

/* ---- what is asked ---- */

struct diagnosis_request nothing_known(void)
{
	return (struct diagnosis_request){.profile = profile_default()};
}

struct diagnosis_request set_to(int timeout_s, int probes)
{
	struct diagnosis_request request = nothing_known();

	request.device = (struct endpoint){.address = {192, 0, 2, 10}, .family = 4};
	request.timeout_s = timeout_s;
	request.probes = probes;
	return request;
}

/* ---- what comes of it ---- */

static void name_capture(char *text, const char *path)
{
	static const char name[] = "CAPTURE";
	const size_t length = strlen(path), short_length = strlen(name);

	for (char *found = text; (found = strstr(found, path)) != NULL; found += short_length) {
		memcpy(found, name, short_length);
		memmove(found + short_length, found + length, strlen(found + length) + 1);
	}
}

static const char *finish(struct capture *capture)
{
	cr_assert_eq(pcapng_finish(capture->writer, &err), 0, "%s", err.text);
	capture->writer = NULL;
	return capture->path;
}

char *diagnosis_of(const char *path, struct diagnosis_request request, enum diagnosis_form form)
{
	const char *const paths[] = {path};
	struct diagnosis_totals totals;
	char *composed = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&composed, &size);
	int failed;

	request.paths = paths;
	request.path_count = 1;
	if (form == DIAGNOSIS_JSON) {
		struct diagnosis_json *json = diagnosis_json_new(stream, paths, 1);
		cr_assert_not_null(json);
		failed = diagnose(&request, diagnosis_json_take, json, &totals, &err);
		cr_assert_eq(failed, 0, "%s: %s", path, err.text);
		cr_assert_eq(diagnosis_json_finish(json, &totals, &err), 0);
	} else {
		struct diagnosis_text *text =
			diagnosis_text_new(&request, form == DIAGNOSIS_VERBOSE);
		cr_assert_not_null(text);
		failed = diagnose(&request, diagnosis_text_take, text, &totals, &err);
		cr_assert_eq(failed, 0, "%s: %s", path, err.text);
		cr_assert_eq(diagnosis_text_finish(text, &totals, stream, &err), 0);
	}
	const int closed = fclose(stream);
	cr_assert_eq(closed, 0);
	name_capture(composed, path);
	return composed;
}

static void expect_of(struct capture *capture, struct diagnosis_request request,
	enum diagnosis_form form, const char *name, const char *ending)
{
	char *text = diagnosis_of(finish(capture), request, form), file[256];

	capture_free(capture);
	snprintf(file, sizeof file, "%s.%s", name, ending);
	expect_whole("diagnose", file, text);
	free(text);
}

struct diagnosis_totals diagnose_capture(struct capture *capture, struct diagnosis_request request,
	diagnosis_take *take, void *context)
{
	const char *const paths[] = {finish(capture)};
	struct diagnosis_totals totals;

	request.paths = paths;
	request.path_count = 1;
	const int failed = diagnose(&request, take, context, &totals, &err);
	cr_assert_eq(failed, 0, "%s", err.text);
	capture_free(capture);
	return totals;
}

void expect_text(struct capture *capture, struct diagnosis_request request, const char *name)
{
	expect_of(capture, request, DIAGNOSIS_VERBOSE, name, "txt");
}

void expect_json(struct capture *capture, struct diagnosis_request request, const char *name)
{
	expect_of(capture, request, DIAGNOSIS_JSON, name, "json");
}

void expect_short(struct capture *capture, struct diagnosis_request request, const char *name)
{
	expect_of(capture, request, DIAGNOSIS_SHORT, name, "txt");
}
