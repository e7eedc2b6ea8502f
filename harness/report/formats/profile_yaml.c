/* SPDX-License-Identifier: MIT */
#include "report/formats/profile_yaml.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "report/model/attempt.h"
#include "report/text/text.h"

enum { WHY_TEXT = 400 };

/* What the run's verdicts say of one fact. */
struct found {
	bool known, disputed;
	struct fact fact;
	unsigned models; /* of FACT_timing_model: not excluded by any */
	const struct run_case *from;
	const char *timeline; /* relative to the run's folder; may be empty */
	char why[WHY_TEXT];   /* not known: the reason; may be empty */
};

static void say_why(struct found *found, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say_why(struct found *found, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(found->why, sizeof found->why, format, arguments);
	va_end(arguments);
}

/* Of several figures the surest one stands. */
static bool is_surer(const struct found *found, const struct fact *fact)
{
	return !found->known || (fact->number && fact->error < found->fact.error);
}

static void dispute(struct found *found, const struct fact *fact, const struct run_case *test_case)
{
	found->disputed = true;
	say_why(found, "'%s' in %s, '%s' in %s", found->fact.text, found->from->name, fact->text,
		test_case->name);
}

static void take_fact(struct found *found, const struct fact *fact,
	const struct run_case *test_case, const struct attempt *attempt)
{
	if (found->disputed)
		return;
	if (fact->id == FACT_timing_model) {
		const unsigned models = attempt->verdict.models;
		if (found->known && (found->models & models) == 0) {
			dispute(found, fact, test_case);
			return;
		}
		/* The evidence is that of the case that excluded most. */
		bool fewer = !found->known || (found->models & models) != found->models;
		found->models = found->known ? found->models & models : models;
		if (!fewer)
			return;
	} else if (found->known && !fact->number && strcasecmp(found->fact.text, fact->text) != 0) {
		dispute(found, fact, test_case);
		return;
	} else if (!is_surer(found, fact)) {
		return;
	}
	found->known = true;
	found->fact = *fact;
	found->from = test_case;
	found->timeline = attempt->timeline;
}

static void take_attempt(struct found found[FACT_COUNT], const struct run_case *test_case,
	const struct attempt *attempt, const char *device)
{
	if (attempt == NULL || strcmp(attempt->device, device) != 0)
		return;
	for (size_t i = 0; i < attempt->verdict.fact_count; i++) {
		const struct fact *fact = &attempt->verdict.facts[i];
		if (fact->id < FACT_COUNT)
			take_fact(&found[fact->id], fact, test_case, attempt);
	}
	for (size_t i = 0; i < attempt->verdict.gap_count; i++) {
		const struct fact_gap *gap = &attempt->verdict.gaps[i];
		if (found[gap->id].why[0] == '\0')
			say_why(&found[gap->id], "%s", gap->text);
	}
}

static bool is_printable(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return true;
}

/* What a profile cannot hold, or what is no answer to the question, is not known. */
static void settle(struct found *found)
{
	bool answer = found->known && fact_words(found->fact.id) == NULL && !found->fact.number;

	if (found->known && found->fact.id == FACT_timing_model) {
		models_text(found->models, found->fact.text, sizeof found->fact.text);
		found->disputed = found->disputed || (found->models & (found->models - 1)) != 0;
		if (found->why[0] == '\0')
			say_why(found, "%s all explain the measurements", found->fact.text);
	} else if (answer && (found->fact.text[0] == '\0' || !is_printable(found->fact.text))) {
		found->disputed = true;
		say_why(found, "the answer is empty or not printable");
	}
	if (found->disputed)
		found->known = false;
}

static const struct run_device *choose(const struct run *run, const char *name, struct error *err)
{
	if (name == NULL && run->device_count == 1)
		return &run->devices[0];
	for (size_t i = 0; i < run->device_count && name != NULL; i++)
		if (strcmp(run->devices[i].name, name) == 0)
			return &run->devices[i];
	if (name != NULL)
		error_set(err, ERROR_USAGE, "the run has no device '%s'", name);
	else if (run->device_count == 0)
		error_set(err, ERROR_BENCH, "no fact was recorded: %s",
			run->fault_count > 0 ? run->faults[0] : "the run used no device");
	else
		error_set(err, ERROR_USAGE,
			"the run has %zu devices, but a profile describes one (try: --device %s)",
			run->device_count, run->devices[0].name);
	return NULL;
}

/* ---- the file ---- */

static void put_quoted(FILE *stream, const char *text)
{
	putc('"', stream);
	text_put(stream, TEXT_YAML, text);
	putc('"', stream);
}

static void put_comment(FILE *stream, const char *indent, const char *text)
{
	fprintf(stream, "%s# ", indent);
	text_put(stream, TEXT_LINE, text);
	putc('\n', stream);
}

static void put_head(FILE *stream, const struct run_device *device)
{
	char firmware[96];

	fputs("# Behaviour of a module, measured by 'wizhil characterize'.  'wizhil run --profile FILE'\n"
	      "# judges other firmware against it: a deviation from what is pinned here is a failure and\n"
	      "# is called a change.  Only the tolerances widen windows.  The values below 'measured'\n"
	      "# and 'evidence' are for information: nothing is judged by them.\n",
		stream);
	snprintf(firmware, sizeof firmware, "%s", device->firmware);
	fputs("firmware: ", stream);
	put_quoted(stream, firmware);
	putc('\n', stream);
}

/* Where each of them can be looked up; paths are relative to the run's folder. */
static void put_evidence(FILE *stream, const struct run *run, const struct run_device *device,
	const char *folder, const struct found found[FACT_COUNT])
{
	fputs("\nevidence:\n  run: ", stream);
	put_quoted(stream, folder);
	fputs("\n  started: ", stream);
	put_quoted(stream, run->started);
	fprintf(stream, "\n  clock: %s\n  mac: ", run->clock);
	put_quoted(stream, device->mac);
	for (int i = 0; i < FACT_COUNT; i++) {
		if (!found[i].known)
			continue;
		fprintf(stream, "\n  %s: ", fact_name((enum fact_id)i));
		put_quoted(stream,
			found[i].timeline[0] == '\0' ? found[i].from->name : found[i].timeline);
	}
	putc('\n', stream);
}

/* Pins, or figures. */
static int put_facts(
	FILE *stream, const char *heading, const struct found found[FACT_COUNT], bool numbers)
{
	int written = 0;

	for (int i = 0; i < FACT_COUNT; i++) {
		enum fact_id id = (enum fact_id)i;
		if (!found[i].known || (fact_unit(id) != NULL) != numbers)
			continue;
		if (written++ == 0)
			fprintf(stream, "\n%s:\n", heading);
		put_comment(stream, "  ", fact_what(id));
		fprintf(stream, "  %s: ", fact_name(id));
		if (fact_words(id) != NULL)
			fputs(found[i].fact.text, stream);
		else
			put_quoted(stream, found[i].fact.text);
		putc('\n', stream);
	}
	return written;
}

static void put_unknown(
	FILE *stream, const struct found found[FACT_COUNT], struct profile_counts *counts)
{
	char line[WHY_TEXT + 200];

	for (int i = 0; i < FACT_COUNT; i++) {
		enum fact_id id = (enum fact_id)i;
		if (found[i].known)
			continue;
		if (counts->unknown + counts->unmeasured == 0)
			fputs("\n# Unknown, and therefore neither pinned nor measured:\n", stream);
		/* A bench need not have commands for the access point, nor a module send such a
		 * segment. */
		if (fact_unit(id) == NULL && fact_method(id) != METHOD_association_loss &&
			fact_method(id) != METHOD_form)
			counts->unknown++;
		else
			counts->unmeasured++;
		snprintf(line, sizeof line, "%s (%s): %s", fact_name(id), fact_what(id),
			found[i].why[0] != '\0' ? found[i].why : "no case of the run shows it");
		put_comment(stream, "", line);
	}
}

int profile_yaml_write(const struct run *run, const char *name, const struct profile *tolerances,
	const char *folder, FILE *stream, struct profile_counts *counts, struct error *err)
{
	struct found found[FACT_COUNT] = {0};
	const struct run_device *device = choose(run, name, err);
	int known = 0;

	*counts = (struct profile_counts){0};
	if (device == NULL)
		return -1;
	for (size_t i = 0; i < run->case_count; i++) {
		take_attempt(found, &run->cases[i], run->cases[i].first, device->name);
		take_attempt(found, &run->cases[i], run->cases[i].alone, device->name);
	}
	for (int i = 0; i < FACT_COUNT; i++) {
		settle(&found[i]);
		known += found[i].known;
	}
	if (known == 0)
		return error_set(err, ERROR_BENCH, "no fact was recorded%s%s",
			run->fault_count > 0 ? ": " : "",
			run->fault_count > 0 ? run->faults[0] : "");
	if (device->firmware[0] == '\0')
		return error_set(err, ERROR_BENCH,
			"device '%s' reported no version, but a profile needs the version of the firmware",
			device->name);
	put_head(stream, device);
	fprintf(stream, "\ntolerances:\n  jitter_ms: %d\n  skew_ppm: %d\n", tolerances->jitter_ms,
		tolerances->skew_ppm);
	counts->pinned = put_facts(stream, "pins", found, false);
	counts->measured = put_facts(stream, "measured", found, true);
	put_evidence(stream, run, device, folder, found);
	put_unknown(stream, found, counts);
	if (ferror(stream))
		return error_set(err, ERROR_BENCH, "cannot write the profile");
	return 0;
}

int profile_yaml_save(const struct run *run, const char *device, const struct profile *tolerances,
	const char *folder, const char *path, struct profile_counts *counts, struct error *err)
{
	char draft[4200];
	struct profile back;

	snprintf(draft, sizeof draft, "%s.new", path);
	FILE *stream = fopen(draft, "wxe");
	if (stream == NULL)
		return error_errno(err, ERROR_USAGE, "cannot write '%s'", draft);
	int failed = profile_yaml_write(run, device, tolerances, folder, stream, counts, err);
	if (fclose(stream) != 0 && failed == 0)
		failed = error_errno(err, ERROR_BENCH, "cannot write '%s'", draft);
	/* What 'wizhil run' cannot read is no profile. */
	if (failed == 0 && profile_read(draft, &back, err) != 0)
		failed = error_context(err, "the profile that was written is not valid");
	if (failed == 0 && link(draft, path) != 0)
		failed = error_errno(err, ERROR_USAGE, "cannot write '%s'", path);
	unlink(draft);
	return failed;
}
