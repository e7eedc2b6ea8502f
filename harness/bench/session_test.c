/* SPDX-License-Identifier: MIT */
#include "bench/session.h"

#include <unistd.h>

#include "bench/broker_protocol.h"
#include "bench/fake_device_test.h"
#include "bench/session_events.h"

/* The session of the case is over; its timeline is kept as text. */
static char *drive(struct stand *s, const struct scenario *scenario)
{
	static char text[1 << 16];
	char path[128];
	int kind = 0;

	s->fakes[0].heard[0] = '\0';
	stand_submit(s, 0, scenario);
	for (int i = 0; i < 400 && kind == 0; i++) {
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
		kind = stand_message(s, 0, NULL, NULL, 0);
	}
	cr_assert_eq(kind, MESSAGE_TIMELINE, "kind %d\n%s", kind, s->journal);
	snprintf(path, sizeof path, "%s/evidence/suite.case_0.timeline.jsonl", s->folder);
	FILE *file = fopen(path, "r");
	cr_assert_not_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void expect_heard(const struct scenario *scenario, const char *expected)
{
	struct stand *s = stand_new(1, 1);

	stand_begin_ready(s);
	(void)drive(s, scenario);
	cr_expect_str_eq(s->fakes[0].heard, expected);
	cr_expect_eq(s->fakes[0].open, 0);
	stand_free(s);
}

Test(session, opens_watches_lists_and_closes)
{
	const struct scenario scenario = udp_scenario("a");

	expect_heard(&scenario, "AT+NCUDP=127.0.0.1,20000\nAT+CID=?\nAT+NCLOSE=0\n");
}

Test(session, the_setup_is_carried_out_in_its_order)
{
	struct scenario scenario = udp_scenario("a");

	add_connection(&scenario, "b", ROLE_UDP_CLIENT);
	option(&scenario, "b", "65535", "8", "1", "4");
	option(&scenario, "a", "6", "4001", "90", "4");
	command(&scenario, NULL, "AT+XDUM=0");
	expect_heard(&scenario,
		"AT+NCUDP=127.0.0.1,20000\nAT+NCUDP=127.0.0.1,20001\n"
		"AT+SETSOCKOPT=1,65535,8,1,4\nAT+SETSOCKOPT=0,6,4001,90,4\nAT+XDUM=0\n"
		"AT+CID=?\nAT+NCLOSE=0\nAT+NCLOSE=1\n");
}

Test(session, steps_come_at_their_time_after_the_start)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	command_at(&scenario, "a", "AT+SECOND", .at_s = 7);
	command_at(&scenario, "a", "AT+FIRST", .at_s = 2.5);
	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	while (s->bench->sessions == NULL || s->bench->sessions->start_ns == TIME_NEVER)
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
	const int64_t start_ns = s->bench->sessions->start_ns;
	stand_until(s, start_ns + 2500 * NS_PER_MS - 1);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+FIRST"), 0);
	stand_until(s, start_ns + 2500 * NS_PER_MS);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+FIRST"), 1);
	stand_until(s, start_ns + 7 * NS_PER_S - 1);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+SECOND"), 0);
	stand_until(s, start_ns + 10 * NS_PER_S - 1);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+SECOND"), 1);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+CID=?"), 1); /* of the bring-up */
	stand_until(s, start_ns + 10 * NS_PER_S);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+CID=?"), 2);
	stand_free(s);
}

Test(session, commands_name_the_cid_the_peer_and_an_address_that_nobody_has)
{
	struct scenario scenario = udp_scenario("a");

	command(&scenario, "a", "AT+X=%c,1");
	command(&scenario, "a", "AT+Y=%d,2");
	command(&scenario, "a", "AT+Z=%p,3");
	expect_heard(&scenario,
		"AT+NCUDP=127.0.0.1,20000\nAT+X=0,1\nAT+Y=0,2\nAT+Z=127.0.0.1,3\nAT+CID=?\n"
		"AT+NCLOSE=0\n");
}

static void expect_option_of_cid_10(bool hex, const char *command)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	option(&scenario, "a", "6", "4001", "90", "4");
	stand_begin_ready(s);
	s->fakes[0].device->option_cid_hex = hex;
	s->fakes[0].open = 0x3ff; /* of others */
	(void)drive(s, &scenario);
	cr_expect_eq(lines_with(s->fakes[0].heard, command), 1, "%s", s->fakes[0].heard);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCLOSE=a"), 1);
	cr_expect_eq(s->fakes[0].open, 0x3ff);
	stand_free(s);
}

