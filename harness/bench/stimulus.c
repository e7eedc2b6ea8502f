/* SPDX-License-Identifier: MIT */
#include "bench/stimulus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What it is, without its connection; NULL: it is none, but something that was only seen. */
static const char *words_of(const struct timeline *timeline, const struct event *event)
{
	if (event->kind == EVENT_STEP) {
		const enum step_kind kind = timeline->scenario.steps[event->step].kind;
		if (kind == STEP_OPTION || kind == STEP_COMMAND || kind == STEP_CLOSE ||
			kind == STEP_OPEN)
			return NULL; /* its command has told it */
		return kind == STEP_DEVICE_SENDS ? "a data frame" : "an act of the peer";
	}
	if (event->kind != EVENT_SEGMENT || event->segment.direction != FROM_DEVICE)
		return NULL;
	return event->segment.role == ROLE_RST	   ? "the RST"
	       : event->segment.role == ROLE_FIN   ? "the FIN"
	       : event->segment.role == ROLE_PROBE ? "a probe"
						   : NULL;
}

static void command_words(const struct event *event, char *text, size_t size)
{
	snprintf(text, size, "'%.*s'", (int)strcspn(event->text, "=?"), event->text);
}

/* False: it is none. */
static bool describe(
	const struct timeline *timeline, const struct event *event, char text[STIMULUS_WORDS])
{
	const char *name = event->connection == NO_CONNECTION
				   ? ""
				   : timeline->scenario.connections[event->connection].name;
	const char *words = words_of(timeline, event);

	if (event->kind == EVENT_COMMAND)
		command_words(event, text, STIMULUS_WORDS);
	else if (words != NULL && event->kind == EVENT_STEP)
		snprintf(text, STIMULUS_WORDS, "step %d on '%s'", event->step + 1, name);
	else if (words != NULL)
		snprintf(text, STIMULUS_WORDS, "%s of '%s'", words, name);
	return event->kind == EVENT_COMMAND || words != NULL;
}

struct stimulus stimulus_before(const struct timeline *timeline, enum evidence_fault fault,
	int64_t sign_ns, int64_t followed_ns)
{
	struct stimulus found = {.fault = FAULT_NONE};

	for (size_t i = timeline->count; i-- > 0;) {
		const struct event *event = &timeline->events[i];
		if (event->t_ns > sign_ns)
			continue;
		if (sign_ns - event->t_ns > STIMULUS_S * NS_PER_S)
			break;
		if (!describe(timeline, event, found.text))
			continue;
		found.fault = fault;
		found.t_ns = event->t_ns;
		found.death = event->kind == EVENT_SEGMENT && event->segment.role == ROLE_RST;
		found.delay_ns = fault == FAULT_REBOOT ? followed_ns - event->t_ns : 0;
		break;
	}
	return found;
}

static bool is_same_trouble(const struct stimulus *first, const struct stimulus *second)
{
	return first->fault != FAULT_NONE && first->fault == second->fault &&
	       llabs(first->delay_ns - second->delay_ns) <= NS_PER_S;
}

bool stimulus_is_same(const struct stimulus *first, const struct stimulus *second)
{
	return is_same_trouble(first, second) && strcmp(first->text, second->text) == 0;
}

bool stimulus_is_same_death(const struct stimulus *first, const struct stimulus *second)
{
	return is_same_trouble(first, second) && first->death && second->death;
}

/* ---- over a run ---- */

/* A breakdown that follows its stimulus is so long behind it, give or take half of this. */
#define DELAY_WINDOW_NS NS_PER_S

void stimuli_begin(struct stimuli *stimuli, int64_t now_ns)
{
	stimuli->last = -1;
	stimuli->alive = stimuli->spoke = (struct stimulus_state){.kind = -1, .sign_ns = now_ns};
	stimuli->since_ns = now_ns;
	stimuli->at_work = true;
}

/* The states lasted until then. */
static void leave(struct stimuli *stimuli, int64_t alive_ns, int64_t spoke_ns)
{
	const struct stimulus_state *alive = &stimuli->alive, *spoke = &stimuli->spoke;

	if (alive->kind >= 0)
		stimuli->kinds[alive->kind].alive_ns += alive_ns - alive->sign_ns;
	if (spoke->kind >= 0)
		stimuli->kinds[spoke->kind].spoke_ns += spoke_ns - spoke->sign_ns;
}

