/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "core/error.h"
#include "reproduce/infer.h"
#include "reproduce/reproduce.h"

/* Connections as a capture shows them, and the scenarios that come of them. */

#define S(seconds) ((int64_t)(1e9 * (seconds)))

static struct observed observed;
static struct reproduction made;
static struct profile profile;

static void init(void)
{
	const struct scenario empty = scenario_new();

	profile = profile_default();
	observed =
		(struct observed){.number = 1, .foreign = -1, .timeline = timeline_new("", &empty)};
	cr_assert_not_null(observed.timeline);
	observed.timeline->stepped = true;
}

static void fini(void)
{
	observed_release(&observed);
}

TestSuite(reproduce, .init = init, .fini = fini);

static struct timeline_segment *seen(
	double s, enum direction direction, enum segment_role role, uint8_t flags, uint32_t length)
{
	const struct event event = {.t_ns = S(s),
		.kind = EVENT_SEGMENT,
		.generation = 1,
		.cid = -1,
		.step = -1,
		.segment = {.direction = direction,
			.role = role,
			.flags = flags,
			.length = length,
			.window = 1000,
			.checksum_ok = true,
			.frame = observed.timeline->count + 1,
			.seq = role == ROLE_PROBE ? 99 : 100,
			.ack = 1,
			.snd_nxt = 100,
			.rcv_nxt = 1}};

	cr_assert_eq(timeline_add(observed.timeline, &event), 0);
	if (observed.end_ns < event.t_ns)
		observed.end_ns = event.t_ns;
	return &observed.timeline->events[observed.timeline->count - 1].segment;
}

static void handshake(void)
{
	seen(1, FROM_DEVICE, ROLE_SYN, TCP_FLAG_SYN, 0);
	seen(1, FROM_PEER, ROLE_SYN, TCP_FLAG_SYN | TCP_FLAG_ACK, 0);
	seen(1, FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK, 0);
}

static void probe(double s)
{
	seen(s, FROM_DEVICE, ROLE_PROBE, TCP_FLAG_ACK, 0);
}

static void answer(double s)
{
	seen(s, FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK, 0);
}

static void reset(double s, enum direction direction)
{
	seen(s, direction, ROLE_RST, TCP_FLAG_RST | TCP_FLAG_ACK, 0);
}

static struct reproduce_request asked(void)
{
	return (struct reproduce_request){.name = "made",
		.capture = "customer.pcap",
		.options_source = "as given by --options",
		.profile = &profile};
}

static const struct scenario *reproduces(struct reproduce_request request)
{
	struct error err = {0};

	cr_assert_eq(reproduce(&observed, &request, &made, &err), 0, "%s", err.text);
	cr_assert_str_empty(made.file.scenario.error);
	return &made.file.scenario;
}

/* The nth (from 0) step behind the setup. */
static const struct step *act(int nth)
{
	const struct scenario *s = &made.file.scenario;

	for (int i = 0; i < s->step_count; i++)
		if (s->steps[i].anchor != ANCHOR_SETUP && nth-- == 0)
			return &s->steps[i];
	cr_assert_fail("there is no such step");
	return NULL;
}

static int acts(void)
{
	const struct scenario *s = &made.file.scenario;
	int count = 0;

	for (int i = 0; i < s->step_count; i++)
		count += s->steps[i].anchor != ANCHOR_SETUP;
	return count;
}

static const struct expectation *expected(enum expectation_kind kind)
{
	for (int i = 0; i < made.file.expectation_count; i++)
		if (made.file.expectations[i].kind == kind)
			return &made.file.expectations[i];
	return NULL;
}

static void breaks(const char *requirement)
{
	cr_assert_geq(made.broken, 0, "nothing is broken");
	cr_expect_str_eq(made.file.expectations[made.broken].requirement, requirement);
}

/* ---- a silent peer ---- */

static void silent_peer(double idle_s, int probes, double interval_s)
{
	handshake();
	for (int i = 0; i < probes; i++)
		probe(1 + idle_s + i * interval_s);
	reset(1 + idle_s + probes * interval_s, FROM_DEVICE);
}

