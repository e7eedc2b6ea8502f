/* SPDX-License-Identifier: MIT */
#include "diagnose/json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/json_text.h"
#include "core/units.h"
#include "diagnose/basis.h"
#include "diagnose/sentence.h"
#include "judge/finding.h"
#include "judge/timing_model.h"

struct diagnosis_json {
	FILE *stream;
	FILE *aside; /* a sentence, before its quotes are escaped */
	char *sentence;
	size_t sentence_size;
	size_t path_count;
	char **paths; /* as JSON strings */
	bool later;   /* a connection has been written */
};

/* The text as a JSON string; the caller frees it. */
static char *quoted(const char *text)
{
	json_t *string = json_text(text);
	char *dump = json_dumps(string, JSON_ENCODE_ANY);

	json_decref(string);
	return dump;
}

static void json_free(struct diagnosis_json *json)
{
	for (size_t i = 0; json->paths != NULL && i < json->path_count; i++)
		free(json->paths[i]);
	free(json->paths);
	if (json->aside != NULL)
		(void)fclose(json->aside);
	free(json->sentence);
	free(json);
}

struct diagnosis_json *diagnosis_json_new(FILE *stream, const char *const *paths, size_t path_count)
{
	struct diagnosis_json *json = calloc(1, sizeof *json);

	if (json == NULL)
		return NULL;
	json->stream = stream;
	/* One thread writes it, in a million small pieces. */
	(void)__fsetlocking(stream, FSETLOCKING_BYCALLER);
	json->path_count = path_count;
	json->paths = calloc(path_count, sizeof *json->paths);
	for (size_t i = 0; json->paths != NULL && i < path_count; i++)
		json->paths[i] = quoted(paths[i]);
	json->aside = open_memstream(&json->sentence, &json->sentence_size);
	if (json->aside == NULL || json->paths == NULL || json->paths[path_count - 1] == NULL) {
		json_free(json);
		return NULL;
	}
	fprintf(stream, "{\"captures\":[{\"file\":%s,\"connections\":[", json->paths[0]);
	return json;
}

/* With so many digits at least; returns its end.  Two digits at a time: half of a long diagnosis is
 * numbers. */
static char *put_number(char *text, uint64_t number, int digits)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char reversed[20];
	char *const last = reversed + sizeof reversed;
	char *first = last;

	for (; number >= 10; number /= 100)
		memcpy(first -= 2, pairs + number % 100 * 2, 2);
	if (number > 0 || first == last)
		*--first = (char)('0' + number);
	while (last - first < digits)
		*--first = '0';
	text = mempcpy(text, first, (size_t)(last - first));
	*text = '\0';
	return text;
}

static char *put_time(char *text, int64_t ns)
{
	const int fraction_digits = 9;

	if (ns < 0)
		*text++ = '-';
	text = put_number(text, (uint64_t)(llabs(ns) / NS_PER_S), 1);
	*text++ = '.';
	return put_number(text, (uint64_t)(llabs(ns) % NS_PER_S), fraction_digits);
}

static void write_duration(FILE *stream, const char *key, int64_t ns)
{
	if (ns == DURATION_UNKNOWN)
		fprintf(stream, ",\"%s\":null", key);
	else
		fprintf(stream, ",\"%s\":%.6f", key, (double)ns / (double)NS_PER_S);
}

/* A recording may have millions of them: fprintf() takes twice as long. */
static void write_probe(const struct diagnosis_json *json, const struct diagnosed_probe *probe)
{
	static const char *const answers[] = {
		[PROBE_NOT_ANSWERED] = "none", [PROBE_ANSWERED] = "ack", [PROBE_RESET] = "rst"};
	char text[256];
	char *end = stpcpy(text, "{\"frame\":");

	end = stpcpy(put_number(end, probe->at.frame, 1), ",\"file\":");
	(void)fwrite_unlocked(text, 1, (size_t)(end - text), json->stream);
	(void)fputs_unlocked(json->paths[probe->at.file], json->stream);
	end = put_time(stpcpy(text, ",\"time\":"), probe->at.time_ns);
	end = put_number(stpcpy(end, ",\"length\":"), probe->length, 1);
	end = stpcpy(stpcpy(end, ",\"answer\":\""), answers[probe->answer]);
	end = stpcpy(end, "\",\"answer_frame\":");
	if (probe->answer == PROBE_NOT_ANSWERED)
		end = stpcpy(end, "null");
	else
		end = put_time(
			stpcpy(put_number(end, probe->answered.frame, 1), ",\"answer_time\":"),
			probe->answered.time_ns);
	end = stpcpy(end, probe->joined ? ",\"joined_in_mid_idle\":true}" : "}");
	(void)fwrite_unlocked(text, 1, (size_t)(end - text), json->stream);
}

