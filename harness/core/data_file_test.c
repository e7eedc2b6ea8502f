/* SPDX-License-Identifier: MIT */
#include "core/data_file.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

/* A folder with sources/x.yaml and, if 'installed', prefix/share/wizhil/x.yaml. */
struct place {
	char top[64], sources[128], folder[128];
};

static void touch(const char *path)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file, "%s", path);
	fclose(file);
}

static struct place place(bool installed)
{
	struct place place = {.top = "/tmp/wizhil-data-XXXXXX"};
	char path[256];

	cr_assert_not_null(mkdtemp(place.top));
	snprintf(place.sources, sizeof place.sources, "%s/sources", place.top);
	snprintf(place.folder, sizeof place.folder, "%s/bin", place.top);
	mkdir(place.sources, 0700);
	mkdir(place.folder, 0700);
	snprintf(path, sizeof path, "%s/x.yaml", place.sources);
	touch(path);
	if (installed) {
		snprintf(path, sizeof path, "%s/share", place.top);
		mkdir(path, 0700);
		snprintf(path, sizeof path, "%s/share/wizhil", place.top);
		mkdir(path, 0700);
		snprintf(path, sizeof path, "%s/share/wizhil/x.yaml", place.top);
		touch(path);
	}
	return place;
}

static void remove_place(const struct place *place)
{
	char command[128];

	snprintf(command, sizeof command, "rm -r %s", place->top);
	cr_assert_eq(system(command), 0);
}

TestSuite(data_file);

Test(data_file, an_installed_program_takes_what_was_installed_with_it)
{
	struct place at = place(true);
	char path[PATH_MAX], wanted[256];
	struct error err = {0};

	cr_assert_eq(data_file_for(at.folder, at.sources, "x.yaml", path, sizeof path, &err), 0,
		"%s", err.text);
	snprintf(wanted, sizeof wanted, "%s/bin/../share/wizhil/x.yaml", at.top);
	cr_expect_str_eq(path, wanted);
	remove_place(&at);
}

Test(data_file, a_program_in_a_build_tree_takes_the_sources)
{
	struct place at = place(false);
	char path[PATH_MAX], wanted[256];
	struct error err = {0};

	cr_assert_eq(data_file_for(at.folder, at.sources, "x.yaml", path, sizeof path, &err), 0,
		"%s", err.text);
	snprintf(wanted, sizeof wanted, "%s/sources/x.yaml", at.top);
	cr_expect_str_eq(path, wanted);
	remove_place(&at);
}

Test(data_file, what_is_nowhere_is_named_with_the_places_where_it_should_be)
{
	struct place at = place(true);
	char path[PATH_MAX];
	struct error err = {0};

	cr_assert_eq(data_file_for(at.folder, at.sources, "y.yaml", path, sizeof path, &err), -1);
	cr_expect_not_null(strstr(err.text, "cannot find 'y.yaml'"), "%s", err.text);
	cr_expect_not_null(strstr(err.text, at.sources), "%s", err.text);
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
