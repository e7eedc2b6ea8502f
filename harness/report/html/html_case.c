/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/text_alike.h"
#include "core/units.h"
#include "report/html/html_page.h"
#include "report/html/html_sections.h"
#include "report/html/html_text.h"
#include "report/model/attempt.h"
#include "report/model/drives.h"
#include "report/text/measure.h"
#include "report/html/picture.h"

/* A case: its sentence, its picture, its checks, its evidence. */

/* ---- checks ---- */

static bool is_gap(const struct check *check)
{
	return check->measured && check->leg.kind == LEG_GAP &&
	       (check->outcome == OUTCOME_PASS || check->outcome == OUTCOME_FAIL);
}

/* How many gaps in a row, from check i on, came to the same and are worth one line. */
static size_t gaps_in_a_row(const struct verdict *verdict, size_t i)
{
	size_t count = 0;

	while (i + count < verdict->check_count && is_gap(&verdict->checks[i + count]) &&
		verdict->checks[i].outcome == verdict->checks[i + count].outcome &&
		strcmp(verdict->checks[i].requirement, verdict->checks[i + count].requirement) == 0)
		count++;
	return count;
}

static void write_gap_row(const struct check *checks, size_t count, FILE *stream)
{
	const struct check *near = &checks[0];
	int64_t least = INT64_MAX, most = INT64_MIN;

	for (size_t i = 0; i < count; i++) {
		if (checks[i].measured_ns < least)
			least = checks[i].measured_ns;
		if (checks[i].measured_ns > most)
			most = checks[i].measured_ns;
		if (html_margin(&checks[i]) < html_margin(near))
			near = &checks[i];
	}
	fprintf(stream,
		"%zu gaps between unanswered probes are %.2f..%.2f s; expected %.2f..%.2f s", count,
		(double)least / 1e9, (double)most / 1e9, (double)near->from_ns / 1e9,
		(double)near->to_ns / 1e9);
	fputs("</td><td>", stream);
	html_write_gauge(near, stream);
}

static bool is_same_measure(const struct check *check, const struct check *other)
{
	const int64_t apart = check->measured_ns - other->measured_ns;
	const int64_t slack = 200 * NS_PER_MS + check->error_ns + other->error_ns;

	return check->measured == other->measured &&
	       (!check->measured || (apart <= slack && apart >= -slack));
}

/* Do both say the same, but for what the clock and the choice of the CID make of it? */
static bool is_same_check(const struct check *check, const struct check *other)
{
	return check->outcome == other->outcome && check->connection == other->connection &&
	       strcmp(check->requirement, other->requirement) == 0 &&
	       text_is_alike(check->text, other->text) && is_same_measure(check, other);
}

/* How many checks from check i on say the same, such as those of many drives; 0: one before does. */
static size_t same_checks(const struct verdict *verdict, size_t i, bool drives)
{
	size_t count = 1;

	for (size_t k = 0; drives && k < verdict->check_count; k++) {
		if (k == i || !is_same_check(&verdict->checks[i], &verdict->checks[k]))
			continue;
		if (k < i)
			return 0;
		count++;
	}
	return count;
}

static void write_check(const struct check *checks, size_t count, bool gaps, FILE *stream)
{
	/* There are thousands of them: a badge costs more. */
	fprintf(stream, "<tr><td class=\"%s\">%s %s</td><td class=\"id\">",
		html_class(checks->outcome), html_sign(checks->outcome),
		outcome_name(checks->outcome));
	html_text(stream, checks->requirement);
	fputs("</td><td>", stream);
	if (gaps) {
		write_gap_row(checks, count, stream);
	} else {
		html_text(stream, checks->text);
		if (count > 1)
			fprintf(stream, " (%zu times)", count);
		fputs("</td><td>", stream);
		if (checks->measured)
			html_write_gauge(checks, stream);
	}
	fputs("</td></tr>", stream);
}

/* drives: they are of several, and what those have in common is said once. */
static void write_checks(const struct verdict *verdict, bool drives, FILE *stream)
{
	fputs("<table class=\"checks\"><thead><tr><th scope=\"col\">outcome</th><th "
	      "scope=\"col\">requirement</th><th scope=\"col\">what was found</th><th "
	      "scope=\"col\">window</th></tr></thead><tbody>",
		stream);
	for (size_t i = 0; i < verdict->check_count;) {
		const size_t gaps = drives ? 0 : gaps_in_a_row(verdict, i);
		const size_t count = gaps > 1 ? gaps : same_checks(verdict, i, drives);
		if (count > 0)
			write_check(&verdict->checks[i], count, gaps > 1, stream);
		i += gaps > 1 ? gaps : 1;
	}
	fputs("</tbody></table>\n", stream);
}

