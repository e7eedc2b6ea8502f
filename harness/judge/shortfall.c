/* SPDX-License-Identifier: MIT */
#include "judge/shortfall.h"

#include <string.h>

#include "core/text_buffer.h"
#include "judge/checks.h"
#include "uart/at_command.h"

static bool is_driven(const struct scenario *scenario)
{
	return scenario->watch.limit_ns > 0 || scenario->watch.mask != 0;
}

static bool has_begun(const struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_START)
			return true;
	return false;
}

/* ---- the watch ---- */

/* Does the event show that the device, or its end of the connection, is gone for the bench? */
static bool is_end(const struct event *event, int connection)
{
	if (event->connection != connection)
		return false;
	if (event->kind == EVENT_SEGMENT)
		return event->segment.direction == FROM_DEVICE &&
		       event->segment.role != ROLE_OTHER_TUPLE &&
		       (event->segment.flags & (TCP_FLAG_RST | TCP_FLAG_FIN)) != 0;
	return is_death_notice(event);
}

/* When the last of the connections that the watch waits for ended; TIME_NEVER while one lives. */
static int64_t last_end(const struct timeline *timeline)
{
	int64_t last = 0;

	for (int c = 0; c < timeline->scenario.connection_count; c++) {
		int64_t end = TIME_NEVER;
		if ((timeline->scenario.watch.mask & (1U << c)) == 0)
			continue;
		for (size_t i = 0; i < timeline->count && end == TIME_NEVER; i++)
			if (is_end(&timeline->events[i], c))
				end = timeline->events[i].t_ns - timeline->events[i].error_ns;
		if (end == TIME_NEVER)
			return TIME_NEVER;
		last = end > last ? end : last;
	}
	return last;
}

/* How long the scenario watches, from its start on. */
static int64_t planned_watch(const struct history *history)
{
	const struct timeline *timeline = history->timeline;
	const struct watch *watch = &timeline->scenario.watch;
	const int64_t limit = scenario_limit(&timeline->scenario) + watch->then_ns;

	if (watch->until == WATCH_TIME)
		return limit;
	const int64_t end = last_end(timeline);
	if (end == TIME_NEVER || end - history->start_ns + watch->then_ns > limit)
		return limit;
	return end - history->start_ns + watch->then_ns;
}

bool watch_fell_short(const struct history *history, char *text, size_t size)
{
	struct text_buffer out = text_buffer(text, size);
	const int64_t watched = history->watched_ns - history->start_ns;

	if (!is_driven(&history->timeline->scenario))
		return false;
	if (!has_begun(history->timeline)) {
		text_add(&out, "the scenario did not start");
		return true;
	}
	const int64_t planned = planned_watch(history);
	/* The watch is timed by the bench, the death by its sign: they differ by the tolerance. */
	if (history->watched &&
		watched + history->watched_error_ns + leg_tolerance(history->profile, planned) >=
			planned)
		return false;
	text_add(&out, "watched %.1f of %.1f s",
		history->watched && watched > 0 ? in_s(watched) : 0.0, in_s(planned));
	return true;
}

/* ---- the steps ---- */

const char *way_into_data_mode(const struct scenario *scenario, int before)
{
	for (int i = before; i-- > 0;) {
		const struct step *step = &scenario->steps[i];
		if (step->kind == STEP_COMMAND &&
			step->connection == scenario->steps[before].connection &&
			at_command_verb(step->text, NULL) == AT_VERB_AUTO_RETURN)
			return step->text;
	}
	return AT_LINE_AUTO_START;
}

/* A step of the connection, and what the timeline has of it. */
struct stimulus {
	const struct history *history;
	const struct step *step;
	int index;
	const struct event *done;   /* EVENT_STEP, or its answer; NULL */
	const struct event *answer; /* the device's; NULL */
};

static struct stimulus stimulus_of(const struct history *history, int index)
{
	const struct timeline *timeline = history->timeline;
	struct stimulus found = {
		.history = history, .step = &timeline->scenario.steps[index], .index = index};

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->step != index)
			continue;
		if (event->kind == EVENT_STEP && found.done == NULL)
			found.done = event;
		if (event->kind == EVENT_RESPONSE && found.answer == NULL)
			found.answer = event;
	}
	if (found.done == NULL)
		found.done = found.answer;
	return found;
}

/* When the generation that is looked at was there: steps of another one are not about it. */
static struct span life_of(const struct history *history)
{
	const struct timeline *timeline = history->timeline;
	struct span life = {INT64_MIN, TIME_NEVER};

	for (size_t i = 0; i < timeline->count; i++) {
		const struct event *event = &timeline->events[i];
		if (event->kind != EVENT_OPENED || event->connection != history->connection)
			continue;
		if (event->generation == history->generation && history->generation > 1)
			life.from_ns = event->t_ns;
		else if (event->generation > history->generation && life.to_ns == TIME_NEVER)
			life.to_ns = event->t_ns;
	}
	return life;
}

