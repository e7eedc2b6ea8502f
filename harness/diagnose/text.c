/* SPDX-License-Identifier: MIT */
#include "diagnose/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/units.h"
#include "core/utf8.h"
#include "diagnose/basis.h"
#include "diagnose/sentence.h"
#include "diagnose/worst.h"
#include "judge/finding.h"
#include "judge/timing_model.h"
#include "scenario/keepalive_interval.h"

enum { SHOWN_MAX = 20, SHOWN_MAX_VERBOSE = 1000, PROBES_SHOWN = 1000 };

struct diagnosis_text {
	const struct diagnosis_request *request;
	bool verbose;
	struct worst worst;
	struct diagnosis_counts counts;
};

struct diagnosis_text *diagnosis_text_new(const struct diagnosis_request *request, bool verbose)
{
	struct diagnosis_text *text = calloc(1, sizeof *text);

	if (text == NULL)
		return NULL;
	text->request = request;
	text->verbose = verbose;
	if (worst_init(&text->worst, verbose ? SHOWN_MAX_VERBOSE : SHOWN_MAX) == 0)
		return text;
	free(text);
	return NULL;
}

static void write_place(FILE *stream, const struct diagnosis_text *text, const struct place *place)
{
	if (text->request->path_count > 1)
		utf8_put_visible(stream, text->request->paths[place->file]);
	fprintf(stream, "%s%u", text->request->path_count > 1 ? ":" : "", place->frame);
}

static void write_probe(FILE *stream, const struct diagnosis_text *text,
	const struct diagnosed_probe *probe, const struct diagnosed_probe *before)
{
	fputs("\n            frame ", stream);
	write_place(stream, text, &probe->at);
	if (probe->joined)
		fputs("  the capture begins in this idle time", stream);
	else if (before != NULL) {
		bool answered = before->answer != PROBE_NOT_ANSWERED;
		fputs("  ", stream);
		sentence_write_duration(stream,
			probe->at.time_ns - (answered ? before->answered : before->at).time_ns);
		fputs(answered ? " after the last answer" : " after the last probe", stream);
	} else if (probe->quiet_ns == DURATION_UNKNOWN) {
		fputs("  in an idle time that was not captured whole", stream);
	} else {
		fputs("  ", stream);
		sentence_write_duration(stream, probe->quiet_ns);
		fputs(" idle", stream);
	}
	if (probe->length > 0)
		fprintf(stream, ", %u octet", probe->length);
	if (probe->answer == PROBE_NOT_ANSWERED) {
		fputs(", not answered", stream);
		return;
	}
	fprintf(stream, ", %s in frame ", probe->answer == PROBE_RESET ? "RST" : "answered");
	write_place(stream, text, &probe->answered);
	fputs(" after ", stream);
	sentence_write_duration(stream, probe->answered.time_ns - probe->at.time_ns);
}

/* The probe before it in its round; NULL where it begins one: a round begins with an idle time of its
 * own where real packets passed before it. */
static const struct diagnosed_probe *before_of(
	const struct diagnosed_direction *direction, size_t index)
{
	const struct diagnosed_probe *probe = &direction->probes[index];

	if (index == 0)
		return NULL;
	const struct diagnosed_probe *before = probe - 1;
	const bool anew = (probe->first && probe->quiet_ns == DURATION_UNKNOWN &&
				  before->answer == PROBE_NOT_ANSWERED) ||
			  (probe->quiet_ns != DURATION_UNKNOWN &&
				  probe->at.time_ns - probe->quiet_ns > before->at.time_ns);
	return anew ? NULL : before;
}

static int64_t gap_of(const struct diagnosed_probe *probe)
{
	const struct diagnosed_probe *before = probe - 1;

	return probe->at.time_ns -
	       (before->answer != PROBE_NOT_ANSWERED ? before->answered : before->at).time_ns;
}

/* Does the probe come as long after the one before it as the other one, and fare the same? */
static bool is_alike(const struct diagnosed_direction *direction, size_t index, size_t other)
{
	const struct diagnosed_probe *a = &direction->probes[index], *b = &direction->probes[other];

	return before_of(direction, index) != NULL && before_of(direction, other) != NULL &&
	       !a->joined && !b->joined && a->length == b->length && a->answer == b->answer &&
	       a[-1].answer == b[-1].answer &&
	       llabs(gap_of(a) - gap_of(b)) <= gap_of(a) / 100 + 10 * NS_PER_MS;
}

