/* SPDX-License-Identifier: MIT */
#include "report/model/drives.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_path(const char *last, int drives, int drive, const char *expected)
{
	char path[512];

	drive_path(last, drives, drive, path, sizeof path);
	cr_expect_str_eq(path, expected);
}

Test(drives, have_a_number_from_the_second_on)
{
	expect_path("evidence/s.c.50.timeline.jsonl", 50, 1, "evidence/s.c.timeline.jsonl");
	expect_path("evidence/s.c.50.timeline.jsonl", 50, 7, "evidence/s.c.7.timeline.jsonl");
	expect_path("evidence/s.c.2.alone.pcapng", 2, 1, "evidence/s.c.alone.pcapng");
	expect_path("evidence/s.c.r3.2.uart.txt", 2, 2, "evidence/s.c.r3.2.uart.txt");
	expect_path("evidence/s.c.timeline.jsonl", 1, 1, "evidence/s.c.timeline.jsonl");
}

Test(drives, are_counted_where_the_first_is_there)
{
	char folder[] = "/tmp/wizhil-drives-XXXXXX", path[128];

	cr_assert_not_null(mkdtemp(folder));
	cr_expect_eq(drives_of(folder, "c.3.timeline.jsonl"), 1, "3 may be the name of a device");
	snprintf(path, sizeof path, "%s/c.timeline.jsonl", folder);
	FILE *file = fopen(path, "we");
	cr_assert_not_null(file);
	fclose(file);
	cr_expect_eq(drives_of(folder, "c.3.timeline.jsonl"), 3);
	cr_expect_eq(drives_of(folder, "c.timeline.jsonl"), 1);
	cr_expect_eq(drives_of(folder, ""), 1);
	unlink(path);
	rmdir(folder);
}
