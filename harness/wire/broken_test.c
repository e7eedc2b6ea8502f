/* SPDX-License-Identifier: MIT */
/*
 * Frames that are cut off at each octet, and of which each octet is another one: what is read of them, to the last
 * field; and the same of a pcapng file.  Nothing of it may depend on what stands behind the octets that are there.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/expected_test.h"
#include "wire/bytes.h"
#include "wire/capture_file.h"
#include "wire/decode.h"
#include "wire/pcapng_read.h"

#define CAPTURES WIZHIL_SOURCE "/captures/"

enum { FRAME_MOST = 200, BEHIND = 256, KINDS = PACKET_MALFORMED + 1 };

/* Lines that are the same are one, with the range they hold for. */
struct runs {
	FILE *stream;
	char *text; /* of the run */
	size_t from, to;
};

static void runs_put(struct runs *runs)
{
	if (runs->text != NULL && runs->from == runs->to)
		fprintf(runs->stream, "%zu: %s\n", runs->from, runs->text);
	else if (runs->text != NULL)
		fprintf(runs->stream, "%zu-%zu: %s\n", runs->from, runs->to, runs->text);
	free(runs->text);
	runs->text = NULL;
}

/* Takes over the text. */
static void runs_add(struct runs *runs, size_t at, char *text)
{
	if (runs->text != NULL && strcmp(runs->text, text) == 0) {
		runs->to = at;
		free(text);
		return;
	}
	runs_put(runs);
	*runs = (struct runs){runs->stream, text, at, at};
}

/* ---- frames ---- */

static void put_end(FILE *stream, const char *name, const struct endpoint *endpoint)
{
	char text[ENDPOINT_TEXT];

	if (endpoint->family != 0)
		fprintf(stream, " %s %s", name, endpoint_format(endpoint, text));
}

static void put_flag(FILE *stream, const char *name, bool is)
{
	if (is)
		fprintf(stream, " %s", name);
}

static void put_packet(FILE *stream, const struct packet *p, const uint8_t *bytes, size_t captured)
{
	static const char *const kinds[] = {"other", "arp", "icmp", "tcp", "udp", "malformed"};

	fputs(kinds[p->kind], stream);
	put_flag(stream, "fragment", p->fragment);
	put_flag(stream, "cut", p->cut);
	if (p->has_mac)
		fprintf(stream, " mac %02x..%02x>%02x..%02x", p->source_mac[0], p->source_mac[5],
			p->destination_mac[0], p->destination_mac[5]);
	if (p->wifi != WIFI_NONE)
		fprintf(stream, " wifi %d length %d", p->wifi, p->wifi_length);
	put_flag(stream, "retry", p->wifi_retry);
	if (p->more != 0)
		fprintf(stream, " more %d", p->more);
	put_end(stream, "from", &p->source);
	put_end(stream, "to", &p->destination);
	if (p->ttl != 0)
		fprintf(stream, " ttl %d", p->ttl);
	put_flag(stream, "ip-ok", p->ip_checksum_ok);
	if (p->has_ip_id)
		fprintf(stream, " id %d", p->ip_id);
	if (p->kind == PACKET_ARP)
		fprintf(stream, " operation %d", p->arp_operation);
	if (p->kind == PACKET_ICMP) {
		fprintf(stream, " type %d code %d", p->icmp_type, p->icmp_code);
		put_end(stream, "quotes", &p->icmp_source);
		put_end(stream, "to", &p->icmp_destination);
		put_end(stream, "target", &p->icmp_target);
		fprintf(stream, " seq %u%s", p->icmp_seq, p->icmp_header ? " header" : "");
	}
	if (p->kind == PACKET_TCP)
		fprintf(stream, " seq %u ack %u flags %02x window %u", p->seq, p->ack, p->flags,
			p->window);
	if (p->kind == PACKET_TCP || p->kind == PACKET_UDP)
		fprintf(stream, " length %u", p->length);
	if (p->payload != NULL && p->payload + p->captured_payload == bytes + captured)
		fprintf(stream, " at %td to the end", p->payload - bytes);
	else if (p->payload != NULL || p->captured_payload > 0)
		fprintf(stream, " at %td, %u", p->payload - bytes, p->captured_payload);
	put_flag(stream, p->tcp_checksum_ok ? "sum-ok" : "sum-wrong", p->checksum_known);
	if (p->has_sack)
		fprintf(stream, " sack %u-%u", p->sack_left, p->sack_right);
	if (p->window_scale != WINDOW_SCALE_NONE)
		fprintf(stream, " scale %d", p->window_scale);
	if (p->has_timestamps)
		fprintf(stream, " stamps %u,%u", p->ts_value, p->ts_echo);
}

