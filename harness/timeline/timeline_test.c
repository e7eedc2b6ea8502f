/* SPDX-License-Identifier: MIT */
#include "timeline/timeline.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/error.h"

static struct scenario full_scenario(void)
{
	struct scenario s = tcp_client("a");

	add_connection(&s, "server", ROLE_TCP_SERVER);
	s.connections[1].opened_later = true;
	add_connection(&s, "more", ROLE_TCP_SERVER);
	share_end(&s, "more", "server");
	peer_port_of(&s, "more", "server");
	in_data_mode(&s, "a");
	at_spare_address(&s, "server");
	peer_wraps(&s, "server");
	keepalive(&s, "a", .count = 8, .timeout_s = 600);
	command(&s, NULL, "AT+VER=?");
	peer_falls_silent(&s, "a", .at_s = 5);
	peer_sends(&s, "server", .at_s = 1, .after_death_of = "a", .size = 100);
	peer_probes(&s, "server", .on_probe = 2, .of = "a", .every = true, .size = 1,
		.raw.seq_offset = -2, .raw.ack_offset = 3, .raw.closed_window = true,
		.raw.bad_checksum = true, .raw.other_port = true, .raw.other_address = true,
		.raw.copies = 4, .raw.code = 5);
	command_at(&s, "a", "AT", .at_s = 3, .pause_s = 1.5);
	peer_is_unreachable(&s, "a", .on_call = 1);
	watch(&s, .until = DEATH, .of = "server", .s = 1400, .then_s = 2.5);
	s.exclusive = true;
	return s;
}

static void add(struct timeline *timeline, struct event event)
{
	cr_assert_eq(timeline_add(timeline, &event), 0);
}

/* One event of each kind, each field with a value of its own. */
static struct timeline *full_timeline(void)
{
	struct scenario scenario = full_scenario();
	struct timeline *t = timeline_new("dead_peer/count_8", &scenario);

	cr_assert_not_null(t);
	snprintf(t->device, sizeof t->device, "wizfi210-a");
	t->concurrent = 3;
	t->stepped = true;
	t->path_delay_ns = 12345;
	t->uart = (struct round_trips){.count = 3, .least_ns = 200, .most_ns = 900};
	add(t, (struct event){.t_ns = 1,
		       .kind = EVENT_SEGMENT,
		       .connection = 0,
		       .generation = 2,
		       .cid = -1,
		       .step = -1,
		       .segment = {.direction = FROM_PEER,
			       .role = ROLE_PROBE_ANSWER,
			       .seq = UINT32_MAX,
			       .ack = 7,
			       .flags = TCP_FLAG_ACK,
			       .ttl = 64,
			       .window = 65535,
			       .length = 1400,
			       .checksum_ok = false,
			       .frame = 12,
			       .answers = 11,
			       .snd_nxt = 5,
			       .rcv_nxt = 6}});
	for (int kind = EVENT_COMMAND; kind <= EVENT_FAULT; kind++)
		add(t, (struct event){.t_ns = 10 + kind,
			       .error_ns = kind,
			       .kind = (enum event_kind)kind,
			       .connection = kind % 2 - 1,
			       .generation = kind,
			       .cid = kind == EVENT_NOTICE ? -1 : kind,
			       .step = kind == EVENT_STEP ? 0 : -1,
			       .size = kind * 100,
			       .listed = kind == EVENT_LISTING,
			       .ok = kind == EVENT_DATA,
			       .fault = kind == EVENT_FAULT ? FAULT_CAPTURE_DROP : FAULT_NONE,
			       .from_ns = 5,
			       .busy_ns = 4,
			       .text = "ERROR: \"x\"\\\x01"});
	return t;
}

static char *written(const struct timeline *timeline)
{
	struct error err = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_not_null(stream);
	cr_assert_eq(timeline_write(timeline, stream, &err), 0, "%s", err.text);
	fclose(stream);
	return text;
}

