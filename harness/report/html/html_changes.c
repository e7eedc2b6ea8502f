/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "report/model/attempt.h"
#include "report/model/compare_groups.h"
#include "report/model/drives.h"
#include "report/html/picture.h"
#include "report/text/headline.h"
#include "report/html/html_page.h"
#include "report/html/html_sections.h"
#include "report/html/html_text.h"

/* What changed from one run to another. */

static void write_name(const struct comparison *changes, const struct case_change *change,
	bool links, FILE *stream)
{
	if (links && change->run != NULL)
		fputs("<a", stream);
	if (links && change->run != NULL)
		html_case_link(changes->run, change->run, stream);
	fputs(links && change->run != NULL ? ">" : "", stream);
	html_name(stream, change->name);
	fputs(links && change->run != NULL ? "</a>" : "", stream);
	const char *device = change_device(changes, change);
	if (device[0] != '\0')
		html_say(stream, " (%s)", device);
}

static void write_outcome(const struct run_case *test_case, FILE *stream)
{
	if (test_case == NULL)
		fputs("<span class=\"not-run\">not selected</span>", stream);
	else
		html_case_badge(test_case, stream);
}

static void item(FILE *stream, const char *text)
{
	fputs("<li>", stream);
	html_text(stream, text);
	fputs("</li>", stream);
}

static void write_models(unsigned base, unsigned run, FILE *stream)
{
	char before[64], now[64], text[160];

	models_text(base, before, sizeof before);
	models_text(run, now, sizeof now);
	snprintf(text, sizeof text, "timing model: %s -> %s", before, now);
	item(stream, text);
}

static void write_details(const struct case_change *change, FILE *stream)
{
	char text[VERDICT_TEXT + 200];

	fputs("<ul>", stream);
	if (change->run->outcome != change->base->outcome && !change->better)
		item(stream, change->run->text);
	if (change->better)
		item(stream, change->base->text);
	if (change->other_models)
		write_models(change->base->first->verdict.models,
			change->run->first->verdict.models, stream);
	for (size_t i = 0; i < change->moved_count; i++) {
		moved_leg_text(&change->moved[i], text, sizeof text);
		item(stream, text);
	}
	for (size_t i = 0; i < change->fact_count; i++) {
		changed_fact_text(&change->facts[i], text, sizeof text);
		item(stream, text);
	}
	fputs("</ul>", stream);
}

static void write_change(const struct comparison *changes, const struct case_change *change,
	bool links, FILE *stream)
{
	const bool both = change->base != NULL && change->run != NULL;

	fprintf(stream, "<tr><td>%s</td><td>",
		change->worse	  ? "<strong class=\"fail\">worse</strong>"
		: change->better  ? "<span class=\"pass\">better</span>"
		: change->unclear ? "<strong>unclear</strong>"
		: change->unrun	  ? "<strong>not run</strong>"
		: both		  ? "changed"
				  : "");
	write_outcome(change->base, stream);
	fputs("</td><td>", stream);
	write_outcome(change->run, stream);
	fputs("</td><th scope=\"row\">", stream);
	write_name(changes, change, links, stream);
	if (both)
		write_details(change, stream);
	fputs("</th></tr>\n", stream);
}

/* ---- causes ---- */

/* Pictures of so many causes; the others are told by their words. */
enum { PICTURES = 12 };

/* Both runs in one picture, where there is evidence of this one. */
static void write_picture(
	const struct comparison *changes, const struct case_change *change, FILE *stream)
{
	const struct attempt *now = change->run->first, *was = change->base->first;
	struct error err = {0};

	if (now == NULL || was == NULL || changes->run_folder == NULL || now->timeline[0] == '\0')
		return;
	struct timeline *timeline = drive_timeline(changes->run_folder, now->timeline, &err);
	if (timeline == NULL)
		return;
	struct timeline *base = changes->base_folder == NULL || was->timeline[0] == '\0'
					? NULL
					: drive_timeline(changes->base_folder, was->timeline, &err);
	const struct picture_base overlay = {.timeline = base, .verdict = &was->verdict};
	fputs("<figure class=\"picture\">", stream);
	picture_write_over(stream, timeline, &now->verdict, &overlay);
	fputs("</figure><p class=\"soft\">pale, above: the baseline</p>\n", stream);
	timeline_free(base);
	timeline_free(timeline);
}

static void write_members(const struct comparison *changes, const struct change_group *group,
	bool links, FILE *stream)
{
	fprintf(stream, "<details><summary class=\"more\">%zu cases</summary><ul>", group->count);
	for (size_t i = 0; i < group->count; i++) {
		fputs("<li>", stream);
		write_name(changes, group->changes[i], links, stream);
		fputs("</li>", stream);
	}
	fputs("</ul></details>", stream);
}