Test(reproduce, the_options_are_what_explains_the_probes)
{
	silent_peer(160.3, 2, 75);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(scenario_keepalive(s, 0).timeout_s, 160);
	cr_expect_eq(scenario_keepalive(s, 0).count, 2);
	cr_expect(scenario_keepalive(s, 0).on);
}

Test(reproduce, the_peer_falls_silent_between_its_last_segment_and_the_probe)
{
	silent_peer(160, 2, 75);
	reproduces(asked());
	cr_assert_eq(acts(), 1);
	cr_expect_eq(act(0)->kind, STEP_PEER_SILENT);
	cr_expect_eq(act(0)->at_ns, S(80));
}

Test(reproduce, a_silent_peer_is_to_be_declared_dead_as_the_owner_asks)
{
	silent_peer(160, 2, 75);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(made.broken, -1, "%s", made.finding);
	cr_expect_eq(s->watch.until, WATCH_DEATH);
	cr_assert_not_null(expected(EXPECT_death));
	cr_expect_eq(expected(EXPECT_death)->parameters.time_ns, S(150));
	cr_expect_eq(expected(EXPECT_probes)->parameters.count, 2);
	cr_expect_not_null(expected(EXPECT_notice_once));
	cr_expect_not_null(expected(EXPECT_cid_freed));
}

Test(reproduce, more_probes_than_the_timeout_allows_are_no_count)
{
	silent_peer(160, 3, 75);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(scenario_keepalive(s, 0).count, 2);
	cr_expect_not_null(strstr(made.head, "T limits N to 2"), "%s", made.head);
	cr_expect_eq(made.broken, -1, "nobody said what was set: %s", made.finding);
}

Test(reproduce, an_interval_that_no_option_sets_is_told_as_it_was_seen)
{
	silent_peer(45, 3, 20);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(scenario_keepalive(s, 0).timeout_s, 75);
	cr_expect_not_null(
		strstr(made.head,
			"3 probes, frames 4 to 6; unanswered ones came 20.00 s apart, but a WizFi210 cannot be told an interval"),
		"%s", made.head);
	cr_expect_not_null(
		strstr(made.head,
			"a first probe came after 45.0 s, but a WizFi210 refuses T below 75 s"),
		"%s", made.head);
	breaks("KA-SCHED-02");
}

Test(reproduce, a_device_that_lived_through_unanswered_probes_may_do_so_again)
{
	handshake();
	probe(46);
	probe(66);
	probe(86);
	answer(86.1);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(scenario_keepalive(s, 0).count, 3);
	cr_expect_eq(scenario_keepalive(s, 0).timeout_s, 225);
	cr_expect_not_null(strstr(made.head, "raised to 3 x 75 s"), "%s", made.head);
}

