/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "report/model/qualification.h"
#include "report/text/headline.h"
#include "report/text/summary_lines.h"
#include "report/text/text.h"

#define PINS "a device profile can pin them ('wizhil help profile')"
#define NOT_JUDGED "no source says that these must stay, so they decide nothing; " PINS

static const char *colour_of(const struct qualification *q)
{
	return q->code == EXIT_CODE_PASS       ? SUMMARY_GREEN
	       : q->code == EXIT_CODE_FIRMWARE ? SUMMARY_RED
					       : SUMMARY_YELLOW;
}

static void put_firmware(const struct run *run, const char *label, FILE *stream)
{
	char text[512];

	firmwares_text(run, text, sizeof text);
	fputs(label, stream);
	text_wrap(stream, text[0] == '\0' ? "unknown firmware" : text, 10, SUMMARY_WIDTH);
}

void qualification_write_text(const struct qualification *q, FILE *stream, bool colour)
{
	char text[900];

	fprintf(stream, "%s%s%s\n", colour ? colour_of(q) : "", qualification_word(q),
		colour ? SUMMARY_PLAIN : "");
	for (size_t i = 0; i < q->reason_count; i++) {
		fputs("  - ", stream);
		text_wrap(stream, q->reasons[i].text, 4, SUMMARY_WIDTH);
	}
	if (q->fact_count > 0)
		text_wrap(stream, "otherwise than before: " NOT_JUDGED, 0, SUMMARY_WIDTH);
	for (size_t i = 0; i < q->fact_count; i++) {
		qualification_fact_text(&q->facts[i], text, sizeof text);
		fputs("  - ", stream);
		text_wrap(stream, text, 4, SUMMARY_WIDTH);
	}
	put_firmware(q->run->changes->base, "baseline  ", stream);
	put_firmware(q->run, "firmware  ", stream);
	flashed_text(q->run, text, sizeof text);
	if (text[0] != '\0') {
		fputs("flashed   ", stream);
		text_wrap(stream, text, 10, SUMMARY_WIDTH);
	}
}

static void item(FILE *stream, const char *what, const char *text)
{
	if (text[0] == '\0')
		return;
	fprintf(stream, "- %s", what);
	text_put(stream, TEXT_MARKDOWN, text);
	fputc('\n', stream);
}

void qualification_write_markdown(const struct qualification *q, const char *profile, FILE *stream)
{
	char text[900];

	fprintf(stream, "## %s %s\n\n",
		q->code == EXIT_CODE_PASS	? ":white_check_mark:"
		: q->code == EXIT_CODE_FIRMWARE ? ":x:"
						: ":warning:",
		qualification_word(q));
	for (size_t i = 0; i < q->reason_count; i++)
		item(stream, "", q->reasons[i].text);
	fputc('\n', stream);
	flashed_text(q->run, text, sizeof text);
	item(stream, "flashed: ", text);
	item(stream, "profile of what was characterised: ", profile == NULL ? "" : profile);
	unseen_text(q->run, text, sizeof text);
	item(stream, "not seen: ", text);
	if (q->fact_count > 0)
		fputs("\n### Otherwise than before\n\nNo source says that these must stay: " PINS
		      "\n\n",
			stream);
	for (size_t i = 0; i < q->fact_count; i++) {
		qualification_fact_text(&q->facts[i], text, sizeof text);
		item(stream, "", text);
	}
	fputc('\n', stream);
	comparison_write_markdown(q->run->changes, stream);
}