static struct timeline *read_back(const char *text, struct error *err)
{
	FILE *stream = fmemopen((void *)text, strlen(text), "r");

	cr_assert_not_null(stream);
	struct timeline *timeline = timeline_read(stream, err);
	fclose(stream);
	return timeline;
}

Test(timeline, is_kept_in_the_order_of_time)
{
	struct scenario s = tcp_client("a");
	struct timeline *t = timeline_new("order", &s);
	const int64_t times[] = {5, 9, 7, 5, 1, 9};
	const int64_t sorted[] = {1, 5, 5, 7, 9, 9};
	const int order[] = {4, 0, 3, 2, 1, 5};

	for (int i = 0; i < 6; i++)
		add(t, (struct event){.t_ns = times[i], .size = i});
	for (int i = 0; i < 6; i++) {
		cr_expect_eq(t->events[i].t_ns, sorted[i]);
		cr_expect_eq(t->events[i].size, order[i]);
	}
	timeline_free(t);
}

Test(timeline, holds_many_events)
{
	struct scenario s = tcp_client("a");
	struct timeline *t = timeline_new("many", &s);

	for (int i = 0; i < 1000; i++)
		add(t, (struct event){.t_ns = i});
	cr_expect_eq(t->count, 1000);
	for (int i = 0; i < 1000; i++)
		cr_expect_eq(t->events[i].t_ns, i);
	timeline_free(t);
}

Test(timeline, gives_the_same_bytes_after_it_was_read_back)
{
	struct timeline *t = full_timeline();
	struct error err = {0};
	char *first = written(t);
	struct timeline *back = read_back(first, &err);

	cr_assert_not_null(back, "%s", err.text);
	char *second = written(back);
	cr_expect_str_eq(first, second);
	free(first);
	free(second);
	timeline_free(t);
	timeline_free(back);
}

Test(timeline, is_read_back_without_loss)
{
	struct timeline *t = full_timeline();
	struct error err = {0};
	char *text = written(t);
	struct timeline *back = read_back(text, &err);

	cr_assert_not_null(back, "%s", err.text);
	cr_expect(strcmp(back->case_name, t->case_name) == 0);
	cr_expect_str_eq(back->device, t->device);
	cr_expect_eq(back->concurrent, t->concurrent);
	cr_expect_eq(back->stepped, t->stepped);
	cr_expect_eq(back->path_delay_ns, t->path_delay_ns);
	cr_expect_eq(back->uart.count, 3);
	cr_expect_eq(back->uart.least_ns, 200);
	cr_expect_eq(back->uart.most_ns, 900);
	cr_assert_eq(back->count, t->count);
	for (size_t i = 0; i < t->count; i++) {
		const struct event *a = &t->events[i], *b = &back->events[i];
		cr_expect(a->t_ns == b->t_ns && a->error_ns == b->error_ns && a->kind == b->kind);
		cr_expect(a->connection == b->connection && a->generation == b->generation);
		cr_expect(a->cid == b->cid && a->step == b->step && a->size == b->size);
		cr_expect(a->listed == b->listed && a->ok == b->ok && a->fault == b->fault);
		cr_expect_eq(a->of_listener, b->of_listener);
		cr_expect_eq(a->from_ns, b->from_ns);
		cr_expect_eq(a->busy_ns, b->busy_ns);
		cr_expect_str_eq(a->text, b->text);
	}
	const struct timeline_segment *a = &t->events[0].segment, *b = &back->events[0].segment;
	cr_expect(a->direction == b->direction && a->role == b->role && a->flags == b->flags);
	cr_expect(a->seq == b->seq && a->ack == b->ack && a->ttl == b->ttl);
	cr_expect(a->window == b->window && a->length == b->length && a->frame == b->frame);
	cr_expect(a->checksum_ok == b->checksum_ok && a->answers == b->answers);
	cr_expect(a->snd_nxt == b->snd_nxt && a->rcv_nxt == b->rcv_nxt);
	free(text);
	timeline_free(t);
	timeline_free(back);
}