static int64_t time_of(const struct stimulus *stimulus)
{
	if (stimulus->done != NULL)
		return stimulus->done->t_ns;
	if (stimulus->step->anchor == ANCHOR_START)
		return stimulus->history->start_ns + stimulus->step->at_ns;
	/* What follows an event that did not come was not to be done. */
	return stimulus->step->anchor == ANCHOR_SETUP ? INT64_MIN : TIME_NEVER;
}

/* Octets that a side sent with the step, or behind it. */
static bool is_on_the_wire(const struct stimulus *stimulus, enum direction from)
{
	const struct history *history = stimulus->history;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || segment->segment.direction != from ||
			segment->segment.length == 0 || is_probe(segment))
			continue;
		if (segment->t_ns + segment->error_ns + stimulus->done->error_ns >=
			stimulus->done->t_ns)
			return true;
	}
	return false;
}

/* The first data of the peer's at or behind the step was acknowledged. */
static bool is_acknowledged(const struct stimulus *stimulus)
{
	const struct history *history = stimulus->history;
	const struct event *data = NULL;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if (data == NULL && from_peer(segment) && segment->segment.role == ROLE_DATA &&
			segment->t_ns + segment->error_ns + stimulus->done->error_ns >=
				stimulus->done->t_ns)
			data = segment;
		if (data != NULL && !from_peer(segment) &&
			(int32_t)(segment->segment.ack - data->segment.seq -
				  data->segment.length) >= 0)
			return true;
	}
	return false;
}

static bool is_tcp(const struct history *history)
{
	return history->timeline->scenario.connections[history->connection].role != ROLE_UDP_CLIENT;
}

static bool was_refused(const struct stimulus *stimulus)
{
	return stimulus->answer != NULL && !is_ok(stimulus->answer);
}

/* Behind ATA only a module in data mode has an answer to +++. */
static const struct step *way_out_of_data_mode(const struct stimulus *entry, int *index)
{
	const struct scenario *scenario = &entry->history->timeline->scenario;

	for (int i = entry->index + 1; i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];
		if (step->kind != STEP_COMMAND || strcmp(step->text, AT_LEAVE_DATA_MODE) != 0)
			continue;
		*index = i;
		return step;
	}
	return NULL;
}

/* Where the end of the connection begins, from either side: what comes behind it may be refused. */
static int64_t ended_ns(const struct history *history)
{
	const struct death death = history_death(history);
	size_t index;
	const struct event *end = history_wire_end(history, &index);
	int64_t ended = death.sign == SIGN_NONE ? TIME_NEVER : death.t_ns - death.error_ns;

	if (end != NULL && end->t_ns - end->error_ns < ended)
		ended = end->t_ns - end->error_ns;
	return ended;
}

/* "+++" that was refused, of a connection that ATA opened and that is not over. */
static bool is_way_out_of_auto_start(const struct stimulus *stimulus)
{
	const struct history *history = stimulus->history;
	const struct scenario *scenario = &history->timeline->scenario;

	return scenario->connections[history->connection].data_mode && was_refused(stimulus) &&
	       strcmp(stimulus->step->text, AT_LEAVE_DATA_MODE) == 0 &&
	       stimulus->done->t_ns < ended_ns(history);
}

/* Whether a command changed how the module speaks from then on.  Of another one the case says what
 * answer it expects, or that it may be refused. */
static bool did_not_change_mode(const struct stimulus *stimulus, struct text_buffer *out)
{
	const char *line = stimulus->step->text;
	const enum at_verb verb = at_command_verb(line, NULL);
	int way_out = 0;

	if (is_way_out_of_auto_start(stimulus)) {
		text_add(out, "the device was not in data mode ('%s' drew '%s') after %s", line,
			stimulus->answer->text,
			way_into_data_mode(
				&stimulus->history->timeline->scenario, stimulus->index));
		return true;
	}
	if (verb != AT_VERB_FORM && verb != AT_VERB_DATA_MODE && verb != AT_VERB_AUTO_START &&
		verb != AT_VERB_AUTO_RETURN)
		return false;
	if (was_refused(stimulus)) {
		text_add(out, "the device refused '%s' ('%s')", line, stimulus->answer->text);
		return true;
	}
	if (verb == AT_VERB_FORM || at_begins_named(line) ||
		way_out_of_data_mode(stimulus, &way_out) == NULL)
		return false;
	const struct stimulus leaves = stimulus_of(stimulus->history, way_out);
	if (leaves.answer != NULL && is_ok(leaves.answer))
		return false;
	/* What becomes of the mode with its connection nobody says. */
	if (leaves.done != NULL && leaves.done->t_ns >= ended_ns(stimulus->history))
		return false;
	text_add(out,
		"the device was not in data mode ('" AT_LEAVE_DATA_MODE
		"' was not answered) after '%s'",
		line);
	return true;
}

