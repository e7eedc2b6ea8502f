/* SPDX-License-Identifier: MIT */
#include "bench/access_point.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/journal.h"
#include "core/error.h"

struct session *access_point_session(const struct bench *bench, const struct device *device)
{
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		if ((device == NULL || s->device == device) && s->uses_access_point)
			return s;
	return NULL;
}

static void failed(const struct bench *bench, const struct error *err)
{
	struct session *session = access_point_session(bench, NULL);

	if (session != NULL)
		session_fault(session, NO_CONNECTION, REASON_HOOK_FAILED, 0, err->text);
}

void access_point_finish(struct bench *bench)
{
	struct error err = {0};
	bool stepped = bench->clock.kind == CLOCK_KIND_STEPPED;

	if (bench->access_point.running &&
		hook_finish(&bench->access_point, stepped ? -1 : 0, &err) < 0)
		failed(bench, &err);
}

static int begin(struct bench *bench, bool up, struct error *err)
{
	const struct bench_access_point *commands = &bench->options->file->access_point;
	const struct hook_request request = {.name = up ? "access point up" : "access point down",
		.command = up ? commands->up : commands->down,
		.device = "",
		.port = "",
		.file = bench->options->file};

	/* The one before must have ended: they would work against each other. */
	if (hook_finish(&bench->access_point, -1, err) != 0)
		return -1;
	if (hook_start(&bench->access_point, &request, err) != 0)
		return -1;
	bench->access_point_off = !up;
	return 0;
}

int access_point_switch(void *context, bool up, struct error *err)
{
	struct bench *bench = context;

	if (begin(bench, up, err) != 0)
		return -1;
	access_point_finish(bench);
	return 0;
}

void access_point_restore(struct bench *bench)
{
	struct error err = {0};

	if (!bench->access_point_off)
		return;
	/* How the command that switched it off ended does not matter any more. */
	(void)hook_finish(&bench->access_point, -1, NULL);
	if (begin(bench, true, &err) == 0 && hook_finish(&bench->access_point, -1, &err) == 0)
		return;
	bench->access_point_off = false;
	bench_record_fault(bench, &err);
}
