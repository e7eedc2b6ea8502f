/* SPDX-License-Identifier: MIT */
#include "core/file_read.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"

/* A file of so many octets that tell their places; the caller removes it. */
static void write_file(char path[32], size_t size)
{
	strcpy(path, "/tmp/wizhil-read-XXXXXX");
	FILE *file = fdopen(mkstemp(path), "w");

	cr_assert_not_null(file);
	for (size_t i = 0; i < size; i++)
		putc((int)(i * 7 % 251), file);
	fclose(file);
}

Test(file_read, gives_all_octets_of_a_file_of_any_size)
{
	const size_t sizes[] = {0, 1, 65534, 65535, 65536, 65537, 200000};
	char path[32];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct error err = {0};
		size_t length;
		write_file(path, sizes[i]);
		char *text = file_read(path, 1 << 20, &length, &err);
		cr_assert_not_null(text, "%s", err.text);
		cr_expect_eq(length, sizes[i]);
		cr_expect_eq(text[length], '\0');
		for (size_t at = 0; at < length; at++)
			cr_assert_eq((unsigned char)text[at], at * 7 % 251);
		free(text);
		unlink(path);
	}
}

Test(file_read, refuses_one_that_is_too_large)
{
	struct error err = {0};
	size_t length;
	char path[32];

	write_file(path, 70000);
	char *text = file_read(path, 70000, &length, &err);
	cr_expect_not_null(text, "as large as it may be");
	free(text);
	cr_expect_null(file_read(path, 69999, &length, &err));
	cr_expect_eq(err.kind, ERROR_USAGE);
	cr_expect_not_null(strstr(err.text, "is too large (0 MB at most)"), "%s", err.text);
	unlink(path);
}

Test(file_read, says_what_it_cannot_open_or_read)
{
	struct error err = {0};
	size_t length;

	cr_expect_null(file_read("/nonexistent/file", 10, &length, &err));
	cr_expect_str_eq(err.text, "cannot open '/nonexistent/file': No such file or directory");
	cr_expect_null(file_read("/tmp", 10, &length, &err));
	cr_expect_str_eq(err.text, "cannot read '/tmp': Is a directory");
}

Test(file_last_line, is_the_last_one_that_is_not_empty_and_fits)
{
	static const struct {
		const char *text, *line;
	} files[] = {{"", ""}, {"\n\r\n", ""}, {"one", "one"}, {"one\ntwo\r\n\n", "two"},
		{"one\n0123456789", "3456789"}};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[] = "/tmp/wizhil-last-XXXXXX", line[8];
		const int file = mkstemp(path);
		const size_t length = strlen(files[i].text);
		cr_assert_geq(file, 0);
		unlink(path);
		cr_assert_eq(write(file, files[i].text, length), (ssize_t)length);
		file_last_line(file, line, sizeof line);
		cr_expect_str_eq(line, files[i].line);
		close(file);
	}
}
