/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "report/formats/run_database.h"
#include "report/text/text.h"

static const char *text_of(const json_t *run, const char *key)
{
	const char *text = json_string_value(json_object_get(run, key));

	return text == NULL ? "" : text;
}

static json_int_t number_of(const json_t *run, const char *key)
{
	return json_integer_value(json_object_get(run, key));
}

static double share_of(json_int_t passed, json_int_t total)
{
	return total == 0 ? 0.0 : 100.0 * (double)passed / (double)total;
}

static void write_run(const json_t *run, FILE *stream)
{
	json_int_t total = number_of(run, "total"), passed = number_of(run, "passed");
	char bench[64], models[64], note[256];

	text_line(text_of(run, "bench"), bench, sizeof bench);
	text_line(text_of(run, "models"), models, sizeof models);
	text_line(text_of(run, "note"), note, sizeof note);
	fprintf(stream, "  %s  %5.1f %%  %lld of %lld passed, %lld failed  %s  %s%s%s\n",
		text_of(run, "started"), share_of(passed, total), (long long)passed,
		(long long)total, (long long)number_of(run, "failed"), bench, models,
		note[0] == '\0' ? "" : "  ", note);
}

static bool is_of(const json_t *run, const char *firmware)
{
	return strcmp(text_of(run, "firmware"), firmware) == 0;
}

static void write_firmware(const char *before, const char *firmware, FILE *stream)
{
	fputs(before, stream);
	text_put(stream, TEXT_LINE, firmware[0] == '\0' ? "unknown firmware" : firmware);
	fputc('\n', stream);
}

/* The firmwares, each once, in the order in which they came. */
static json_t *firmwares_of(const json_t *trend)
{
	json_t *firmwares = json_array();
	size_t i, j;
	const json_t *run, *known;

	json_array_foreach(trend, i, run)
	{
		bool first = true;
		json_array_foreach(firmwares, j, known)
		{
			first &= !is_of(run, json_string_value(known));
		}
		if (first)
			json_array_append_new(firmwares, json_string(text_of(run, "firmware")));
	}
	return firmwares;
}

/* Its runs, and of several what came of all. */
static void write_runs_of(const json_t *trend, const char *firmware, FILE *stream)
{
	json_int_t total = 0, passed = 0, failed = 0, runs = 0;
	char what[32];
	size_t i;
	const json_t *run;

	write_firmware("", firmware, stream);
	json_array_foreach(trend, i, run)
	{
		if (!is_of(run, firmware))
			continue;
		write_run(run, stream);
		total += number_of(run, "total");
		passed += number_of(run, "passed");
		failed += number_of(run, "failed");
		runs++;
	}
	snprintf(what, sizeof what, "all %lld runs", (long long)runs);
	if (runs > 1)
		fprintf(stream, "  %-20s  %5.1f %%  %lld of %lld passed, %lld failed\n", what,
			share_of(passed, total), (long long)passed, (long long)total,
			(long long)failed);
}

static const json_t *leg_of(const json_t *run, const char *name)
{
	size_t i;
	const json_t *leg;

	json_array_foreach(json_object_get(run, "legs"), i, leg)
	{
		if (strcmp(text_of(leg, "leg"), name) == 0)
			return leg;
	}
	return NULL;
}

static double seconds_of(const json_t *leg, const char *key)
{
	return json_number_value(json_object_get(leg, key));
}

/* A leg as several runs measured it. */
struct summed {
	json_int_t runs, count, outside;
	double sum_s, least_s, most_s;
};

static void add_leg(struct summed *all, const json_t *leg)
{
	double least_s = seconds_of(leg, "least_s"), most_s = seconds_of(leg, "most_s");

	if (all->runs == 0 || least_s < all->least_s)
		all->least_s = least_s;
	if (all->runs == 0 || most_s > all->most_s)
		all->most_s = most_s;
	all->sum_s += seconds_of(leg, "mean_s") * (double)number_of(leg, "count");
	all->count += number_of(leg, "count");
	all->outside += number_of(leg, "outside");
	all->runs++;
}

static void write_summed(const char *what, const struct summed *all, FILE *stream)
{
	fprintf(stream, "    %-20s  %+9.3f s  (%+.3f to %+.3f, %lld measured", what,
		all->count == 0 ? 0.0 : all->sum_s / (double)all->count, all->least_s, all->most_s,
		(long long)all->count);
	if (all->outside > 0)
		fprintf(stream, ", %lld outside", (long long)all->outside);
	fputs(")\n", stream);
}

