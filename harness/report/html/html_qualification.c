/* SPDX-License-Identifier: MIT */
#include "report/html/html_page.h"
#include "report/html/html_sections.h"
#include "report/html/html_text.h"
#include "report/model/qualification.h"
#include "report/report.h"
#include "report/text/headline.h"

/* The one page that says whether a firmware ships. */

static void fact(FILE *stream, const char *what, const char *text)
{
	if (text[0] == '\0')
		return;
	fprintf(stream, "<div><dt>%s</dt><dd>", what);
	html_text(stream, text);
	fputs("</dd></div>", stream);
}

static void write_header(const struct qualification *q, enum outcome outcome, FILE *stream)
{
	char text[512];

	firmwares_text(q->run, text, sizeof text);
	fprintf(stream,
		"<header><p class=\"what\">wizhil: qualification</p><h1><span class=\"%s\" "
		"aria-hidden=\"true\">%s</span><span>%s: ",
		html_class(outcome), html_sign(outcome), qualification_word(q));
	html_text(stream, text[0] == '\0' ? "unknown firmware" : text);
	fputs("</span></h1></header><main>\n", stream);
}

static void write_why(const struct qualification *q, const char *profile, FILE *stream)
{
	char text[900];

	fputs("<section id=\"why\"><h2>Why</h2><ul class=\"troubles\">", stream);
	for (size_t i = 0; i < q->reason_count; i++) {
		const enum outcome outcome = html_outcome(q->reasons[i].code, OUTCOME_INCONCLUSIVE);
		fprintf(stream, "<li><p><span class=\"%s\" aria-hidden=\"true\">%s</span> ",
			html_class(outcome), html_sign(outcome));
		html_text(stream, q->reasons[i].text);
		fputs("</p></li>\n", stream);
	}
	fputs("</ul><dl class=\"facts\">", stream);
	flashed_text(q->run, text, sizeof text);
	fact(stream, "flashed", text);
	fact(stream, "bench", q->run->bench);
	fact(stream, "started", q->run->started);
	fact(stream, "judged by the profile", q->run->profile);
	unseen_text(q->run, text, sizeof text);
	fact(stream, "not seen", text);
	fputs("</dl><p><a href=\"" REPORT_HTML "\">every case, with pictures and evidence</a>",
		stream);
	if (profile != NULL) {
		fputs(", <a href=\"", stream);
		html_path(stream, profile);
		fputs("\">what was characterised</a>", stream);
	}
	fputs("</p></section>\n", stream);
}

static void write_facts(const struct qualification *q, FILE *stream)
{
	char text[900];

	if (q->fact_count == 0)
		return;
	fputs("<section id=\"facts\"><h2>Otherwise than before</h2><p class=\"soft\">No source "
	      "says that these must stay, so they decide nothing; a device profile can pin "
	      "them.</p><ul>",
		stream);
	for (size_t i = 0; i < q->fact_count; i++) {
		qualification_fact_text(&q->facts[i], text, sizeof text);
		fputs("<li>", stream);
		html_text(stream, text);
		fputs("</li>\n", stream);
	}
	fputs("</ul></section>\n", stream);
}

void qualification_write_html(const struct qualification *q, const char *profile, FILE *stream)
{
	const enum outcome outcome = html_outcome(q->code, OUTCOME_INCONCLUSIVE);
	char title[64];

	snprintf(title, sizeof title, "wizhil: %s", qualification_word(q));
	html_page_begin(stream, title, outcome);
	write_header(q, outcome, stream);
	write_why(q, profile, stream);
	write_facts(q, stream);
	html_write_changes(q->run->changes, false, stream);
	fputs("</main>\n", stream);
	html_page_end(stream);
}
