/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "judge/expect.h"
#include "judge/fake_device.h"

static const struct fact *found(const struct verdict *v, enum fact_id id)
{
	for (size_t i = 0; i < v->fact_count; i++)
		if (v->facts[i].id == id)
			return &v->facts[i];
	return NULL;
}

#define EXPECT_FACT(v, id, wanted)                                                                 \
	do {                                                                                       \
		const struct fact *fact_ = found(&(v), id);                                        \
		cr_assert_not_null(fact_, "no fact: %s", (v).text);                                \
		cr_expect(strcmp(fact_->text, wanted) == 0, "'%s'", fact_->text);                  \
	} while (0)

static struct verdict notice(struct fake_device device, const char *pin)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(device);
	struct verdict v = verdict_new();

	if (pin != NULL)
		strcpy(profile.pins[FACT_notice_abort], pin);
	RECORD(&v, t, 0, &profile, notice_abort);
	timeline_free(t);
	return v;
}

Test(judge_facts, a_notice_is_recorded)
{
	struct verdict v = notice((struct fake_device){.silent_at_s = 5}, NULL);

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_FACT(v, FACT_notice_abort, "socket-failure");
}

Test(judge_facts, a_death_without_a_notice_is_recorded_as_such)
{
	struct verdict v = notice((struct fake_device){.silent_at_s = 5, .no_notice = true}, NULL);

	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_FACT(v, FACT_notice_abort, "none");
}

Test(judge_facts, a_connection_that_lives_shows_no_notice_of_an_end)
{
	struct verdict v = notice((struct fake_device){.watch_s = 300}, NULL);

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect_null(found(&v, FACT_notice_abort));
}

Test(judge_facts, what_the_profile_pins_passes_when_it_is_so)
{
	struct verdict v = notice((struct fake_device){.silent_at_s = 5}, "socket-failure");

	EXPECT_OUTCOME(v, OUTCOME_PASS);
}

Test(judge_facts, what_the_profile_pins_and_the_firmware_changes_is_a_failure_named_a_change)
{
	struct verdict v = notice((struct fake_device){.silent_at_s = 5}, "disconnect");

	EXPECT_OUTCOME(v, OUTCOME_FAIL);
	cr_expect(strstr(v.text, "a change: the profile of firmware '' pins notice_abort "
				 "'disconnect', measured 'socket-failure'"),
		"%s", v.text);
	EXPECT_FACT(v, FACT_notice_abort, "socket-failure");
}

Test(judge_facts, a_watch_that_has_no_end_shows_no_absence)
{
	struct verdict v = notice(
		(struct fake_device){.silent_at_s = 5, .no_notice = true, .no_watched = true},
		NULL);

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
}

static struct verdict reset(struct fake_device device)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(device);
	struct verdict v = verdict_new();

	RECORD(&v, t, 0, &profile, rst_at_death);
	timeline_free(t);
	return v;
}

Test(judge_facts, a_reset_at_the_death_is_recorded_and_its_lack_too)
{
	struct verdict v = reset((struct fake_device){.silent_at_s = 5});

	EXPECT_FACT(v, FACT_rst_at_death, "true");
	v = reset((struct fake_device){.silent_at_s = 5, .no_reset = true});
	EXPECT_FACT(v, FACT_rst_at_death, "false");
	v = reset((struct fake_device){.watch_s = 300});
	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
}

Test(judge_facts, the_skew_of_the_clock_is_measured_between_probes)
{
	struct profile profile = profile_default();
	struct timeline *t =
		fake_timeline((struct fake_device){.silent_at_s = 5, .interval_s = 75.0075});
	struct verdict v = verdict_new();

	RECORD(&v, t, 0, &profile, clock_skew);
	EXPECT_OUTCOME(v, OUTCOME_PASS);
	EXPECT_FACT(v, FACT_clock_skew, "100.0 +- 0.0 ppm");
	timeline_free(t);
}

static struct verdict timing(struct fake_device device)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline(device);
	struct verdict v = verdict_new();

	RECORD(&v, t, 0, &profile, timing_model);
	timeline_free(t);
	return v;
}

