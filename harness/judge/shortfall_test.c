/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "judge/expect.h"
#include "judge/fake_device.h"

/* What a verdict may rest on: a watch as long as the scenario's, steps that had their effect. */

static struct event *watched_of(struct timeline *t)
{
	return fake_find(t, EVENT_WATCHED);
}

/* A connection that has to be quiet and to live, watched for 100 s, of which so many are there. */
static struct verdict quiet(double watched_s)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.watch_s = 100, .keepalive_off = true});
	struct verdict v = verdict_new();

	while (t->events[t->count - 1].kind == EVENT_LISTING)
		t->count--;
	watched_of(t)->t_ns = fake_find(t, EVENT_START)->t_ns + S(watched_s);
	JUDGE(&v, t, 0, &profile, no_probes);
	timeline_free(t);
	return v;
}

Test(shortfall, a_watch_as_long_as_the_scenario_s_carries_an_absence)
{
	EXPECT_OUTCOME(quiet(100), OUTCOME_PASS);
}

Test(shortfall, a_watch_that_was_cut_carries_none_and_says_how_much_there_is)
{
	struct verdict v = quiet(0.001);

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "watched 0.0 of 100.0 s") != NULL, "%s", v.text);
	EXPECT_OUTCOME(quiet(98), OUTCOME_INCONCLUSIVE);
}

Test(shortfall, a_watch_that_waits_for_a_death_ends_its_time_after_it)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){.silent_at_s = 5, .then_s = 30});
	struct verdict v = verdict_new();

	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(5));
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	watched_of(t)->t_ns -= S(20);
	v = verdict_new();
	JUDGE(&v, t, 0, &profile, notice_once, .time_ns = S(5));
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}

/* The device sends 10 octets at 5 s: its answer, and whether they are on the wire. */
static struct verdict sent(const char *answer, bool on_the_wire)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.watch_s = 100, .keepalive_off = true});
	struct verdict v = verdict_new();
	struct event said = {.t_ns = S(6.1),
		.kind = EVENT_RESPONSE,
		.generation = 1,
		.cid = FAKE_CID,
		.step = t->scenario.step_count};

	device_sends(&t->scenario, "a", .at_s = 5, .size = 10);
	event_take_line(&said, answer);
	cr_assert_eq(timeline_add(t, &said), 0);
	if (on_the_wire) {
		fake_segment(t, S(6.2), FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK);
		fake_find_role(t, ROLE_DATA)->segment.length = 10;
	}
	JUDGE(&v, t, 0, &profile, no_probes);
	timeline_free(t);
	return v;
}

Test(shortfall, data_that_the_device_took_and_sent_were)
{
	EXPECT_OUTCOME(sent("ESC O", true), OUTCOME_PASS);
}

Test(shortfall, data_that_the_device_refused_were_not)
{
	struct verdict v = sent("ESC F", false);

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "refused the 10 octets") != NULL, "%s", v.text);
}

Test(shortfall, data_that_are_not_on_the_wire_were_not)
{
	struct verdict v = sent("ESC O", false);

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "missing on the wire") != NULL, "%s", v.text);
}

/* The peer sent 10 octets at 5 s, and the device acknowledged so many. */
static struct verdict received(uint32_t acknowledged)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.watch_s = 100, .keepalive_off = true});
	struct verdict v = verdict_new();
	struct event step = {.t_ns = S(6.1), .kind = EVENT_STEP, .step = t->scenario.step_count};

	peer_sends(&t->scenario, "a", .at_s = 5, .size = 10);
	cr_assert_eq(timeline_add(t, &step), 0);
	fake_segment(t, S(6.1), FROM_PEER, ROLE_DATA, TCP_FLAG_ACK);
	fake_find_role(t, ROLE_DATA)->segment.length = 10;
	fake_segment(t, S(6.3), FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK);
	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EVENT_SEGMENT && t->events[i].t_ns == S(6.3))
			t->events[i].segment.ack = FAKE_ACK + acknowledged;
	JUDGE(&v, t, 0, &profile, no_probes);
	timeline_free(t);
	return v;
}