static bool same_raw(const struct raw_plan *a, const struct raw_plan *b)
{
	return a->kind == b->kind && a->seq_offset == b->seq_offset &&
	       a->ack_offset == b->ack_offset && a->closed_window == b->closed_window &&
	       a->bad_checksum == b->bad_checksum && a->other_port == b->other_port &&
	       a->other_address == b->other_address && a->copies == b->copies && a->code == b->code;
}

Test(timeline, carries_its_scenario)
{
	struct timeline *t = full_timeline();
	struct error err = {0};
	char *text = written(t);
	struct timeline *back = read_back(text, &err);
	const struct scenario *a = &t->scenario, *b;

	cr_assert_not_null(back, "%s", err.text);
	b = &back->scenario;
	cr_assert_eq(a->connection_count, b->connection_count);
	for (int i = 0; i < a->connection_count; i++) {
		cr_expect_str_eq(a->connections[i].name, b->connections[i].name);
		cr_expect_eq(a->connections[i].role, b->connections[i].role);
		cr_expect_eq(a->connections[i].opened_later, b->connections[i].opened_later);
		cr_expect_eq(a->connections[i].spare, b->connections[i].spare);
		cr_expect_eq(a->connections[i].wraps, b->connections[i].wraps);
		cr_expect_eq(a->connections[i].shares, b->connections[i].shares);
		cr_expect_eq(a->connections[i].port_of, b->connections[i].port_of);
		cr_expect_eq(a->connections[i].data_mode, b->connections[i].data_mode);
	}
	cr_assert_eq(a->step_count, b->step_count);
	for (int i = 0; i < a->step_count; i++) {
		const struct step *x = &a->steps[i], *y = &b->steps[i];
		cr_expect(x->kind == y->kind && x->connection == y->connection);
		cr_expect(x->anchor == y->anchor && x->anchor_connection == y->anchor_connection);
		cr_expect(x->at_ns == y->at_ns && x->size == y->size);
		cr_expect(x->nth == y->nth && x->every == y->every);
		cr_expect_eq(x->pause_ns, y->pause_ns);
		cr_expect(same_raw(&x->raw, &y->raw));
		cr_expect_str_eq(x->text, y->text);
	}
	cr_expect(a->watch.until == b->watch.until && a->watch.mask == b->watch.mask);
	cr_expect(a->watch.limit_ns == b->watch.limit_ns && a->watch.then_ns == b->watch.then_ns);
	cr_expect_eq(a->exclusive, b->exclusive);
	free(text);
	timeline_free(t);
	timeline_free(back);
}

Test(timeline, keeps_octets_that_are_no_text)
{
	const char *const texts[] = {"\xff\xfe\x80 noise", "caf\xc3\xa9", "\xef\x9e\x80", "\xc3"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct scenario s = tcp_client("a");
		struct timeline *t = timeline_new("noise", &s);
		struct event event = {.kind = EVENT_RESPONSE, .cid = -1, .step = -1};
		struct error err = {0};
		snprintf(event.text, sizeof event.text, "%s", texts[i]);
		add(t, event);
		char *text = written(t);
		struct timeline *back = read_back(text, &err);
		cr_assert_not_null(back, "%s", err.text);
		cr_expect_str_eq(back->events[0].text, texts[i]);
		free(text);
		timeline_free(t);
		timeline_free(back);
	}
}

/* A whole file with one line more; what is wrong with it is said in the error. */
static void refuses(const char *line, const char *complaint)
{
	struct scenario s = tcp_client("a");
	struct timeline *t = timeline_new("bad", &s);
	struct error err = {0};
	char *text = written(t);
	char whole[2048];

	snprintf(whole, sizeof whole, "%s%s\n", text, line);
	struct timeline *back = read_back(whole, &err);
	cr_expect_null(back, "took %s", line);
	cr_expect(strstr(err.text, complaint) != NULL, "'%s' lacks '%s'", err.text, complaint);
	cr_expect_eq(err.kind, ERROR_USAGE);
	free(text);
	timeline_free(t);
	timeline_free(back);
}

