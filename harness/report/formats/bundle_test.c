/* SPDX-License-Identifier: MIT */
#include "report/formats/bundle.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "report/model/written_run.h"

/* A run with one file of evidence, and where its bundle goes. */
struct bundled {
	struct written_run run;
	char evidence[128], output[128];
	struct error err;
	int result;
};

static struct bundled bundled_of(
	const char *evidence, const char *const *secrets, size_t count, const char *ending)
{
	struct bundled bundled = {.run = run_begin()};
	char path[160];

	put_end(&bundled.run, 0);
	snprintf(bundled.evidence, sizeof bundled.evidence, "%s/evidence", bundled.run.folder);
	snprintf(bundled.output, sizeof bundled.output, "%s%s", bundled.run.folder, ending);
	mkdir(bundled.evidence, 0700);
	snprintf(path, sizeof path, "%s/one.uart.txt", bundled.evidence);
	FILE *file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs(evidence, file);
	fclose(file);
	bundled.result =
		bundle_write(bundled.run.folder, bundled.output, secrets, count, &bundled.err);
	return bundled;
}

static void bundled_end(struct bundled *bundled)
{
	char command[256];

	snprintf(command, sizeof command, "rm -rf %s", bundled->evidence);
	cr_assert_eq(system(command), 0);
	unlink(bundled->output);
	run_remove(&bundled->run);
}

/* What another program finds in the bundle. */
static bool holds(const struct bundled *bundled, const char *name)
{
	char command[400];

	snprintf(command, sizeof command, "tar tf %s 2>/dev/null | grep -q '/%s$'", bundled->output,
		name);
	return system(command) == 0;
}

Test(bundle, holds_journal_and_evidence_for_another_program)
{
	struct bundled bundled = bundled_of("+ 1.0 > AT\n", NULL, 0, ".tar.gz");

	cr_assert_eq(bundled.result, 0, "%s", bundled.err.text);
	cr_expect(holds(&bundled, "journal.jsonl"));
	cr_expect(holds(&bundled, "evidence/one.uart.txt"));
	bundled_end(&bundled);
}

Test(bundle, refuses_a_passphrase_that_is_known)
{
	const char *const secrets[] = {"correct horse"};
	struct bundled bundled =
		bundled_of("+ 1.0 < fine\n+ 2.0 < correct horse\n", secrets, 1, ".tar.zst");

	cr_expect_eq(bundled.result, -1);
	cr_expect_eq(bundled.err.kind, ERROR_USAGE);
	cr_expect_not_null(
		strstr(bundled.err.text, "one.uart.txt' contains a passphrase in line 2"), "%s",
		bundled.err.text);
	cr_expect_null(strstr(bundled.err.text, "horse"));
	cr_expect_neq(access(bundled.output, F_OK), 0);
	bundled_end(&bundled);
}

Test(bundle, refuses_a_command_that_shows_its_passphrase)
{
	struct bundled bundled = bundled_of("+ 1.0 > AT+WWPA=secret12\n", NULL, 0, ".tar.zst");

	cr_expect_eq(bundled.result, -1);
	cr_expect_not_null(strstr(bundled.err.text, "in line 1"), "%s", bundled.err.text);
	bundled_end(&bundled);
}

Test(bundle, takes_a_command_whose_passphrase_is_hidden)
{
	struct bundled bundled = bundled_of(
		"+ 1.0 > AT+WWPA=********\n+ 1.1 > at+wpapsk=lab,********\n", NULL, 0, ".tar.zst");

	cr_expect_eq(bundled.result, 0, "%s", bundled.err.text);
	bundled_end(&bundled);
}

Test(bundle, overwrites_nothing)
{
	struct bundled bundled = bundled_of("+ 1.0 > AT\n", NULL, 0, ".tar.zst");

	cr_assert_eq(bundled.result, 0, "%s", bundled.err.text);
	cr_expect_eq(bundle_write(bundled.run.folder, bundled.output, NULL, 0, &bundled.err), -1);
	cr_expect_eq(bundled.err.kind, ERROR_USAGE);
	cr_expect_eq(access(bundled.output, F_OK), 0);
	bundled_end(&bundled);
}

Test(bundle, refuses_an_ending_that_it_does_not_know)
{
	struct bundled bundled = bundled_of("+ 1.0 > AT\n", NULL, 0, ".zip");

	cr_expect_eq(bundled.result, -1);
	cr_expect_not_null(strstr(bundled.err.text, ".tar.zst"), "%s", bundled.err.text);
	bundled_end(&bundled);
}