Test(shortfall, the_peer_s_data_were_when_they_were_acknowledged)
{
	EXPECT_OUTCOME(received(10), OUTCOME_PASS);
	EXPECT_OUTCOME(received(0), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(received(9), OUTCOME_INCONCLUSIVE);
}

/* An option of the setup drew this answer. */
static struct verdict option_drew(const char *option, const char *answer)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(
		(struct fake_device){.watch_s = 100, .keepalive_off = true, .no_probes = true});
	struct verdict v = verdict_new();
	struct event said = {.t_ns = S(1.05),
		.kind = EVENT_RESPONSE,
		.generation = 1,
		.cid = FAKE_CID,
		.step = 0};

	add_step(&t->scenario, (struct step){.kind = STEP_OPTION, .anchor = ANCHOR_SETUP});
	strcpy(t->scenario.steps[0].text, option);
	event_take_line(&said, answer);
	cr_assert_eq(timeline_add(t, &said), 0);
	JUDGE(&v, t, 0, &profile, no_notice);
	timeline_free(t);
	return v;
}

Test(shortfall, an_option_that_was_refused_had_no_effect)
{
	EXPECT_OUTCOME(option_drew("6,4005,2,4", "OK"), OUTCOME_PASS);
	EXPECT_OUTCOME(option_drew("6,4005,2,4", "ERROR: INVALID INPUT"), OUTCOME_INCONCLUSIVE);
}

Test(shortfall, an_option_that_a_device_may_refuse_is_nothing_to_rest_on)
{
	EXPECT_OUTCOME(option_drew("6,4001,75,4", "ERROR: INVALID INPUT"), OUTCOME_PASS);
	EXPECT_OUTCOME(option_drew("6,4005,2,8", "ERROR: INVALID INPUT"), OUTCOME_PASS);
	/* Where the largest values end, nobody says. */
	EXPECT_OUTCOME(option_drew("6,4005,16,4", "ERROR: INVALID INPUT"), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(option_drew("6,4005,17,4", "ERROR: INVALID INPUT"), OUTCOME_PASS);
	EXPECT_OUTCOME(option_drew("6,4001,7200,4", "ERROR: INVALID INPUT"), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(option_drew("6,4001,7201,4", "ERROR: INVALID INPUT"), OUTCOME_PASS);
}

/* A step that the scenario has at 50 s, in a watch of 100 s, and the timeline does not. */
Test(shortfall, a_step_that_was_not_carried_out_is_missing)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.watch_s = 100, .keepalive_off = true});
	struct verdict v = verdict_new();

	peer_answers(&t->scenario, "a", .at_s = 50);
	JUDGE(&v, t, 0, &profile, no_probes);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "step at 50.0 s was not executed") != NULL, "%s", v.text);
	timeline_free(t);
}

/* Keep-alive of 'a' is right; 'b' is given 10 octets at 5 s, and says this. */
static struct verdict beside_another(const char *answer, bool fails)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.watch_s = 100, .keepalive_off = true});
	struct verdict v = verdict_new();
	struct event said = {.t_ns = S(6.1),
		.kind = EVENT_RESPONSE,
		.connection = 1,
		.generation = 1,
		.cid = FAKE_CID + 1,
		.step = t->scenario.step_count};

	add_connection(&t->scenario, "b", ROLE_TCP_CLIENT);
	device_sends(&t->scenario, "b", .at_s = 5, .size = 10);
	event_take_line(&said, answer);
	cr_assert_eq(timeline_add(t, &said), 0);
	if (fails)
		fake_segment(t, S(50), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	JUDGE(&v, t, 0, &profile, no_probes);
	timeline_free(t);
	return v;
}

Test(shortfall, what_another_connection_was_to_do_and_did_not_carries_nothing)
{
	struct verdict v = beside_another("ESC F", false);

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "refused the 10 octets") != NULL, "%s", v.text);
}

Test(shortfall, what_another_connection_did_not_do_excuses_nothing)
{
	EXPECT_OUTCOME(beside_another("ESC F", true), OUTCOME_FAIL);
}

