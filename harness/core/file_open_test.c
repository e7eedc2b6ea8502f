/* SPDX-License-Identifier: MIT */
#include "core/file_open.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	char path[32], file[48], link[48];
};

static struct folder new_folder(void)
{
	struct folder folder = {.path = "/tmp/wizhil-open-XXXXXX"};

	cr_assert_not_null(mkdtemp(folder.path));
	snprintf(folder.file, sizeof folder.file, "%s/file", folder.path);
	snprintf(folder.link, sizeof folder.link, "%s/link", folder.path);
	return folder;
}

static void remove_folder(const struct folder *folder)
{
	unlink(folder->link);
	unlink(folder->file);
	rmdir(folder->path);
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	cr_assert_eq(stat(path, &status), 0);
	return status.st_mode & 07777;
}

Test(file_open, makes_a_file_that_nobody_else_may_read)
{
	const struct folder folder = new_folder();

	umask(0);
	FILE *file = file_create(folder.file);
	cr_assert_not_null(file);
	fclose(file);
	cr_expect_eq(mode_of(folder.file), 0600);
	remove_folder(&folder);
}

Test(file_open, creates_nothing_where_there_is_a_file_or_a_link)
{
	const struct folder folder = new_folder();

	cr_assert_eq(symlink(folder.file, folder.link), 0);
	cr_expect_null(file_create(folder.link));
	cr_expect_eq(errno, EEXIST);
	cr_expect_null(file_replace(folder.link));
	cr_expect_eq(errno, ELOOP);
	cr_expect_eq(access(folder.file, F_OK), -1, "what the link names was not made");
	remove_folder(&folder);
}

Test(file_open, replaces_what_was_there_and_closes_it_to_others)
{
	const struct folder folder = new_folder();
	FILE *file = file_create(folder.file);

	cr_assert_not_null(file);
	fputs("old", file);
	fclose(file);
	cr_assert_eq(chmod(folder.file, 0644), 0);
	file = file_replace(folder.file);
	cr_assert_not_null(file);
	cr_expect_eq(ftell(file), 0);
	fclose(file);
	cr_expect_eq(mode_of(folder.file), 0600);
	remove_folder(&folder);
}

Test(file_open, closes_a_descriptor_of_which_it_makes_no_stream)
{
	int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);

	cr_assert_geq(descriptor, 0);
	cr_expect_null(file_of(descriptor, "no mode"));
	cr_expect_eq(errno, EINVAL);
	cr_expect_eq(fcntl(descriptor, F_GETFD), -1, "it is closed");
	cr_expect_null(file_of(-1, "r"));
}
