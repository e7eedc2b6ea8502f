/* SPDX-License-Identifier: MIT */
#include "report/html/diagnosis_page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/text_buffer.h"
#include "diagnose/sentence.h"
#include "diagnose/worst.h"
#include "judge/verdict.h"
#include "report/html/html_page.h"
#include "report/html/html_text.h"
#include "report/html/picture.h"

enum { SHOWN_MAX = 50, OPEN_MAX = 8 };

struct diagnosis_page {
	const struct diagnosis_request *request;
	struct worst worst;
	struct diagnosis_counts counts;
	bool finding; /* of some connection, worse than a note */
};

struct diagnosis_page *diagnosis_page_new(const struct diagnosis_request *request)
{
	struct diagnosis_page *page = calloc(1, sizeof *page);

	if (page == NULL)
		return NULL;
	page->request = request;
	if (worst_init(&page->worst, SHOWN_MAX) == 0)
		return page;
	free(page);
	return NULL;
}

void diagnosis_page_free(struct diagnosis_page *page)
{
	if (page == NULL)
		return;
	worst_release(&page->worst);
	free(page);
}

/* ---- one connection ---- */

/* What became of keep-alive, with a sign and in the colour of an outcome of a case that is as good
 * or as bad to see. */
static void write_badge(FILE *stream, enum keepalive_outcome outcome)
{
	static const struct {
		const char *class, *sign;
	} styles[] = {
		[KEEPALIVE_UNDECIDED] = {"not-run", "?"},
		[KEEPALIVE_ALIVE] = {"pass", "\xe2\x9c\x93"},
		[KEEPALIVE_REFUSED] = {"marginal", "!"},
		[KEEPALIVE_DEAD] = {"fail", "\xe2\x9c\x97"},
	};

	fprintf(stream, "<span class=\"badge %s\"><b aria-hidden=\"true\">%s</b> %s</span>",
		styles[outcome].class, styles[outcome].sign, keepalive_outcome_name(outcome));
}

static void write_sentence(FILE *stream, const struct diagnosed_direction *direction)
{
	char *text = NULL;
	size_t size = 0;
	FILE *aside = open_memstream(&text, &size);

	if (aside == NULL)
		return;
	sentence_write(aside, direction);
	fclose(aside);
	html_text(stream, text);
	free(text);
}

static void write_findings(FILE *stream, const struct diagnosed_direction *direction)
{
	if (direction->finding_count == 0)
		return;
	fputs("<ul class=\"findings\">", stream);
	for (size_t i = 0; i < direction->finding_count; i++) {
		const struct finding *finding = &direction->findings[i];
		fprintf(stream, "<li><strong class=\"%s\">%s</strong> ",
			finding->severity > SEVERITY_WARNING ? "fail" : "marginal",
			severity_name(finding->severity));
		html_text(stream, finding->text);
		fputs(" <span class=\"id\">", stream);
		html_text(stream, finding->requirement);
		fputs("</span></li>", stream);
	}
	fputs("</ul>\n", stream);
}

static bool has_leg(const struct verdict *verdict, enum leg_kind kind)
{
	for (size_t i = 0; i < verdict->check_count; i++)
		if (verdict->checks[i].leg.kind == kind)
			return true;
	return false;
}

/* From the first unanswered probe to the end, against as many intervals as there were probes: what
 * the recording itself lets expect. */
static void add_death(const struct diagnosed_direction *direction, const struct event *first,
	const struct event *end, struct verdict *verdict)
{
	const int64_t expected_ns = direction->unanswered * direction->interval_ns;
	struct check check = {.outcome = OUTCOME_PASS,
		.models = MODELS_ALL,
		.measured = true,
		.leg = {LEG_DEATH, 0},
		.measured_ns = end->t_ns - first->t_ns,
		.from_ns = expected_ns,
		.to_ns = expected_ns,
		.placed = true,
		.begin_ns = first->t_ns};

	if (direction->interval_ns > 0 && !has_leg(verdict, LEG_DEATH) &&
		verdict->check_count < VERDICT_CHECKS)
		verdict->checks[verdict->check_count++] = check;
}

/* On a dead connection the picture shows what the bench would have known: since when the peer was
 * silent, and how long the prober waited. */
