/* SPDX-License-Identifier: MIT */
#include "core/program_output.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"

static struct error err;
static size_t length;
static int status;

static char *said(const char *command, int descriptor, int limit_ms)
{
	char *words[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, strdup(command), NULL};
	char *text = program_output(words, descriptor, limit_ms, &length, &status, &err);

	free(words[2]);
	return text;
}

TestSuite(program_output, .timeout = 600);

Test(program_output, is_all_that_it_writes)
{
	char *text = said("echo first; echo apart >&2; echo second; exit 3", STDOUT_FILENO, 60000);

	cr_assert_str_eq(text, "first\nsecond\n", "%s", err.text);
	cr_expect_eq(length, strlen(text));
	cr_expect_eq(WEXITSTATUS(status), 3);
	free(text);
	text = said("echo aside >&2", STDERR_FILENO, 60000);
	cr_expect_str_eq(text, "aside\n");
	free(text);
	text = said("head -c 300000 /dev/zero", STDOUT_FILENO, 60000);
	cr_expect_eq(length, 300000);
	free(text);
}

Test(program_output, of_one_that_says_nothing_is_not_waited_for_for_ever)
{
	cr_assert_null(said("exec sleep 1000", STDOUT_FILENO, 100));
	cr_expect_str_eq(err.text, "'/bin/sh' did not end within 0.1 s and was killed");
	cr_expect_eq(err.kind, ERROR_BENCH);
}

Test(program_output, of_one_that_closes_it_and_stays_is_not_waited_for_for_ever)
{
	cr_assert_null(said("exec sleep 1000 >&-", STDOUT_FILENO, 100));
	cr_expect_str_eq(err.text, "'/bin/sh' did not end within 0.1 s and was killed");
}

Test(program_output, of_what_is_no_program_is_empty)
{
	char *words[] = {(char[]){"/nowhere/program"}, NULL};
	char *text = program_output(words, STDOUT_FILENO, 60000, &length, &status, &err);

	cr_expect_str_eq(text, "");
	cr_expect_eq(WEXITSTATUS(status), 127);
	free(text);
}