Test(session, options_name_the_cid_as_the_device_reads_it)
{
	expect_option_of_cid_10(false, "AT+SETSOCKOPT=10,6,4001,90,4");
	expect_option_of_cid_10(true, "AT+SETSOCKOPT=a,6,4001,90,4");
}

/* It is the one in the list that is nobody's. */
Test(session, a_cid_that_ata_does_not_name_is_looked_for_when_data_mode_is_left)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("other");
	const int a = add_connection(&scenario, "a", ROLE_UDP_CLIENT);

	scenario.connections[a].data_mode = true;
	command(&scenario, "a", "+++");
	option(&scenario, "a", "6", "4001", "90", "4");
	stand_begin_ready(s);
	fake_answers(&s->fakes[0], "ATA", "\r\n[OK]\r\n", 1);
	(void)drive(s, &scenario);
	cr_expect_str_eq(s->fakes[0].heard,
		"AT+NCUDP=127.0.0.1,20000\nAT+NCUDP=127.0.0.1,20001\nATA\n+++\nAT+CID=?\n"
		"AT+SETSOCKOPT=1,6,4001,90,4\nAT+CID=?\nAT+NCLOSE=0\nAT+NCLOSE=1\n");
	stand_free(s);
}

Test(session, a_device_sends_in_frames_of_1400_octets)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	device_sends(&scenario, "a", .at_s = 1, .size = 3000);
	fake_answers(&s->fakes[0], "\x1bZ0", "\x1bO", 0);
	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	while (s->bench->sessions == NULL || s->bench->sessions->start_ns == TIME_NEVER)
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
	struct session *session = s->bench->sessions;
	stand_until(s, session->start_ns + NS_PER_S);
	cr_expect_eq(session->flows[0].device_sent, 3000);
	/* The first one is written, two wait. */
	cr_expect_eq(session->pending, 3);
	stand_until(s, s->bench->clock.now_ns + 60 * NS_PER_S);
	stand_free(s);
}

Test(session, a_connection_that_was_closed_is_not_closed_again)
{
	struct scenario scenario = udp_scenario("a");

	device_closes(&scenario, "a", .at_s = 4);
	expect_heard(&scenario, "AT+NCUDP=127.0.0.1,20000\nAT+NCLOSE=0\nAT+CID=?\n");
}

Test(session, what_is_opened_again_is_another_generation_on_another_port)
{
	struct scenario scenario = udp_scenario("a");

	device_closes(&scenario, "a", .at_s = 4);
	device_opens(&scenario, "a", .at_s = 5);
	expect_heard(&scenario,
		"AT+NCUDP=127.0.0.1,20000\nAT+NCLOSE=0\nAT+NCUDP=127.0.0.1,20001\nAT+CID=?\n"
		"AT+NCLOSE=0\n");
}

Test(session, what_cannot_be_opened_ends_the_setup)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	command(&scenario, "a", "AT+NEVER");
	fake_answers(&s->fakes[0], "AT+NCUDP", "\r\n[ERROR: SOCKET FAILURE]\r\n", 1);
	stand_begin_ready(s);
	const char *timeline = drive(s, &scenario);
	cr_expect_not_null(
		strstr(timeline, "'a' could not be opened: ERROR: SOCKET FAILURE"), "%s", timeline);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NEVER"), 0);
	stand_free(s);
}

Test(session, a_refusal_for_want_of_a_cid_says_whether_any_was_in_use)
{
	struct scenario scenario = udp_scenario("a");
	struct stand *s = stand_new(1, 1);

	stand_begin_ready(s);
	fake_answers(&s->fakes[0], "AT+NCUDP", "\r\n[ERROR: NO CID]\r\n", 0);
	const char *timeline = drive(s, &scenario);
	cr_expect_not_null(strstr(timeline, "NO CID, and no CID was in use"), "%s", timeline);
	stand_free(s);
}

Test(session, a_step_on_a_connection_without_a_cid_is_not_carried_out)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	device_closes(&scenario, "a", .at_s = 1);
	option_at(&scenario, "a", "6,4001,90,4", .at_s = 2);
	device_sends(&scenario, "a", .at_s = 3, .size = 1);
	peer_resets(&scenario, "a", .at_s = 4);
	stand_begin_ready(s);
	const char *timeline = drive(s, &scenario);
	cr_expect_not_null(strstr(timeline, "a command for a connection that has no CID"));
	cr_expect_not_null(strstr(timeline, "data for a connection that has no CID"));
	cr_expect_not_null(strstr(timeline, "an act of a peer that is not connected"));
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+SETSOCKOPT"), 0);
	stand_free(s);
}