Test(judge_facts, the_timing_model_is_what_the_legs_leave)
{
	struct verdict v = timing((struct fake_device){
		.model = MODEL_B, .count = 1, .timeout_s = 150, .silent_at_s = 5});

	EXPECT_FACT(v, FACT_timing_model, "A-free, B");
	v = timing((struct fake_device){
		.model = MODEL_A, .count = 1, .timeout_s = 100, .silent_at_s = 5});
	EXPECT_FACT(v, FACT_timing_model, "A, A-free, E");
	v = timing((struct fake_device){
		.model = MODEL_D, .count = 1, .timeout_s = 100, .silent_at_s = 5, .watch_s = 400});
	EXPECT_FACT(v, FACT_timing_model, "D");
}

/* Nothing says whether the idle time counts from the handshake or from the options. */
Test(judge_facts, options_that_come_late_exclude_no_model)
{
	struct verdict v = timing((struct fake_device){.model = MODEL_A,
		.count = 1,
		.timeout_s = 100,
		.silent_at_s = 2,
		.options_after_s = 6,
		.first_late_s = 6});

	EXPECT_FACT(v, FACT_timing_model, "A, A-free, E");
}

/* Two connections of one device, the second one so much later; silent from the start. */
static struct verdict timing_of_two(double later_s)
{
	struct profile profile = profile_default();
	struct timeline *single = fake_timeline((struct fake_device){
		.count = 1, .timeout_s = 150, .silent_at_s = 0.001, .watch_s = 400});
	struct scenario two = single->scenario;
	const int steps = two.step_count;
	struct verdict v = verdict_new();

	add_connection(&two, "b", ROLE_TCP_CLIENT);
	for (int i = 0; i < steps; i++) {
		two.steps[steps + i] = two.steps[i];
		two.steps[steps + i].connection = 1;
	}
	two.step_count = 2 * steps;
	struct timeline *t = timeline_new("two", &two);
	cr_assert_not_null(t);
	for (int c = 0; c < 2; c++)
		for (size_t i = 0; i < single->count; i++) {
			struct event event = single->events[i];
			if (event.connection == NO_CONNECTION &&
				(event.kind == EVENT_WATCHED ? 1 : 0) != c)
				continue;
			if (c == 1 && event.connection == 0) {
				event.connection = 1;
				event.cid = event.cid < 0 ? -1 : event.cid + 1;
				event.step = event.step < 0 ? -1 : event.step + steps;
				event.t_ns += S(later_s);
			}
			timeline_add(t, &event);
		}
	RECORD(&v, t, 0, &profile, timing_model);
	timeline_free(t);
	timeline_free(single);
	return v;
}

Test(judge_facts, ticks_that_run_freely_are_told_by_idle_times_of_different_phases_only)
{
	struct verdict v = timing_of_two(30);

	EXPECT_FACT(v, FACT_timing_model, "A, A-tick, E");
	v = timing_of_two(0);
	EXPECT_FACT(v, FACT_timing_model, "A, A-tick, A-free, E");
}

Test(judge_facts, a_device_that_fits_no_model_has_none)
{
	struct verdict v = timing((struct fake_device){.model = MODEL_A,
		.count = 1,
		.timeout_s = 100,
		.silent_at_s = 5,
		.first_late_s = 200});

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect_null(found(&v, FACT_timing_model));
}

/* ---- CIDs ---- */

/* The connection is closed and opened again, and given these CIDs; -1 ends. */
static struct verdict allocation(const int *cids)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	struct scenario s = tcp_client("a");

	device_closes(&s, "a", .at_s = 1);
	struct timeline *t = timeline_new("test/allocation", &s);
	cr_assert_not_null(t);
	for (int i = 0; cids[i] >= 0; i++) {
		struct event closed = {.t_ns = S(2 * i),
			.kind = EVENT_RESPONSE,
			.step = 0,
			.cid = -1,
			.generation = i};
		struct event opened = {.t_ns = S(2 * i + 1),
			.kind = EVENT_OPENED,
			.step = -1,
			.cid = cids[i],
			.generation = i + 1};
		cr_assert(i == 0 || timeline_add(t, &closed) == 0);
		cr_assert_eq(timeline_add(t, &opened), 0);
	}
	struct event watched = {
		.t_ns = S(60), .kind = EVENT_WATCHED, .connection = NO_CONNECTION, .step = -1};
	cr_assert_eq(timeline_add(t, &watched), 0);
	RECORD(&v, t, 0, &profile, cid_allocation);
	timeline_free(t);
	return v;
}

