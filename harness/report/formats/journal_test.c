/* SPDX-License-Identifier: MIT */
#include "report/formats/journal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "report/model/run.h"
#include "report/model/written_run.h"

Test(journal, is_for_its_owner_only)
{
	struct written_run run = run_begin();
	struct stat status;
	char path[128];

	snprintf(path, sizeof path, "%s/" JOURNAL_NAME, run.folder);
	cr_assert_eq(stat(path, &status), 0);
	cr_expect_eq(status.st_mode & 07777, 0600);
	run_remove(&run);
}

Test(journal, never_overwrites_another)
{
	struct written_run run = run_begin();
	struct error err = {0};

	cr_expect_null(journal_create(run.folder, false, &err));
	cr_expect_eq(err.kind, ERROR_BENCH);
	run_remove(&run);
}

Test(journal, holds_each_event_on_a_line_of_its_own)
{
	struct written_run run = run_begin();

	put_fault(&run, "two\nlines");
	char *text = text_of(&run, JOURNAL_NAME);
	size_t lines = 0;
	for (const char *c = text; *c != '\0'; c++)
		lines += *c == '\n';
	cr_expect_eq(lines, 3, "%s", text);
	free(text);
	run_remove(&run);
}

Test(journal, refuses_an_event_that_could_not_be_built)
{
	struct written_run run = run_begin();
	struct error err = {0};

	cr_expect_eq(journal_append(run.journal, NULL, false, &err), -1);
	cr_expect_neq(err.kind, ERROR_NONE);
	run_remove(&run);
}

Test(journal, is_shared_by_two_processes_without_mixing_lines)
{
	enum { EVENTS = 300 };
	struct written_run run = run_begin();
	char text[3000] = "";
	int status;

	memset(text, 'x', sizeof text - 1);
	pid_t child = fork();
	cr_assert_geq(child, 0);
	for (int i = 0; i < EVENTS; i++)
		put_event(
			&run, json_pack("{s:s, s:s, s:i}", "event", "noise", "text", text, "n", i));
	if (child == 0)
		_exit(0);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	put_end(&run, 1);
	struct error err = {0};
	struct run *read = run_read(run.folder, &err);
	cr_assert_not_null(read, "%s", err.text);
	cr_expect_eq(read->fault_count, 0, "%s", read->faults[0]);
	cr_expect_eq(json_array_size(read->kept), 2 + 2 * EVENTS + 1 + 1, "and a text of run_read");
	run_free(read);
	run_remove(&run);
}

Test(journal, ends_a_line_that_another_left_torn_before_its_own)
{
	struct written_run run = run_begin();

	put_raw(&run, "{\"event\":\"ver");
	put_end(&run, 1);
	struct error err = {0};
	struct run *read = run_read(run.folder, &err);
	cr_assert_not_null(read, "%s", err.text);
	cr_expect(read->ended);
	run_free(read);
	run_remove(&run);
}

Test(journal, closes_nothing)
{
	journal_close(NULL);
}