/* All packets of the frame, with octets of this value behind it. */
static char *decoded(int link_type, const uint8_t *frame, size_t captured, size_t wire_length,
	uint8_t behind, enum packet_kind *kind)
{
	uint8_t bytes[FRAME_MOST + BEHIND];
	struct packet packet;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	memset(bytes, behind, sizeof bytes);
	memcpy(bytes, frame, captured);
	(void)packet_decode(link_type, bytes, captured, wire_length, &packet);
	*kind = packet.kind;
	put_packet(stream, &packet, bytes, captured);
	for (int i = 0; packet.more != 0 && i < 4; i++) {
		packet_decode_more(bytes, captured, wire_length, &packet);
		fputs(" | ", stream);
		put_packet(stream, &packet, bytes, captured);
	}
	fclose(stream);
	return text;
}

/* The same whatever is behind. */
static char *decoded_alone(int link_type, const uint8_t *frame, size_t captured, size_t wire_length,
	enum packet_kind *kind)
{
	char *text = decoded(link_type, frame, captured, wire_length, 0, kind);
	char *other = decoded(link_type, frame, captured, wire_length, 0xff, kind);

	cr_expect_str_eq(text, other, "what is behind %zu octets counts", captured);
	free(other);
	return text;
}

static void put_frame(FILE *stream, const struct captured_packet *p)
{
	struct runs runs = {.stream = stream};
	uint8_t frame[FRAME_MOST];
	enum packet_kind kind;
	const size_t most = p->captured < FRAME_MOST ? p->captured : FRAME_MOST;

	fputs("cut at\n", stream);
	for (size_t n = 0; n <= most; n++)
		runs_add(&runs, n, decoded_alone(p->link_type, p->bytes, n, p->wire_length, &kind));
	runs_put(&runs);
	/* A letter for each octet: its kind, or as it was. */
	char *whole = decoded_alone(p->link_type, p->bytes, most, p->wire_length, &kind);
	const uint8_t changes[] = {0x01, 0x10, 0x80, 0xff};
	for (size_t c = 0; c < sizeof changes; c++) {
		fprintf(stream, "xor %02x ", changes[c]);
		for (size_t i = 0; i < most && i < 120; i++) {
			memcpy(frame, p->bytes, most);
			frame[i] ^= changes[c];
			char *text =
				decoded_alone(p->link_type, frame, most, p->wire_length, &kind);
			fputc(strcmp(text, whole) == 0 ? '.' : "oaituM"[kind], stream);
			free(text);
		}
		fputc('\n', stream);
	}
	free(whole);
}

static int is_of_a_link(const struct dirent *entry)
{
	static const char *const others[] = {"unreachable.", "wifi-aggregated.", "wifi-damaged.",
		"wifi-encrypted.", "captured-twice-ipv6.", "joined-octet-d-sack.", "fast-open.",
		"trailers."};
	bool is = strncmp(entry->d_name, "link-", 5) == 0;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		is |= strncmp(entry->d_name, others[i], strlen(others[i])) == 0;
	return is && strstr(entry->d_name, ".json") == NULL;
}

/* The first frame of each kind, and of each length up to three. */
static void put_capture(FILE *stream, const char *name)
{
	char path[256];
	struct captured_packet p;
	int seen[KINDS] = {0};
	size_t length = 0;

	snprintf(path, sizeof path, CAPTURES "%s", name);
	struct capture_file *file = capture_file_open(path, NULL);
	cr_assert_not_null(file, "%s", path);
	while (capture_file_next(file, &p, NULL) == 1) {
		struct packet packet;
		(void)packet_decode(p.link_type, p.bytes, p.captured, p.wire_length, &packet);
		if (seen[packet.kind] >= 2 || (seen[packet.kind] > 0 && p.captured == length))
			continue;
		seen[packet.kind]++;
		length = p.captured;
		fprintf(stream, "== %s, frame %d, link type %d, %zu octets\n", name, (int)p.frame,
			p.link_type, p.captured);
		put_frame(stream, &p);
	}
	capture_file_close(file);
}

