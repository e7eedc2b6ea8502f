/* SPDX-License-Identifier: MIT */
#include "diagnose/sentence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "core/units.h"
#include "core/utf8.h"
#include "judge/models.h"

/* Answers that come back sooner were sent by a machine on the same cable, or by the one that
 * captured. */
#define NEAR_NS (2 * NS_PER_MS)

void sentence_write_duration(FILE *stream, int64_t ns)
{
	const int64_t minute = 60 * NS_PER_S, hour = 60 * minute;
	const double seconds = (double)ns / (double)NS_PER_S;

	if (llabs(ns) < NS_PER_S / 10)
		fprintf(stream, "%.2f ms", seconds * 1000);
	else if (ns < 100 * NS_PER_S)
		fprintf(stream, "%.2f s", seconds);
	else if (ns < 3 * hour)
		fprintf(stream, "%.1f s", seconds);
	else
		fprintf(stream, "%" PRId64 " h %02" PRId64 " min", ns / hour, ns % hour / minute);
}

void sentence_write_time(FILE *stream, int64_t ns)
{
	const time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm tm;
	char text[32];

	if (gmtime_r(&seconds, &tm) == NULL ||
		strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return;
	fprintf(stream, "%s.%03dZ", text, (int)(ns % NS_PER_S / NS_PER_MS));
}

void sentence_write_frame(
	FILE *stream, const struct diagnosis_request *request, const struct place *place)
{
	fprintf(stream, "frame %u", place->frame);
	if (request->path_count <= 1)
		return;
	fputs(" of ", stream);
	utf8_put_visible(stream, request->paths[place->file]);
}

static void write_frame(
	FILE *stream, const struct diagnosed_direction *direction, const struct place *place)
{
	sentence_write_frame(stream, direction->request, place);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void write_schedule(FILE *stream, const struct diagnosed_direction *direction)
{
	if (direction->idle_ns != DURATION_UNKNOWN) {
		fputs("idle ", stream);
		sentence_write_duration(stream, direction->idle_ns);
	}
	if (direction->interval_ns != DURATION_UNKNOWN) {
		fputs(direction->idle_ns != DURATION_UNKNOWN ? ", interval " : "interval ", stream);
		sentence_write_duration(stream, direction->interval_ns);
	}
	if (direction->idle_ns != DURATION_UNKNOWN || direction->interval_ns != DURATION_UNKNOWN)
		fputs(": ", stream);
}

static size_t answered(const struct diagnosed_direction *direction)
{
	size_t count = 0;

	for (size_t i = 0; i < direction->probe_count; i++)
		count += direction->probes[i].answer == PROBE_ANSWERED;
	return count;
}

/* Why the peer lives that has not answered the last probe. */
static void write_last(FILE *stream, const struct diagnosed_direction *direction)
{
	const struct diagnosed_probe *last = &direction->probes[direction->probe_count - 1];

	if (last->answer != PROBE_NOT_ANSWERED)
		return;
	if (direction->signs.spoke_on)
		fputs("; the peer continued to send after the one in ", stream);
	else
		fprintf(stream, "; the capture %s right after the one in ",
			direction->signs.paused ? "has a hole" : "ends");
	write_frame(stream, direction, &last->at);
}

static void write_alive(FILE *stream, const struct diagnosed_direction *direction)
{
	const int64_t quiet_ns = direction->signs.quiet_ns;

	fprintf(stream, "%zu of %zu probe%s answered", answered(direction), direction->probe_count,
		plural(direction->probe_count));
	write_last(stream, direction);
	if (direction->idle_ns == DURATION_UNKNOWN ||
		quiet_ns < direction->idle_ns * 2 + KEEPALIVE_INTERVAL_NS)
		return;
	fputs("; none in the last ", stream);
	sentence_write_duration(stream, quiet_ns);
	fputs(", although neither side sent anything", stream);
}

static void write_dead(FILE *stream, const struct diagnosed_direction *direction)
{
	const struct diagnosed_probe *last = &direction->probes[direction->probe_count - 1];

	/* How many there were before the capture is not known. */
	fprintf(stream, "%s%d probe%s unanswered from ",
		direction->probes[0].joined &&
				direction->first_unanswered.frame == direction->probes[0].at.frame
			? "at least "
			: "",
		direction->count, plural((size_t)direction->count));
	write_frame(stream, direction, &direction->first_unanswered);
	fputs(" (", stream);
	sentence_write_time(stream, direction->first_unanswered.time_ns);
	fputs(") on, then ", stream);
	if (direction->gave_up.frame == 0) {
		fputs("no further segment from either side", stream);
		return;
	}
	fprintf(stream, "%s ", direction->gave_up_by == END_RST ? "RST" : "FIN");
	sentence_write_duration(stream, direction->gave_up.time_ns - last->at.time_ns);
	fputs(" after the last (", stream);
	write_frame(stream, direction, &direction->gave_up);
	fputs(", ", stream);
	sentence_write_time(stream, direction->gave_up.time_ns);
	putc(')', stream);
}

/* "the peer had sent FIN 45.01 s before (frame 7)". */
static void write_peer_fin(FILE *stream, const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;

	fputs("the peer had sent FIN ", stream);
	sentence_write_duration(stream, signs->half_closed_ns);
	fputs(" before", stream);
	if (signs->peer_fin.frame == 0)
		return;
	fputs(" (", stream);
	write_frame(stream, direction, &signs->peer_fin);
	putc(')', stream);
}

/* What the prober holds on to, where that is not plain: one side of the connection is closed, or
 * somebody else probes. */
static void write_nature(FILE *stream, const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;

	if (signs->half_closed_ns != DURATION_UNKNOWN &&
		(direction->outcome != KEEPALIVE_REFUSED || !signs->refused_half_closed)) {
		fputs("; half-closed: ", stream);
		write_peer_fin(stream, direction);
		fputs(", which the prober had acknowledged", stream);
	}
	if (signs->behind_fin > 0) {
		fputs("; keep-alive of a half-closed connection: its FIN ", stream);
		if (signs->end.frame != 0 && signs->end_by == END_FIN) {
			putc('(', stream);
			write_frame(stream, direction, &signs->end);
			fputs(") ", stream);
		}
		fprintf(stream,
			"was acknowledged, and %d segments repeat the octet before it, every ",
			signs->behind_fin);
		sentence_write_duration(stream, signs->behind_fin_interval_ns);
	}
	if (signs->damaged_answers > 0) {
		fprintf(stream, "; %d answer%s with a wrong checksum, which no TCP takes, from ",
			signs->damaged_answers, plural((size_t)signs->damaged_answers));
		write_frame(stream, direction, &signs->damaged);
		fputs(" on", stream);
	}
	if (signs->foreign_ttl != 0)
		fprintf(stream,
			"; a middlebox sends the probes in the prober's name (TTL %d%s; the prober's own segments have %d)",
			signs->foreign_ttl, signs->foreign_ack ? ", ACK one low" : "",
			signs->own_ttl);
}

static void write_refused(FILE *stream, const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;

	for (size_t i = 0; i < direction->probe_count; i++) {
		const struct diagnosed_probe *probe = &direction->probes[i];
		if (probe->answer != PROBE_RESET)
			continue;
		fputs("the probe in ", stream);
		write_frame(stream, direction, &probe->at);
		fputs(" drew RST (", stream);
		write_frame(stream, direction, &probe->answered);
		fputs(", ", stream);
		sentence_write_time(stream, probe->answered.time_ns);
		fputs("): ", stream);
		break;
	}
	switch (direction_refusal(signs)) {
	case REFUSAL_HALF_CLOSED:
		write_peer_fin(stream, direction);
		fputs(", which the prober had acknowledged, and no longer held the half-closed connection",
			stream);
		break;
	case REFUSAL_MIDDLEBOX:
		fprintf(stream,
			"a middlebox dropped the connection (TTL %d, the peer's segments have %d)",
			signs->reset_ttl, signs->usual_ttl);
		break;
	case REFUSAL_FORGOTTEN:
		fputs("the peer no longer knew the connection (rebooted, or its process ended)",
			stream);
		break;
	}
}

const char *sentence_lookalike(enum segment_class reason)
{
	if (reason == SEGMENT_AFTER_FIN)
		return "after its own FIN";
	if (reason == SEGMENT_UNACKNOWLEDGED)
		return "of an octet not yet acknowledged";
	if (reason == SEGMENT_TOO_SOON)
		return "right after traffic";
	if (reason == SEGMENT_ZERO_WINDOW_PROBE)
		return "of a closed window";
	if (reason == SEGMENT_DUPLICATE)
		return "captured twice";
	return "no evidence either way";
}

/* "no probe; 3 segments only look like one: 2 right after traffic, 1 of a closed window; 1 may be
 * one: nothing proves it". */
static void write_lookalikes(FILE *stream, const struct diagnosed_direction *direction)
{
	size_t counts[SEGMENT_UNDECIDABLE + 1] = {0};
	const char *comma = ": ";

	for (size_t i = 0; i < direction->lookalike_count; i++)
		counts[direction->lookalikes[i].reason]++;
	const size_t undecidable = counts[SEGMENT_UNDECIDABLE];
	const size_t none = direction->lookalike_count - undecidable;
	fputs("no probe", stream);
	if (none > 0)
		fprintf(stream, "; %zu segment%s only look%s like a probe", none, plural(none),
			none == 1 ? "s" : "");
	for (int reason = 0; reason < SEGMENT_UNDECIDABLE; reason++) {
		if (counts[reason] == 0)
			continue;
		fprintf(stream, "%s%zu %s", comma, counts[reason],
			sentence_lookalike((enum segment_class)reason));
		comma = ", ";
	}
	if (undecidable > 0)
		fprintf(stream, "; %zu may be one: %s", undecidable,
			sentence_lookalike(SEGMENT_UNDECIDABLE));
}

static void write_suspects(FILE *stream, const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;

	if (signs->suspect_interval_ns != DURATION_UNKNOWN) {
		fprintf(stream, "%d segments are likely probes (one SEQ, every ", signs->suspects);
		sentence_write_duration(stream, signs->suspect_interval_ns);
		fputs(", too even for retransmissions)", stream);
	} else {
		fprintf(stream, "%d segments may be probes", signs->suspects);
	}
	fputs(": the capture begins in this idle time and has no answer that proves it", stream);
	if (signs->suspect_end.frame == 0)
		return;
	fputs("; then RST ", stream);
	sentence_write_duration(stream, signs->suspect_end.time_ns - signs->suspect_last_ns);
	fputs(" after the last (", stream);
	write_frame(stream, direction, &signs->suspect_end);
	putc(')', stream);
}

/* How many probes at the end were not answered: one at least, where the outcome is undecided. */
static size_t last_row(const struct diagnosed_direction *direction)
{
	size_t row = 0;

	while (row < direction->probe_count) {
		const struct diagnosed_probe *probe =
			&direction->probes[direction->probe_count - 1 - row];
		if (probe->answer != PROBE_NOT_ANSWERED)
			break;
		row++;
		if (probe->first)
			break;
	}
	return row > 0 ? row : 1;
}

static void write_undecided(FILE *stream, const struct diagnosed_direction *direction)
{
	if (direction->signs.suspects > 0) {
		write_suspects(stream, direction);
		return;
	}
	if (direction->lookalike_count == 0 && direction->probe_count == 0) {
		fputs("no probe", stream);
		if (direction->signs.peer_end.frame != 0) {
			fputs("; the peer closed it (", stream);
			write_frame(stream, direction, &direction->signs.peer_end);
			fputs(", ", stream);
			sentence_write_time(stream, direction->signs.peer_end.time_ns);
			putc(')', stream);
		}
		return;
	}
	if (direction->probe_count == 0) {
		write_lookalikes(stream, direction);
		return;
	}
	const size_t row = last_row(direction);
	fprintf(stream, "%zu probe%s unanswered from ", row, plural(row));
	write_frame(stream, direction, &direction->probes[direction->probe_count - row].at);
	fputs(" when ", stream);
	fputs(direction->signs.peer_end.frame != 0 ? "the peer closed the connection"
		: direction->signs.prober_ended	   ? "the prober closed the connection"
		: direction->signs.peer_ended	   ? "the peer closed the connection"
		: direction->signs.paused	   ? "the capture has a hole"
						   : "the capture ends",
		stream);
	if (direction->signs.peer_end.frame != 0 || !direction->signs.prober_ended)
		return;
	fprintf(stream, " (%s ", direction->signs.end_by == END_RST ? "RST" : "FIN");
	sentence_write_duration(
		stream, direction->signs.end.time_ns -
				direction->probes[direction->probe_count - 1].at.time_ns);
	fputs(" after the last, ", stream);
	write_frame(stream, direction, &direction->signs.end);
	putc(')', stream);
}

/* Who said that the peer's host is gone. */
static void write_network(FILE *stream, const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;
	char by[ENDPOINT_TEXT];

	if (signs->unreachable.frame != 0) {
		fprintf(stream, "; %s said '%s' (",
			endpoint_format_address(&signs->unreachable_by, by),
			signs->unreachable_words);
		write_frame(stream, direction, &signs->unreachable);
		putc(')', stream);
	}
	if (signs->arp_unanswered.frame == 0)
		return;
	fprintf(stream, "; the peer's host answered no %s from ",
		direction->peer.family == 6 ? "neighbour solicitation" : "ARP request");
	write_frame(stream, direction, &signs->arp_unanswered);
	fprintf(stream, " on (%u of them)", signs->arp_requests);
}

/* Beside a death, whether the UART told of it, and how soon. */
static void write_uart(FILE *stream, const struct diagnosed_direction *direction)
{
	const struct uart_words *uart = &direction->signs.uart;
	const bool died = direction->outcome == KEEPALIVE_DEAD ||
			  direction->outcome == KEEPALIVE_REFUSED ||
			  direction->signs.peer_end.frame != 0;

	if (!uart->known || (!died && uart->notice[0] == '\0'))
		return;
	fprintf(stream, "; UART, CID %x: ", (unsigned)uart->cid);
	if (uart->notice[0] == '\0') {
		fputs("no notice of its end", stream);
		return;
	}
	fprintf(stream, "'%s'", uart->notice);
	if (uart->notice_ns == DURATION_UNKNOWN)
		return;
	fputs(" at ", stream);
	sentence_write_time(stream, uart->notice_ns);
}

static void write_outcome(FILE *stream, const struct diagnosed_direction *direction)
{
	switch (direction->outcome) {
	case KEEPALIVE_ALIVE:
		write_alive(stream, direction);
		break;
	case KEEPALIVE_DEAD:
		write_dead(stream, direction);
		break;
	case KEEPALIVE_REFUSED:
		write_refused(stream, direction);
		break;
	case KEEPALIVE_UNDECIDED:
		write_undecided(stream, direction);
		break;
	}
}

void sentence_write(FILE *stream, const struct diagnosed_direction *direction)
{
	const size_t good = answered(direction);

	write_schedule(stream, direction);
	write_outcome(stream, direction);
	write_nature(stream, direction);
	if (direction->outcome != KEEPALIVE_ALIVE) {
		if (good > 0)
			fprintf(stream, "; %zu answered before", good);
		write_network(stream, direction);
	}
	write_uart(stream, direction);
}

static bool joined(const struct diagnosed_direction *direction)
{
	return direction->probe_count > 0 && direction->probes[0].joined;
}

void sentence_write_limits(FILE *stream, const struct diagnosis_request *request,
	const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;
	const char *indent = "\n            cannot tell: ";

	if (!signs->peer_heard)
		fprintf(stream,
			"%swhether probes were answered: no segment of the peer was captured",
			indent);
	if (joined(direction))
		fprintf(stream, "%sthe first idle time: the capture begins in it", indent);
	if (direction->options.on && request->timeout_s == 0)
		fprintf(stream, "\n            set by the UART log's commands: T = %d s, N = %d",
			direction->options.timeout_s, direction->options.count);
	if (!direction->options.on)
		fprintf(stream,
			"%swhether idle time and count match the options (try: --options T,N)",
			indent);
	if (signs->answer_delay_ns == DURATION_UNKNOWN) {
		if (direction->unanswered > 0)
			fprintf(stream,
				"%swhether probes or answers were lost on the way: no answer shows where the capture was taken",
				indent);
		return;
	}
	fputs("\n            answers come ", stream);
	sentence_write_duration(stream, signs->answer_delay_ns);
	fprintf(stream, " after the probes: %s",
		signs->answer_delay_ns < NEAR_NS
			? "captured at or near the peer, so losses on the way to it are not visible"
			: "not captured at the peer, which may have answered probes that are unanswered here");
}
