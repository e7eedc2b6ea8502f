/* SPDX-License-Identifier: MIT */
#include "diagnose/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "diagnose/sentence.h"

enum { SHOWN_MAX = 20, SHOWN_MAX_VERBOSE = 1000, PROBES_SHOWN = 1000 };

/* One connection, ready to be written. */
struct entry {
	int rank; /* higher is worse */
	size_t number;
	char *text;
};

struct diagnosis_text {
	const struct diagnosis_request *request;
	bool verbose;
	size_t limit, count;
	struct entry *entries; /* a heap: the least bad first */
	size_t connections;    /* with probes */
	size_t lookalikes;     /* with look-alikes only */
	size_t by_outcome[4];
};

struct diagnosis_text *diagnosis_text_new(const struct diagnosis_request *request, bool verbose)
{
	struct diagnosis_text *text = calloc(1, sizeof *text);

	if (text == NULL)
		return NULL;
	text->request = request;
	text->verbose = verbose;
	text->limit = verbose ? SHOWN_MAX_VERBOSE : SHOWN_MAX;
	text->entries = calloc(text->limit, sizeof *text->entries);
	if (text->entries == NULL) {
		free(text);
		return NULL;
	}
	return text;
}

static int outcome_rank(enum keepalive_outcome outcome)
{
	switch (outcome) {
	case KEEPALIVE_DEAD:
		return 3;
	case KEEPALIVE_REFUSED:
		return 2;
	case KEEPALIVE_UNDECIDED:
		return 1;
	case KEEPALIVE_ALIVE:
		break;
	}
	return 0;
}

static int direction_rank(const struct diagnosed_direction *direction)
{
	enum { PER_SEVERITY = 10 };
	int severity = 0;

	for (size_t i = 0; i < direction->finding_count; i++)
		if ((int)direction->findings[i].severity + 1 > severity)
			severity = (int)direction->findings[i].severity + 1;
	if (direction->probe_count == 0)
		return -1;
	return severity * PER_SEVERITY + outcome_rank(direction->outcome);
}

static bool worse(const struct entry *a, const struct entry *b)
{
	return a->rank != b->rank ? a->rank > b->rank : a->number < b->number;
}

static void swap(struct entry *a, struct entry *b)
{
	struct entry kept = *a;

	*a = *b;
	*b = kept;
}

/* The least bad of the heap goes to its place. */
static void sift_down(struct diagnosis_text *text, size_t at)
{
	for (;;) {
		size_t least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < text->count; child++)
			if (worse(&text->entries[least], &text->entries[child]))
				least = child;
		if (least == at)
			return;
		swap(&text->entries[least], &text->entries[at]);
		at = least;
	}
}

static void keep(struct diagnosis_text *text, const struct entry *entry)
{
	if (text->count == text->limit) {
		free(text->entries[0].text);
		text->entries[0] = *entry;
		sift_down(text, 0);
		return;
	}
	size_t at = text->count++;
	text->entries[at] = *entry;
	while (at > 0 && worse(&text->entries[(at - 1) / 2], &text->entries[at])) {
		swap(&text->entries[(at - 1) / 2], &text->entries[at]);
		at = (at - 1) / 2;
	}
}

