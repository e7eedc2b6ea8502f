/* SPDX-License-Identifier: MIT */
#include "reproduce/reproduce.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/error.h"
#include "core/text_buffer.h"
#include "reproduce/choose.h"
#include "reproduce/infer.h"
#include "reproduce/pace.h"
#include "reproduce/plan.h"

/* The setup comes first in the list of steps, but is known only when they have been looked at. */
static void put_setup_first(
	struct reproduction *r, const struct planned_keepalive *options, const char *why)
{
	struct scenario *s = &r->file.scenario;
	struct scenario setup = tcp_client("a");

	keepalive(&setup, "a", .count = options->count, .timeout_s = options->timeout_s,
		.off = !options->on);
	memmove(&s->steps[setup.step_count], s->steps, (size_t)s->step_count * sizeof *s->steps);
	memmove(r->comments.steps[setup.step_count], r->comments.steps[0],
		(size_t)s->step_count * sizeof r->comments.steps[0]);
	memcpy(s->steps, setup.steps, (size_t)setup.step_count * sizeof *s->steps);
	for (int i = 0; i < setup.step_count; i++)
		r->comments.steps[i][0] = '\0';
	s->step_count += setup.step_count;
	snprintf(r->comments.steps[0], SCENARIO_TEXT, "%s", why);
}

static const char *ending_words(enum ending ending)
{
	switch (ending) {
	case ENDING_ALIVE:
		return "the peer answered to the end";
	case ENDING_SILENT:
		return "the peer fell silent";
	case ENDING_NOTHING:
		return "no segment of either side in the rest of the capture; assumed to be a silent peer";
	case ENDING_REBOOTED:
		return "the peer answered with RST: it no longer knew the connection";
	case ENDING_PEER_ENDED:
		return "the peer closed the connection";
	}
	return "";
}

__attribute__((format(printf, 2, 3))) static void say(
	struct reproduction *r, const char *format, ...)
{
	struct text_buffer head = text_buffer_behind(r->head, sizeof r->head);
	va_list arguments;

	va_start(arguments, format);
	text_add_v(&head, format, arguments);
	va_end(arguments);
}

static void write_head(struct reproduction *r, const struct observed *observed,
	const struct reproduce_request *request, const struct plan *plan,
	const struct inferred *inferred, int64_t delay_ns)
{
	char device[ENDPOINT_TEXT], peer[ENDPOINT_TEXT], began[40];
	time_t seconds = (time_t)((observed->begin_wall_ns + plan->start_ns) / NS_PER_S - 1);
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(began, sizeof began, "%Y-%m-%dT%H:%M:%SZ", &utc);
	say(r, "Reproduces connection %zu of '%.200s':\n", observed->number, request->capture);
	say(r, "device %s, peer %s; second 0 was %s.\n",
		endpoint_format(observed_end(observed, FROM_DEVICE), device),
		endpoint_format(observed_end(observed, FROM_PEER), peer), began);
	say(r, "What happened: %s%s.\n", ending_words(plan->ending),
		plan->gave_up_ns != 0 ? "; the device gave the connection up"
		: plan->host_closed   ? "; then the device's host closed the connection"
				      : "");
	if (inferred->seen[0] != '\0')
		say(r, "Seen: %s.\n", inferred->seen);
	say(r, "Options: %s.\n", inferred->why);
	if (delay_ns > 0)
		say(r, "Times: steps come up to %.0f s later than in the capture, behind as many probes as there.\n",
			(double)delay_ns / (double)NS_PER_S);
	if (observed->likely > 0)
		say(r, "%d segments with one SEQ at equal distances are likely probes: the capture has no answer that proves it.\n",
			observed->likely);
	if (observed->foreign == FROM_DEVICE)
		say(r, "A middlebox sends the probes in the device's name: they come from nearer than its own segments.\n");
	if (observed->hole.to_ns != 0)
		say(r, "The capture has a hole of %.1f s, in which nothing at all was captured: only what is on one side of it is reproduced.\n",
			(double)(observed->hole.to_ns - observed->hole.from_ns) / (double)NS_PER_S);
	if (plan->trimmed)
		say(r, "The beginning is omitted: there were too many exchanges of data.\n");
	if (plan->end_trimmed)
		say(r, "The end is omitted: there were too many exchanges of data.\n");
	if (r->broken < 0)
		say(r, "The capture violates none of these expectations.\n");
	else
		say(r, "The capture violates %s:\n  %s\n",
			r->file.expectations[r->broken].requirement, r->finding);
	say(r, "The expectations come from the requirements; mere consequences of the bug are\nomitted. 'wizhil run THIS' runs this file; edit it as you like.");
	r->comments.head = r->head;
}

int reproduce(struct observed *observed, const struct reproduce_request *request,
	struct reproduction *r, struct error *err)
{
	struct inferred inferred;

	*r = (struct reproduction){.broken = -1};
	if (observed->timeline->count == 0)
		return error_set(
			err, ERROR_USAGE, "connection %zu has no segments", observed->number);
	observed_find_strays(observed);
	snprintf(r->file.name, sizeof r->file.name, "%s", request->name);
	r->file.scenario = tcp_client("a");
	struct plan plan =
		plan_steps(observed, request->strip_payload, &r->file.scenario, &r->comments);
	r->file.scenario.connections[0].role = plan.role;
	inferred = infer_options(observed, &plan);
	if (request->has_options) {
		inferred.options = request->options;
		snprintf(inferred.why, sizeof inferred.why, "%s", request->options_source);
	}
	/* Of what is switched off the capture may still show what was set. */
	inferred.options.on = !request->off;
	put_setup_first(r, &inferred.options, inferred.why);
	if (choose_expectations(observed, &plan, request, &inferred.options, r) != 0)
		return error_set(err, ERROR_MEMORY, "out of memory");
	/* The capture has been looked at with its own times. */
	const int64_t delay_ns =
		request->has_options || request->off
			? 0
			: pace_steps(observed, &plan, &inferred.options, &r->file.scenario);
	r->file.scenario.watch.limit_ns += delay_ns;
	snprintf(r->file.about, sizeof r->file.about, "connection %zu of %.200s: %s",
		observed->number, request->capture, ending_words(plan.ending));
	write_head(r, observed, request, &plan, &inferred, delay_ns);
	return 0;
}