Test(timeline, that_is_wrong_is_refused_by_line_and_field)
{
	refuses("{\"t_ns\":1,\"kind\":\"sigment\"}", "line 2 of the timeline: 'kind'");
	refuses("{\"kind\":\"start\"}", "line 2 of the timeline: 't_ns'");
	refuses("{\"t_ns\":1,\"kind\":\"start\",\"connection\":1}", "'connection'");
	refuses("{\"t_ns\":1,\"kind\":\"step\",\"step\":0}", "'step'");
	refuses("{\"t_ns\":1,\"kind\":\"segment\",\"from\":\"device\"}", "'role'");
	refuses("{\"t_ns\":1,\"kind\":\"listing\",\"listed\":1}", "'listed'");
	refuses("{\"t_ns\":1,\"error_ns\":-1,\"kind\":\"start\"}", "'error_ns'");
	refuses("{\"t_ns\":1,\"kind\":\"peer\"}", "'act'");
	refuses("{\"t_ns\":1,\"kind\":\"peer\",\"act\":\"sings\"}", "'act'");
	refuses("{\"t_ns\":1,\"kind\":\"fault\",\"fault\":\"bench\"}", "'reason'");
	refuses("{\"t_ns\":1,\"kind\":\"response\",\"form\":\"plain\",\"code\":\"AYE\"}", "'code'");
	refuses("{\"t_ns\":1,\"kind\":\"notice\",\"code\":\"OK\"}", "'form'");
	refuses("{\"t_ns\":1,\"kind\":\"command\",\"command\":\"ATV0\"}", "'command'");
	refuses("[]", "'t_ns'");
	refuses("{\"t_ns\":1,", "line 2 of the timeline:");
	refuses("", "line 2 of the timeline:");
}

Test(timeline, of_another_format_or_without_a_header_is_refused)
{
	struct error err = {0};

	cr_expect_null(read_back("{\"timeline\":0,\"scenario\":{}}\n", &err));
	cr_expect_null(read_back("{\"timeline\":3,\"scenario\":{}}\n", &err));
	cr_expect_str_eq(
		err.text, "timeline format 3; this wizhil reads up to 2 (use a newer version)");
	cr_expect_null(read_back("{\"t_ns\":1,\"kind\":\"start\"}\n", &err));
	cr_expect_null(read_back("{\"timeline\":1,\"scenario\":{}}\n", &err));
}

Test(timeline, every_role_has_a_name_for_people)
{
	for (int role = ROLE_PLAIN; role <= ROLE_OTHER_TUPLE; role++)
		cr_expect_str_neq(segment_role_name((enum segment_role)role), "?");
}

/* ---- what events say in types ---- */

/* Writes the event, reads it back, and gives what was read. */
static struct event through_file(struct event event)
{
	struct scenario s = tcp_client("a");
	struct timeline *t = timeline_new("types", &s);
	struct error err = {0};

	event.cid = event.step = -1;
	add(t, event);
	char *text = written(t);
	struct timeline *back = read_back(text, &err);
	cr_assert_not_null(back, "%s", err.text);
	cr_assert_eq(back->count, 1);
	const struct event found = back->events[0];
	free(text);
	timeline_free(t);
	timeline_free(back);
	return found;
}

Test(timeline, keeps_each_act_of_the_peer)
{
	for (int act = ACT_NONE; act < PEER_ACTS; act++) {
		struct event event = {.kind = EVENT_PEER, .act = (enum peer_act)act};
		cr_expect_eq((int)through_file(event).act, act, "%d", act);
	}
}