Test(broken, frames_of_each_link_are_read_as_far_as_they_go)
{
	struct dirent **names;
	const int count = scandir(CAPTURES, &names, is_of_a_link, alphasort);
	char *text = NULL, file[80];
	size_t size = 0;

	cr_assert_gt(count, 30);
	for (int i = 0; i < count; i++) {
		FILE *stream = open_memstream(&text, &size);
		put_capture(stream, names[i]->d_name);
		fclose(stream);
		snprintf(file, sizeof file, "%.*s.txt", (int)strcspn(names[i]->d_name, "."),
			names[i]->d_name);
		expect_whole("wire", file, text);
		free(text);
		free(names[i]);
	}
	free(names);
}

/* ---- pcapng files ---- */

static uint8_t file[1024];
static size_t file_length;
static bool big; /* the order of octets of the section */

static void put16(uint16_t value)
{
	file[file_length++] = (uint8_t)(big ? value >> 8 : value);
	file[file_length++] = (uint8_t)(big ? value : value >> 8);
}

static void put32(uint32_t value)
{
	put16((uint16_t)(big ? value >> 16 : value));
	put16((uint16_t)(big ? value : value >> 16));
}

static size_t begin_block(uint32_t type)
{
	const size_t at = file_length;

	put32(type);
	put32(0);
	return at;
}

static void end_block(size_t at)
{
	const size_t end = file_length + 4;

	put32((uint32_t)(end - at));
	file_length = at + 4;
	put32((uint32_t)(end - at));
	file_length = end;
}

static void put_octets(size_t count)
{
	for (size_t i = 0; i < count; i++)
		file[file_length++] = (uint8_t)(0xa0 + i);
	while (file_length % 4 != 0)
		file[file_length++] = 0;
}

static void put_section(void)
{
	const size_t at = begin_block(0x0a0d0d0a);

	put32(0x1a2b3c4d);
	put32(1); /* version 1.0 in either order is not looked at */
	put32(0xffffffff);
	put32(0xffffffff);
	end_block(at);
}

static void put_interface(
	uint16_t link_type, uint32_t snap_length, int resolution, int64_t offset_s)
{
	const size_t at = begin_block(1);

	put16(link_type);
	put16(0);
	put32(snap_length);
	if (resolution >= 0) {
		put16(2); /* a name in front */
		put16(3);
		put_octets(3);
		put16(9);
		put16(1);
		file[file_length++] = (uint8_t)resolution;
		put_octets(0);
	}
	if (offset_s != 0) {
		put16(14);
		put16(8);
		put32((uint32_t)(big ? offset_s >> 32 : offset_s));
		put32((uint32_t)(big ? offset_s : offset_s >> 32));
		put32(0);
	}
	end_block(at);
}

static void put_packet_block(uint32_t type, uint32_t interface, uint64_t stamp, uint32_t captured)
{
	const size_t at = begin_block(type);

	if (type == 6) {
		put32(interface);
	} else {
		put16((uint16_t)interface);
		put16(0); /* drops */
	}
	put32((uint32_t)(stamp >> 32));
	put32((uint32_t)stamp);
	put32(captured);
	put32(captured + 40);
	put_octets(captured);
	end_block(at);
}

static void put_simple(uint32_t whole, uint32_t captured)
{
	const size_t at = begin_block(3);

	put32(whole);
	put_octets(captured);
	end_block(at);
}

