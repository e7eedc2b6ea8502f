/* SPDX-License-Identifier: MIT */
#include "report/text/headline.h"

#include <stdio.h>
#include <string.h>

#include "core/exit_code.h"
#include "core/text_buffer.h"
#include "report/model/compare.h"
#include "report/model/repeats.h"

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* What a run counts: the cases, or where each is repeated, every time that one was driven. */
static const char *noun(const struct run *run)
{
	return run->repeat > 1 ? "drive" : "case";
}

static void add_repeats(const struct run *run, struct text_buffer *headline)
{
	struct repeats repeats;
	size_t from = 0, cases = 0, unstable = 0;

	while (repeats_next(run, &from, &repeats)) {
		cases++;
		unstable += repeats.unstable;
	}
	if (cases == 0)
		return;
	text_add(headline, " (%zu case%s, %d times each)", cases, plural(cases), run->repeat);
	if (unstable > 0)
		text_add(headline, ", %zu case%s unstable", unstable,
			unstable == 1 ? " is" : "s are");
}

/* What does not hold over this run, as it does over one that is sound. */
static void add_checks(const struct run *run, struct text_buffer *out)
{
	bool models = false, losses = false, broken = false, unsteady = false;

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (!test_case->of_run || !run_counts(test_case) || test_case->waiver != NULL)
			continue;
		const bool keeps_running = strcmp(test_case->name, run_keeps_running) == 0;
		models |= strcmp(test_case->name, run_one_model) == 0;
		losses |= !keeps_running && strcmp(test_case->name, run_one_model) != 0;
		broken |= keeps_running && test_case->outcome == OUTCOME_FAIL;
		unsteady |= keeps_running && test_case->outcome != OUTCOME_FAIL;
	}
	const char *const words[] = {
		models ? "no timing model explains all measurements" : NULL,
		losses ? "more frames are missing than loss explains" : NULL,
		broken ? "the module breaks down again and again" : NULL,
		unsteady ? "the module rebooted or stopped answering" : NULL,
	};
	const char *before = "";
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i] == NULL)
			continue;
		text_add(out, "%s%s", before, words[i]);
		before = ", and ";
	}
}

void headline_text(const struct run *run, char *text, size_t size)
{
	const size_t checks = run_checks(run, OUTCOME_FAIL) + run_checks(run, OUTCOME_INCONCLUSIVE);
	const size_t total = run_total(run) - checks;
	const size_t failed = run_count(run, OUTCOME_FAIL) - run_checks(run, OUTCOME_FAIL);
	const size_t passed = run_count(run, OUTCOME_PASS) + run_count(run, OUTCOME_MARGINAL);
	struct text_buffer headline = text_buffer(text, size);
	char cut_short[48];

	run_cut_short_text(run, cut_short, sizeof cut_short);
	text_add(&headline, "%s", cut_short);
	if (!run->interrupted && run->fault_count > 0)
		text_add(&headline, "bench fault; ");
	if (failed > 0)
		text_add(&headline, "%zu of %zu %s%s failed", failed, total, noun(run),
			plural(total));
	else if (passed == total && total > 0)
		text_add(&headline, total == 1 ? "the case passed" : "all %zu %ss passed", total,
			noun(run));
	else
		text_add(&headline, "%zu of %zu %s%s passed and none failed", passed, total,
			noun(run), plural(total));
	add_repeats(run, &headline);
	if (run_waived(run) > 0)
		text_add(&headline, ", %zu failure%s waived", run_waived(run),
			plural(run_waived(run)));
	if (run->device_count == 1 && run->devices[0].firmware[0] != '\0')
		text_add(&headline, " on firmware %s", run->devices[0].firmware);
	else if (run->device_count > 1)
		text_add(&headline, " on %zu devices", run->device_count);
	if (checks > 0) {
		text_add(&headline, ", %s ", failed > 0 ? "and" : "but");
		add_checks(run, &headline);
	}
	if (run->changes != NULL && comparison_exit_code(run->changes) == EXIT_CODE_FIRMWARE)
		text_add(&headline, "; regression since the baseline");
}

void totals_text(const struct run *run, char *text, size_t size)
{
	static const struct {
		enum outcome outcome;
		const char *word;
	} parts[] = {
		{OUTCOME_PASS, "passed"},
		{OUTCOME_MARGINAL, "marginal"},
		{OUTCOME_FAIL, "failed"},
		{OUTCOME_INCONCLUSIVE, "inconclusive"},
		{OUTCOME_ERROR, "in error"},
		{OUTCOME_NOT_RUN, "not run"},
	};
	const size_t checks = run_checks(run, OUTCOME_FAIL) + run_checks(run, OUTCOME_INCONCLUSIVE);
	const size_t total = run_total(run) - checks;
	struct text_buffer totals = text_buffer(text, size);
	const char *before = ": ";

	text_add(&totals, "%zu %s%s", total, noun(run), plural(total));
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t count = run_count(run, parts[i].outcome);
		if (parts[i].outcome == OUTCOME_FAIL || parts[i].outcome == OUTCOME_INCONCLUSIVE)
			count -= run_checks(run, parts[i].outcome);
		if (count == 0)
			continue;
		text_add(&totals, "%s%zu %s", before, count, parts[i].word);
		before = ", ";
	}
	if (run_waived(run) > 0)
		text_add(&totals, "%s%zu waived", before, run_waived(run));
	if (checks > 0) {
		text_add(&totals, "; ");
		add_checks(run, &totals);
	}
}

