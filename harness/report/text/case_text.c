/* SPDX-License-Identifier: MIT */
#include "report/text/case_text.h"

#include <errno.h>
#include <string.h>

#include "core/error.h"
#include "report/model/attempt.h"
#include "report/text/summary_lines.h"
#include "report/text/text.h"
#include "timeline/timeline.h"

/* ---- legs ---- */

static void write_leg(const struct check *check, FILE *stream)
{
	fprintf(stream, "  %-12s  %-12s  %-18s %11.3f s  ", outcome_name(check->outcome),
		check->requirement, leg_name(check->leg).text, (double)check->measured_ns / 1e9);
	if (check->from_ns > 0)
		fprintf(stream, "%.3f to %.3f s", (double)check->from_ns / 1e9,
			(double)check->to_ns / 1e9);
	else
		fprintf(stream, "at most %.3f s", (double)check->to_ns / 1e9);
	fprintf(stream, ", +- %.3f s\n", (double)check->error_ns / 1e9);
}

static void write_legs(const struct verdict *verdict, FILE *stream)
{
	const char *head = "\nmeasured      requirement   leg                     length  "
			   "expected, and the error of the measurement\n";

	for (size_t i = 0; i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		if (!check->measured)
			continue;
		fputs(head, stream);
		head = "";
		write_leg(check, stream);
	}
}

static void write_other_checks(const struct verdict *verdict, FILE *stream)
{
	const char *head = "\nother checks\n";

	for (size_t i = 0; i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		if (check->measured)
			continue;
		fprintf(stream, "%s  %-12s  %-12s  ", head, outcome_name(check->outcome),
			check->requirement);
		head = "";
		text_wrap(stream, check->text, 30, 100);
	}
}

/* ---- timeline ---- */

static int64_t start_of(const struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_START)
			return timeline->events[i].t_ns;
	return timeline->count == 0 ? 0 : timeline->events[0].t_ns;
}

static void write_segment(const struct timeline_segment *segment, FILE *stream)
{
	fprintf(stream, "%s %-12s seq %u ack %u", segment->direction == FROM_DEVICE ? "->" : "<-",
		segment_role_name(segment->role), segment->seq, segment->ack);
	if (segment->length > 0)
		fprintf(stream, " length %u", segment->length);
	fprintf(stream, "  (frame %llu)", (unsigned long long)segment->frame);
}

/* What a monitor heard. */
static void write_air(const struct event *event, FILE *stream)
{
	const double lasted_s = (double)(event->t_ns - event->from_ns) / 1e9;

	switch (event->air.kind) {
	case AIR_WATCHED:
		fprintf(stream,
			"air: watched for %.1f s; of the module's frames in the run, %d heard and %d not%s",
			lasted_s, event->air.heard, event->air.missed,
			event->ok ? "" : ", and no acknowledgements");
		break;
	case AIR_SENT:
		fprintf(stream,
			"air: -> a frame of %d octets, sent %d time%s and %sacknowledged, did not come to the wire",
			event->size, event->air.tries, event->air.tries == 1 ? "" : "s",
			event->ok ? "" : "not ");
		break;
	case AIR_UNDELIVERED:
		fprintf(stream, "air: <- a frame of %d octets %s delivered (sent %d time%s)",
			event->size, event->ok ? "may not have been" : "was not", event->air.tries,
			event->air.tries == 1 ? "" : "s");
		break;
	case AIR_ASLEEP:
		fprintf(stream, "air: the module's radio slept for %.1f s", lasted_s);
		break;
	}
}

/* "<" is what the device said on the UART, ">" what it was told. */
static void write_event(const struct event *event, FILE *stream)
{
	switch (event->kind) {
	case EVENT_SEGMENT:
		write_segment(&event->segment, stream);
		break;
	case EVENT_COMMAND:
		fputs("> ", stream);
		text_put(stream, TEXT_LINE, event->text);
		break;
	case EVENT_RESPONSE:
	case EVENT_NOTICE:
		fputs("< ", stream);
		text_put(stream, TEXT_LINE, event->text);
		break;
	case EVENT_DATA:
		fprintf(stream, "< %d octets of data%s", event->size,
			event->ok ? "" : ", not as they were sent");
		break;
	case EVENT_OPENED:
		fprintf(stream, "opened with CID %d", event->cid);
		break;
	case EVENT_LISTING:
		fprintf(stream, "the list of CIDs %s it", event->listed ? "has" : "does not have");
		break;
	case EVENT_PEER:
		fprintf(stream, "peer: %s", peer_act_names.name[event->act]);
		if (event->size > 0)
			fprintf(stream, ", %d octets", event->size);
		break;
	case EVENT_STEP:
		fprintf(stream, "step %d of the scenario", event->step + 1);
		break;
	case EVENT_START:
		fputs("the scenario begins", stream);
		break;
	case EVENT_WATCHED:
		fputs("end of the watch", stream);
		break;
	case EVENT_ARP:
		fputs("-> ARP request for the peer", stream);
		break;
	case EVENT_AIR:
		write_air(event, stream);
		break;
	case EVENT_FAULT:
		fprintf(stream, "FAULT %s: ", evidence_fault_name(event->fault));
		text_put(stream, TEXT_LINE, event->text);
		break;
	}
	fputc('\n', stream);
}

static void write_timeline(const struct timeline *timeline, FILE *stream)
{
	const int64_t start_ns = start_of(timeline);
	const bool several = timeline->scenario.connection_count > 1;

	fputs("\ntimeline\n", stream);
	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		fprintf(stream, "%+12.3f s  ", (double)(event->t_ns - start_ns) / 1e9);
		if (several && event->connection != NO_CONNECTION)
			fprintf(stream, "%-8.8s  ",
				timeline->scenario.connections[event->connection].name);
		else if (several)
			fprintf(stream, "%-8s  ", "");
		write_event(event, stream);
	}
}

static int read_timeline(
	const char *run_folder, const char *name, struct timeline **timeline, struct error *err)
{
	char path[4096];

	*timeline = NULL;
	if (name[0] == '\0')
		return 0;
	snprintf(path, sizeof path, "%s/%s", run_folder, name);
	FILE *file = fopen(path, "re");
	if (file == NULL && errno == ENOENT)
		return 0;
	if (file == NULL)
		return error_errno(err, ERROR_USAGE, "cannot open '%s'", path);
	*timeline = timeline_read(file, err);
	fclose(file);
	return *timeline == NULL ? error_context(err, "'%s'", path) : 0;
}

int case_text_write(const struct run *run, const struct run_case *test_case, const char *run_folder,
	FILE *stream, bool colour, struct error *err)
{
	const struct attempt *attempt =
		test_case->first != NULL ? test_case->first : test_case->partial;
	struct timeline *timeline = NULL;

	summary_case(run, test_case, true, run_folder, stream, colour);
	if (attempt == NULL)
		return 0;
	if (test_case->first != NULL) {
		write_legs(&attempt->verdict, stream);
		write_other_checks(&attempt->verdict, stream);
	}
	if (read_timeline(run_folder, attempt->timeline, &timeline, err) != 0)
		return -1;
	if (timeline != NULL)
		write_timeline(timeline, stream);
	else
		fputs("\nthe timeline is not in the folder of the run\n", stream);
	timeline_free(timeline);
	const char *const files[] = {attempt->timeline, attempt->pcapng, attempt->transcript};
	fputs("\nevidence\n", stream);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (files[i][0] == '\0')
			continue;
		fputs("  ", stream);
		text_put(stream, TEXT_LINE, run_folder);
		fputc('/', stream);
		summary_line(stream, files[i]);
	}
	return 0;
}
