/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/socket.h>

#include "cli/run/test_run.h"
#include "core/error.h"

/* The run's journal, which two processes write: the command and the bench. */

int run_record(void *context, json_t *event, bool force, struct error *err)
{
	struct test_run *test_run = context;
	struct error failure = {0};

	/* The bench's own events: in its process there is no bench to wait for. */
	if (test_run->arguments->trace != 0 && test_run->bench == 0)
		trace_journal(test_run->arguments->trace, event, stderr);
	if (journal_append(test_run->journal, event, force, &failure) == 0)
		return 0;
	if (test_run->first_error.kind == ERROR_NONE)
		test_run->first_error = failure;
	if (err != NULL)
		*err = failure;
	return -1;
}

void run_send_error(const struct test_run *test_run)
{
	if (test_run->first_error.kind != ERROR_NONE)
		(void)send(test_run->control[1], &test_run->first_error,
			sizeof test_run->first_error, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void run_read_error(struct test_run *test_run)
{
	struct error failure;

	if (recv(test_run->control[0], &failure, sizeof failure, MSG_DONTWAIT) == sizeof failure &&
		test_run->first_error.kind == ERROR_NONE)
		test_run->first_error = failure;
}
