/* SPDX-License-Identifier: MIT */
#include "report/formats/manifest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "report/report.h"
#include "report/model/written_run.h"

static void put_file(const struct written_run *run, const char *name, const char *content)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", run->folder, name);
	FILE *file = fopen(path, "we");
	cr_assert_not_null(file, "%s", path);
	fputs(content, file);
	fclose(file);
}

static void remove_file(const struct written_run *run, const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", run->folder, name);
	cr_expect_eq(remove(path), 0, "%s", path);
}

/* A run with two files of evidence and its manifest. */
static struct written_run sealed(void)
{
	struct written_run run = run_begin();
	struct error err = {0};
	char path[256];

	put_end(&run, 1);
	snprintf(path, sizeof path, "%s/evidence", run.folder);
	cr_assert_eq(mkdir(path, 0700), 0);
	put_file(&run, "evidence/one.pcapng", "1");
	put_file(&run, "evidence/two.pcapng", "2");
	cr_assert_eq(manifest_write(run.folder, &err), 0, "%s", err.text);
	return run;
}

static void unseal(struct written_run *run)
{
	remove_file(run, "evidence");
	remove_file(run, MANIFEST_NAME);
	run_remove(run);
}

/* What verifying tells; the caller frees it. */
static char *verified(const struct written_run *run, size_t expected)
{
	struct error err = {0};
	size_t files = 0, differences = 0, size;
	char *text = NULL;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_eq(manifest_verify(run->folder, stream, &files, &differences, &err), 0, "%s",
		err.text);
	fclose(stream);
	cr_expect_eq(files, 3, "the journal and the evidence");
	cr_expect_eq(differences, expected, "%s", text);
	return text;
}

Test(manifest, holds_for_what_the_run_left_and_for_reports_composed_again)
{
	struct written_run run = sealed();

	composed(&run);
	free(verified(&run, 0));
	cr_expect(tells(&run, MANIFEST_NAME, "\"firmware\": \"S2W APP VERSION=1.2\""));
	cr_expect(tells(&run, MANIFEST_NAME, "\"mac\": \"00:08:dc:01:02:03\""));
	cr_expect(tells(&run, MANIFEST_NAME,
		"\"sha256\": "
		"\"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b\""));
	remove_file(&run, "evidence/one.pcapng");
	remove_file(&run, "evidence/two.pcapng");
	unseal(&run);
}

Test(manifest, shows_what_was_changed_lost_and_added)
{
	struct written_run run = sealed();

	put_file(&run, "evidence/one.pcapng", "x");
	remove_file(&run, "evidence/two.pcapng");
	put_file(&run, "evidence/three.pcapng", "3");
	char *text = verified(&run, 3);
	cr_expect_str_eq(text, "changed   evidence/one.pcapng\n"
			       "missing   evidence/two.pcapng\n"
			       "added     evidence/three.pcapng\n");
	free(text);
	remove_file(&run, "evidence/one.pcapng");
	remove_file(&run, "evidence/three.pcapng");
	unseal(&run);
}

Test(manifest, is_missed_where_there_is_none)
{
	struct written_run run = run_begin();
	struct error err = {0};
	size_t files, differences;

	cr_expect_eq(manifest_verify(run.folder, stderr, &files, &differences, &err), -1);
	cr_expect_eq(err.kind, ERROR_USAGE);
	run_remove(&run);
}
