/* SPDX-License-Identifier: MIT */
#include "judge/fake_device.h"

#include <stdio.h>
#include <stdlib.h>

/* State of the fake while it lives. */
struct life {
	const struct fake_device *device;
	struct timeline *timeline;
	int64_t start_ns, last_received_ns;
	int unanswered;
};

static void add(struct timeline *timeline, struct event event)
{
	if (timeline_add(timeline, &event) != 0)
		abort();
}

static struct event event_at(const struct timeline *timeline, int64_t t_ns, enum event_kind kind)
{
	return (struct event){.t_ns = t_ns,
		.error_ns = timeline->stepped ? 0 : NS_PER_MS,
		.kind = kind,
		.connection = NO_CONNECTION,
		.cid = -1,
		.step = -1};
}

static struct event event_of_a(const struct timeline *timeline, int64_t t_ns, enum event_kind kind)
{
	struct event event = event_at(timeline, t_ns, kind);

	event.connection = 0;
	event.generation = 1;
	return event;
}

void fake_fault(
	struct timeline *timeline, enum evidence_fault fault, int64_t from_ns, int64_t to_ns)
{
	struct event event = event_at(timeline, to_ns, EVENT_FAULT);

	event.fault = fault;
	event.from_ns = from_ns;
	snprintf(event.text, sizeof event.text, "made by the test");
	add(timeline, event);
}

void fake_segment(struct timeline *timeline, int64_t t_ns, enum direction direction,
	enum segment_role role, uint8_t flags)
{
	struct event event = event_of_a(timeline, t_ns, EVENT_SEGMENT);

	event.segment = (struct timeline_segment){.direction = direction,
		.role = role,
		.seq = role == ROLE_PROBE ? FAKE_SEQ - 1 : FAKE_SEQ,
		.ack = FAKE_ACK,
		.flags = flags,
		.checksum_ok = true,
		.frame = timeline->count + 1,
		.snd_nxt = FAKE_SEQ,
		.rcv_nxt = FAKE_ACK};
	add(timeline, event);
}

void fake_notice(struct timeline *timeline, int64_t t_ns, int connection, int cid, const char *text)
{
	struct event event = connection == 0 ? event_of_a(timeline, t_ns, EVENT_NOTICE)
					     : event_at(timeline, t_ns, EVENT_NOTICE);

	event.connection = connection;
	event.cid = cid;
	event_take_line(&event, text);
	add(timeline, event);
}

struct event *fake_find(struct timeline *timeline, enum event_kind kind)
{
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == kind)
			return &timeline->events[i];
	return NULL;
}

struct event *fake_find_role(struct timeline *timeline, enum segment_role role)
{
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->events[i].kind == EVENT_SEGMENT &&
			timeline->events[i].segment.role == role)
			return &timeline->events[i];
	return NULL;
}

static int64_t ticks_up(int seconds)
{
	return (seconds + 74) / 75 * S(75);
}

/* From the last received segment to the first probe. */
static int64_t first_leg(const struct fake_device *d)
{
	int64_t idle = S(d->timeout_s - 75.0 * d->count);

	switch (d->model) {
	case MODEL_A_TICK:
		return ticks_up(d->timeout_s);
	case MODEL_A_FREE:
		return ticks_up(d->timeout_s) - S(d->phase_s);
	case MODEL_B:
		return d->late ? idle + S(75) : idle;
	case MODEL_D:
		return S(7200);
	case MODEL_A:
	case MODEL_E:
	case MODELS_ALL:
		break;
	}
	return S(d->timeout_s);
}

static bool silent_at(const struct life *life, int64_t t_ns)
{
	return life->device->silent_at_s > 0 &&
	       t_ns >= life->start_ns + S(life->device->silent_at_s);
}

static void send_probe(struct life *life, int64_t t_ns)
{
	const struct fake_device *d = life->device;
	bool answered = !d->wrong_seq && !silent_at(life, t_ns);

	life->unanswered += !answered;
	if (life->unanswered == 0 || life->unanswered != d->lost_probe)
		fake_segment(life->timeline, t_ns, FROM_DEVICE,
			d->wrong_seq ? ROLE_UNSOLICITED_ACK : ROLE_PROBE, TCP_FLAG_ACK);
	if (!answered)
		return;
	uint64_t probe = life->timeline->count;
	life->last_received_ns = t_ns + NS_PER_MS;
	fake_segment(
		life->timeline, life->last_received_ns, FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK);
	life->timeline->events[life->timeline->count - 1].segment.answers = probe;
}

static void die(struct life *life, int64_t t_ns)
{
	const struct fake_device *d = life->device;

	if (!d->no_reset)
		fake_segment(
			life->timeline, t_ns, FROM_DEVICE, ROLE_RST, TCP_FLAG_RST | TCP_FLAG_ACK);
	for (int i = 0; i < d->notices && !d->no_notice; i++)
		fake_notice(life->timeline, t_ns + S(d->notice_after_s) + i * NS_PER_MS,
			d->notice_cid == 0 ? 0 : NO_CONNECTION,
			d->notice_cid == 0 ? FAKE_CID : d->notice_cid, "ERROR: SOCKET FAILURE 3");
}

