/* SPDX-License-Identifier: MIT */
#include "report/html/html.h"

#include <stdlib.h>

#include "core/error.h"
#include "report/text/headline.h"
#include "report/html/html_page.h"
#include "report/html/html_sections.h"
#include "report/html/html_text.h"
#include "report/html/picture.h"

/* Cases that did not pass are shown open, but not hundreds of them. */
enum { CASES_OPEN = 8 };

static void write_cases(
	const struct run *run, const char *run_folder, struct gaps *gaps, FILE *stream)
{
	size_t count, opened = 0;
	size_t *places = html_order(run, &count);

	fputs("<section id=\"pictures\"><h2>Timelines</h2>\n", stream);
	picture_write_legend(stream, true);
	for (size_t i = 0; i < count; i++) {
		const struct run_case *test_case = &run->cases[places[i]];
		const bool open = test_case->first != NULL && test_case->outcome != OUTCOME_PASS &&
				  opened < CASES_OPEN;
		opened += open;
		html_write_case(run, places[i], run_folder, open, gaps, stream);
	}
	fputs("</section>\n", stream);
	free(places);
}

void html_write(const struct run *run, const char *run_folder, FILE *stream)
{
	char headline[512], *cases = NULL;
	size_t size = 0;
	struct gaps gaps = {0};
	struct requirements requirements = {0};
	struct error err = {0};
	FILE *aside = open_memstream(&cases, &size);

	if (aside == NULL)
		return;
	/* What they say is told where it is known. */
	(void)requirements_read(&requirements, &err);
	write_cases(run, run_folder, &gaps, aside);
	fclose(aside);
	headline_text(run, headline, sizeof headline);
	html_page_begin(stream, headline,
		html_outcome(run_exit_code(run),
			run_count(run, OUTCOME_FAIL) > 0 ? OUTCOME_FAIL : OUTCOME_ERROR));
	fputs("<a class=\"skip\" href=\"#cases\">to the cases</a>\n", stream);
	html_write_summary(run, &requirements, stream);
	fputs("<main>\n", stream);
	if (run->changes != NULL)
		run->changes->run_folder = run_folder;
	if (run->changes != NULL)
		html_write_changes(run->changes, true, stream);
	html_write_requirements(run, &requirements, stream);
	html_write_gaps(run, &gaps, stream);
	html_write_repeats(run, stream);
	html_write_trend(run->trend, stream);
	html_write_table(run, stream);
	fwrite(cases, 1, size, stream);
	fputs("</main>\n<footer>wizhil ", stream);
	html_text(stream, run->version);
	fputs(run->commit[0] == '\0' ? "" : ", commit ", stream);
	html_text(stream, run->commit);
	fputs(". This page was generated from the journal in the same folder.</footer>\n", stream);
	html_page_end(stream);
	free(cases);
	free(gaps.ns);
	requirements_free(&requirements);
}