static void write_models(FILE *stream, unsigned models)
{
	const char *comma = "";

	fputs(",\"models\":[", stream);
	for (unsigned model = MODEL_A; model < MODELS_ALL; model <<= 1) {
		if ((models & model) == 0)
			continue;
		fprintf(stream, "%s\"%s\"", comma, timing_model_name((enum timing_model)model));
		comma = ",";
	}
	putc(']', stream);
}

static void write_finding(FILE *stream, const struct finding *finding)
{
	char *text = quoted(finding->text);

	fprintf(stream, "{\"requirement\":\"%s\",\"severity\":\"%s\",\"text\":%s}",
		finding->requirement, severity_name(finding->severity),
		text == NULL ? "\"\"" : text);
	free(text);
}

static void write_uart(FILE *stream, const struct uart_words *uart)
{
	char time[64];

	if (!uart->known)
		return;
	char *notice = quoted(uart->notice);
	fprintf(stream, ",\"uart\":{\"cid\":%d,\"notice\":%s", uart->cid,
		uart->notice[0] == '\0' || notice == NULL ? "null" : notice);
	free(notice);
	if (uart->notice_ns != DURATION_UNKNOWN) {
		(void)put_time(time, uart->notice_ns);
		fprintf(stream, ",\"time\":%s", time);
	}
	putc('}', stream);
}

static void write_signs(const struct diagnosis_json *json, const struct direction_signs *signs)
{
	char by[ENDPOINT_TEXT];

	if (signs->unreachable.frame != 0)
		fprintf(json->stream,
			",\"icmp\":{\"frame\":%u,\"file\":%s,\"from\":\"%s\",\"says\":\"%s\"}",
			signs->unreachable.frame, json->paths[signs->unreachable.file],
			endpoint_format_address(&signs->unreachable_by, by),
			signs->unreachable_words);
	if (signs->suspects > 0 && signs->suspect_interval_ns != DURATION_UNKNOWN)
		fprintf(json->stream, ",\"likely_probes\":{\"count\":%d,\"interval_s\":%.6f}",
			signs->suspects, (double)signs->suspect_interval_ns / (double)NS_PER_S);
	if (signs->half_closed_ns != DURATION_UNKNOWN)
		fprintf(json->stream, ",\"peer_fin_before_s\":%.6f",
			(double)signs->half_closed_ns / (double)NS_PER_S);
	if (signs->peer_fin.frame != 0)
		fprintf(json->stream, ",\"peer_fin\":{\"frame\":%u,\"file\":%s}",
			signs->peer_fin.frame, json->paths[signs->peer_fin.file]);
	if (signs->behind_fin > 0)
		fprintf(json->stream,
			",\"half_closed_keepalive\":{\"count\":%d,\"interval_s\":%.6f}",
			signs->behind_fin,
			(double)signs->behind_fin_interval_ns / (double)NS_PER_S);
	if (signs->foreign_ttl != 0)
		fprintf(json->stream,
			",\"probes_by_middlebox\":{\"ttl\":%d,\"usual_ttl\":%d,\"ack_one_low\":%s}",
			signs->foreign_ttl, signs->own_ttl, signs->foreign_ack ? "true" : "false");
	if (signs->damaged_answers > 0)
		fprintf(json->stream,
			",\"damaged_answers\":{\"frame\":%u,\"file\":%s,\"count\":%d}",
			signs->damaged.frame, json->paths[signs->damaged.file],
			signs->damaged_answers);
	if (signs->arp_unanswered.frame != 0)
		fprintf(json->stream,
			",\"arp_unanswered\":{\"frame\":%u,\"file\":%s,\"requests\":%u}",
			signs->arp_unanswered.frame, json->paths[signs->arp_unanswered.file],
			signs->arp_requests);
}