Test(judge_facts, the_cid_that_was_freed_given_again_is_the_lowest_free_one)
{
	struct verdict v = allocation((const int[]){2, 2, 2, -1});

	EXPECT_FACT(v, FACT_cid_allocation, "lowest-free");
}

Test(judge_facts, the_cid_after_the_last_one_is_the_next_also_around_the_end)
{
	struct verdict v = allocation((const int[]){14, 15, 0, 1, -1});

	EXPECT_FACT(v, FACT_cid_allocation, "next");
}

Test(judge_facts, a_cid_that_was_closed_is_free_a_whole_round_later)
{
	struct verdict v = allocation(
		(const int[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, -1});

	EXPECT_FACT(v, FACT_cid_allocation, "next");
}

Test(judge_facts, a_cid_that_fits_neither_policy_is_another)
{
	struct verdict v = allocation((const int[]){2, 7, 2, -1});

	EXPECT_FACT(v, FACT_cid_allocation, "other");
}

Test(judge_facts, without_an_opening_after_a_closing_nothing_is_known_of_the_allocation)
{
	struct verdict v = allocation((const int[]){2, -1});

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect_eq(v.fact_count, 0);
}

/* ---- what accepted connections take over ---- */

enum { SERVER, CLIENT };

struct listener {
	bool refused; /* the option */
	bool dialled; /* once more, after it */
	bool server_probes, client_probes;
};

static void happens(struct timeline *t, double at_s, enum event_kind kind, int connection,
	int generation, const char *text)
{
	struct event event = {.t_ns = S(at_s),
		.kind = kind,
		.connection = connection,
		.generation = generation,
		.cid = connection,
		.step = kind == EVENT_RESPONSE ? 0 : -1};

	if (kind == EVENT_SEGMENT)
		event.segment = (struct timeline_segment){
			.direction = FROM_DEVICE, .role = ROLE_PROBE, .flags = TCP_FLAG_ACK};
	event_take_line(&event, text);
	cr_assert_eq(timeline_add(t, &event), 0);
}

static struct verdict accepted(struct listener listener)
{
	struct profile profile = profile_default();
	struct verdict v = verdict_new();
	struct scenario s = scenario_new();

	add_connection(&s, "server", ROLE_TCP_SERVER);
	add_connection(&s, "client", ROLE_TCP_CLIENT);
	command(&s, "server", "AT+SETSOCKOPT=%l,65535,8,1,4");
	struct timeline *t = timeline_new("test/listener", &s);
	cr_assert_not_null(t);
	happens(t, 1, EVENT_OPENED, SERVER, 1, "");
	happens(t, 1, EVENT_OPENED, CLIENT, 1, "");
	happens(t, 2, EVENT_RESPONSE, SERVER, 1, listener.refused ? "ERROR: INVALID CID" : "OK");
	if (listener.dialled)
		happens(t, 3, EVENT_OPENED, SERVER, 2, "");
	if (listener.server_probes)
		happens(t, 80, EVENT_SEGMENT, SERVER, 2, "");
	if (listener.client_probes)
		happens(t, 81, EVENT_SEGMENT, CLIENT, 1, "");
	happens(t, 200, EVENT_WATCHED, NO_CONNECTION, 0, "");
	RECORD(&v, t, SERVER, &profile, accepted_options, .cid_of = CLIENT);
	timeline_free(t);
	return v;
}

Test(judge_facts, an_accepted_connection_that_is_probed_has_its_listeners_options)
{
	struct verdict v = accepted(
		(struct listener){.dialled = true, .server_probes = true, .client_probes = true});

	EXPECT_FACT(v, FACT_accepted_options, "inherited");
}

Test(judge_facts, an_accepted_connection_that_is_not_probed_has_the_defaults)
{
	struct verdict v = accepted((struct listener){.dialled = true, .client_probes = true});

	EXPECT_FACT(v, FACT_accepted_options, "defaults");
}

Test(judge_facts, without_its_preconditions_nothing_is_known_of_accepted_connections)
{
	static const struct listener without[] = {{.dialled = true}, /* nobody was probed */
		{.client_probes = true}, /* nothing was accepted afterwards */
		{.dialled = true, .client_probes = true, .refused = true}};

	for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
		struct verdict v = accepted(without[i]);
		EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
		cr_expect_eq(v.fact_count, 0);
	}
}