Test(timeline, keeps_each_record_of_the_air)
{
	for (int record = 0; record <= AIR_ASLEEP; record++) {
		const struct timeline_air air = {.kind = (enum air_record)record,
			.tries = 3,
			.frame = 17,
			.heard = 39,
			.missed = 2};
		struct event event = {
			.kind = EVENT_AIR, .size = 40, .from_ns = 5, .ok = true, .air = air};
		const struct event back = through_file(event);
		cr_expect_eq(back.air.kind, air.kind);
		cr_expect_eq(back.air.tries, air.tries);
		cr_expect_eq(back.air.frame, air.frame);
		cr_expect_eq(back.air.heard, air.heard);
		cr_expect_eq(back.air.missed, air.missed);
		cr_expect(back.ok && back.from_ns == 5 && back.size == 40);
	}
}

Test(timeline, keeps_each_reason_with_its_fault)
{
	for (int reason = REASON_OTHER; reason < FAULT_REASONS; reason++) {
		const enum evidence_fault fault = fault_of_reason((enum fault_reason)reason);
		struct event event = {
			.kind = EVENT_FAULT, .fault = fault, .reason = (enum fault_reason)reason};
		cr_expect_eq((int)through_file(event).reason, reason, "%d", reason);
		cr_expect_eq(through_file(event).fault, fault, "%d", reason);
		cr_expect((reason == REASON_OTHER) == (fault == FAULT_NONE), "%d", reason);
	}
}

Test(timeline, keeps_each_fault_whatever_the_reason)
{
	for (int fault = FAULT_NONE; fault <= FAULT_BENCH; fault++) {
		struct event event = {.kind = EVENT_FAULT, .fault = (enum evidence_fault)fault};
		cr_expect_eq((int)through_file(event).fault, fault, "%d", fault);
	}
}

Test(timeline, keeps_each_code_and_form_of_what_the_device_says)
{
	for (int code = AT_CODE_NONE; code < AT_CODES; code++)
		for (int form = AT_FORM_PLAIN; form <= AT_FORM_ESCAPE; form++) {
			struct event event = {.kind = form % 2 == 0 ? EVENT_RESPONSE : EVENT_NOTICE,
				.code = (enum at_code)code,
				.form = (enum at_form)form};
			cr_expect_eq(through_file(event).code, code, "%d", code);
			cr_expect_eq((int)through_file(event).form, form, "%d", form);
		}
}

Test(timeline, keeps_what_a_command_does_to_the_answers)
{
	for (int command = AT_COMMAND_OTHER; command <= AT_COMMAND_VERBOSE; command++) {
		struct event event = {.kind = EVENT_COMMAND, .command = (enum at_command)command};
		cr_expect_eq((int)through_file(event).command, command, "%d", command);
	}
}

/* ---- what the device said ---- */

static struct event said(const char *line)
{
	struct event event = {.kind = EVENT_RESPONSE};

	event_take_line(&event, line);
	return event;
}

Test(event, a_line_has_its_code_and_form)
{
	cr_expect_eq(said("OK").code, AT_CODE_OK);
	cr_expect_eq(said("[OK]").form, AT_FORM_BRACKETED);
	cr_expect_eq(said("ERROR: SOCKET FAILURE 3").code, AT_CODE_SOCKET_FAILURE);
	cr_expect_str_eq(said("ERROR: SOCKET FAILURE 3").text, "ERROR: SOCKET FAILURE 3");
	cr_expect_eq(said("ESC O").code, AT_CODE_OK);
	cr_expect_eq(said("ESC O").form, AT_FORM_ESCAPE);
	cr_expect_eq(said("ESC F").code, AT_CODE_ERROR);
	cr_expect_eq(said("what is this").code, AT_CODE_NONE);
}

static bool answers(const char *line, const char *words)
{
	const struct event event = said(line);

	return event_is_answer(&event, words);
}

Test(event, an_answer_is_known_by_its_code_and_another_one_by_its_words)
{
	cr_expect(answers("OK", "[ok]"));
	cr_expect(answers("ERROR: SOCKET FAILURE 3", "ERROR: SOCKET FAILURE"));
	cr_expect_not(answers("ERROR: INVALID INPUT", "ERROR: INVALID CID"));
	cr_expect_not(answers("ERROR: INVALID INPUT", "OK"));
	cr_expect(answers("SO BE IT", "[so be it] "));
	cr_expect_not(answers("SO BE IT", "SO IT IS"));
	cr_expect_not(answers("SO BE IT", "OK"));
}