/* Nothing says where the largest values end (KA-CFG-29). */
static bool may_be_too_large(const struct step *step)
{
	enum { COUNT_OF_ANY_DEVICE = 16, TIMEOUT_OF_ANY_DEVICE_S = 7200 };
	const struct at_option option = step_option(step);

	return (option.name == AT_OPTION_COUNT && option.value > COUNT_OF_ANY_DEVICE) ||
	       (option.name == AT_OPTION_TIMEOUT && option.value > TIMEOUT_OF_ANY_DEVICE_S);
}

/* What was carried out: did it have its effect?  plan is what the options before it made. */
static bool had_no_effect(const struct stimulus *stimulus, const struct planned_keepalive *plan,
	struct text_buffer *out)
{
	const struct step *step = stimulus->step;

	switch (step->kind) {
	case STEP_OPTION:
		if (!was_refused(stimulus) || step_option_kind(step) != OPTION_DOCUMENTED ||
			planned_keepalive_refuses(plan, step) || may_be_too_large(step))
			return false;
		text_add(out, "the device refused AT+SETSOCKOPT with '%s' ('%s')", step->text,
			stimulus->answer->text);
		return true;
	case STEP_CLOSE:
		if (!was_refused(stimulus))
			return false;
		text_add(out, "the device refused AT+NCLOSE ('%s')", stimulus->answer->text);
		return true;
	case STEP_DEVICE_SENDS:
		if (step->text[0] != '\0') /* to a CID that is none: to be refused */
			return false;
		if (was_refused(stimulus))
			text_add(out, "the device refused the %d octets of an ESC Z frame",
				step->size);
		else if (is_tcp(stimulus->history) && !is_on_the_wire(stimulus, FROM_DEVICE))
			text_add(out,
				"the %d octets that the device was given are missing on the wire",
				step->size);
		else
			return false;
		return true;
	case STEP_PEER_SENDS:
		if (!is_tcp(stimulus->history) || is_acknowledged(stimulus))
			return false;
		text_add(out, "the device did not acknowledge the %d octets of the peer",
			step->size);
		return true;
	case STEP_COMMAND:
		return did_not_change_mode(stimulus, out);
	case STEP_OPEN:
	case STEP_PEER_SILENT:
	case STEP_PEER_SPEAKS:
	case STEP_PEER_REBOOTS:
	case STEP_PEER_RESETS:
	case STEP_PEER_CLOSES:
	case STEP_PEER_SEGMENT:
	case STEP_PEER_GONE:
	case STEP_PEER_DIALS:
	case STEP_ACCESS_POINT_GOES:
	case STEP_ACCESS_POINT_COMES:
	case STEP_STATION_LEAVES:
	case STEP_STATION_JOINS:
		break;
	}
	return false;
}

static bool own_step_fell_short(
	const struct history *history, int64_t until_ns, bool refused_only, char *text, size_t size)
{
	const struct scenario *scenario = &history->timeline->scenario;
	struct planned_keepalive plan = planned_keepalive_default();
	const struct span life = life_of(history);
	const int64_t ended = ended_ns(history);

	for (int i = 0; i < scenario->step_count; i++) {
		struct text_buffer out = text_buffer(text, size);
		if (scenario->steps[i].connection != history->connection)
			continue;
		const struct stimulus stimulus = stimulus_of(history, i);
		/* What a refusal explains comes behind it: it does not excuse itself. */
		const int64_t t = refused_only && stimulus.answer != NULL ? stimulus.answer->t_ns
									  : time_of(&stimulus);
		const struct planned_keepalive before = plan;
		planned_keepalive_apply(&plan, stimulus.step);
		if (t < life.from_ns || t >= life.to_ns || t >= until_ns || t >= ended)
			continue;
		if (refused_only && (stimulus.step->kind == STEP_OPTION || !was_refused(&stimulus)))
			continue;
		if (stimulus.done == NULL && stimulus.step->anchor == ANCHOR_START) {
			text_add(&out, "the step at %.1f s was not executed",
				in_s(stimulus.step->at_ns));
			return true;
		}
		if (stimulus.done != NULL && had_no_effect(&stimulus, &before, &out)) {
			text_add(&out, " at %.1f s", in_s(t - history->start_ns));
			return true;
		}
	}
	return false;
}

bool step_was_refused(const struct history *history, int64_t until_ns, char *text, size_t size)
{
	return is_driven(&history->timeline->scenario) &&
	       own_step_fell_short(history, until_ns, true, text, size);
}

bool step_fell_short(const struct history *history, int64_t until_ns, char *text, size_t size)
{
	const struct timeline *timeline = history->timeline;

	if (!is_driven(&timeline->scenario))
		return false;
	if (own_step_fell_short(history, until_ns, false, text, size))
		return true;
	for (int c = 0; c < timeline->scenario.connection_count; c++) {
		if (c == history->connection)
			continue;
		const struct history other =
			history_of(timeline, c, history->profile, GENERATION_LATEST);
		if (own_step_fell_short(&other, until_ns, false, text, size))
			return true;
	}
	return false;
}