void settings_text(const struct run *run, char *text, size_t size)
{
	struct text_buffer settings = text_buffer(text, size);
	size_t i;
	const json_t *set;

	json_array_foreach(run->sets, i, set)
	{
		if (json_is_string(set))
			text_add_item(&settings, "%s", json_string_value(set));
	}
}

void flashed_text(const struct run *run, char *text, size_t size)
{
	text[0] = '\0';
	if (run->firmware_file[0] != '\0')
		snprintf(text, size, "%s (SHA-256 %.16s...)", run->firmware_file,
			run->firmware_sha256);
}

void firmwares_text(const struct run *run, char *text, size_t size)
{
	struct text_buffer firmwares = text_buffer(text, size);

	for (size_t i = 0; i < run->device_count; i++) {
		const char *firmware = run->devices[i].firmware;
		bool known = firmware[0] == '\0';
		for (size_t j = 0; j < i; j++)
			known |= strcmp(run->devices[j].firmware, firmware) == 0;
		if (!known)
			text_add(&firmwares, "%s%s", firmwares.length == 0 ? "" : " + ", firmware);
	}
}

static long long count_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

void within_text(const json_t *unseen, char *text, size_t size)
{
	const json_t *within = json_object_get(unseen, "within");
	struct text_buffer out = text_buffer(text, size);

	text_add(&out, "%s", "");
	if (within == NULL)
		return;
	text_add(&out,
		"within %.0f s: %lld of %lld cases, which catch %lld of %lld known faults, about %.0f %% of unseen ones",
		json_number_value(json_object_get(within, "limit_s")), count_of(within, "cases"),
		count_of(within, "of"), count_of(within, "caught"), count_of(within, "known"),
		json_number_value(json_object_get(within, "unseen_percent")));
	if (count_of(within, "new") > 0)
		text_add(&out, "; %lld new case%s counted as one fault each",
			count_of(within, "new"), count_of(within, "new") == 1 ? "" : "s");
}

void unseen_text(const struct run *run, char *text, size_t size)
{
	struct text_buffer out = text_buffer(text, size);
	const json_t *requirements = json_object_get(run->unseen, "requirements");
	const size_t count = json_array_size(json_object_get(run->unseen, "cases"));

	text_add(&out, "%s", "");
	if (count == 0)
		return;
	if (json_object_get(run->unseen, "within") != NULL) {
		char within[256];
		within_text(run->unseen, within, sizeof within);
		text_add(&out, "%zu case%s that %s not chosen; %s", count, count == 1 ? "" : "s",
			count == 1 ? "was" : "were", within);
	} else {
		text_add(&out, "what takes more than %.0f s: %zu longer case%s %s not run",
			json_number_value(json_object_get(run->unseen, "longest_s")), count,
			count == 1 ? "" : "s", count == 1 ? "was" : "were");
	}
	for (size_t i = 0; i < json_array_size(requirements); i++)
		text_add(&out, "%s%s", i == 0 ? "; nothing was seen of " : ", ",
			json_string_value(json_array_get(requirements, i)));
}

void air_text(const struct run_device *device, char *text, size_t size)
{
	const struct run_air *air = &device->air;

	if (air->watched_s <= 0) {
		snprintf(text, size,
			"'%s' did not hear the module and its access point (on another channel, or too far away)",
			air->interface);
		return;
	}
	snprintf(text, size,
		"'%s' watched for %.0f s; of the module's frames it heard %d and missed %d; %d were sent and lost, %d to it were not delivered%s",
		air->interface, air->watched_s, air->heard, air->missed, air->lost,
		air->undelivered,
		air->acknowledgements ? "" : "; it hears no acknowledgements of the module");
}

bool air_was_monitored(const struct run_device *device)
{
	return device->air.interface != NULL && device->air.interface[0] != '\0';
}

void uart_text(const struct run_device *device, char *text, size_t size)
{
	snprintf(text, size,
		"round trip %.1f to %.1f ms in %d commands; its stamps are good to %.0f ms",
		(double)device->round_trip_least_ns / 1e6, (double)device->round_trip_most_ns / 1e6,
		device->round_trips, (double)device->uart_bound_ns / 1e6);
}
