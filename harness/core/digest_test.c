/* SPDX-License-Identifier: MIT */
#include "core/digest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"

/* The examples of FIPS 180-4 and one that takes more than one read. */
static void expect(const char *content, size_t times, const char *digest)
{
	char path[] = "/tmp/wizhil-digest-XXXXXX", hex[DIGEST_TEXT];
	struct error err = {0};
	int file = mkstemp(path);

	cr_assert_geq(file, 0);
	for (size_t i = 0; i < times; i++)
		cr_assert_eq(write(file, content, strlen(content)), (ssize_t)strlen(content));
	close(file);
	cr_expect_eq(digest_file(path, hex, &err), 0, "%s", err.text);
	cr_expect_str_eq(hex, digest);
	unlink(path);
}

Test(digest, is_sha_256)
{
	expect("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect("aaaaaaaaaa", 100000,
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

Test(digest, of_a_file_that_is_not_there_is_an_error)
{
	char hex[DIGEST_TEXT];
	struct error err = {0};

	cr_expect_eq(digest_file("/nowhere/x", hex, &err), -1);
	cr_expect_not_null(strstr(err.text, "'/nowhere/x'"));
}