/* All kinds of blocks, in both orders, with interfaces that are unlike. */
static void make_file(void)
{
	file_length = 0;
	for (int order = 0; order < 2; order++) {
		big = order != 0;
		put_section();
		put_interface(1, 6, -1, 0);
		put_interface(101, 0, 9, 1000);
		put_interface(113, 65535, 0x80 | 10, -5);
		put_packet_block(6, 0, 1700000000000001, 5);
		put_packet_block(6, 1, UINT64_C(1700000000000000002), 4);
		end_block(begin_block(5)); /* statistics */
		put_packet_block(2, 2, UINT64_C(1700000000) * 1024 + 512, 7);
		put_simple(9, 6);
		put_simple(3, 3);
	}
}

/* All that is read of the octets. */
static char *content_of(const uint8_t *octets, size_t length)
{
	struct error err = {0};
	struct captured_packet packet;
	char *text = NULL;
	size_t size = 0;
	int status = 0;
	FILE *stream = open_memstream(&text, &size);
	FILE *input = length > 0 ? fmemopen((void *)octets, length, "r") : fopen("/dev/null", "re");
	struct pcapng_reader *reader = pcapng_reader_new(input, &err);

	cr_assert_not_null(reader);
	while ((status = pcapng_reader_next(reader, &packet, &err)) == 1) {
		unsigned sum = 0;
		for (size_t i = 0; i < packet.captured; i++)
			sum = 31 * sum + packet.bytes[i];
		fprintf(stream, "[%d %lld.%09lld %zu/%zu %x] ", packet.link_type,
			(long long)(packet.time_ns / 1000000000),
			(long long)(packet.time_ns % 1000000000), packet.captured,
			packet.wire_length, sum & 0xff);
	}
	fputs(status == 0 ? "end" : err.text, stream);
	pcapng_reader_free(reader);
	fclose(stream);
	return text;
}

/* What of a text is not as in the whole one, from the octet on where it begins to differ.  Takes it over. */
static char *difference(const char *whole, char *text)
{
	const size_t length = strlen(text), was = strlen(whole);
	size_t front = 0, back = 0;
	char *told = NULL;

	while (front < length && whole[front] == text[front])
		front++;
	while (front + back < length && front + back < was &&
		whole[was - 1 - back] == text[length - 1 - back])
		back++;
	const int end = (int)(length - front - back);
	cr_assert_geq(
		asprintf(&told, "%zu (%zu) %.*s", front, was - front - back, end, text + front), 0);
	free(text);
	return told;
}

Test(broken, a_pcapng_file_is_read_up_to_where_it_breaks)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	struct runs runs = {.stream = stream};
	uint8_t changed[sizeof file];

	make_file();
	char *whole = content_of(file, file_length);
	fprintf(stream, "whole, %zu octets: %s\ncut at\n", file_length, whole);
	for (size_t n = 0; n <= file_length; n++)
		runs_add(&runs, n, difference(whole, content_of(file, n)));
	runs_put(&runs);
	static const uint8_t changes[] = {0x01, 0x04, 0x80};
	for (size_t c = 0; c < sizeof changes; c++) {
		fprintf(stream, "xor %02x at\n", changes[c]);
		for (size_t i = 0; i < file_length; i++) {
			memcpy(changed, file, sizeof file);
			changed[i] ^= changes[c];
			runs_add(&runs, i, difference(whole, content_of(changed, file_length)));
		}
		runs_put(&runs);
	}
	fclose(stream);
	free(whole);
	expect_whole("wire", "pcapng.txt", text);
	free(text);
}

Test(broken, a_pcapng_file_has_up_to_so_many_interfaces)
{
	static uint8_t many[24 + 1025 * 20 + 100];
	char *text;

	file_length = 0;
	big = false;
	put_section();
	size_t length = file_length;
	memcpy(many, file, file_length);
	file_length = 0;
	put_interface(1, 6, -1, 0);
	size_t count = 0;
	do {
		cr_assert_lt(length + file_length, sizeof many, "%zu interfaces and no end", count);
		memcpy(many + length, file, file_length);
		length += file_length;
		count++;
		text = content_of(many, length);
		if (strcmp(text, "end") != 0)
			break;
		free(text);
	} while (true);
	cr_expect_str_eq(text, "it has too many interfaces");
	free(text);
	text = content_of(many, length - file_length);
	cr_expect_str_eq(text, "end");
	free(text);
}