/* As the text has it; only a notice of the UART needs more than quotes. */
static void write_sentence(
	const struct diagnosis_json *json, const struct diagnosed_direction *direction)
{
	rewind(json->aside);
	sentence_write(json->aside, direction);
	putc('\0', json->aside);
	(void)fflush(json->aside);
	fputs(",\"conclusion\":{\"text\":\"", json->stream);
	for (const char *c = json->sentence; *c != '\0'; c++) {
		size_t plain = 0;
		while (c[plain] >= ' ' && c[plain] <= '~' && c[plain] != '"' && c[plain] != '\\')
			plain++;
		(void)fwrite(c, 1, plain, json->stream);
		c += plain;
		if (*c == '\0')
			break;
		fprintf(json->stream, "\\u%04x", (unsigned char)*c);
	}
}

static void write_conclusion(
	const struct diagnosis_json *json, const struct diagnosed_direction *direction)
{
	const struct basis basis = basis_of(direction);

	write_sentence(json, direction);
	fprintf(json->stream, "\",\"confidence\":\"%s\",\"rests_on\":[",
		confidence_name(basis.confidence));
	for (size_t i = 0; i < basis.frame_count; i++)
		fprintf(json->stream, "%s{\"frame\":%u,\"file\":%s,\"what\":\"%s\"}",
			i == 0 ? "" : ",", basis.frames[i].at.frame,
			json->paths[basis.frames[i].at.file], basis.frames[i].what);
	fprintf(json->stream, "],\"would_change\":\"%s\"}",
		basis.change == NULL ? "" : basis.change);
}

static void write_end(const struct diagnosis_json *json, const char *key, const struct place *at,
	enum connection_end by)
{
	char time[64];

	if (at->frame == 0)
		return;
	(void)put_time(time, at->time_ns);
	fprintf(json->stream, ",\"%s\":{\"by\":\"%s\",\"frame\":%u,\"file\":%s,\"time\":%s}", key,
		by == END_RST	? "rst"
		: by == END_FIN ? "fin"
				: "either",
		at->frame, json->paths[at->file], time);
}

static void write_direction(
	const struct diagnosis_json *json, const struct diagnosed_direction *direction)
{
	FILE *stream = json->stream;
	char prober[ENDPOINT_TEXT], peer[ENDPOINT_TEXT];

	fprintf(stream, "{\"prober\":\"%s\",\"peer\":\"%s\"",
		endpoint_format(&direction->prober, prober),
		endpoint_format(&direction->peer, peer));
	write_duration(stream, "idle_s", direction->idle_ns);
	write_duration(stream, "interval_s", direction->interval_ns);
	if (direction->count > 0)
		fprintf(stream, ",\"count\":%d", direction->count);
	else
		fputs(",\"count\":null", stream);
	write_models(stream, direction->models);
	fprintf(stream, ",\"outcome\":\"%s\",\"probes\":[",
		keepalive_outcome_name(direction->outcome));
	for (size_t i = 0; i < direction->probe_count; i++) {
		fputs(i == 0 ? "" : ",", stream);
		write_probe(json, &direction->probes[i]);
	}
	fputs("],\"not_probes\":[", stream);
	for (size_t i = 0; i < direction->lookalike_count; i++)
		fprintf(stream, "%s{\"frame\":%u,\"file\":%s,\"reason\":\"%s\"}", i == 0 ? "" : ",",
			direction->lookalikes[i].at.frame,
			json->paths[direction->lookalikes[i].at.file],
			segment_class_name(direction->lookalikes[i].reason));
	putc(']', stream);
	if (direction->outcome == KEEPALIVE_REFUSED)
		fprintf(stream, ",\"refused_by\":\"%s\"",
			refusal_name(direction_refusal(&direction->signs)));
	write_end(json, "gave_up", &direction->gave_up, direction->gave_up_by);
	write_end(json, "prober_end", &direction->signs.end, direction->signs.end_by);
	write_end(json, "peer_end", &direction->signs.peer_end, END_OPEN);
	write_signs(json, &direction->signs);
	if (direction->outcome == KEEPALIVE_ALIVE && direction->signs.quiet_ns > 0)
		write_duration(stream, "quiet_s", direction->signs.quiet_ns);
	if (direction->outcome == KEEPALIVE_REFUSED && direction->signs.reset_ttl != 0)
		fprintf(stream, ",\"reset_ttl\":%d,\"peer_ttl\":%d", direction->signs.reset_ttl,
			direction->signs.usual_ttl);
	write_conclusion(json, direction);
	write_uart(stream, &direction->signs.uart);
	fputs(",\"findings\":[", stream);
	for (size_t i = 0; i < direction->finding_count; i++) {
		fputs(i == 0 ? "" : ",", stream);
		write_finding(stream, &direction->findings[i]);
	}
	fputs("]}", stream);
}

