/* SPDX-License-Identifier: MIT */
#include "report/html/html_page.h"

#include <stdbool.h>
#include <string.h>

#include "core/exit_code.h"
#include "report/html/html_text.h"
#include "report/html/templates.h"

const char *html_sign(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_NOT_RUN:
		return "\xe2\x80\x93"; /* en dash */
	case OUTCOME_PASS:
		return "\xe2\x9c\x93"; /* check mark */
	case OUTCOME_MARGINAL:
		return "\xe2\x89\x88"; /* almost equal */
	case OUTCOME_INCONCLUSIVE:
		return "?";
	case OUTCOME_FAIL:
		return "\xe2\x9c\x97"; /* ballot x */
	case OUTCOME_ERROR:
		return "!";
	}
	return "";
}

enum outcome html_outcome(enum exit_code code, enum outcome otherwise)
{
	switch (code) {
	case EXIT_CODE_PASS:
		return OUTCOME_PASS;
	case EXIT_CODE_FIRMWARE:
		return OUTCOME_FAIL;
	case EXIT_CODE_NOT_RUN:
		return OUTCOME_NOT_RUN;
	case EXIT_CODE_USAGE:
	case EXIT_CODE_BENCH:
	case EXIT_CODE_INTERRUPTED:
		break;
	}
	return otherwise;
}

const char *html_class(enum outcome outcome)
{
	return outcome == OUTCOME_NOT_RUN ? "not-run" : outcome_name(outcome);
}

void html_badge(FILE *stream, enum outcome outcome)
{
	fprintf(stream, "<span class=\"badge %s\"><b aria-hidden=\"true\">%s</b> %s</span>",
		html_class(outcome), html_sign(outcome), outcome_name(outcome));
}

void html_badge_waived(FILE *stream)
{
	fputs("<span class=\"badge " HTML_WAIVED
	      "\"><b aria-hidden=\"true\">\xe2\x88\x85</b> " HTML_WAIVED "</span>",
		stream);
}

/* The icon of the browser's tab. */
static void write_icon(FILE *stream, enum outcome outcome)
{
	const char *colour = outcome == OUTCOME_PASS || outcome == OUTCOME_MARGINAL ? "1a7f4b"
			     : outcome == OUTCOME_FAIL				    ? "b3261e"
										    : "6b4fa0";

	fprintf(stream,
		"data:image/svg+xml,%%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 "
		"16'%%3E%%3Crect width='16' height='16' rx='4' fill='%%23%s'/%%3E%%3Ctext x='8' "
		"y='12' text-anchor='middle' font-size='12' fill='white'%%3E%s%%3C/text%%3E%%3C/"
		"svg%%3E",
		colour, html_sign(outcome));
}

/* Writes the template up to {{body}}, or what is behind it. */
static void write_template(FILE *stream, bool end, const char *title, enum outcome outcome)
{
	const char *rest = template_page_html;
	const char *body = strstr(rest, "{{body}}");

	if (end)
		rest = body + strlen("{{body}}");
	for (const char *mark; (mark = strstr(rest, "{{")) != NULL && (end || mark < body);) {
		const char *name = mark + 2, *close = strstr(mark, "}}");
		const size_t length = (size_t)(close - name);
		fwrite(rest, 1, (size_t)(mark - rest), stream);
		if (strncmp(name, "title", length) == 0)
			html_text(stream, title);
		else if (strncmp(name, "icon", length) == 0)
			write_icon(stream, outcome);
		else if (strncmp(name, "hash", length) == 0)
			fputs(script_hash, stream);
		else if (strncmp(name, "style", length) == 0)
			fputs(template_report_css, stream);
		else if (strncmp(name, "symbols", length) == 0)
			fputs(template_symbols_svg, stream);
		else if (strncmp(name, "script", length) == 0)
			fputs(template_script_js, stream);
		rest = close + 2;
	}
	if (end)
		fputs(rest, stream);
	else
		fwrite(rest, 1, (size_t)(body - rest), stream);
}

void html_page_begin(FILE *stream, const char *title, enum outcome outcome)
{
	write_template(stream, false, title, outcome);
}

void html_page_end(FILE *stream)
{
	write_template(stream, true, "", OUTCOME_PASS);
}
