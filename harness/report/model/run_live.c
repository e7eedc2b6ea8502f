/* SPDX-License-Identifier: MIT */
#include "report/model/run_live.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/error.h"
#include "report/formats/journal.h"
#include "report/model/run_build.h"

struct run_live {
	FILE *journal;
	struct run *run;
	char *line; /* as getline(3) has it */
	size_t room;
	size_t number; /* lines taken in */
};

struct run_live *run_live_open(const char *run_folder, struct error *err)
{
	char path[4096];
	struct run_live *live = calloc(1, sizeof *live);

	snprintf(path, sizeof path, "%s/" JOURNAL_NAME, run_folder);
	if (live == NULL || (live->run = run_new()) == NULL) {
		error_set(err, ERROR_MEMORY, "out of memory");
	} else if ((live->journal = fopen(path, "re")) == NULL) {
		error_errno(err, ERROR_USAGE, "'%s' is not a run folder: cannot open '%s'",
			run_folder, path);
	} else {
		return live;
	}
	run_live_close(live);
	return NULL;
}

int run_live_read(struct run_live *live, run_live_saw *saw, void *context, struct error *err)
{
	for (;;) {
		long start = ftell(live->journal);
		ssize_t length = getline(&live->line, &live->room, live->journal);
		struct run_event taken;
		/* Half a line is read again when it is whole. */
		if (length <= 0 || live->line[length - 1] != '\n') {
			clearerr(live->journal);
			if (fseek(live->journal, start, SEEK_SET) != 0)
				return error_errno(err, ERROR_BENCH, "cannot read the journal");
			return 0;
		}
		if (run_take_line(live->run, live->line, (size_t)length, ++live->number, &taken) !=
			0)
			return error_set(err, ERROR_MEMORY, "out of memory");
		if (taken.of != NULL)
			run_conclude_case(live->run, taken.of);
		if (taken.event != NULL)
			saw(context, live->run, taken.of, taken.event);
	}
}

void run_live_close(struct run_live *live)
{
	if (live == NULL)
		return;
	if (live->journal != NULL)
		fclose(live->journal);
	run_free(live->run);
	free(live->line);
	free(live);
}