static void write_dead_picture(FILE *stream, const struct diagnosed_direction *direction)
{
	static struct verdict verdict;
	const struct timeline *seen = direction->timeline;
	const struct event *heard = NULL, *first = NULL, *end = NULL;
	struct timeline *timeline = timeline_new(seen->case_name, &seen->scenario);

	verdict = *direction->verdict;
	for (size_t i = 0; i < seen->count; i++) {
		const struct event *event = &seen->events[i];
		if (timeline != NULL)
			(void)timeline_add(timeline, event);
		if (event->kind != EVENT_SEGMENT || end != NULL)
			continue;
		if (event->segment.direction == FROM_PEER) {
			heard = event;
			first = NULL;
		} else if (event->segment.role == ROLE_PROBE && first == NULL) {
			first = event;
		} else if (first != NULL &&
			   (event->segment.flags & (TCP_FLAG_RST | TCP_FLAG_FIN)) != 0) {
			end = event;
		}
	}
	if (timeline != NULL && heard != NULL && first != NULL) {
		const struct event silent = {.t_ns = heard->t_ns,
			.kind = EVENT_PEER,
			.act = ACT_SILENT,
			.cid = -1,
			.step = -1};
		(void)timeline_add(timeline, &silent);
	}
	if (first != NULL && end != NULL)
		add_death(direction, first, end, &verdict);
	picture_write(stream, timeline == NULL ? seen : timeline, &verdict);
	timeline_free(timeline);
}

static void write_direction(FILE *stream, const struct diagnosed_direction *direction)
{
	char prober[ENDPOINT_TEXT], peer[ENDPOINT_TEXT], models[64];

	fputs("<h3>", stream);
	html_say(stream, direction->probe_count > 0 ? "%s probes %s" : "%s and %s",
		endpoint_format(&direction->prober, prober),
		endpoint_format(&direction->peer, peer));
	fputs("</h3><p class=\"sentence\">", stream);
	write_sentence(stream, direction);
	fputs("</p>\n", stream);
	if (direction->models != 0) {
		models_text(direction->models, models, sizeof models);
		fprintf(stream, "<p>Timing models that fit: %s.</p>\n", models);
	}
	write_findings(stream, direction);
	if (direction->timeline == NULL)
		return;
	fputs("<figure class=\"picture\">", stream);
	if (direction->outcome == KEEPALIVE_DEAD)
		write_dead_picture(stream, direction);
	else
		picture_write(stream, direction->timeline, direction->verdict);
	fputs("</figure>\n", stream);
}

/* The direction with the worse outcome stands for the connection. */
static const struct diagnosed_direction *main_direction(
	const struct diagnosed_connection *connection)
{
	const struct diagnosed_direction *worst = NULL;

	for (size_t i = 0; i < connection->direction_count; i++) {
		const struct diagnosed_direction *direction = &connection->directions[i];
		if (direction_speaks(direction) &&
			(worst == NULL || direction->finding_count > worst->finding_count ||
				(direction->finding_count == worst->finding_count &&
					direction->outcome > worst->outcome)))
			worst = direction;
	}
	return worst;
}

static void write_connection(FILE *stream, const struct diagnosed_connection *connection)
{
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT];
	const struct diagnosed_direction *direction = main_direction(connection);

	write_badge(stream, direction->outcome);
	fprintf(stream, " <span class=\"name\"><span class=\"suite\">#%zu</span> ",
		connection->number);
	html_say(stream, "%s and %s", endpoint_format(&connection->a, a),
		endpoint_format(&connection->b, b));
	fprintf(stream, "</span></summary><div id=\"c%zu\" tabindex=\"-1\">\n", connection->number);
	for (size_t i = 0; i < connection->direction_count; i++)
		if (direction_speaks(&connection->directions[i]))
			write_direction(stream, &connection->directions[i]);
	fputs("</div></details>\n", stream);
}

int diagnosis_page_take(const struct diagnosed_connection *connection, void *context)
{
	struct diagnosis_page *page = context;
	const int rank = diagnosis_count(&page->counts, connection);
	char *text = NULL;
	size_t size = 0;

	for (size_t i = 0; i < connection->direction_count; i++)
		for (size_t k = 0; k < connection->directions[i].finding_count; k++)
			page->finding |=
				connection->directions[i].findings[k].severity > SEVERITY_NOTE;
	if (rank < 0 || !worst_wants(&page->worst, rank, connection->number))
		return 0;
	FILE *stream = open_memstream(&text, &size);
	if (stream == NULL)
		return -1;
	write_connection(stream, connection);
	if (fclose(stream) != 0) {
		free(text);
		return -1;
	}
	worst_keep(&page->worst, rank, connection->number, text);
	return 0;
}