/* "4.99 s to 5.01 s", once where both ends are the same. */
static void write_span(FILE *stream, int64_t least_ns, int64_t most_ns)
{
	char ends[2][64] = {"", ""};

	for (int i = 0; i < 2; i++) {
		FILE *text = fmemopen(ends[i], sizeof ends[i], "w");
		if (text == NULL)
			continue;
		sentence_write_duration(text, i == 0 ? least_ns : most_ns);
		(void)fclose(text);
	}
	fputs(ends[0], stream);
	if (strcmp(ends[0], ends[1]) != 0)
		fprintf(stream, " to %s", ends[1]);
}

/* Those from 'first' up to 'end', which are alike. */
static void write_folded(FILE *stream, const struct diagnosis_text *text,
	const struct diagnosed_direction *direction, size_t first, size_t end)
{
	const struct diagnosed_probe *probes = direction->probes;
	int64_t least_ns = INT64_MAX, most_ns = INT64_MIN;
	int64_t soonest_ns = INT64_MAX, latest_ns = INT64_MIN;

	for (size_t i = first; i < end; i++) {
		const int64_t gap_ns = gap_of(&probes[i]);
		const int64_t after_ns = probes[i].answered.time_ns - probes[i].at.time_ns;
		least_ns = gap_ns < least_ns ? gap_ns : least_ns;
		most_ns = gap_ns > most_ns ? gap_ns : most_ns;
		soonest_ns = after_ns < soonest_ns ? after_ns : soonest_ns;
		latest_ns = after_ns > latest_ns ? after_ns : latest_ns;
	}
	fprintf(stream, "\n            %zu more like it, frames ", end - first);
	write_place(stream, text, &probes[first].at);
	fputs(" to ", stream);
	write_place(stream, text, &probes[end - 1].at);
	fputs(": ", stream);
	write_span(stream, least_ns, most_ns);
	fputs(probes[first - 1].answer != PROBE_NOT_ANSWERED ? " after the last answer"
							     : " after the last probe",
		stream);
	if (probes[first].answer == PROBE_NOT_ANSWERED) {
		fputs(", not answered", stream);
		return;
	}
	fputs(probes[first].answer == PROBE_RESET ? ", RST after " : ", answered after ", stream);
	write_span(stream, soonest_ns, latest_ns);
}

/* Of a run of probes that are alike the first and the last are shown. */
static void write_probes(FILE *stream, const struct diagnosis_text *text,
	const struct diagnosed_direction *direction)
{
	enum { FOLDED_MIN = 8 }; /* a death after eight probes is shown whole */
	size_t lines = 0, at = 0;

	while (at < direction->probe_count && lines < PROBES_SHOWN) {
		size_t end = at + 1;
		while (end < direction->probe_count && is_alike(direction, at, end))
			end++;
		write_probe(stream, text, &direction->probes[at], before_of(direction, at));
		lines++;
		if (end - at >= FOLDED_MIN + 2) {
			write_folded(stream, text, direction, at + 1, end - 1);
			lines++;
			at = end - 1;
		} else {
			at++;
		}
	}
	if (at < direction->probe_count)
		fprintf(stream, "\n            and %zu more probes (--json has all)",
			direction->probe_count - at);
}

/* "shown by frame 8 (first unanswered probe), 11 (last probe)". */
static void write_basis(FILE *stream, const struct diagnosis_text *text,
	const struct diagnosed_direction *direction)
{
	const struct basis basis = basis_of(direction);

	fprintf(stream, "\n            %s", confidence_name(basis.confidence));
	for (size_t i = 0; i < basis.frame_count; i++) {
		fputs(i == 0 ? ", by frame " : ", ", stream);
		write_place(stream, text, &basis.frames[i].at);
		fprintf(stream, " (%s)", basis.frames[i].what);
	}
	if (basis.change != NULL)
		fprintf(stream, "; would change it: %s", basis.change);
}

static void write_details(FILE *stream, const struct diagnosis_text *text,
	const struct diagnosed_direction *direction)
{
	char models[64];

	if (direction->models != 0) {
		models_text(direction->models, models, sizeof models);
		fprintf(stream, "\n            timing models that fit: %s", models);
	}
	write_basis(stream, text, direction);
	if (direction->probe_count > 0)
		sentence_write_limits(stream, text->request, direction);
	write_probes(stream, text, direction);
	for (size_t i = 0; i < direction->lookalike_count && i < PROBES_SHOWN; i++) {
		fputs("\n            frame ", stream);
		write_place(stream, text, &direction->lookalikes[i].at);
		const enum segment_class reason = direction->lookalikes[i].reason;
		fprintf(stream, "  %s: %s",
			reason == SEGMENT_UNDECIDABLE ? "may be a probe" : "no probe",
			sentence_lookalike(reason));
	}
}