static void write_place(FILE *stream, const struct diagnosis_text *text, const struct place *place)
{
	if (text->request->path_count > 1)
		fprintf(stream, "%s:", text->request->paths[place->file]);
	fprintf(stream, "%u", place->frame);
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
	} else if (probe->quiet_ns != DURATION_UNKNOWN) {
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

static void write_details(FILE *stream, const struct diagnosis_text *text,
	const struct diagnosed_direction *direction)
{
	const struct diagnosed_probe *before = NULL;
	char models[64];

	if (direction->models != 0) {
		models_text(direction->models, models, sizeof models);
		fprintf(stream, "\n            timing models that fit: %s", models);
	}
	if (direction->probe_count > 0)
		sentence_write_limits(stream, text->request, direction);
	for (size_t i = 0; i < direction->probe_count && i < PROBES_SHOWN; i++) {
		const struct diagnosed_probe *probe = &direction->probes[i];
		/* A round begins with an idle time of its own where real packets passed before it.
		 */
		bool anew = before == NULL ||
			    (probe->quiet_ns != DURATION_UNKNOWN &&
				    probe->at.time_ns - probe->quiet_ns > before->at.time_ns);
		write_probe(stream, text, probe, anew ? NULL : before);
		before = probe;
	}
	if (direction->probe_count > PROBES_SHOWN)
		fprintf(stream, "\n            and %zu more probes (--json has all)",
			direction->probe_count - PROBES_SHOWN);
	for (size_t i = 0; i < direction->lookalike_count && i < PROBES_SHOWN; i++) {
		fputs("\n            frame ", stream);
		write_place(stream, text, &direction->lookalikes[i].at);
		fprintf(stream, "  no probe: %s",
			segment_class_name(direction->lookalikes[i].reason));
	}
}

static void write_direction(FILE *stream, const struct diagnosis_text *text,
	const struct diagnosed_connection *connection, const struct diagnosed_direction *direction)
{
	char prober[ENDPOINT_TEXT], peer[ENDPOINT_TEXT];

	fprintf(stream, "%-10s#%zu %s probes %s, ",
		direction->probe_count == 0 ? "none" : keepalive_outcome_name(direction->outcome),
		connection->number, endpoint_format(&direction->prober, prober),
		endpoint_format(&direction->peer, peer));
	sentence_write(stream, direction);
	for (size_t i = 0; i < direction->finding_count; i++)
		fprintf(stream, "\n  %-10s%s: %s", severity_name(direction->findings[i].severity),
			direction->findings[i].requirement, direction->findings[i].text);
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
		if (text->verbose || direction->probe_count > 0)
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
	struct entry entry = {.rank = -1, .number = connection->number};
	const struct diagnosed_direction *worst = NULL;

	for (size_t i = 0; i < connection->direction_count; i++) {
		int rank = direction_rank(&connection->directions[i]);
		if (rank > entry.rank) {
			entry.rank = rank;
			worst = &connection->directions[i];
		}
	}
	if (worst == NULL)
		text->lookalikes++;
	else
		text->by_outcome[worst->outcome]++;
	text->connections += worst != NULL;
	if (worst == NULL && !text->verbose)
		return 0;
	if (text->count == text->limit && !worse(&entry, &text->entries[0]))
		return 0;
	entry.text = compose(text, connection);
	if (entry.text == NULL)
		return -1;
	keep(text, &entry);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return worse(a, b) ? -1 : 1;
}

static void write_head(
	const struct diagnosis_text *text, const struct diagnosis_totals *totals, FILE *stream)
{
	static const enum keepalive_outcome order[] = {
		KEEPALIVE_DEAD, KEEPALIVE_REFUSED, KEEPALIVE_UNDECIDED, KEEPALIVE_ALIVE};
	const char *comma = ": ";

	fprintf(stream, "%s", text->request->paths[0]);
	if (text->request->path_count > 1)
		fprintf(stream, " and %zu more", text->request->path_count - 1);
	fprintf(stream, ": %" PRIu64 " packets", totals->packets);
	if (totals->packets > 0) {
		fputs(" in ", stream);
		sentence_write_duration(stream, totals->last_ns - totals->first_ns);
	}
	fprintf(stream, ", %zu TCP connection%s, %zu with keep-alive", totals->connections,
		totals->connections == 1 ? "" : "s", text->connections);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		if (text->by_outcome[order[i]] == 0)
			continue;
		fprintf(stream, "%s%zu %s", comma, text->by_outcome[order[i]],
			keepalive_outcome_name(order[i]));
		comma = ", ";
	}
	putc('\n', stream);
	if (text->lookalikes > 0 && !text->verbose)
		fprintf(stream, "%zu more with segments that only look like probes (--verbose)\n",
			text->lookalikes);
	if (totals->cut > 0)
		fprintf(stream,
			"%" PRIu64 " packets were cut off within their headers (capture with a "
			"larger snap length)\n",
			totals->cut);
}

int diagnosis_text_finish(struct diagnosis_text *text, const struct diagnosis_totals *totals,
	FILE *stream, struct error *err)
{
	qsort(text->entries, text->count, sizeof *text->entries, compare);
	write_head(text, totals, stream);
	for (size_t i = 0; i < text->count; i++) {
		fprintf(stream, "%s%s", i == 0 ? "\n" : "", text->entries[i].text);
		free(text->entries[i].text);
	}
	size_t left = text->connections + (text->verbose ? text->lookalikes : 0) - text->count;
	if (left > 0)
		fprintf(stream, "and %zu more, none of them worse (--json has all)\n", left);
	free(text->entries);
	free(text);
	if (fflush(stream) != 0 || ferror(stream) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write the diagnosis");
	return 0;
}