/* ---- format 1 ---- */

/* The event of a line of format 1. */
static struct event of_words(const char *line)
{
	struct scenario s = tcp_client("a");
	struct timeline *t = timeline_new("words", &s);
	struct error err = {0};
	char *text = written(t);
	char whole[2048];

	cr_assert(strncmp(text, "{\"timeline\":2", 13) == 0, "%s", text);
	text[12] = '1';
	snprintf(whole, sizeof whole, "%s%s\n", text, line);
	struct timeline *back = read_back(whole, &err);
	cr_assert_not_null(back, "%s", err.text);
	const struct event found = back->events[0];
	free(text);
	timeline_free(t);
	timeline_free(back);
	return found;
}

Test(timeline, the_words_of_format_1_become_types)
{
	struct event event =
		of_words("{\"t_ns\":1,\"kind\":\"response\",\"text\":\"ERROR: NO CID\"}");
	cr_expect_eq(event.code, AT_CODE_NO_CID);
	cr_expect_str_eq(event.text, "ERROR: NO CID");
	event = of_words("{\"t_ns\":1,\"kind\":\"notice\",\"ok\":true,\"text\":\"DISCONNECT 4\"}");
	cr_expect_eq(event.code, AT_CODE_DISCONNECT);
	cr_expect_eq(event.form, AT_FORM_NUMERIC);
	cr_expect_not(event.ok);
	event = of_words("{\"t_ns\":1,\"kind\":\"notice\",\"text\":\"DISCONNECT 4\"}");
	cr_expect_eq(event.form, AT_FORM_PLAIN);
	event = of_words("{\"t_ns\":1,\"kind\":\"command\",\"text\":\"ATV1\"}");
	cr_expect_eq(event.command, AT_COMMAND_VERBOSE);
	event = of_words("{\"t_ns\":1,\"kind\":\"command\",\"text\":\"ATV0\"}");
	cr_expect_eq(event.command, AT_COMMAND_NUMERIC);
	event = of_words("{\"t_ns\":1,\"kind\":\"fault\",\"fault\":\"silent device\","
			 "\"text\":\"'a' was not accepted: the device told of no connection\"}");
	cr_expect_eq(event.reason, REASON_NOT_ACCEPTED);
	event = of_words("{\"t_ns\":1,\"kind\":\"fault\",\"fault\":\"silent device\"}");
	cr_expect_eq(event.reason, REASON_OTHER);
	cr_expect_eq(event.fault, FAULT_SILENT_DEVICE);
	for (int act = ACT_CONNECTED; act < PEER_ACTS; act++) {
		char line[96];
		snprintf(line, sizeof line, "{\"t_ns\":1,\"kind\":\"peer\",\"text\":\"%s\"}",
			peer_act_names.name[act]);
		cr_expect_eq((int)of_words(line).act, act, "%s", line);
		cr_expect_str_eq(of_words(line).text, "");
	}
}

Test(timeline, the_way_of_the_uart_is_bounded_by_the_longest_round_trip)
{
	struct round_trips round_trips = {0};

	cr_expect_eq(round_trips_bound(&round_trips), UART_WAY_NS);
	round_trips_add(&round_trips, 10 * NS_PER_MS);
	cr_expect_eq(round_trips_bound(&round_trips), UART_WAY_NS);
	round_trips_add(&round_trips, 232 * NS_PER_MS);
	round_trips_add(&round_trips, 180 * NS_PER_MS);
	cr_expect_eq(round_trips_bound(&round_trips), 232 * NS_PER_MS);
	cr_expect_eq(round_trips.least_ns, 10 * NS_PER_MS);
	cr_expect_eq(round_trips.count, 3);
}
