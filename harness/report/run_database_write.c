/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "report/run_database.h"
#include "report/text.h"

static const char *text_of(const json_t *run, const char *key)
{
	const char *text = json_string_value(json_object_get(run, key));

	return text == NULL ? "" : text;
}

static json_int_t number_of(const json_t *run, const char *key)
{
	return json_integer_value(json_object_get(run, key));
}

static void write_run(const json_t *run, FILE *stream)
{
	json_int_t total = number_of(run, "total"), passed = number_of(run, "passed");
	char bench[64], models[64], note[256];

	text_line(text_of(run, "bench"), bench, sizeof bench);
	text_line(text_of(run, "models"), models, sizeof models);
	text_line(text_of(run, "note"), note, sizeof note);
	fprintf(stream, "  %s  %5.1f %%  %lld of %lld passed, %lld failed  %s  %s%s%s\n",
		text_of(run, "started"), total == 0 ? 0.0 : 100.0 * (double)passed / (double)total,
		(long long)passed, (long long)total, (long long)number_of(run, "failed"), bench,
		models, note[0] == '\0' ? "" : "  ", note);
}

/* Each firmware once, in the order in which it came. */
static void write_firmwares(const json_t *trend, FILE *stream)
{
	size_t i, j;
	const json_t *run, *other;

	json_array_foreach(trend, i, run)
	{
		const char *firmware = text_of(run, "firmware");
		bool first = true;
		json_array_foreach(trend, j, other)
		{
			first &= j >= i || strcmp(text_of(other, "firmware"), firmware) != 0;
		}
		if (!first)
			continue;
		text_put(stream, TEXT_LINE, firmware[0] == '\0' ? "unknown firmware" : firmware);
		fputc('\n', stream);
		json_array_foreach(trend, j, other)
		{
			if (strcmp(text_of(other, "firmware"), firmware) == 0)
				write_run(other, stream);
		}
	}
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

static void write_leg(const json_t *trend, const char *name, FILE *stream)
{
	double window_s = 0;
	size_t i;
	const json_t *run;

	text_put(stream, TEXT_LINE, name);
	fputc('\n', stream);
	json_array_foreach(trend, i, run)
	{
		const json_t *leg = leg_of(run, name);
		if (leg == NULL)
			continue;
		if (fabs(seconds_of(leg, "window_s") - window_s) > 0.0005) {
			window_s = seconds_of(leg, "window_s");
			fprintf(stream, "  window +- %.3f s\n", window_s);
		}
		fprintf(stream, "  %s  %+9.3f s  (%+.3f to %+.3f, %lld measured",
			text_of(run, "started"), seconds_of(leg, "mean_s"),
			seconds_of(leg, "least_s"), seconds_of(leg, "most_s"),
			(long long)number_of(leg, "count"));
		if (number_of(leg, "outside") > 0)
			fprintf(stream, ", %lld outside", (long long)number_of(leg, "outside"));
		fputs(")\n", stream);
	}
}

/* Legs of any run, each once. */
static void write_legs(const json_t *trend, FILE *stream)
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
			write_leg(trend, name, stream);
		}
	}
	json_decref(known);
}

void run_database_write(const json_t *trend, FILE *stream)
{
	if (json_array_size(trend) == 0) {
		fputs("no runs yet (wizhil history RUN adds one)\n", stream);
		return;
	}
	write_firmwares(trend, stream);
	fputs("\neach leg from the middle of its window\n", stream);
	write_legs(trend, stream);
}