int diagnosis_json_take(const struct diagnosed_connection *connection, void *context)
{
	struct diagnosis_json *json = context;
	FILE *stream = json->stream;
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT];

	fprintf(stream,
		"%s{\"number\":%zu,\"tcp_stream\":%zu,\"a\":\"%s\",\"b\":\"%s\",\"directions\":[",
		json->later ? ",\n" : "\n", connection->number, connection->number - 1,
		endpoint_format(&connection->a, a), endpoint_format(&connection->b, b));
	json->later = true;
	for (size_t i = 0; i < connection->direction_count; i++) {
		fputs(i == 0 ? "" : ",", stream);
		write_direction(json, &connection->directions[i]);
	}
	fputs("]}", stream);
	return 0;
}

static void write_hole(const struct diagnosis_json *json, const struct hole *hole, bool first)
{
	char from[64], to[64];

	(void)put_time(from, hole->from_ns);
	(void)put_time(to, hole->to_ns);
	fprintf(json->stream,
		"%s{\"from\":%s,\"from_frame\":%u,\"from_file\":%s,\"to\":%s,\"to_frame\":%u,\"to_file\":%s}",
		first ? "" : ",", from, hole->from_frame, json->paths[hole->from_file], to,
		hole->to_frame, json->paths[hole->to_file]);
}

static void write_wifi(FILE *stream, const struct wifi *wifi)
{
	char from[MAC_TEXT], to[MAC_TEXT];

	fprintf(stream, ",\"wifi\":{\"encrypted\":%" PRIu64 ",\"damaged\":%" PRIu64 ",\"links\":[",
		wifi->encrypted, wifi->damaged);
	for (size_t i = 0; i < wifi->link_count; i++) {
		const struct wifi_link *link = &wifi->links[i];
		fprintf(stream,
			"%s{\"from\":\"%s\",\"to\":\"%s\",\"frames\":%" PRIu64
			",\"retried\":%" PRIu64 ",\"acknowledged\":%" PRIu64
			",\"shortest\":%u,\"longest\":%u",
			i == 0 ? "" : ",", mac_format(link->from, from), mac_format(link->to, to),
			link->frames, link->retried, link->acknowledged, link->shortest,
			link->longest);
		write_duration(stream, "pause_s", link->pause_ns);
		putc('}', stream);
	}
	fputs("]}", stream);
}

int diagnosis_json_finish(
	struct diagnosis_json *json, const struct diagnosis_totals *totals, struct error *err)
{
	FILE *stream = json->stream;

	fprintf(stream, "],\"packets\":%" PRIu64 ",\"holes\":[",
		totals == NULL ? 0 : totals->packets);
	for (size_t i = 0; totals != NULL && i < totals->holes.count; i++)
		write_hole(json, &totals->holes.all[i], i == 0);
	putc(']', stream);
	if (totals != NULL && (totals->wifi.encrypted > 0 || totals->wifi.damaged > 0))
		write_wifi(stream, &totals->wifi);
	fputs(",\"files\":[", stream);
	for (size_t i = 0; i < json->path_count; i++)
		fprintf(stream, "%s%s", i == 0 ? "" : ",", json->paths[i]);
	fputs("]}]}\n", stream);
	json_free(json);
	if (fflush(stream) != 0 || ferror(stream) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write the diagnosis");
	return 0;
}