/* ---- evidence ---- */

static void write_link(FILE *stream, const char *path, const char *what)
{
	if (path[0] == '\0')
		return;
	fputs("<a href=\"", stream);
	html_path(stream, path);
	fprintf(stream, "\">%s</a> ", what);
}

/* Of the drive that is shown, of all of them. */
static void write_evidence(const struct attempt *attempt, int drives, int drive, FILE *stream)
{
	const char *const paths[] = {attempt->pcapng, attempt->transcript, attempt->timeline};
	static const char *const names[] = {"capture (pcapng)", "UART transcript", "timeline"};
	char path[512];

	fputs("<p class=\"evidence\">evidence: ", stream);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		drive_path(paths[i], drives, drive, path, sizeof path);
		write_link(stream, path, names[i]);
	}
	fprintf(stream, "<span>with %d other case%s on the device</span></p>\n",
		attempt->concurrent, attempt->concurrent == 1 ? "" : "s");
	if (drives > 1)
		fputs("<p class=\"evidence\">captures of all drives: ", stream);
	for (int i = 1; drives > 1 && i <= drives; i++) {
		char number[16];
		snprintf(number, sizeof number, "%d", i);
		drive_path(attempt->pcapng, drives, i, path, sizeof path);
		write_link(stream, path, number);
	}
	if (drives > 1)
		fputs("</p>\n", stream);
}

/* In single quotes where a shell would take a part of it for itself. */
static void write_word(FILE *stream, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._/:=,+@%";

	fputc(' ', stream);
	if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
		html_text(stream, word);
		return;
	}
	fputc('\'', stream);
	for (; *word != '\0'; word++) {
		const char character[] = {*word, '\0'};
		if (*word == '\'')
			fputs("'\\''", stream);
		else
			html_text(stream, character);
	}
	fputc('\'', stream);
}

/* A scenario's file is kept with the run; of several devices it is to be the same one. */
static void write_command(const struct run *run, const struct run_case *test_case,
	const char *run_folder, FILE *stream)
{
	static const char scenario[] = "scenario/";
	char path[4096];

	fputs("<p>run only this case again: <code class=\"command\">wizhil run", stream);
	if (run->bench_file[0] != '\0') {
		fputs(" --bench", stream);
		write_word(stream, run->bench_file);
	}
	size_t i;
	const json_t *set;
	json_array_foreach(run->sets, i, set)
	{
		if (!json_is_string(set))
			continue;
		fputs(" --set", stream);
		write_word(stream, json_string_value(set));
	}
	if (run->profile[0] != '\0' && strcmp(run->profile, "default") != 0) {
		fputs(" --profile", stream);
		write_word(stream, run->profile);
	}
	if (run->device_count > 1 && test_case->device[0] != '\0') {
		fputs(" --device", stream);
		write_word(stream, test_case->device);
	}
	fprintf(stream, " --clock %s --seed %lld", run->clock[0] == '\0' ? "real" : run->clock,
		(long long)run->seed);
	if (strncmp(test_case->name, scenario, strlen(scenario)) == 0) {
		snprintf(path, sizeof path, "%s/scenarios/%s.yaml", run_folder,
			test_case->name + strlen(scenario));
		write_word(stream, path);
	} else {
		fputs(" --filter", stream);
		write_word(stream, test_case->name);
	}
	fputs("</code></p>\n", stream);
}

/* ---- the case ---- */

/* Does the timeline hold the leg that decided, or where none did, any that is not right? */
static bool holds_the_reason(const struct timeline *timeline, const struct verdict *verdict)
{
	for (size_t i = 0; timeline->count > 0 && i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		if (check->placed && check->outcome == verdict->outcome &&
			strcmp(check->requirement, verdict->requirement) == 0 &&
			drive_has(timeline, check))
			return true;
	}
	return false;
}

/* Several drives are much alike: the first one that shows why the verdict is what it is will do,
 * else the last.  Takes in the gaps of all.  NULL with err set: it cannot be read. */
static struct timeline *choose_drive(const struct attempt *attempt, const char *run_folder,
	int drives, int *drive, struct gaps *gaps, struct error *err)
{
	struct timeline *chosen = NULL;
	char path[512];

	for (int i = 1; i <= drives; i++) {
		drive_path(attempt->timeline, drives, i, path, sizeof path);
		struct timeline *timeline = drive_timeline(run_folder, path, err);
		if (timeline == NULL) {
			timeline_free(chosen);
			return NULL;
		}
		gaps_take(gaps, timeline);
		const bool kept = chosen != NULL && attempt->verdict.outcome != OUTCOME_PASS &&
				  holds_the_reason(chosen, &attempt->verdict);
		timeline_free(kept ? timeline : chosen);
		if (kept)
			continue;
		chosen = timeline;
		*drive = i;
	}
	return chosen;
}