Test(session, a_cid_that_is_listed_and_cannot_be_closed_leaks)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	fake_answers(&s->fakes[0], "AT+NCLOSE=", "\r\n[ERROR: INVALID CID]\r\n", 1);
	stand_begin_ready(s);
	(void)drive(s, &scenario);
	cr_expect_eq(s->fakes[0].device->cids.leaked, 1U);
	stand_free(s);
}

Test(session, a_notice_finds_the_connection_that_has_the_cid)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	while (s->bench->sessions == NULL || s->bench->sessions->start_ns == TIME_NEVER)
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
	struct flow *flow = &s->bench->sessions->flows[0];
	stand_until(s, s->bench->sessions->start_ns + 2 * NS_PER_S);
	fake_says(&s->fakes[0], "\r\nDISCONNECT 5\r\n");
	stand_work(s);
	cr_expect_not(flow->noticed);
	fake_says(&s->fakes[0], "\r\nDISCONNECT 0\r\n");
	stand_work(s);
	cr_expect(flow->noticed);
	cr_expect_eq(flow->death_ns, s->bench->clock.now_ns);
	stand_free(s);
}

/* The connection died, and the device has given its CID to one that it accepted for another case, of
 * which it tells behind the listing. */
Test(session, a_cid_that_the_device_has_given_to_another_is_not_closed)
{
	struct stand *s = stand_new(1, 2);
	struct scenario dies = udp_scenario("a"), serves = tcp_server("s");

	dies.watch.limit_ns = 5 * NS_PER_S;
	watch(&serves, .until = TIME, .s = 60);
	stand_begin_ready(s);
	fake_answers(&s->fakes[0], "AT+NSTCP", "\r\n[CONNECT 1]\r\n\r\n[OK]\r\n", 0);
	fake_answers(&s->fakes[0], "AT+CID=?",
		"\r\nCID  TYPE\r\n0  TCP  SERVER\r\n1  TCP  SERVER\r\n\r\n[OK]\r\n"
		"\r\n[CONNECT 1 0 127.0.0.1 5000]\r\n",
		0);
	stand_submit(s, 0, &dies);
	stand_submit(s, 1, &serves);
	stand_work(s);
	struct session *first = s->bench->sessions, *second = first->next;
	cr_assert_not_null(second);
	first->due_ns = second->due_ns = s->bench->clock.now_ns;
	stand_work(s);
	cr_assert_eq(first->state, SESSION_RUNNING);
	cr_assert_eq(second->flows[0].listener_cid, 1);
	first->flows[0].ended = true;
	stand_until(s, s->bench->clock.now_ns + 9 * NS_PER_S);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCLOSE=0"), 0, "%s", s->fakes[0].heard);
	cr_expect_eq(s->fakes[0].device->cids.owner[0], &second->flows[0]);
	stand_free(s);
}

/* The same, and it tells of the other one so late. */
static void expect_close_where_an_accept_is_told_after(double after_s, int closes)
{
	struct stand *s = stand_new(1, 2);
	struct scenario dies = udp_scenario("a"), serves = tcp_server("s");

	dies.watch.limit_ns = 5 * NS_PER_S;
	watch(&serves, .until = TIME, .s = 60);
	stand_begin_ready(s);
	fake_answers(&s->fakes[0], "AT+NSTCP", "\r\n[CONNECT 1]\r\n\r\n[OK]\r\n", 0);
	fake_answers(&s->fakes[0], "AT+CID=?",
		"\r\nCID  TYPE\r\n0  TCP  SERVER\r\n1  TCP  SERVER\r\n\r\n[OK]\r\n", 0);
	stand_submit(s, 0, &dies);
	stand_submit(s, 1, &serves);
	stand_work(s);
	struct session *first = s->bench->sessions, *second = first->next;
	first->due_ns = s->bench->clock.now_ns;
	second->due_ns = s->bench->clock.now_ns + 4 * NS_PER_S;
	stand_work(s);
	first->flows[0].ended = true;
	const int64_t listed_ns = s->bench->clock.now_ns + 5 * NS_PER_S;
	stand_until(s, listed_ns + (int64_t)(after_s * NS_PER_S));
	cr_assert_eq(second->flows[0].listener_cid, 1);
	fake_says(&s->fakes[0], "\r\n[CONNECT 1 0 127.0.0.1 5000]\r\n");
	stand_until(s, listed_ns + 8 * NS_PER_S);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCLOSE=0"), closes, "%s", s->fakes[0].heard);
	stand_free(s);
}