/* window_s: as it was told last. */
static void write_leg_of(
	const json_t *trend, const char *name, const char *firmware, double *window_s, FILE *stream)
{
	struct summed all = {0};
	char what[32];
	size_t i;
	const json_t *run;

	json_array_foreach(trend, i, run)
	{
		const json_t *leg = is_of(run, firmware) ? leg_of(run, name) : NULL;
		struct summed sum = {0};
		if (leg == NULL)
			continue;
		if (fabs(seconds_of(leg, "window_s") - *window_s) > 0.0005) {
			*window_s = seconds_of(leg, "window_s");
			fprintf(stream, "  window +- %.3f s\n", *window_s);
		}
		if (all.runs == 0)
			write_firmware("  ", firmware, stream);
		add_leg(&sum, leg);
		write_summed(text_of(run, "started"), &sum, stream);
		add_leg(&all, leg);
	}
	snprintf(what, sizeof what, "all %lld runs", (long long)all.runs);
	if (all.runs > 1)
		write_summed(what, &all, stream);
}

static void write_leg(const json_t *trend, const json_t *firmwares, const char *name, FILE *stream)
{
	double window_s = 0;
	size_t i;
	const json_t *firmware;

	text_put(stream, TEXT_LINE, name);
	fputc('\n', stream);
	json_array_foreach(firmwares, i, firmware)
	{
		write_leg_of(trend, name, json_string_value(firmware), &window_s, stream);
	}
}

/* Legs of any run, each once. */
static void write_legs(const json_t *trend, const json_t *firmwares, FILE *stream)
{
	json_t *known = json_object();
	size_t i, j;
	const json_t *run, *leg;

	json_array_foreach(trend, i, run)
	{
		json_array_foreach(json_object_get(run, "legs"), j, leg)
		{
			const char *name = text_of(leg, "leg");
			if (json_object_get(known, name) != NULL)
				continue;
			json_object_set_new(known, name, json_true());
			write_leg(trend, firmwares, name, stream);
		}
	}
	json_decref(known);
}

void run_database_write(const json_t *trend, FILE *stream)
{
	size_t i;
	const json_t *firmware;

	if (json_array_size(trend) == 0) {
		fputs("no runs (wizhil history RUN adds one)\n", stream);
		return;
	}
	json_t *firmwares = firmwares_of(trend);
	json_array_foreach(firmwares, i, firmware)
	{
		write_runs_of(trend, json_string_value(firmware), stream);
	}
	fputs("\ndeviation of each leg from the middle of its window\n", stream);
	write_legs(trend, firmwares, stream);
	json_decref(firmwares);
}

static bool is_unstable(const json_t *entry)
{
	return number_of(entry, "passed") > 0 &&
	       number_of(entry, "failed") + number_of(entry, "others") > 0;
}

static bool never_passed(const json_t *entry)
{
	return number_of(entry, "passed") == 0;
}

static void write_cases_if(
	const json_t *cases, bool (*wanted)(const json_t *entry), const char *title, FILE *stream)
{
	const char *firmware = NULL, *note = NULL;
	size_t i;
	const json_t *entry;

	json_array_foreach(cases, i, entry)
	{
		if (!wanted(entry))
			continue;
		if (firmware == NULL)
			fprintf(stream, "\n%s\n", title);
		if (firmware == NULL || strcmp(firmware, text_of(entry, "firmware")) != 0 ||
			strcmp(note, text_of(entry, "note")) != 0) {
			firmware = text_of(entry, "firmware");
			note = text_of(entry, "note");
			fputs("  ", stream);
			text_put(stream, TEXT_LINE,
				firmware[0] == '\0' ? "unknown firmware" : firmware);
			fputs(note[0] == '\0' ? "" : ", ", stream);
			text_put(stream, TEXT_LINE, note);
			fputc('\n', stream);
		}
		const json_int_t passed = number_of(entry, "passed"),
				 failed = number_of(entry, "failed"),
				 others = number_of(entry, "others");
		fprintf(stream, "    %5.1f %%  ", share_of(passed, passed + failed + others));
		text_put(stream, TEXT_LINE, text_of(entry, "case"));
		fprintf(stream, ": %lld passed, %lld failed", (long long)passed, (long long)failed);
		if (others > 0)
			fprintf(stream, ", %lld inconclusive or in error", (long long)others);
		fprintf(stream, " in %lld run%s\n", (long long)number_of(entry, "runs"),
			number_of(entry, "runs") == 1 ? "" : "s");
	}
}

void run_database_write_cases(const json_t *cases, FILE *stream)
{
	write_cases_if(cases, is_unstable,
		"unstable cases: they passed and did not, on one firmware", stream);
	write_cases_if(cases, never_passed, "cases that never passed", stream);
}
