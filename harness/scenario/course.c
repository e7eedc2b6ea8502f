/* SPDX-License-Identifier: MIT */
#include "scenario/course.h"

#include "core/units.h"
#include "scenario/keepalive_interval.h"

/* More than any scenario has; what goes on for ever ends here. */
enum { MOVES = 20000 };

struct course {
	const struct scenario *s;
	int connection;
	struct planned_keepalive keepalive;
	int64_t now_ns, heard_ns; /* last received segment */
	int64_t timer_ns;	  /* its next probe, or its end; COURSE_NEVER */
	int unanswered;		  /* probes of this round */
	bool silent, forgotten;	  /* the peer hears nothing; answers with RST */
	bool dead, unknown;
	bool done[SCENARIO_STEPS];
	int64_t due_ns[SCENARIO_STEPS];
};

static int64_t idle_time(const struct course *c)
{
	const int64_t ticks =
		(c->keepalive.timeout_s + KEEPALIVE_INTERVAL_S - 1) / KEEPALIVE_INTERVAL_S;

	return ticks * KEEPALIVE_INTERVAL_NS;
}

static void begin_idle(struct course *c, int64_t heard_ns)
{
	c->heard_ns = heard_ns;
	c->unanswered = 0;
	c->timer_ns = c->keepalive.on ? heard_ns + idle_time(c) : COURSE_NEVER;
}

static void take_option(struct course *c, const struct step *step)
{
	const bool was_on = c->keepalive.on;

	if (step_option_kind(step) != OPTION_DOCUMENTED)
		return;
	planned_keepalive_apply(&c->keepalive, step);
	if (!c->keepalive.on)
		c->timer_ns = COURSE_NEVER;
	else if (c->unanswered == 0)
		begin_idle(c, was_on ? c->heard_ns : c->now_ns);
}

static bool is_as_it_should_be(const struct raw_plan *raw)
{
	return raw->seq_offset == 0 && raw->ack_offset == 0;
}

static void take_segment(struct course *c, const struct raw_plan *raw)
{
	if (raw->kind == RAW_UNREACHABLE || raw->bad_checksum || raw->other_port ||
		raw->other_address)
		return;
	if (!is_as_it_should_be(raw))
		c->unknown = true;
	else if (raw->kind == RAW_RST)
		c->dead = true;
	else
		begin_idle(c, c->now_ns);
}

static void take_step(struct course *c, const struct step *step)
{
	switch (step->kind) {
	case STEP_OPTION:
	case STEP_COMMAND:
		take_option(c, step);
		break;
	case STEP_PEER_SILENT:
	case STEP_PEER_GONE:
		c->silent = true;
		break;
	case STEP_PEER_SPEAKS:
		c->silent = false;
		break;
	case STEP_PEER_REBOOTS:
		c->forgotten = true;
		break;
	case STEP_PEER_RESETS:
	case STEP_PEER_CLOSES:
		c->dead = true;
		break;
	case STEP_PEER_SENDS:
		begin_idle(c, c->now_ns);
		break;
	case STEP_DEVICE_SENDS:
		/* Unacknowledged data is not keep-alive's. */
		c->unknown |= c->silent || c->forgotten;
		begin_idle(c, c->now_ns);
		break;
	case STEP_PEER_SEGMENT:
		take_segment(c, &step->raw);
		break;
	case STEP_OPEN:
	case STEP_CLOSE:
	case STEP_PEER_DIALS:
	case STEP_ACCESS_POINT_GOES:
	case STEP_ACCESS_POINT_COMES:
	case STEP_STATION_LEAVES:
	case STEP_STATION_JOINS:
		c->unknown = true;
		break;
	}
}

/* What follows this unanswered probe. */
static void arm(struct course *c)
{
	for (int i = 0; i < c->s->step_count; i++) {
		const struct step *step = &c->s->steps[i];
		if ((step->anchor == ANCHOR_PROBE || step->anchor == ANCHOR_CALL) &&
			step->connection == c->connection && step->nth == c->unanswered &&
			(!c->done[i] || step->every))
			c->due_ns[i] = c->now_ns + step->at_ns;
	}
}

static void take_timer(struct course *c)
{
	c->dead = c->forgotten || c->unanswered >= c->keepalive.count;
	if (c->dead)
		return;
	if (!c->silent) {
		begin_idle(c, c->now_ns);
		return;
	}
	c->unanswered++;
	c->timer_ns = c->now_ns + KEEPALIVE_INTERVAL_NS;
	arm(c);
}

static void begin(struct course *c)
{
	c->keepalive = scenario_keepalive(c->s, c->connection);
	for (int i = 0; i < c->s->step_count; i++) {
		const struct step *step = &c->s->steps[i];
		c->due_ns[i] = COURSE_NEVER;
		if (step->connection != c->connection)
			continue;
		if (step->anchor == ANCHOR_START)
			c->due_ns[i] = step->at_ns;
		else if (step->anchor != ANCHOR_SETUP)
			c->unknown |= step->anchor_connection != c->connection;
	}
	begin_idle(c, 0);
}

/* The next step; -1: the timer is before all of them. */
static int next_step(const struct course *c)
{
	int next = -1;

	for (int i = 0; i < c->s->step_count; i++)
		if (c->due_ns[i] <= c->timer_ns && c->due_ns[i] != COURSE_NEVER &&
			(next < 0 || c->due_ns[i] < c->due_ns[next]))
			next = i;
	return next;
}

int64_t course_death(const struct scenario *s, int connection)
{
	struct course c = {.s = s, .connection = connection};

	begin(&c);
	for (int moves = 0; moves < MOVES && !c.unknown; moves++) {
		const int next = next_step(&c);
		c.now_ns = next < 0 ? c.timer_ns : c.due_ns[next];
		if (c.now_ns == COURSE_NEVER)
			return COURSE_NEVER;
		if (next < 0) {
			take_timer(&c);
		} else {
			c.done[next] = true;
			c.due_ns[next] = COURSE_NEVER;
			take_step(&c, &s->steps[next]);
		}
		if (c.dead)
			return c.now_ns;
	}
	return COURSE_NEVER;
}