Test(session, a_cid_is_not_closed_while_a_peer_waits_to_be_told_of)
{
	expect_close_where_an_accept_is_told_after(6, 0);
}

/* Of a step that waits for the UART, and the step behind it: when did the one before get its answer? */
static void expect_late_step(double answered_s, const char *expected)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");
	char path[128], text[1 << 14];

	command_at(&scenario, "a", "AT+LONG", .at_s = 2);
	command_at(&scenario, "a", "AT+NEXT", .at_s = 2.5);
	watch(&scenario, .until = TIME, .s = 20);
	stand_begin_ready(s);
	fake_answers(&s->fakes[0], "AT+LONG", NULL, 1);
	stand_submit(s, 0, &scenario);
	while (s->bench->sessions == NULL || s->bench->sessions->start_ns == TIME_NEVER)
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
	const int64_t start_ns = s->bench->sessions->start_ns;
	stand_until(s, start_ns + (int64_t)(answered_s * NS_PER_S));
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NEXT"), 0);
	fake_says(&s->fakes[0], "\r\n[OK]\r\n");
	stand_until(s, start_ns + 25 * NS_PER_S);
	snprintf(path, sizeof path, "%s/evidence/suite.case_0.timeline.jsonl", s->folder);
	FILE *file = fopen(path, "r");
	cr_assert_not_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	cr_expect_eq(strstr(text, "uart busy") != NULL, expected != NULL, "%s", text);
	if (expected != NULL)
		cr_expect(strstr(text, expected) != NULL, "%s", text);
	stand_free(s);
}

Test(session, a_step_that_waits_for_the_uart_is_told)
{
	expect_late_step(8, "the UART was busy with 1 command until 8.0 s");
	expect_late_step(3, NULL);
}

Test(session, evidence_that_is_full_ends_the_watch_and_says_so)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");
	const struct event notice = {.kind = EVENT_NOTICE, .cid = -1, .step = -1};

	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	while (s->bench->sessions == NULL || s->bench->sessions->start_ns == TIME_NEVER)
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
	struct session *session = s->bench->sessions;
	for (int i = 0; i < 2 * CASE_EVENTS; i++) {
		struct event event = notice;
		event.t_ns = s->bench->clock.now_ns;
		session_add(session, &event);
		if (i == CASE_EVENTS)
			session_run(session, s->bench->clock.now_ns);
	}
	const struct timeline *timeline = session->timeline;
	const struct event *last = &timeline->events[timeline->count - 1];
	cr_expect_leq(timeline->count, CASE_EVENTS + 8);
	cr_expect_eq(last->kind, EVENT_WATCHED);
	cr_expect_eq(last[-1].reason, REASON_EVIDENCE_FULL);
	cr_expect(strstr(last[-1].text, "100000 events") != NULL, "%s", last[-1].text);
	cr_expect_eq(session->state, SESSION_CLOSING);
	/* To its end: what it asks for then is answered.  Its timeline is too long to be compared. */
	stand_until(s, s->bench->clock.now_ns + 30 * NS_PER_S);
	char path[300];
	snprintf(path, sizeof path, "%s/evidence/suite.case_0.timeline.jsonl", s->folder);
	cr_expect_eq(unlink(path), 0);
	stand_free(s);
}

Test(session, a_cid_of_a_dead_connection_that_stays_listed_is_closed_a_moment_later)
{
	struct stand *s = stand_new(1, 1);
	struct scenario scenario = udp_scenario("a");

	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	while (s->bench->sessions == NULL || s->bench->sessions->start_ns == TIME_NEVER)
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
	struct session *session = s->bench->sessions;
	const int64_t end_ns = session->start_ns + 10 * NS_PER_S;
	stand_until(s, end_ns - NS_PER_S);
	session->flows[0].ended = true;
	stand_until(s, end_ns + NS_PER_S - 1);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCLOSE="), 0);
	stand_until(s, end_ns + NS_PER_S);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCLOSE=0"), 1);
	stand_free(s);
}