/* A probe that the data were to keep away. */
Test(shortfall, a_refused_stimulus_accuses_of_nothing_else)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.watch_s = 100, .keepalive_off = true});
	struct verdict v = verdict_new();
	struct event said = {.t_ns = S(6.1),
		.kind = EVENT_RESPONSE,
		.generation = 1,
		.cid = FAKE_CID,
		.step = t->scenario.step_count};

	device_sends(&t->scenario, "a", .at_s = 5, .size = 10);
	event_take_line(&said, "ESC F");
	cr_assert_eq(timeline_add(t, &said), 0);
	fake_segment(t, S(50), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	JUDGE(&v, t, 0, &profile, no_probes);
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	timeline_free(t);
}

/* ATA at 3 s and +++ at 90 s, with these answers; NULL: none. */
static struct verdict verdict_in_data_mode(const char *enters, const char *leaves)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.watch_s = 100, .keepalive_off = true});
	struct verdict v = verdict_new();
	const char *const answers[] = {enters, leaves};
	const double at_s[] = {4.1, 91.1};

	for (int i = 0; i < 2; i++) {
		struct event said = {.t_ns = S(at_s[i]),
			.kind = EVENT_RESPONSE,
			.generation = 1,
			.cid = FAKE_CID,
			.step = t->scenario.step_count};
		struct event done = said;
		done.kind = EVENT_STEP;
		command_at(&t->scenario, "a", i == 0 ? "ATA" : "+++", .at_s = at_s[i] - 1);
		cr_assert_eq(timeline_add(t, &done), 0);
		if (answers[i] == NULL)
			continue;
		event_take_line(&said, answers[i]);
		cr_assert_eq(timeline_add(t, &said), 0);
	}
	JUDGE(&v, t, 0, &profile, no_probes);
	timeline_free(t);
	return v;
}

Test(shortfall, data_mode_was_where_its_way_in_and_out_were_answered)
{
	EXPECT_OUTCOME(verdict_in_data_mode("OK", "OK"), OUTCOME_PASS);
}

Test(shortfall, data_mode_that_was_refused_was_not)
{
	struct verdict v = verdict_in_data_mode("ERROR", "ERROR");

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "refused 'ATA'") != NULL, "%s", v.text);
}

Test(shortfall, data_mode_that_nobody_leaves_was_not)
{
	EXPECT_OUTCOME(verdict_in_data_mode("OK", "ERROR"), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(verdict_in_data_mode("OK", NULL), OUTCOME_INCONCLUSIVE);
}

/* +++ at 3 s and again at 90 s, with these answers, and ATO in between: what the second one is told. */
static struct verdict verdict_of_return(const char *first, const char *second)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.watch_s = 100, .keepalive_off = true});
	struct verdict v = verdict_new();
	const char *const lines[] = {"+++", "ATO", "+++"};
	const char *const answers[] = {first, "ESC O", second};
	const double at_s[] = {4, 50, 91};

	t->scenario.connections[0].data_mode = true;
	for (int i = 0; i < 3; i++) {
		struct event said = {.t_ns = S(at_s[i]),
			.kind = EVENT_STEP,
			.generation = 1,
			.cid = FAKE_CID,
			.step = t->scenario.step_count};
		command_at(&t->scenario, "a", lines[i], .at_s = at_s[i] - 1);
		cr_assert_eq(timeline_add(t, &said), 0);
		said.kind = EVENT_RESPONSE;
		said.t_ns += S(2.5); /* the silence around +++ */
		event_take_line(&said, answers[i]);
		cr_assert_eq(timeline_add(t, &said), 0);
	}
	JUDGE(&v, t, 0, &profile, accepted, .count = 2);
	timeline_free(t);
	return v;
}

Test(shortfall, data_mode_that_ato_does_not_return_to_is_the_devices_fault)
{
	struct verdict v = verdict_of_return("OK", "ERROR");

	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect(strstr(v.text, "ATO had not brought it into data mode") != NULL, "%s", v.text);
	EXPECT_OUTCOME(verdict_of_return("OK", "OK"), OUTCOME_PASS);
}

Test(shortfall, data_mode_that_never_was_is_nothing_to_return_to)
{
	EXPECT_OUTCOME(verdict_of_return("ERROR", "ERROR"), OUTCOME_INCONCLUSIVE);
}
