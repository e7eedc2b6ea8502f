/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "report/model/run_parts.h"

/* A run that goes on after it was killed or interrupted. */

static int note(struct run *run, json_t *text)
{
	if (text == NULL || json_array_append_new(run->kept, text) != 0)
		return -1;
	const char **line = run_grow(&run->resumed, &run->resumed_count, sizeof *run->resumed);
	if (line == NULL)
		return -1;
	*line = json_string_value(text);
	return 0;
}

/* It is driven anew: what took its verdict from it counts no more. */
static void begin_anew(struct run_case *one)
{
	free(one->first);
	free(one->alone);
	free(one->partial);
	one->first = one->alone = one->partial = NULL;
	one->error = one->not_run = one->cut_off = NULL;
	one->admitted_s = one->done_s = -1;
}

static void begin_cases_anew(struct run *run, const json_t *cases)
{
	size_t index;
	const json_t *entry;

	json_array_foreach(cases, index, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		json_int_t done = json_integer_value(json_object_get(entry, "done"));
		for (size_t i = 0; name != NULL && i < run->case_count; i++)
			if (strcmp(run->cases[i].name, name) == 0 &&
				(run->cases[i].repetition == 0 || run->cases[i].repetition > done))
				begin_anew(&run->cases[i]);
	}
}

int run_take_resume(struct run *run, const json_t *event)
{
	const char *started = json_string_value(json_object_get(event, "started"));
	const char *why = run->interrupted ? "it was interrupted"
			  : run->ended	   ? "it had come to its end"
					   : "it was killed";

	if (note(run, json_sprintf("at %s; before, %s", started == NULL ? "?" : started, why)) != 0)
		return -1;
	for (size_t i = 0; i < run->fault_count; i++)
		if (note(run, json_sprintf("before, a fault: %s", run->faults[i])) != 0)
			return -1;
	run->interrupted = run->ended = run->fault_is_usage = false;
	run->fault_count = 0;
	begin_cases_anew(run, json_object_get(event, "cases"));
	return 0;
}
