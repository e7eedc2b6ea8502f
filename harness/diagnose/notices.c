/* SPDX-License-Identifier: MIT */
#include "diagnose/notices.h"

#include <stdio.h>
#include <string.h>

#include "core/units.h"
#include "judge/finding.h"
#include "scenario/expectation.h"

/* After so long a prober has given up: twice the interval. */
#define SILENT_NS (150 * NS_PER_S)
/* Of the moment at which the two clocks are laid over each other: a SYN against a command line. */
#define OVERLAY_ERROR_NS (100 * NS_PER_MS)
/* That an accepted connection is there, the UART tells when it is free. */
#define ACCEPTED_ERROR_NS (1 * NS_PER_S)

/* The end itself may have been so long on its way to the place of the capture. */
#define ON_ITS_WAY_NS (1 * NS_PER_S)

struct notices {
	const struct diagnosed_direction *direction;
	const struct uart_side *side;
	notices_add *add;
	void *context;
};

static double in_seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

/* Where the connection ended on the wire, not of its host's own will; frame 0: it did not. */
static struct place wire_death(const struct diagnosed_direction *direction)
{
	if (direction->outcome == KEEPALIVE_DEAD)
		return direction->gave_up;
	for (size_t i = 0; i < direction->probe_count; i++)
		if (direction->probes[i].answer == PROBE_RESET)
			return direction->probes[i].answered;
	return direction->signs.peer_end;
}

int64_t notices_on_the_wire(const struct uart_side *side, int64_t uart_ns, int64_t *error_ns)
{
	const struct uart_connection *connection = side->connection;
	int64_t half = (connection->connect_ns - connection->begun_ns) / 2;

	*error_ns = half + (connection->accepted ? ACCEPTED_ERROR_NS : OVERLAY_ERROR_NS);
	return side->start_ns + uart_ns - (connection->begun_ns + half);
}

struct uart_words notices_words(const struct uart_side *side)
{
	const struct uart_connection *connection = side->connection;
	struct uart_words words = {
		.known = true, .cid = connection->cid, .notice_ns = DURATION_UNKNOWN};
	int64_t error_ns;

	snprintf(words.notice, sizeof words.notice, "%s", connection->notice);
	if (side->log->timed && connection->notices > 0)
		words.notice_ns = notices_on_the_wire(side, connection->notice_ns, &error_ns);
	return words;
}

bool notices_cover(const struct uart_side *side, int64_t wire_ns)
{
	int64_t error_ns;

	return !side->log->timed ||
	       notices_on_the_wire(side, side->log->last_ns, &error_ns) >= wire_ns;
}

static void judge_missing(const struct notices *n, const struct place *death)
{
	const struct uart_log *log = n->side->log;
	char text[VERDICT_TEXT], stray[64] = "";

	if (!notices_cover(n->side, death->time_ns + NOTICE_WITHIN_NS)) {
		n->add("KA-NOTICE-01", SEVERITY_NOTE,
			"cannot tell whether the death was reported: the UART log ends before it",
			n->context);
		return;
	}
	if (log->stray_cid >= 0)
		snprintf(stray, sizeof stray, "; a notice came for CID %x, which was not open",
			(unsigned)log->stray_cid);
	snprintf(text, sizeof text,
		"the connection ended on the wire (frame %u), but the UART has no notice for its CID %x; expected one notice%s",
		death->frame, (unsigned)n->side->connection->cid, stray);
	n->add("KA-NOTICE-01", SEVERITY_FAILURE, text, n->context);
}

/* The prober stopped, and neither side said why. */
static void judge_unsaid(const struct notices *n)
{
	const struct diagnosed_direction *direction = n->direction;
	const struct place *last = &direction->probes[direction->probe_count - 1].at;
	char text[VERDICT_TEXT];

	for (size_t i = 0; i < direction->finding_count; i++)
		if (strcmp(direction->findings[i].requirement, "KA-DEAD-01") == 0)
			return;
	if (!notices_cover(n->side, last->time_ns + SILENT_NS))
		return;
	snprintf(text, sizeof text,
		"no probe and no answer after frame %u, and neither the wire nor the UART (CID %x) shows an end of the connection",
		last->frame, (unsigned)n->side->connection->cid);
	n->add("KA-NOTICE-01", SEVERITY_WARNING, text, n->context);
}

/* How long behind the death a command kept the UART busy. */
static int64_t busy_for(const struct notices *n, const struct place *death)
{
	const struct uart_connection *connection = n->side->connection;
	int64_t error_ns;

	if (connection->busy_ns == UART_NO_TIME ||
		notices_on_the_wire(n->side, connection->busy_ns, &error_ns) > death->time_ns)
		return 0;
	const int64_t busy_ns =
		notices_on_the_wire(n->side, connection->free_ns, &error_ns) - death->time_ns;
	return busy_ns > 0 ? busy_ns : 0;
}

static void judge_time(const struct notices *n, const struct place *death)
{
	const struct uart_connection *connection = n->side->connection;
	char text[VERDICT_TEXT];
	int64_t error_ns;
	int64_t delay =
		notices_on_the_wire(n->side, connection->notice_ns, &error_ns) - death->time_ns;
	const int64_t allowed_ns = NOTICE_WITHIN_NS + error_ns + busy_for(n, death);

	if (delay > allowed_ns) {
		snprintf(text, sizeof text,
			"'%s' came on the UART %.2f s after the end on the wire (frame %u); expected within 5 s",
			connection->notice, in_seconds(delay), death->frame);
		n->add("KA-NOTICE-04", SEVERITY_FAILURE, text, n->context);
	} else if (delay < -error_ns - ON_ITS_WAY_NS) {
		snprintf(text, sizeof text,
			"'%s' came on the UART %.2f s before the end on the wire (frame %u)",
			connection->notice, in_seconds(-delay), death->frame);
		n->add("KA-NOTICE-03", SEVERITY_FAILURE, text, n->context);
	}
}