static void write_direction(FILE *stream, const struct diagnosis_text *text,
	const struct diagnosed_connection *connection, const struct diagnosed_direction *direction)
{
	char prober[ENDPOINT_TEXT], peer[ENDPOINT_TEXT];

	const bool none = direction->probe_count == 0 && direction->signs.suspects == 0;

	fprintf(stream, "%-10s#%zu %s %s %s, ",
		none ? "none" : keepalive_outcome_name(direction->outcome), connection->number,
		endpoint_format(&direction->prober, prober), none ? "and" : "probes",
		endpoint_format(&direction->peer, peer));
	sentence_write(stream, direction);
	for (size_t i = 0; i < direction->finding_count; i++)
		fprintf(stream, "\n  %-10s%s: %s", severity_name(direction->findings[i].severity),
			direction->findings[i].requirement, direction->findings[i].text);
	if (text->verbose || direction->finding_count > 0)
		fprintf(stream, "\n            in Wireshark: tcp.stream eq %zu",
			connection->number - 1);
	if (text->verbose)
		write_details(stream, text, direction);
	putc('\n', stream);
}

static char *compose(
	const struct diagnosis_text *text, const struct diagnosed_connection *connection)
{
	char *composed = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&composed, &size);

	if (stream == NULL)
		return NULL;
	for (size_t i = 0; i < connection->direction_count; i++) {
		const struct diagnosed_direction *direction = &connection->directions[i];
		/* The healthy direction of a connection is worth a line of its own to nobody. */
		if (text->verbose || direction_speaks(direction))
			write_direction(stream, text, connection, direction);
	}
	if (fclose(stream) != 0) {
		free(composed);
		return NULL;
	}
	return composed;
}

int diagnosis_text_take(const struct diagnosed_connection *connection, void *context)
{
	struct diagnosis_text *text = context;
	const int rank = diagnosis_count(&text->counts, connection);

	if (rank < 0 && !text->verbose)
		return 0;
	if (!worst_wants(&text->worst, rank, connection->number))
		return 0;
	char *composed = compose(text, connection);
	if (composed == NULL)
		return -1;
	worst_keep(&text->worst, rank, connection->number, composed);
	return 0;
}

/* What frames tell that cannot be read. */
static void write_wifi(const struct wifi *wifi, FILE *stream)
{
	enum { SHOWN = 8 };
	char from[MAC_TEXT], to[MAC_TEXT];

	if (wifi->damaged > 0)
		fprintf(stream,
			"%" PRIu64
			" Wi-Fi frames have a wrong check sequence and were left out: the monitor received them badly\n",
			wifi->damaged);
	if (wifi->encrypted == 0)
		return;
	fprintf(stream,
		"%" PRIu64
		" Wi-Fi data frames are encrypted, and their TCP cannot be read (decrypt them first: Wireshark with the passphrase and the handshake, or airdecap-ng)\n",
		wifi->encrypted);
	for (size_t i = 0; i < wifi->link_count && i < SHOWN; i++) {
		const struct wifi_link *link = &wifi->links[i];
		fprintf(stream, "  %s to %s: %" PRIu64 " frame%s of ", mac_format(link->from, from),
			mac_format(link->to, to), link->frames, link->frames == 1 ? "" : "s");
		if (link->shortest != link->longest)
			fprintf(stream, "%u to ", link->shortest);
		fprintf(stream,
			"%u octets, %" PRIu64 " sent again, %" PRIu64
			" acknowledged; the longest pause ",
			link->longest, link->retried, link->acknowledged);
		sentence_write_duration(stream, link->pause_ns);
		putc('\n', stream);
	}
	if (wifi->link_count > SHOWN)
		fprintf(stream, "  and %zu more links (try: --json)\n", wifi->link_count - SHOWN);
}

static void write_holes(
	const struct diagnosis_text *text, const struct diagnosis_totals *totals, FILE *stream)
{
	enum { SHOWN = 3 };
	const struct holes *holes = &totals->holes;

	for (size_t i = 0; i < holes->count && i < SHOWN; i++) {
		const struct hole *hole = &holes->all[i];
		fputs("a hole in the capture: nothing at all for ", stream);
		sentence_write_duration(stream, hole->to_ns - hole->from_ns);
		fputs(" from ", stream);
		sentence_write_time(stream, hole->from_ns);
		fputs(" on (frame ", stream);
		write_place(stream, text,
			&(struct place){.frame = hole->from_frame, .file = hole->from_file});
		fputs(" to ", stream);
		write_place(stream, text,
			&(struct place){.frame = hole->to_frame, .file = hole->to_file});
		fprintf(stream, "%s): what is missing there is no evidence\n",
			hole->to_ns - hole->from_ns >= HOLES_LONGEST_NS ? ", or the clock was set"
									: "");
	}
	if (holes->count > SHOWN)
		fprintf(stream, "and %zu more holes in the capture (try: --json)\n",
			holes->count - SHOWN);
}

