/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "report/html/html_page.h"
#include "report/html/html_sections.h"
#include "report/html/html_text.h"
#include "report/model/attempt.h"

/* The requirements matrix. */

/* The worst that a case's checks say of a requirement; without a check: not run. */
static enum outcome outcome_for(const struct run_case *test_case, const char *id)
{
	enum outcome worst = OUTCOME_NOT_RUN;

	for (size_t i = 0; test_case->first != NULL && i < test_case->first->verdict.check_count;
		i++) {
		const struct check *check = &test_case->first->verdict.checks[i];
		if (strcmp(check->requirement, id) == 0 && check->outcome > worst)
			worst = check->outcome;
	}
	return worst;
}

static bool speaks_for(const struct run_case *test_case, const char *id)
{
	size_t index;
	const json_t *word;

	if (!run_counts(test_case))
		return false;
	json_array_foreach(test_case->requirements, index,
		word) if (json_is_string(word) &&
			  strcmp(json_string_value(word), id) == 0) return true;
	return (test_case->of_run && strcmp(test_case->requirement, id) == 0) ||
	       outcome_for(test_case, id) != OUTCOME_NOT_RUN;
}

struct ids {
	size_t count;
	const char **id;
};

static void add_id(struct ids *ids, const char *id)
{
	if (id == NULL || id[0] == '\0')
		return;
	for (size_t i = 0; i < ids->count; i++)
		if (strcmp(ids->id[i], id) == 0)
			return;
	const char **added = array_add(&ids->id, &ids->count, sizeof *ids->id);
	if (added != NULL)
		*added = id;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct ids find_ids(const struct run *run)
{
	struct ids ids = {0};

	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		size_t index;
		const json_t *word;
		if (!run_counts(test_case))
			continue;
		json_array_foreach(test_case->requirements, index, word)
			add_id(&ids, json_string_value(word));
		for (size_t k = 0;
			test_case->first != NULL && k < test_case->first->verdict.check_count; k++)
			add_id(&ids, test_case->first->verdict.checks[k].requirement);
		if (test_case->of_run)
			add_id(&ids, test_case->requirement);
	}
	if (ids.count > 0)
		qsort(ids.id, ids.count, sizeof *ids.id, by_text);
	return ids;
}

static void write_id(const struct requirements *requirements, const char *id, FILE *stream)
{
	const struct requirement *requirement = requirement_find(requirements, id);

	fputs("<tr id=\"r-", stream);
	html_text(stream, id);
	fputs("\"><th scope=\"row\"><strong>", stream);
	html_text(stream, id);
	fputs("</strong>", stream);
	if (requirement != NULL) {
		fprintf(stream, " <span class=\"level\">%s</span><p title=\"",
			requirement_level_name(requirement->level));
		html_text(stream, requirement->source);
		fputs("\">", stream);
		html_text(stream, requirement->text);
		fputs("</p>", stream);
	}
	fputs("</th>", stream);
}

static void write_row(const struct run *run, const struct requirements *requirements,
	const char *id, FILE *stream)
{
	enum outcome worst = OUTCOME_NOT_RUN;
	size_t cases = 0;

	for (size_t i = 0; i < run->case_count; i++) {
		if (!speaks_for(&run->cases[i], id))
			continue;
		enum outcome outcome = run->cases[i].of_run ? run->cases[i].outcome
							    : outcome_for(&run->cases[i], id);
		if (outcome > worst)
			worst = outcome;
		cases++;
	}
	write_id(requirements, id, stream);
	fputs("<td>", stream);
	html_badge(stream, worst);
	fprintf(stream, "</td><td class=\"n\">%zu</td><td class=\"cells\">", cases);
	for (size_t i = 0; i < run->case_count; i++) {
		const struct run_case *test_case = &run->cases[i];
		if (!speaks_for(test_case, id))
			continue;
		enum outcome outcome =
			test_case->of_run ? test_case->outcome : outcome_for(test_case, id);
		fprintf(stream, "<a class=\"%s\"", html_class(outcome));
		html_case_link(run, test_case, stream);
		fputs(" title=\"", stream);
		html_text(stream, test_case->title);
		fprintf(stream, ": %s\">%s</a>", outcome_name(outcome), html_sign(outcome));
	}
	fputs("</td></tr>\n", stream);
}

void html_write_requirements(
	const struct run *run, const struct requirements *requirements, FILE *stream)
{
	struct ids ids = find_ids(run);

	fputs("<section id=\"requirements\"><h2>Requirements</h2>\n<div class=\"wide\"><table "
	      "class=\"matrix\"><thead><tr><th scope=\"col\">requirement</th><th "
	      "scope=\"col\">outcome</th><th scope=\"col\" class=\"n\">cases</th><th "
	      "scope=\"col\">cases that cover it</th></tr></thead><tbody>\n",
		stream);
	for (size_t i = 0; i < ids.count; i++)
		write_row(run, requirements, ids.id[i], stream);
	fputs("</tbody></table></div></section>\n", stream);
	free(ids.id);
}