/* One may have been closed without a word; all of them at once the module has lost. */
Test(session, a_listing_that_shows_none_of_several_connections_is_a_loss)
{
	for (int connections = 1; connections <= 2; connections++) {
		struct stand *s = stand_new(1, 1);
		struct scenario scenario = udp_scenario("a");
		if (connections == 2)
			add_connection(&scenario, "b", ROLE_UDP_CLIENT);
		stand_begin_ready(s);
		s->fakes[0].open = 0x3fff; /* theirs are the last two */
		fake_answers(&s->fakes[0], "AT+CID=?", "\r\nNo valid Cids\r\n\r\n[OK]\r\n", 1);
		(void)drive(s, &scenario);
		cr_expect_eq(s->bench->bring_ups[0].recoveries, connections - 1);
		stand_free(s);
	}
}

/* A session whose connection is open, and of which the sniffer has shown nothing yet. */
static struct session *unseen_session(struct stand *s)
{
	struct scenario scenario = udp_scenario("a");

	stand_begin_ready(s);
	stand_submit(s, 0, &scenario);
	stand_work(s);
	struct session *session = s->bench->sessions;
	session->due_ns = s->bench->clock.now_ns;
	stand_work(s);
	cr_assert_eq(session->state, SESSION_RUNNING);
	session->flows[0].role = ROLE_TCP_CLIENT;
	session->flows[0].peer_says_open = true;
	session->flows[0].device_seen = false;
	session->state = SESSION_SETUP;
	session->setup_position = scenario.connection_count + scenario.step_count;
	session_run(session, s->bench->clock.now_ns);
	return session;
}

static int faults_by(const struct session *session, enum fault_reason reason)
{
	int count = 0;

	for (size_t i = 0; i < session->timeline->count; i++)
		count += session->timeline->events[i].kind == EVENT_FAULT &&
			 session->timeline->events[i].reason == reason;
	return count;
}

/* The UART may be read before the frames that it tells of are in the capture. */
Test(session, the_start_waits_until_the_sniffer_shows_an_open_connection)
{
	struct stand *s = stand_new(1, 1);
	struct session *session = unseen_session(s);

	cr_expect_eq(session->state, SESSION_SETUP);
	session->flows[0].device_seen = true;
	session_run(session, s->bench->clock.now_ns);
	cr_expect_eq(session->state, SESSION_RUNNING);
	cr_expect_eq(faults_by(session, REASON_NOT_SEEN), 0);
	stand_free(s);
}

Test(session, a_sniffer_that_shows_nothing_for_two_seconds_is_a_fault)
{
	struct stand *s = stand_new(1, 1);
	struct session *session = unseen_session(s);

	s->bench->clock.now_ns += 2 * NS_PER_S;
	session_run(session, s->bench->clock.now_ns);
	cr_expect_eq(session->state, SESSION_RUNNING);
	cr_expect_eq(faults_by(session, REASON_NOT_SEEN), 1);
	stand_free(s);
}

/* A segment of the session's first flow, from port 20000 of the peer to 1024 of the device or back. */
static void take_segment(struct session *session, bool from_device, uint32_t seq, uint32_t ack)
{
	struct wire_frame frame = {.t_ns = clock_now(session->clock), .from_device = from_device};

	frame.packet = (struct packet){
		.kind = PACKET_TCP, .seq = seq, .ack = ack, .flags = TCP_FLAG_ACK, .window = 1000};
	frame.packet.source.port = from_device ? 1024 : session->flows[0].peer_port;
	frame.packet.destination.port = from_device ? session->flows[0].peer_port : 1024;
	memcpy(from_device ? frame.packet.destination.address : frame.packet.source.address,
		&session->flows[0].peer_be, sizeof session->flows[0].peer_be);
	cr_expect(session_take_frame(session, &frame));
}

Test(session, what_the_peer_acknowledges_and_the_sniffer_did_not_see_was_not_captured)
{
	struct stand *s = stand_new(1, 1);
	struct session *session = unseen_session(s);

	session->flows[0].device_port = 1024;
	take_segment(session, true, 100, 500);
	take_segment(session, false, 500, 100);
	cr_expect_eq(faults_by(session, REASON_NOT_CAPTURED), 0);
	take_segment(session, false, 500, 101);
	take_segment(session, false, 500, 101);
	cr_expect_eq(faults_by(session, REASON_NOT_CAPTURED), 1, "once");
	take_segment(session, false, 500, 102);
	cr_expect_eq(faults_by(session, REASON_NOT_CAPTURED), 2);
	stand_free(s);
}