/* A customer who says that it never noticed has no probe to look at, but a silence. */
static void write_silence(
	const struct diagnosis_text *text, const struct diagnosis_totals *totals, FILE *stream)
{
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT];

	if (totals->silent_ns < KEEPALIVE_INTERVAL_NS)
		return;
	fputs("the longest silence without a probe: ", stream);
	sentence_write_duration(stream, totals->silent_ns);
	fprintf(stream, ", #%zu %s and %s%s\n", totals->silent_number,
		endpoint_format(&totals->silent_a, a), endpoint_format(&totals->silent_b, b),
		text->request->uart == NULL &&
				(text->request->device.family == 0 || text->request->timeout_s == 0)
			? " (was a probe due? --device ADDRESS --options T,N)"
			: "");
}

static void write_unmatched(
	const struct diagnosis_text *text, const struct diagnosis_totals *totals, FILE *stream)
{
	char peer[ENDPOINT_TEXT];

	if (text->request->uart == NULL || totals->unmatched_cid < 0)
		return;
	fprintf(stream, "the UART log's connection on CID %x, to %s, is not in the capture\n",
		(unsigned)totals->unmatched_cid,
		totals->unmatched_peer.family == 0
			? "an unknown address"
			: endpoint_format(&totals->unmatched_peer, peer));
}

static void write_head(
	const struct diagnosis_text *text, const struct diagnosis_totals *totals, FILE *stream)
{
	static const enum keepalive_outcome order[] = {
		KEEPALIVE_DEAD, KEEPALIVE_REFUSED, KEEPALIVE_UNDECIDED, KEEPALIVE_ALIVE};
	const char *comma = ": ";

	utf8_put_visible(stream, text->request->paths[0]);
	if (text->request->path_count > 1)
		fprintf(stream, " and %zu more", text->request->path_count - 1);
	fprintf(stream, ": %" PRIu64 " packets", totals->packets);
	if (totals->packets > 0) {
		fputs(" in ", stream);
		sentence_write_duration(stream, totals->last_ns - totals->first_ns);
		fputs(" from ", stream);
		sentence_write_time(stream, totals->first_ns);
		fputs(" on", stream);
	}
	fprintf(stream, ", %zu TCP connection%s, %zu with keep-alive", totals->connections,
		totals->connections == 1 ? "" : "s",
		text->counts.connections - text->counts.unprobed - text->counts.half_closed);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		if (text->counts.by_outcome[order[i]] == 0)
			continue;
		fprintf(stream, "%s%zu %s", comma, text->counts.by_outcome[order[i]],
			keepalive_outcome_name(order[i]));
		comma = ", ";
	}
	if (text->counts.half_closed > 0)
		fprintf(stream, "; %zu half-closed, with keep-alive after a FIN",
			text->counts.half_closed);
	if (text->counts.unprobed > 0)
		fprintf(stream, "; %zu without, and with a finding", text->counts.unprobed);
	putc('\n', stream);
	write_wifi(&totals->wifi, stream);
	write_holes(text, totals, stream);
	write_silence(text, totals, stream);
	write_unmatched(text, totals, stream);
	if (text->counts.lookalikes > 0 && !text->verbose)
		fprintf(stream,
			"%zu more with segments that only look like probes (try: --verbose)\n",
			text->counts.lookalikes);
	if (totals->cut > 0)
		fprintf(stream,
			"%" PRIu64
			" packets were cut off within their headers (capture with a larger snap length)\n",
			totals->cut);
}

int diagnosis_text_finish(struct diagnosis_text *text, const struct diagnosis_totals *totals,
	FILE *stream, struct error *err)
{
	if (err != NULL || totals->packets > 0)
		write_head(text, totals, stream);
	worst_sort(&text->worst);
	for (size_t i = 0; i < text->worst.count; i++)
		fprintf(stream, "%s%s", i == 0 ? "\n" : "", text->worst.entries[i].text);
	size_t left = text->counts.connections + (text->verbose ? text->counts.lookalikes : 0) -
		      text->worst.count;
	if (left > 0)
		fprintf(stream, "%zu more, none of them worse (try: --json)\n", left);
	worst_release(&text->worst);
	free(text);
	if (fflush(stream) != 0 || ferror(stream) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write the diagnosis");
	return 0;
}
