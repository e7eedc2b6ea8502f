/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "report/html/html_sections.h"
#include "report/html/html_text.h"
#include "report/model/repeats.h"

/* What repeating a case showed: whether it is stable, and how far its legs spread. */

static void write_spreads(const struct repeats *repeats, FILE *stream)
{
	struct legs legs;
	char text[256];

	repeats_legs(repeats, &legs);
	fputs("<ul>", stream);
	for (size_t i = 0; i < legs.count; i++) {
		leg_spread_text(&legs.list[i], text, sizeof text);
		fputs("<li>", stream);
		html_text(stream, text);
		fputs("</li>", stream);
	}
	fputs("</ul>", stream);
	legs_free(&legs);
}

static void write_repeats(const struct run *run, const struct repeats *repeats, FILE *stream)
{
	char text[256];

	fprintf(stream, "<tr><td>%s</td><th scope=\"row\"><a",
		repeats->unstable ? "<strong class=\"fail\">unstable</strong>"
				  : repeats_word(repeats));
	html_case_link(run, repeats->cases, stream);
	fputc('>', stream);
	html_name(stream, repeats->cases->name);
	fputs("</a>", stream);
	if (run->device_count > 1) {
		fputs(" on ", stream);
		html_text(stream, repeats->cases->device);
	}
	write_spreads(repeats, stream);
	repeats_text(repeats, text, sizeof text);
	fputs("</th><td>", stream);
	html_text(stream, text);
	fputs("</td></tr>\n", stream);
}

void html_write_repeats(const struct run *run, FILE *stream)
{
	struct repeats repeats;
	size_t from = 0, total = 0;

	while (repeats_next(run, &from, &repeats)) {
		if (total++ == 0)
			fprintf(stream,
				"<section id=\"repeats\"><h2>%d repetitions</h2><div "
				"class=\"wide\"><table class=\"changes\"><thead><tr><th "
				"scope=\"col\">over all</th><th scope=\"col\">case and "
				"spread</th><th scope=\"col\">outcomes</th></tr></thead><tbody>\n",
				run->repeat);
		write_repeats(run, &repeats, stream);
	}
	if (total > 0)
		fputs("</tbody></table></div></section>\n", stream);
}