static void write_attempt(const struct attempt *attempt, bool picture, const char *run_folder,
	struct gaps *gaps, FILE *stream)
{
	const int drives = drives_of(run_folder, attempt->timeline);
	struct error err = {0};
	struct timeline *timeline = NULL;
	int drive = drives;

	if (attempt->timeline[0] != '\0')
		timeline = choose_drive(attempt, run_folder, drives, &drive, gaps, &err);
	if (timeline != NULL && drives > 1)
		fprintf(stream, "<p>The case drives the device %d times; this is drive %d.</p>\n",
			drives, drive);
	if (timeline != NULL && picture) {
		fputs("<figure class=\"picture\">", stream);
		picture_write(stream, timeline, &attempt->verdict);
		fputs("</figure>\n", stream);
	} else if (timeline == NULL && attempt->timeline[0] != '\0') {
		fputs("<p class=\"none\">no picture: ", stream);
		html_text(stream, err.text);
		fputs("</p>\n", stream);
	}
	timeline_free(timeline);
	write_checks(&attempt->verdict, drives > 1, stream);
	write_evidence(attempt, drives, drive, stream);
}

/* ---- run again ---- */

/* Check by check the same, but for what the clock makes of it. */
static bool says_the_same(const struct verdict *verdict, const struct verdict *other)
{
	if (verdict->outcome != other->outcome || verdict->check_count != other->check_count ||
		!text_is_alike(verdict->text, other->text))
		return false;
	for (size_t i = 0; i < verdict->check_count; i++)
		if (!is_same_check(&verdict->checks[i], &other->checks[i]))
			return false;
	return true;
}

static void write_alone(
	const struct run_case *test_case, const char *run_folder, struct gaps *gaps, FILE *stream)
{
	const struct attempt *alone = test_case->alone;
	const bool same = test_case->first != NULL &&
			  says_the_same(&test_case->first->verdict, &alone->verdict);

	fputs("<h3>Run again, alone on the device: ", stream);
	html_badge(stream, alone->verdict.outcome);
	fputs(same ? ", the same</h3>\n" : "</h3><p class=\"sentence\">", stream);
	if (same) {
		write_evidence(alone, 1, 1, stream);
		return;
	}
	html_text(stream, alone->verdict.text);
	fputs("</p>\n", stream);
	write_attempt(alone, true, run_folder, gaps, stream);
}

static void write_title(const struct run *run, const struct run_case *test_case, FILE *stream)
{
	const struct check *leg = html_leg(test_case);
	char text[256];

	html_case_badge(test_case, stream);
	fputs(" <span class=\"name\">", stream);
	html_write_title(run, test_case, stream);
	fputs("</span>", stream);
	if (leg == NULL)
		return;
	measure_text(leg, text, sizeof text);
	fputs(" <span class=\"measure\">", stream);
	html_text(stream, text);
	fputs("</span>", stream);
}

void html_write_case(const struct run *run, size_t place, const char *run_folder, bool open,
	struct gaps *gaps, FILE *stream)
{
	const struct run_case *test_case = &run->cases[place];
	char id[256];

	fprintf(stream, "<details class=\"case\" id=\"d%zu\"%s><summary>", place,
		open ? " open" : "");
	write_title(run, test_case, stream);
	/* A browser that runs the page's script takes what is in noscript for one text, and
	 * report.js makes elements of it when the case is opened: 40,000 of them would delay the
	 * first screen. */
	fputs("</summary><div id=\"", stream);
	html_case_id(run, test_case, id, sizeof id);
	html_text(stream, id);
	fputs("\" tabindex=\"-1\"><noscript><p class=\"sentence\">", stream);
	html_text(
		stream, test_case->text[0] == '\0' ? "Every expectation holds." : test_case->text);
	fputs("</p>\n", stream);
	if (test_case->first != NULL)
		/* One of many that passed alike is enough: a page of them all would be too big. */
		write_attempt(test_case->first,
			test_case->repetition <= 1 ||
				test_case->first->verdict.outcome != OUTCOME_PASS,
			run_folder, gaps, stream);
	if (test_case->partial != NULL) {
		fprintf(stream, "<p>Cut off %.0f s after its start. Until then:</p>",
			test_case->done_s - test_case->admitted_s);
		write_attempt(test_case->partial, true, run_folder, gaps, stream);
	}
	if (test_case->alone != NULL)
		write_alone(test_case, run_folder, gaps, stream);
	if (!test_case->of_run)
		write_command(run, test_case, run_folder, stream);
	fputs("</noscript></div></details>\n", stream);
}
