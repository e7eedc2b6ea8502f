/* SPDX-License-Identifier: MIT */
#include "core/data_file.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

/* A folder with x.yaml below prefix/share/wizhil, for a program in prefix/bin or in prefix. */
struct place {
	char top[64], folder[128];
};

static void touch(const char *path)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file, "%s", path);
	fclose(file);
}

static struct place place(const char *folder)
{
	static const char *const folders[] = {"bin", "share", "share/wizhil"};
	struct place place = {.top = "/tmp/wizhil-data-XXXXXX"};
	char path[256];

	cr_assert_not_null(mkdtemp(place.top));
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/%s", place.top, folders[i]);
		cr_assert_eq(mkdir(path, 0700), 0);
	}
	snprintf(path, sizeof path, "%s/share/wizhil/x.yaml", place.top);
	touch(path);
	snprintf(place.folder, sizeof place.folder, "%s%s", place.top, folder);
	return place;
}

static void remove_place(const struct place *place)
{
	char command[128];

	snprintf(command, sizeof command, "rm -r %s", place->top);
	cr_assert_eq(system(command), 0);
}

TestSuite(data_file);

static void expect_found(const struct place *at)
{
	char path[PATH_MAX], wanted[256];
	struct error err = {0};

	cr_assert_eq(
		data_file_for(at->folder, "x.yaml", path, sizeof path, &err), 0, "%s", err.text);
	snprintf(wanted, sizeof wanted, "%s/share/wizhil/x.yaml", at->top);
	cr_expect_str_eq(path, wanted);
}

Test(data_file, an_installed_program_takes_what_was_installed_with_it)
{
	struct place at = place("/bin");

	expect_found(&at);
	remove_place(&at);
}

Test(data_file, a_program_at_the_top_of_a_build_tree_takes_what_stands_beside_it)
{
	struct place at = place("");

	expect_found(&at);
	remove_place(&at);
}

Test(data_file, what_is_nowhere_is_named_with_the_places_where_it_should_be)
{
	struct place at = place("/bin");
	char path[PATH_MAX];
	struct error err = {0};

	cr_assert_eq(data_file_for(at.folder, "y.yaml", path, sizeof path, &err), -1);
	cr_expect_not_null(strstr(err.text, "cannot find 'y.yaml'"), "%s", err.text);
	cr_expect_not_null(strstr(err.text, "/bin/../share/wizhil'"), "%s", err.text);
	remove_place(&at);
}

Test(data_file, the_default_bench_is_found_by_this_program)
{
	char path[PATH_MAX];
	struct error err = {0};

	cr_assert_eq(data_file("fixtures/benches/virtual.yaml", path, sizeof path, &err), 0, "%s",
		err.text);
	cr_expect_eq(access(path, R_OK), 0);
}