Test(judge_facts, a_module_that_refused_the_options_is_of_no_timing_model)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){
		.model = MODEL_D, .count = 1, .timeout_s = 100, .silent_at_s = 5, .watch_s = 400});
	struct verdict v = verdict_new();

	for (size_t i = 0; i < t->count; i++)
		if (t->events[i].kind == EVENT_RESPONSE && t->events[i].step >= 0)
			event_take_line(&t->events[i], "ERROR: INVALID CID");
	RECORD(&v, t, 0, &profile, timing_model);
	timeline_free(t);
	cr_expect(v.fact_count == 0 || strcmp(v.facts[0].text, "D") != 0, "'%s'", v.facts[0].text);
}

Test(judge_facts, the_legs_of_a_pair_are_recorded_with_their_uncertainty)
{
	struct verdict v = timing((struct fake_device){.model = MODEL_A_TICK,
		.count = 1,
		.timeout_s = 100,
		.silent_at_s = 5,
		.real = true});

	EXPECT_FACT(v, FACT_first_probe_100_1, "150.000 +- 0.002 s");
	cr_assert_not_null(found(&v, FACT_death_100_1));
	cr_expect_float_eq(found(&v, FACT_death_100_1)->value, 225, 0.01);
	cr_expect_null(found(&v, FACT_first_probe_75_1));
}

Test(judge_facts, survive_the_journal)
{
	struct verdict v = notice((struct fake_device){.silent_at_s = 5}, NULL);
	struct fact skew = {.id = FACT_clock_skew,
		.text = "1.5 +- 0.1 ppm",
		.number = true,
		.value = 1.5,
		.error = 0.1};
	struct verdict back;

	verdict_add_fact(&v, &skew);
	json_t *json = verdict_to_json(&v);
	cr_assert_eq(verdict_from_json(json, &back), 0);
	json_decref(json);
	cr_assert_eq(back.fact_count, 2);
	EXPECT_FACT(back, FACT_notice_abort, "socket-failure");
	EXPECT_FACT(back, FACT_clock_skew, "1.5 +- 0.1 ppm");
	cr_expect_float_eq(found(&back, FACT_clock_skew)->value, 1.5, 1e-9);
}

/* A device with T of 130 s and N of 1 that is given the same timeout every 27 s, nine times. */
static struct verdict optioned(double every_s, double probe_at_s)
{
	struct profile profile = profile_default();
	struct timeline *t = fake_timeline((struct fake_device){
		.count = 1, .timeout_s = 130, .watch_s = 460, .no_probes = true});
	struct verdict v = verdict_new();

	for (int i = 1; i <= 9; i++) {
		struct event answer = {.t_ns = S(every_s * i),
			.kind = EVENT_RESPONSE,
			.generation = 1,
			.cid = FAKE_CID,
			.step = t->scenario.step_count,
			.text = "OK"};
		option_at(&t->scenario, "a", "6,4001,130,4", .at_s = every_s * i);
		cr_assert_eq(timeline_add(t, &answer), 0);
	}
	if (probe_at_s > 0)
		fake_segment(t, S(probe_at_s), FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK);
	RECORD(&v, t, 0, &profile, option_restart);
	timeline_free(t);
	return v;
}

Test(judge_facts, options_that_keep_probes_away_restart_the_idle_time)
{
	struct verdict v = optioned(27, 9 * 27 + 130);

	EXPECT_FACT(v, FACT_option_restart, "restart");
}

Test(judge_facts, a_probe_among_options_shows_that_they_do_not_restart_the_idle_time)
{
	struct verdict v = optioned(27, 130);

	EXPECT_FACT(v, FACT_option_restart, "do-not-restart");
}

Test(judge_facts, a_module_that_never_probes_shows_nothing_of_the_idle_time)
{
	struct verdict v = optioned(27, 0);

	EXPECT_OUTCOME(v, OUTCOME_INCONCLUSIVE);
	cr_expect(strstr(v.text, "no probe came after it either"), "%s", v.text);
}

Test(judge_facts, options_for_a_short_time_or_with_gaps_show_nothing_of_the_idle_time)
{
	EXPECT_OUTCOME(optioned(10, 300), OUTCOME_INCONCLUSIVE);
	EXPECT_OUTCOME(optioned(50, 150), OUTCOME_PASS); /* B would probe 55 s after the last */
	EXPECT_OUTCOME(optioned(60, 150), OUTCOME_INCONCLUSIVE);
}