/* A probe behind the notice of its end, of a connection of which the wire shows none. */
static void judge_probes_after(const struct notices *n)
{
	const struct uart_connection *connection = n->side->connection;
	int64_t error_ns;
	char text[VERDICT_TEXT];

	if (connection->notices == 0 || !n->side->log->timed ||
		n->direction->outcome == KEEPALIVE_ALIVE)
		return;
	const int64_t end_ns = notices_on_the_wire(n->side, connection->notice_ns, &error_ns);
	for (size_t i = 0; i < n->direction->probe_count; i++) {
		const struct place *probe = &n->direction->probes[i].at;
		if (probe->time_ns <= end_ns + error_ns)
			continue;
		snprintf(text, sizeof text,
			"a probe came from the device (frame %u) %.2f s after '%s' on its UART had reported the end of the connection (CID %x)",
			probe->frame, in_seconds(probe->time_ns - end_ns), connection->notice,
			(unsigned)connection->cid);
		n->add("KA-AFTER-01", SEVERITY_FAILURE, text, n->context);
		return;
	}
}

static void judge_living(const struct notices *n)
{
	const struct uart_connection *connection = n->side->connection;
	char text[VERDICT_TEXT];

	if (connection->notices == 0 || n->direction->outcome != KEEPALIVE_ALIVE ||
		n->direction->signs.peer_ended || n->direction->signs.prober_ended)
		return;
	snprintf(text, sizeof text,
		"'%s' on the UART, but on the wire the connection (CID %x) is open: its probes are answered, and neither end closed it",
		connection->notice, (unsigned)connection->cid);
	n->add("KA-NOTICE-02", SEVERITY_FAILURE, text, n->context);
}

void notices_judge(const struct diagnosed_direction *direction, const struct uart_side *side,
	notices_add *add, void *context)
{
	struct notices n = {direction, side, add, context};
	const struct uart_connection *connection = side->connection;
	struct place death = wire_death(direction);
	char text[VERDICT_TEXT];

	if (connection->rebooted) {
		snprintf(text, sizeof text,
			"the module rebooted while the connection (CID %x) was open: its UART log has the banner",
			(unsigned)connection->cid);
		add("KA-AFTER-08", SEVERITY_WARNING, text, context);
		return;
	}
	if (direction->outcome == KEEPALIVE_DEAD && death.frame == 0 && !connection->closed &&
		connection->notices == 0) {
		judge_unsaid(&n);
		return;
	}
	if (death.frame == 0 || connection->closed) {
		judge_living(&n);
		if (!connection->closed)
			judge_probes_after(&n);
		return;
	}
	if (connection->notices == 0) {
		judge_missing(&n, &death);
		return;
	}
	if (connection->notices > 1) {
		snprintf(text, sizeof text,
			"the end of CID %x was reported %d times; expected once",
			(unsigned)connection->cid, connection->notices);
		add("KA-NOTICE-01", SEVERITY_FAILURE, text, context);
	}
	if (side->log->timed)
		judge_time(&n, &death);
}

/* A notice that may be of an end on the wire is no earlier than that: the wire's clock is the one
 * that the legs are measured by. */
static int64_t behind_its_end(const struct timeline *timeline, int64_t t_ns, int64_t error_ns)
{
	const uint8_t ends = TCP_FLAG_FIN | TCP_FLAG_RST;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind == EVENT_SEGMENT && (event->segment.flags & ends) != 0 &&
			event->t_ns > t_ns && event->t_ns - t_ns <= error_ns)
			return event->t_ns;
	}
	return t_ns;
}

static int lay(struct timeline *timeline, const struct uart_side *side, enum event_kind kind,
	int step, int64_t uart_ns, const char *text)
{
	struct event event = {
		.kind = kind, .generation = 1, .cid = side->connection->cid, .step = step};

	if (uart_ns == UART_NO_TIME)
		return 0;
	event.t_ns = notices_on_the_wire(side, uart_ns, &event.error_ns);
	if (kind == EVENT_NOTICE)
		event.t_ns = behind_its_end(timeline, event.t_ns, event.error_ns);
	event_take_line(&event, text);
	return timeline_add(timeline, &event);
}

int notices_lay(struct timeline *timeline, const struct uart_side *side)
{
	const struct uart_connection *connection = side->connection;
	const int last_step = timeline->scenario.step_count - 1;
	char connected[16];

	if (!side->log->timed)
		return 0;
	snprintf(connected, sizeof connected, "CONNECT %x", (unsigned)connection->cid);
	if (lay(timeline, side, EVENT_RESPONSE, -1, connection->connect_ns, connected) != 0)
		return -1;
	/* The last option that was set up: from then on they are all in effect. */
	if (step_option_kind(&timeline->scenario.steps[last_step]) != OPTION_NONE &&
		lay(timeline, side, EVENT_RESPONSE, last_step, connection->options_ns, "OK") != 0)
		return -1;
	return connection->notices == 0 ? 0
					: lay(timeline, side, EVENT_NOTICE, -1,
						  connection->notice_ns, connection->notice);
}
