/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "report/model/repeats.h"
#include "report/text/summary_parts.h"
#include "report/text/text.h"

/* What repeating showed, in the summaries. */

static void write_name(const struct run *run, const struct repeats *repeats, FILE *stream)
{
	text_put(stream, TEXT_LINE, repeats->cases->name);
	if (run->device_count > 1) {
		fputs(" on ", stream);
		text_put(stream, TEXT_LINE, repeats->cases->device);
	}
}

static void write_one(
	const struct run *run, const struct repeats *repeats, bool all, FILE *stream, bool colour)
{
	struct legs legs;
	char text[256];

	if (repeats->unstable)
		fprintf(stream, "  %sUNSTABLE%s      ", colour ? SUMMARY_RED : "",
			colour ? SUMMARY_PLAIN : "");
	else
		fprintf(stream, "  %-12s  ", repeats_word(repeats));
	write_name(run, repeats, stream);
	repeats_text(repeats, text, sizeof text);
	fprintf(stream, "\n%*s%s\n", SUMMARY_TITLE, "", text);
	repeats_legs(repeats, &legs);
	for (size_t i = 0; all && i < legs.count; i++) {
		leg_spread_text(&legs.list[i], text, sizeof text);
		fprintf(stream, "%*s", SUMMARY_TITLE, "");
		text_wrap(stream, text, SUMMARY_TITLE, SUMMARY_WIDTH);
	}
	legs_free(&legs);
}

static int64_t spread_of(const struct leg *leg)
{
	return leg->most_ns - leg->least_ns;
}

static void keep_widest(const struct repeats *repeats, struct leg *widest, const char **of)
{
	struct legs legs;

	repeats_legs(repeats, &legs);
	for (size_t i = 0; i < legs.count; i++)
		if (widest->count == 0 || spread_of(&legs.list[i]) > spread_of(widest)) {
			*widest = legs.list[i];
			*of = repeats->cases->name;
		}
	legs_free(&legs);
}

static void write_widest(const struct leg *widest, const char *of, FILE *stream)
{
	char text[256];

	if (widest->count == 0)
		return;
	if (spread_of(widest) == 0) {
		fputs("  each leg took the same time in all of them\n", stream);
		return;
	}
	leg_spread_text(widest, text, sizeof text);
	fputs("  the widest spread: ", stream);
	text_wrap(stream, text, 21, SUMMARY_WIDTH);
	fprintf(stream, "%*sof ", 21, "");
	summary_line(stream, of);
}

void summary_repeats(const struct run *run, bool all, FILE *stream, bool colour)
{
	struct leg widest = {0};
	const char *of = "";
	struct repeats repeats;
	size_t from = 0, total = 0, stable = 0, unstable = 0;

	while (repeats_next(run, &from, &repeats)) {
		if (total++ == 0)
			fprintf(stream, "\n%d repetitions\n", run->repeat);
		unstable += repeats.unstable;
		stable += strcmp(repeats_word(&repeats), "stable") == 0;
		if (all || repeats.unstable)
			write_one(run, &repeats, all, stream, colour);
		keep_widest(&repeats, &widest, &of);
	}
	if (total == 0)
		return;
	fprintf(stream, "  %zu of %zu cases came to the same each time\n", stable, total);
	if (stable + unstable < total)
		fprintf(stream, "  %zu did not run twice\n", total - stable - unstable);
	write_widest(&widest, of, stream);
}