static void write_group(const struct comparison *changes, const struct change_group *group,
	bool links, bool picture, FILE *stream)
{
	const struct case_change *first = group->changes[0];
	char text[400];

	fprintf(stream, "<li><strong>%zu case%s</strong> ", group->count,
		group->count == 1 ? "" : "s");
	write_outcome(first->base, stream);
	fputs(" \xe2\x86\x92 ", stream);
	write_outcome(first->run, stream);
	if (group->requirement[0] != '\0') {
		fputs(" <span class=\"id\">", stream);
		html_text(stream, group->requirement);
		fputs("</span>", stream);
	}
	fputs("<p>", stream);
	if (group->text[0] != '\0') {
		fputs("<strong>", stream);
		html_text(stream, group->text);
		fputs("</strong>, ", stream);
	}
	fputs(group->count > 1 ? "such as " : "", stream);
	write_name(changes, first, links, stream);
	fputs("</p>", stream);
	for (size_t i = 0; i < first->moved_count; i++) {
		moved_leg_text(&first->moved[i], text, sizeof text);
		fputs("<p>", stream);
		html_text(stream, text);
		html_write_leg_trend(
			changes->run->trend, leg_kind_name(first->moved[i].run.id.kind), stream);
		fputs("</p>", stream);
	}
	if (picture)
		write_picture(changes, first, stream);
	if (group->count > 1)
		write_members(changes, group, links, stream);
	fputs("</li>\n", stream);
}

static void write_groups(const struct comparison *changes, bool links, FILE *stream)
{
	struct change_groups groups = change_groups_of(changes);

	if (groups.count > 0)
		fputs("<ul class=\"troubles\">", stream);
	for (size_t i = 0; i < groups.count; i++)
		write_group(changes, &groups.list[i], links, i < PICTURES, stream);
	if (groups.count > 0)
		fputs("</ul>\n", stream);
	change_groups_free(&groups);
}

static void write_differences(const struct comparison *changes, FILE *stream)
{
	struct run_difference list[RUN_DIFFERENCES];
	const size_t count = run_differences(changes->base, changes->run, list);

	for (size_t i = 0; i < count; i++) {
		fprintf(stream, "<p>Different %s: ", list[i].what);
		html_text(stream, list[i].base);
		fputs(" \xe2\x86\x92 ", stream);
		html_text(stream, list[i].run);
		fputs(".</p>\n", stream);
	}
}

static void write_firmwares(const struct run *run, FILE *stream)
{
	char text[512];

	firmwares_text(run, text, sizeof text);
	html_text(stream, text[0] == '\0' ? "unknown firmware" : text);
}

void html_write_changes(const struct comparison *changes, bool links, FILE *stream)
{
	char text[512];

	comparison_sentence(changes, text, sizeof text);
	fputs("<section id=\"changes\"><h2>Changed since the baseline</h2>\n<p>", stream);
	html_text(stream, text);
	fputs(".</p><p>From ", stream);
	write_firmwares(changes->base, stream);
	fputs(" to ", stream);
	write_firmwares(changes->run, stream);
	fputs(".</p>\n", stream);
	write_differences(changes, stream);
	write_groups(changes, links, stream);
	if (changes->count > 0) {
		fputs("<div class=\"wide\"><table class=\"changes\"><thead><tr><th "
		      "scope=\"col\">change</th><th scope=\"col\">baseline</th><th "
		      "scope=\"col\">run</th><th scope=\"col\">case</th></tr></thead><tbody>\n",
			stream);
		for (size_t i = 0; i < changes->count; i++)
			write_change(changes, &changes->changes[i], links, stream);
		fputs("</tbody></table></div>", stream);
	}
	fputs("</section>\n", stream);
}

void comparison_write_html(const struct comparison *changes, FILE *stream)
{
	const enum outcome outcome =
		html_outcome(comparison_exit_code(changes), OUTCOME_INCONCLUSIVE);
	char verdict[256];

	comparison_verdict(changes, verdict, sizeof verdict);
	html_page_begin(stream, "wizhil: changes between two runs", outcome);
	fprintf(stream,
		"<header><p class=\"what\">wizhil: changes between two runs</p><h1><span "
		"class=\"%s\" aria-hidden=\"true\">%s</span><span>",
		html_class(outcome), html_sign(outcome));
	html_text(stream, verdict);
	fputs("</span></h1></header><main>\n", stream);
	html_write_changes(changes, false, stream);
	fputs("</main>\n", stream);
	html_page_end(stream);
}