/* Lives until its death or the end; returns the time of the death, TIME_NEVER. */
static int64_t live(struct life *life, int64_t end_ns)
{
	const struct fake_device *d = life->device;
	const int64_t interval = S(d->interval_s);

	if (d->dies_at_s > 0) {
		die(life, life->last_received_ns + S(d->dies_at_s));
		return life->last_received_ns + S(d->dies_at_s);
	}
	while (!d->no_probes && !d->keepalive_off) {
		int probes = d->count + d->more_probes - (d->model == MODEL_B && d->late);
		int64_t anchor = life->last_received_ns;
		int64_t t = anchor + first_leg(d) + S(d->first_late_s);
		life->unanswered = 0;
		for (int i = 0; i < probes && t <= end_ns && life->last_received_ns == anchor;
			i++) {
			send_probe(life, t);
			t += interval;
		}
		if (life->last_received_ns != anchor)
			continue;
		if (d->model == MODEL_B && d->more_probes == 0)
			t = anchor + S(d->timeout_s);
		if (t > end_ns || d->never_dies)
			return TIME_NEVER;
		die(life, t);
		return t;
	}
	return TIME_NEVER;
}

static void set_defaults(struct fake_device *d)
{
	d->model = d->model == 0 ? MODEL_A : d->model;
	d->count = d->count == 0 ? 8 : d->count;
	d->timeout_s = d->timeout_s == 0 ? 600 : d->timeout_s;
	d->then_s = d->then_s > 0 ? d->then_s : 30;
	d->interval_s = d->interval_s > 0 ? d->interval_s : 75;
	d->notice_after_s = d->notice_after_s > 0 ? d->notice_after_s : 0.01;
	d->notices = d->notices == 0 ? 1 : d->notices;
}

static struct scenario scenario_of(const struct fake_device *d)
{
	struct scenario s = tcp_client("a");

	if (!d->keepalive_off)
		keepalive(&s, "a", .count = d->count, .timeout_s = d->timeout_s);
	if (d->silent_at_s > 0)
		peer_falls_silent(&s, "a", .at_s = d->silent_at_s);
	if (d->watch_s > 0)
		watch(&s, .until = TIME, .s = d->watch_s);
	else
		watch(&s, .until = DEATH, .then_s = d->then_s);
	return s;
}

static void set_up(struct life *life)
{
	struct timeline *timeline = life->timeline;
	struct event opened = event_of_a(timeline, S(1.01), EVENT_OPENED);

	fake_segment(timeline, S(1), FROM_DEVICE, ROLE_SYN, TCP_FLAG_SYN);
	fake_segment(timeline, S(1.0001), FROM_PEER, ROLE_SYN, TCP_FLAG_SYN | TCP_FLAG_ACK);
	fake_segment(timeline, S(1.0002), FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK);
	opened.cid = FAKE_CID;
	add(timeline, opened);
	for (int i = 0; i < timeline->scenario.step_count; i++) {
		if (timeline->scenario.steps[i].anchor != ANCHOR_SETUP)
			continue;
		struct event answer = event_of_a(
			timeline, S(1.0001) + S(life->device->options_after_s), EVENT_RESPONSE);
		answer.step = i;
		event_take_line(&answer, "OK");
		add(timeline, answer);
	}
	life->last_received_ns = S(1.0001);
	life->start_ns = S(1.1);
	add(timeline, event_at(timeline, life->start_ns, EVENT_START));
}

static void note_silence(const struct life *life)
{
	struct timeline *timeline = life->timeline;

	for (int i = 0; i < timeline->scenario.step_count; i++) {
		if (timeline->scenario.steps[i].anchor == ANCHOR_SETUP)
			continue;
		struct event step = event_at(
			timeline, life->start_ns + timeline->scenario.steps[i].at_ns, EVENT_STEP);
		step.step = i;
		step.connection = 0;
		add(timeline, step);
	}
}

struct timeline *fake_timeline(struct fake_device device)
{
	set_defaults(&device);
	struct scenario scenario = scenario_of(&device);
	struct timeline *timeline = timeline_new("fake", &scenario);
	if (timeline == NULL)
		abort();
	struct life life = {.device = &device, .timeline = timeline};
	timeline->stepped = !device.real;
	set_up(&life);
	int64_t end = life.start_ns + scenario_limit(&scenario) + scenario.watch.then_ns;
	int64_t death = live(&life, end);
	note_silence(&life);
	if (death != TIME_NEVER && !(device.watch_s > 0))
		end = death + S(device.then_s);
	if (!device.no_watched)
		add(timeline, event_at(timeline, end, EVENT_WATCHED));
	struct event listing = event_of_a(timeline, end + NS_PER_MS, EVENT_LISTING);
	listing.cid = FAKE_CID;
	listing.listed = death == TIME_NEVER || device.leaks;
	if (!device.no_listing)
		add(timeline, listing);
	return timeline;
}