Test(reproduce, steps_wait_for_as_many_probes_as_were_seen_before_them)
{
	handshake();
	for (int i = 1; i <= 3; i++) {
		probe(1 + i * 10);
		answer(1 + i * 10);
	}
	seen(33, FROM_PEER, ROLE_DATA, TCP_FLAG_ACK | TCP_FLAG_PSH, 20);
	seen(33, FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	probe(43);
	probe(45);
	observed.end_ns = S(60);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(scenario_keepalive(s, 0).timeout_s, 75);
	cr_expect_eq(act(0)->kind, STEP_PEER_SENDS);
	cr_expect_eq(act(0)->at_ns, S(3 * 75 + 2), "behind three idle times");
	cr_expect_eq(act(1)->kind, STEP_PEER_SILENT);
	cr_expect_eq(act(1)->at_ns, S(3 * 75 + 2 + 75 / 2.0), "in the middle of the fourth");
	cr_expect_not_null(
		strstr(made.head, "Times: steps come up to 228 s later than in the capture"), "%s",
		made.head);
}

Test(reproduce, times_are_the_captures_where_the_options_are_given_or_fit)
{
	struct reproduce_request request = asked();

	silent_peer(10, 2, 3);
	request.has_options = true;
	request.options = (struct planned_keepalive){.on = true, .count = 2, .timeout_s = 150};
	reproduces(request);
	cr_expect_eq(act(0)->at_ns, S(5));
	cr_expect_null(strstr(made.head, "Times:"), "%s", made.head);
}

Test(reproduce, a_device_that_lived_until_the_peer_ended_it_has_options_that_let_it)
{
	handshake();
	probe(161);
	probe(236);
	seen(240, FROM_PEER, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK, 0);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(scenario_keepalive(s, 0).count, 2);
}

Test(reproduce, gaps_are_held_against_the_device_whoever_ends_the_connection)
{
	handshake();
	probe(161);
	probe(171);
	seen(172, FROM_PEER, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK, 0);
	reproduces(asked());
	breaks("KA-SCHED-02");
}

Test(reproduce, probes_behind_the_peers_end_are_the_bug_whatever_their_gaps)
{
	handshake();
	seen(31, FROM_PEER, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK, 0);
	seen(31, FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	probe(151);
	probe(211);
	reproduces(asked());
	breaks("KA-DEAD-04");
}

Test(reproduce, a_fin_at_the_end_of_the_capture_is_no_silence_of_the_peer)
{
	handshake();
	probe(161);
	answer(161.1);
	seen(200, FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK, 0);
	observed.end_ns = S(201);
	reproduces(asked());
	cr_expect_not_null(
		strstr(made.head, "the peer answered to the end; then the device's host"), "%s",
		made.head);
}

Test(reproduce, a_fin_after_a_shorter_interval_is_a_death_where_the_probes_came_so)
{
	handshake();
	probe(161);
	probe(164);
	seen(167, FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK, 0);
	reproduces(asked());
	cr_expect_not_null(strstr(made.head, "the device gave the connection up"), "%s", made.head);
}

Test(reproduce, a_peer_that_answers_late_has_not_fallen_silent)
{
	handshake();
	probe(161);
	answer(164);
	probe(325);
	answer(328);
	reproduces(asked());
	cr_expect_not_null(strstr(made.head, "the peer answered to the end"), "%s", made.head);
	cr_expect_null(expected(EXPECT_death));
}

Test(reproduce, options_that_are_read_out_of_the_capture_accuse_nobody)
{
	handshake();
	probe(46);
	answer(46.1);
	probe(91);
	answer(91.1);
	observed.end_ns = S(3000);
	reproduces(asked());
	cr_expect_eq(made.broken, -1, "%s", made.finding);
	cr_expect_not_null(expected(EXPECT_first_probe_on_schedule));
}

Test(reproduce, probes_of_the_peer_accuse_no_device_that_may_have_been_out_of_reach)
{
	handshake();
	seen(200, FROM_PEER, ROLE_PROBE, TCP_FLAG_ACK, 0);
	seen(275, FROM_PEER, ROLE_PROBE, TCP_FLAG_ACK, 0);
	reset(350, FROM_PEER);
	reproduces(asked());
	cr_expect_eq(made.broken, -1, "%s", made.finding);
	cr_assert_not_null(expected(EXPECT_peer_probes_answered));
}

Test(reproduce, probes_of_the_peer_accuse_a_device_that_goes_on_without_an_answer)
{
	handshake();
	seen(200, FROM_PEER, ROLE_PROBE, TCP_FLAG_ACK, 0);
	seen(275, FROM_PEER, ROLE_PROBE, TCP_FLAG_ACK, 0);
	probe(600);
	answer(600.1);
	observed.end_ns = S(700);
	reproduces(asked());
	breaks("KA-LIVE-11");
}

Test(reproduce, the_interval_expected_is_75_s_whatever_was_seen)
{
	silent_peer(160, 2, 60);
	reproduces(asked());
	breaks("KA-SCHED-02");
}

Test(reproduce, what_follows_from_the_bug_is_not_expected)
{
	silent_peer(160, 2, 60);
	reproduces(asked());
	cr_expect_null(expected(EXPECT_death));
	cr_expect_null(expected(EXPECT_notice_once));
	cr_expect_not_null(expected(EXPECT_first_probe_on_schedule));
}

Test(reproduce, options_that_are_given_are_taken)
{
	struct reproduce_request request = asked();

	request.has_options = true;
	request.options = (struct planned_keepalive){.on = true, .count = 3, .timeout_s = 230};
	silent_peer(230, 2, 75);
	const struct scenario *s = reproduces(request);
	cr_expect_eq(scenario_keepalive(s, 0).count, 3);
	breaks("KA-SCHED-03");
}

Test(reproduce, a_connection_without_keep_alive_must_not_be_probed)
{
	struct reproduce_request request = asked();

	request.off = true;
	silent_peer(160, 2, 75);
	const struct scenario *s = reproduces(request);
	cr_expect_not(scenario_keepalive(s, 0).on);
	cr_expect_eq(scenario_keepalive(s, 0).timeout_s, 160);
	breaks("KA-CFG-01");
}

Test(reproduce, without_a_probe_the_options_are_assumed_and_it_is_said)
{
	handshake();
	observed.end_ns = S(2000);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(scenario_keepalive(s, 0).timeout_s, 600);
	cr_expect_eq(scenario_keepalive(s, 0).count, 8);
	cr_expect_not_null(strstr(made.head, "Options: assumed"), "%s", made.head);
	cr_expect_eq(made.broken, -1, "%s", made.finding);
}

/* ---- what else a peer does ---- */

Test(reproduce, a_peer_that_answers_is_expected_to_be_kept)
{
	handshake();
	probe(161);
	answer(161.1);
	probe(321.1);
	answer(321.2);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(acts(), 0);
	cr_expect_eq(s->watch.until, WATCH_TIME);
	cr_assert_not_null(expected(EXPECT_alive));
	cr_expect_eq(expected(EXPECT_alive)->parameters.count, 1);
	cr_expect_not_null(expected(EXPECT_no_notice));
	cr_expect_null(expected(EXPECT_death));
}

Test(reproduce, a_device_that_ends_a_living_connection_breaks_that_first)
{
	handshake();
	probe(161);
	answer(161.1);
	reset(236, FROM_DEVICE);
	reproduces(asked());
	breaks("KA-LIVE-01");
}

Test(reproduce, a_device_that_resets_at_no_time_of_keep_alive_s_did_what_its_host_wanted)
{
	handshake();
	probe(161);
	answer(161.1);
	reset(175, FROM_DEVICE);
	reproduces(asked());
	cr_expect_lt(made.broken, 0);
	cr_expect_not_null(strstr(made.head, "host closed"), "%s", made.head);
}

Test(reproduce, a_rst_to_a_probe_is_a_reboot_before_it)
{
	handshake();
	probe(161);
	seen(161.1, FROM_PEER, ROLE_PROBE_RST, TCP_FLAG_RST, 0);
	reproduces(asked());
	cr_assert_eq(acts(), 1);
	cr_expect_eq(act(0)->kind, STEP_PEER_REBOOTS);
	cr_expect_eq(act(0)->at_ns, S(80));
	cr_expect_not_null(expected(EXPECT_reset_noticed));
	cr_expect_eq(made.broken, -1, "%s", made.finding);
}

Test(reproduce, a_probe_after_the_peers_rst_is_the_bug)
{
	handshake();
	probe(161);
	seen(161.1, FROM_PEER, ROLE_PROBE_RST, TCP_FLAG_RST, 0);
	probe(236);
	reproduces(asked());
	breaks("KA-DEAD-02");
}

Test(reproduce, a_late_answer_follows_its_probe)
{
	handshake();
	probe(161);
	answer(191);
	probe(351);
	answer(351.1);
	reproduces(asked());
	cr_assert_eq(acts(), 3);
	cr_expect_eq(act(0)->kind, STEP_PEER_SILENT);
	cr_expect_eq(act(1)->kind, STEP_PEER_SEGMENT);
	cr_expect_eq(act(1)->anchor, ANCHOR_PROBE);
	cr_expect_eq(act(1)->nth, 1);
	cr_expect_eq(act(1)->at_ns, S(30));
	cr_expect_eq(act(2)->kind, STEP_PEER_SPEAKS);
	cr_expect_str_eq(expected(EXPECT_alive)->requirement, "KA-LIVE-03");
}

Test(reproduce, a_fin_of_the_peer_is_repeated)
{
	handshake();
	seen(31, FROM_PEER, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK, 0);
	reproduces(asked());
	cr_assert_eq(acts(), 1);
	cr_expect_eq(act(0)->kind, STEP_PEER_CLOSES);
	cr_expect_eq(act(0)->at_ns, S(30));
	cr_expect_not_null(expected(EXPECT_peer_end_noticed));
	cr_expect_null(expected(EXPECT_probe_format));
}

Test(reproduce, the_hosts_fin_is_not_repeated_and_no_death)
{
	handshake();
	probe(161);
	answer(161.1);
	seen(200, FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK, 0);
	seen(200.1, FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	reproduces(asked());
	cr_expect_eq(acts(), 0);
	cr_expect_eq(made.broken, -1, "%s", made.finding);
	cr_expect_not_null(expected(EXPECT_alive));
}

Test(reproduce, a_fin_an_interval_after_the_last_probe_is_a_death)
{
	handshake();
	probe(161);
	probe(236);
	seen(311, FROM_DEVICE, ROLE_FIN, TCP_FLAG_FIN | TCP_FLAG_ACK, 0);
	reproduces(asked());
	cr_expect_eq(made.broken, -1, "%s", made.finding);
	cr_expect_not_null(expected(EXPECT_death));
}

Test(reproduce, unreachable_errors_are_repeated_after_their_probe)
{
	handshake();
	probe(161);
	observed.icmps[observed.icmp_count++] =
		(struct observed_icmp){.t_ns = S(164), .frame = 5, .code = 1, .about = FROM_DEVICE};
	reset(164.1, FROM_DEVICE);
	reproduces(asked());
	cr_assert_eq(acts(), 2);
	cr_expect_eq(act(1)->raw.kind, RAW_UNREACHABLE);
	cr_expect_eq(act(1)->raw.code, 1);
	cr_expect_eq(act(1)->anchor, ANCHOR_PROBE);
	cr_expect_eq(act(1)->at_ns, S(3));
	breaks("KA-DEAD-05");
}

Test(reproduce, a_reset_outside_the_window_is_sent_again_and_must_not_end_it)
{
	handshake();
	seen(50, FROM_PEER, ROLE_RST, TCP_FLAG_RST, 0)->seq = 100 + 500000;
	observed.end_ns = S(900);
	reproduces(asked());
	cr_assert_geq(acts(), 1);
	cr_expect_eq(act(0)->raw.kind, RAW_RST);
	cr_expect_eq(act(0)->raw.seq_offset, 500000);
	cr_assert_not_null(expected(EXPECT_alive));
	cr_expect_str_eq(expected(EXPECT_alive)->requirement, "KA-LIVE-12");
}

Test(reproduce, an_answer_with_a_wrong_checksum_is_none)
{
	handshake();
	seen(1, FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	probe(161);
	seen(162, FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK, 0)->checksum_ok = false;
	probe(322);
	reset(397, FROM_DEVICE);
	reproduces(asked());
	cr_assert_eq(acts(), 2);
	cr_expect_eq(act(0)->kind, STEP_PEER_SILENT);
	cr_expect(act(1)->raw.bad_checksum);
	cr_expect_eq(act(1)->anchor, ANCHOR_PROBE);
}

Test(reproduce, a_wrong_checksum_of_an_answer_counts_only_where_pure_acks_have_right_ones)
{
	handshake();
	probe(161);
	seen(161, FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK, 0)->checksum_ok = false;
	probe(322);
	seen(322, FROM_PEER, ROLE_PROBE_ANSWER, TCP_FLAG_ACK, 0)->checksum_ok = false;
	reproduces(asked());
	cr_expect_eq(acts(), 0);
	cr_expect_not_null(strstr(made.head, "the peer answered to the end"), "%s", made.head);
}

Test(reproduce, a_window_stays_closed_until_the_end)
{
	handshake();
	seen(20, FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK, 0)->window = 0;
	seen(26, FROM_DEVICE, ROLE_ZERO_WINDOW_PROBE, TCP_FLAG_ACK, 1);
	seen(26, FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK, 0)->window = 0;
	reset(80, FROM_DEVICE);
	reproduces(asked());
	cr_assert_eq(acts(), 4);
	cr_expect_eq(act(0)->kind, STEP_PEER_SILENT);
	cr_expect(act(1)->raw.closed_window);
	cr_expect(act(2)->every);
	cr_expect_eq(act(3)->kind, STEP_DEVICE_SENDS);
	breaks("KA-LIVE-10");
}

/* ---- data ---- */

static void data_both_ways(void)
{
	handshake();
	seen(11, FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK, 1000);
	seen(11.1, FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK, 400);
	seen(11.2, FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	seen(31, FROM_PEER, ROLE_DATA, TCP_FLAG_ACK, 70);
	seen(31.1, FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	probe(191);
	answer(191.1);
}

Test(reproduce, data_is_exchanged_by_size_a_burst_at_once)
{
	data_both_ways();
	reproduces(asked());
	cr_assert_eq(acts(), 2);
	cr_expect_eq(act(0)->kind, STEP_DEVICE_SENDS);
	cr_expect_eq(act(0)->size, 1400);
	cr_expect_eq(act(0)->at_ns, S(10));
	cr_expect_eq(act(1)->kind, STEP_PEER_SENDS);
	cr_expect_eq(act(1)->size, 70);
}

Test(reproduce, stripped_data_keeps_its_times)
{
	struct reproduce_request request = asked();

	request.strip_payload = true;
	data_both_ways();
	reproduces(request);
	cr_assert_eq(acts(), 2);
	cr_expect_eq(act(0)->size, 2);
	cr_expect_eq(act(0)->at_ns, S(10));
	cr_expect_eq(act(1)->size, 2);
	cr_expect_eq(act(1)->at_ns, S(30));
}

Test(reproduce, too_many_exchanges_lose_their_beginning)
{
	handshake();
	for (int i = 0; i < 500; i++) {
		seen(10 + 3 * i, FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK, 10);
		seen(10.1 + 3 * i, FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	}
	probe(1700);
	reset(1775, FROM_DEVICE);
	const struct scenario *s = reproduces(asked());
	cr_expect_lt(s->step_count, SCENARIO_STEPS);
	cr_expect_not_null(strstr(made.head, "The beginning is omitted"), "%s", made.head);
	cr_expect_eq(act(acts() - 1)->kind, STEP_PEER_SILENT);
}

Test(reproduce, too_many_exchanges_keep_the_probes_and_lose_the_end)
{
	handshake();
	probe(161);
	answer(161);
	probe(321);
	answer(321);
	for (int i = 0; i < 500; i++) {
		seen(400 + 3 * i, FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK, 10);
		seen(400.1 + 3 * i, FROM_PEER, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	}
	const struct scenario *s = reproduces(asked());
	cr_expect_lt(s->step_count, SCENARIO_STEPS);
	cr_expect_eq(scenario_keepalive(s, 0).timeout_s, 160);
	cr_expect_not_null(strstr(made.head, "The end is omitted"), "%s", made.head);
	cr_expect_eq(made.broken, -1, "%s", made.finding);
}

Test(reproduce, requests_and_responses_of_a_second_are_one_exchange_where_there_are_too_many)
{
	handshake();
	for (int i = 0; i < 150; i++) {
		seen(10 + 0.1 * i, FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK, 10);
		seen(10.05 + 0.1 * i, FROM_PEER, ROLE_DATA, TCP_FLAG_ACK, 20);
	}
	seen(25.1, FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	reproduces(asked());
	cr_expect_null(strstr(made.head, "is omitted:"), "%s", made.head);
	cr_expect_eq(act(0)->kind, STEP_DEVICE_SENDS);
	cr_expect_eq(act(0)->size, 100);
	cr_expect_eq(act(1)->kind, STEP_PEER_SENDS);
	cr_expect_eq(act(1)->size, 200);
}

Test(reproduce, data_of_the_host_is_no_malformed_probe)
{
	handshake();
	seen(10, FROM_PEER, ROLE_DATA, TCP_FLAG_ACK, 640);
	seen(10, FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	seen(11, FROM_PEER, ROLE_FIN, TCP_FLAG_ACK | TCP_FLAG_FIN, 0);
	seen(11, FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK | TCP_FLAG_PSH, 62);
	reproduces(asked());
	cr_expect_eq(made.broken, -1, "%s", made.finding);
}

Test(reproduce, data_with_a_checksum_from_before_it_was_put_together_is_data)
{
	handshake();
	seen(10, FROM_PEER, ROLE_DATA, TCP_FLAG_ACK, 2920)->checksum_ok = false;
	seen(10, FROM_DEVICE, ROLE_PLAIN, TCP_FLAG_ACK, 0);
	observed_find_strays(&observed);
	reproduces(asked());
	cr_assert_geq(acts(), 1);
	cr_expect_eq(act(0)->kind, STEP_PEER_SENDS);
}

Test(reproduce, a_rst_with_ack_behind_data_is_the_peers_own)
{
	handshake();
	seen(10, FROM_DEVICE, ROLE_DATA, TCP_FLAG_ACK, 10);
	reset(10, FROM_PEER);
	reproduces(asked());
	cr_expect_eq(act(acts() - 1)->kind, STEP_PEER_RESETS);
}

Test(reproduce, a_rst_sooner_than_any_idle_time_is_the_hosts)
{
	handshake();
	seen(10, FROM_PEER, ROLE_DATA, TCP_FLAG_ACK, 10);
	reset(10, FROM_DEVICE);
	reproduces(asked());
	cr_expect_eq(made.broken, -1, "%s", made.finding);
}

/* ---- what is no probe ---- */

Test(reproduce, one_ack_that_nothing_called_for_is_no_malformed_probe)
{
	handshake();
	seen(161, FROM_DEVICE, ROLE_UNSOLICITED_ACK, TCP_FLAG_ACK, 0);
	seen(400, FROM_DEVICE, ROLE_UNSOLICITED_ACK, TCP_FLAG_ACK, 0);
	cr_expect_eq(observed_probes(&observed, FROM_DEVICE), 0);
}

Test(reproduce, a_row_of_them_an_interval_apart_is)
{
	handshake();
	seen(161, FROM_DEVICE, ROLE_UNSOLICITED_ACK, TCP_FLAG_ACK, 0);
	seen(236, FROM_DEVICE, ROLE_UNSOLICITED_ACK, TCP_FLAG_ACK, 0);
	reset(311, FROM_DEVICE);
	struct reproduce_request request = asked();
	request.has_options = true;
	request.options = (struct planned_keepalive){.on = true, .count = 2, .timeout_s = 160};
	reproduces(request);
	cr_expect_eq(observed_probes(&observed, FROM_DEVICE), 2);
	breaks("KA-FMT-01");
}

Test(reproduce, the_other_end_may_be_the_device)
{
	seen(1, FROM_DEVICE, ROLE_SYN, TCP_FLAG_SYN, 0);
	seen(161, FROM_PEER, ROLE_PROBE, TCP_FLAG_ACK, 0);
	observed_turn(&observed);
	cr_expect_eq(observed_probes(&observed, FROM_DEVICE), 1);
	const struct scenario *s = reproduces(asked());
	cr_expect_eq(s->connections[0].role, ROLE_TCP_SERVER);
}