/* ---- the page ---- */

static void headline(const struct diagnosis_page *page, const struct diagnosis_totals *totals,
	char *text, size_t size)
{
	static const enum keepalive_outcome order[] = {
		KEEPALIVE_DEAD, KEEPALIVE_REFUSED, KEEPALIVE_UNDECIDED, KEEPALIVE_ALIVE};
	const struct diagnosis_counts *counts = &page->counts;
	struct text_buffer headline = text_buffer(text, size);
	const char *before = ": ";

	text_add(&headline, "Keep-alive on %zu of %zu TCP connection%s",
		counts->connections - counts->unprobed - counts->half_closed, totals->connections,
		totals->connections == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		if (counts->by_outcome[order[i]] == 0)
			continue;
		text_add(&headline, "%s%zu %s", before, counts->by_outcome[order[i]],
			keepalive_outcome_name(order[i]));
		before = ", ";
	}
}

static void fact(FILE *stream, const char *name, const char *value)
{
	fprintf(stream, "<div><dt>%s</dt><dd>", name);
	html_text(stream, value);
	fputs("</dd></div>", stream);
}

static void write_facts(
	const struct diagnosis_page *page, const struct diagnosis_totals *totals, FILE *stream)
{
	const struct diagnosis_request *request = page->request;
	char text[ENDPOINT_TEXT + 64];

	fputs("<dl class=\"facts\">", stream);
	for (size_t i = 0; i < request->path_count && i < 8; i++)
		fact(stream, "capture", request->paths[i]);
	snprintf(text, sizeof text, "%" PRIu64 " packets, %.1f s", totals->packets,
		(double)(totals->last_ns - totals->first_ns) / 1e9);
	fact(stream, "length", text);
	if (request->device.family != 0)
		fact(stream, "device", endpoint_format_address(&request->device, text));
	snprintf(text, sizeof text, "timeout %d s, count %d", request->timeout_s, request->probes);
	if (request->timeout_s > 0)
		fact(stream, "options", text);
	if (totals->fault.kind != ERROR_NONE)
		fact(stream, "not read to its end", totals->fault.text);
	fputs("</dl>\n", stream);
	if (request->device.family == 0 && request->timeout_s == 0)
		fputs("<p>Neither the device nor its options are known: nothing is checked against the vendor's documentation.</p>\n",
			stream);
}

static void write_connections(struct diagnosis_page *page, FILE *stream)
{
	const size_t left = page->counts.connections - page->worst.count;

	worst_sort(&page->worst);
	fputs("<section id=\"pictures\"><h2>Connections</h2>\n", stream);
	picture_write_legend(stream, false);
	for (size_t i = 0; i < page->worst.count; i++)
		fprintf(stream, "<details class=\"case\" id=\"d%zu\"%s><summary>%s",
			page->worst.entries[i].number, i < OPEN_MAX ? " open" : "",
			page->worst.entries[i].text);
	if (left > 0)
		fprintf(stream, "<p>%zu more, none of them worse.</p>\n", left);
	if (page->counts.lookalikes > 0)
		fprintf(stream, "<p>%zu more with segments that only look like probes.</p>\n",
			page->counts.lookalikes);
	fputs("</section>\n", stream);
}

void diagnosis_page_write(
	struct diagnosis_page *page, const struct diagnosis_totals *totals, FILE *stream)
{
	const bool known = page->request->device.family != 0 || page->request->timeout_s > 0;
	const enum outcome outcome = page->finding ? OUTCOME_FAIL
				     : known	   ? OUTCOME_PASS
						   : OUTCOME_NOT_RUN;
	char text[256];

	headline(page, totals, text, sizeof text);
	html_page_begin(stream, text, outcome);
	fputs("<header>\n<p class=\"what\">wizhil: TCP keep-alive in a capture</p>\n<h1>", stream);
	fprintf(stream, "<span class=\"%s\" aria-hidden=\"true\">%s</span><span>%s%s</span></h1>\n",
		html_class(outcome), html_sign(outcome), text,
		page->finding ? "; with findings" : "; no finding");
	write_facts(page, totals, stream);
	fputs("</header>\n<main>\n", stream);
	write_connections(page, stream);
	fputs("</main>\n", stream);
	html_page_end(stream);
}
