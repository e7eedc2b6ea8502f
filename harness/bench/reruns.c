/* SPDX-License-Identifier: MIT */
#include "bench/reruns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rerun_count *count_of(struct reruns *reruns, const char *device, const char *cause)
{
	for (size_t i = 0; i < reruns->count; i++)
		if (strcmp(reruns->list[i].device, device) == 0 &&
			strcmp(reruns->list[i].cause, cause) == 0)
			return &reruns->list[i];
	if (reruns->count == reruns->room) {
		const size_t room = reruns->room == 0 ? 16 : 2 * reruns->room;
		struct rerun_count *more = realloc(reruns->list, room * sizeof *more);
		if (more == NULL)
			return NULL;
		reruns->list = more;
		reruns->room = room;
	}
	struct rerun_count *added = &reruns->list[reruns->count++];
	*added = (struct rerun_count){0};
	snprintf(added->device, sizeof added->device, "%s", device);
	snprintf(added->cause, sizeof added->cause, "%s", cause);
	return added;
}

bool reruns_take(struct reruns *reruns, const char *device, const char *cause, int most)
{
	struct rerun_count *of = count_of(reruns, device, cause);

	if (of == NULL || of->count >= most)
		return false;
	of->count++;
	return true;
}

void reruns_free(struct reruns *reruns)
{
	free(reruns->list);
	*reruns = (struct reruns){0};
}
