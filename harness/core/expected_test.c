/* SPDX-License-Identifier: MIT */
#include "core/expected_test.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { PATH_SIZE = 512 };

static bool renewing(void)
{
	return getenv("WIZHIL_RENEW") != NULL;
}

static void path_of(const char *folder, const char *name, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, WIZHIL_SOURCE "/harness/%s/expected/%s", folder, name);
}

/* All of the file; empty where there is none.  The caller frees it. */
static char *content_of(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = fopen(path, "re");

	if (stream == NULL || getdelim(&text, &size, '\0', stream) < 0) {
		free(text);
		text = strdup("");
	}
	if (stream != NULL)
		(void)fclose(stream);
	cr_assert_not_null(text);
	return text;
}

static void write_content(const char *path, const char *text)
{
	FILE *stream = fopen(path, "we");

	cr_assert_not_null(stream, "cannot write %s", path);
	fputs(text, stream);
	(void)fclose(stream);
}

void expect_whole(const char *folder, const char *name, const char *text)
{
	char path[PATH_SIZE];

	path_of(folder, name, path);
	if (renewing()) {
		write_content(path, text);
		return;
	}
	char *expected = content_of(path);
	cr_expect_str_eq(text, expected, "%s says:\n%s\nand this came:\n%s", path, expected, text);
	free(expected);
}

/* ---- sections ---- */

/* A test is a process of its own: this is where it stands in its section. */
static struct {
	char *file;	  /* as it was read */
	const char *next; /* in 'file'; NULL: not begun */
	char *said;	  /* so far, for a file that is renewed */
	bool differs;	  /* or there is nothing to compare with */
} section;

/* Where the section of the test begins, its headline included, or would begin; the sections are sorted by name. */
static const char *section_at(const char *file, const char *name, bool *there)
{
	const char *line = file;

	*there = false;
	for (; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		if (strncmp(line, "== ", 3) != 0)
			continue;
		const size_t length = strcspn(line + 3, "\n");
		const int order = strncmp(line + 3, name, length);
		*there = order == 0 && name[length] == '\0';
		if (*there || order > 0)
			return line;
	}
	return line;
}

static const char *section_end(const char *line)
{
	const char *next = strstr(line, "\n== ");

	return next == NULL ? line + strlen(line) : next + 1;
}

/* Tests run beside each other, so each puts its section into what the file has by then. */
static void renew_section(const char *path, const char *name, const char *text)
{
	const int lock = open(WIZHIL_SOURCE "/harness", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *whole = NULL;
	size_t size = 0;
	bool there;

	cr_assert(lock >= 0 && flock(lock, LOCK_EX) == 0);
	char *file = content_of(path);
	const char *at = section_at(file, name, &there), *behind = there ? section_end(at) : at;
	FILE *stream = open_memstream(&whole, &size);
	cr_assert_not_null(stream);
	fprintf(stream, "%.*s== %s\n%s%s", (int)(at - file), file, name, text, behind);
	(void)fclose(stream);
	write_content(path, whole);
	free(whole);
	free(file);
	(void)close(lock);
}

static bool ends_line(const char *text)
{
	return *text == '\0' || text[strlen(text) - 1] == '\n';
}

static void say(const char *text)
{
	char *said = NULL;

	cr_assert_geq(asprintf(&said, "%s%s%s", section.said == NULL ? "" : section.said, text,
			      ends_line(text) ? "" : "\n"),
		0);
	free(section.said);
	section.said = said;
}

static void begin(const char *path, const char *name)
{
	bool there;

	section.file = content_of(path);
	section.next = section_at(section.file, name, &there);
	section.differs = !there;
	cr_expect(there, "%s has no section '%s' (renew it by WIZHIL_RENEW=1)", path, name);
	if (there)
		section.next += strcspn(section.next, "\n") + 1;
}

/* What comes behind a line that differs is not looked at. */
static void expect_line(const char *path, const char *name, const char *line, size_t length)
{
	const size_t there = strcspn(section.next, "\n");
	const bool same = length == there && strncmp(section.next, line, length) == 0;

	if (section.differs)
		return;
	cr_expect(same, "%s, %s, says:\n%.*s\nand this came:\n%.*s", path, name, (int)there,
		section.next, (int)length, line);
	section.differs = !same;
	section.next += there;
	section.next += *section.next == '\n';
}

void expect_lines(const char *folder, const char *text)
{
	const struct criterion_test *test = criterion_current_test;
	char path[PATH_SIZE], file[128];

	snprintf(file, sizeof file, "%s.txt", test->category);
	path_of(folder, file, path);
	if (renewing()) {
		say(text);
		renew_section(path, test->name, section.said);
		return;
	}
	if (section.next == NULL)
		begin(path, test->name);
	for (size_t length = 0; *text != '\0'; text += length, text += *text == '\n') {
		length = strcspn(text, "\n");
		expect_line(path, test->name, text, length);
	}
}