void stimuli_end(struct stimuli *stimuli, int64_t now_ns)
{
	if (!stimuli->at_work)
		return;
	leave(stimuli, now_ns, now_ns);
	stimuli->observed_ns += now_ns - stimuli->since_ns;
	stimuli->at_work = false;
}

/* Where there is no room for another kind, all further ones are one. */
static int kind_named(struct stimuli *stimuli, const char *words)
{
	size_t i = 0;

	while (i < stimuli->count && strcmp(stimuli->kinds[i].words, words) != 0)
		i++;
	if (i == STIMULUS_KINDS)
		return STIMULUS_KINDS - 1;
	if (i == stimuli->count) {
		stimuli->kinds[i] = (struct stimulus_kind){.times = 0};
		snprintf(stimuli->kinds[i].words, STIMULUS_WORDS, "%s",
			i == STIMULUS_KINDS - 1 ? "another act" : words);
		stimuli->count++;
	}
	return (int)i;
}

void stimuli_note(
	struct stimuli *stimuli, const struct timeline *timeline, const struct event *event)
{
	const char *words = words_of(timeline, event);
	char text[STIMULUS_WORDS];

	if (event->kind == EVENT_COMMAND)
		command_words(event, text, sizeof text);
	else if (words != NULL)
		snprintf(text, sizeof text, "%s%s", words,
			event->kind != EVENT_SEGMENT	    ? ""
			: event->segment.role == ROLE_PROBE ? ""
							    : " of a connection");
	else
		return;
	if (!stimuli->at_work)
		return;
	stimuli->last = kind_named(stimuli, text);
	stimuli->last_ns = event->t_ns;
	stimuli->kinds[stimuli->last].times++;
}

static struct stimulus_state state_since(const struct stimuli *stimuli, int64_t sign_ns)
{
	const bool recent =
		stimuli->last >= 0 && sign_ns - stimuli->last_ns <= STIMULUS_S * NS_PER_S;

	return (struct stimulus_state){.kind = recent ? stimuli->last : -1,
		.sign_ns = sign_ns,
		.stimulus_ns = stimuli->last_ns};
}

void stimuli_look(struct stimuli *stimuli, int64_t alive_ns, int64_t spoke_ns)
{
	const bool alive = alive_ns > stimuli->alive.sign_ns,
		   spoke = spoke_ns > stimuli->spoke.sign_ns;

	if (!stimuli->at_work)
		return;
	leave(stimuli, alive ? alive_ns : stimuli->alive.sign_ns,
		spoke ? spoke_ns : stimuli->spoke.sign_ns);
	if (alive)
		stimuli->alive = state_since(stimuli, alive_ns);
	if (spoke)
		stimuli->spoke = state_since(stimuli, spoke_ns);
}

struct provocation stimuli_provocation(
	const struct stimuli *stimuli, enum evidence_fault fault, int64_t now_ns)
{
	const bool reboot = fault == FAULT_REBOOT;
	const struct stimulus_state *state = reboot ? &stimuli->alive : &stimuli->spoke;

	if (!stimuli->at_work || state->kind < 0)
		return (struct provocation){.after = NULL};
	const struct stimulus_kind *kind = &stimuli->kinds[state->kind];
	int64_t in_state = (reboot ? kind->alive_ns : kind->spoke_ns) + now_ns - state->sign_ns;
	/* Reboots that one stimulus provokes come at one time behind it. */
	if (reboot && in_state > kind->times * DELAY_WINDOW_NS)
		in_state = kind->times * DELAY_WINDOW_NS;
	const int64_t observed = stimuli->observed_ns + now_ns - stimuli->since_ns;
	return (struct provocation){.after = kind->words,
		.times = kind->times,
		.delay_s = reboot ? (double)(now_ns - state->stimulus_ns) / 1e9 : 0,
		.share = observed > 0 ? (double)in_state / (double)observed : 1};
}
