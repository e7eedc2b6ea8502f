/* SPDX-License-Identifier: MIT */
#include "bench/dispatch.h"

#include "bench/fake_device_test.h"

/* Two cases on one device, one 5 s after the other: the first connection dies on the wire, without a
 * notice, and the second one gets its CID. */
static struct stand *second_has_the_cid(void)
{
	struct stand *s = stand_new(1, 2);
	struct scenario scenario = udp_scenario("a");

	watch(&scenario, .until = TIME, .s = 300);
	stand_begin_ready(s);
	stand_until(s, NS_PER_S);
	stand_submit(s, 0, &scenario);
	stand_submit(s, 1, &scenario);
	stand_work(s);
	struct session *first = s->bench->sessions, *second = first->next;
	first->due_ns = s->bench->clock.now_ns;
	second->due_ns = s->bench->clock.now_ns + 5 * NS_PER_S;
	stand_work(s);
	cr_assert_eq(first->flows[0].cid, 0);
	first->flows[0].death_ns = s->bench->clock.now_ns;
	s->fakes[0].open = 0;
	stand_until(s, second->due_ns);
	cr_assert_eq(second->flows[0].cid, 0);
	cr_assert_eq(first->flows[0].cid, -1);
	return s;
}

static void notice(struct stand *s, const char *text)
{
	fake_says(&s->fakes[0], text);
	stand_work(s);
}

Test(dispatch, a_notice_that_was_pending_is_of_the_connection_before)
{
	struct stand *s = second_has_the_cid();
	const struct session *first = s->bench->sessions, *second = first->next;

	notice(s, "\r\nDISCONNECT 0\r\n");
	cr_expect(first->flows[0].noticed);
	cr_expect_not(second->flows[0].noticed);
	notice(s, "\r\nDISCONNECT 0\r\n");
	cr_expect(second->flows[0].noticed);
	stand_free(s);
}

Test(dispatch, a_pending_notice_is_waited_for_for_70_s)
{
	for (int late = 0; late < 2; late++) {
		struct stand *s = second_has_the_cid();
		const struct session *first = s->bench->sessions, *second = first->next;
		stand_until(s, first->flows[0].death_ns + 70 * NS_PER_S + late);
		notice(s, "\r\n[ERROR: SOCKET FAILURE 0]\r\n");
		cr_expect_eq(first->flows[0].noticed, late == 0);
		cr_expect_eq(second->flows[0].noticed, late == 1);
		stand_free(s);
	}
}

Test(dispatch, a_notice_is_of_the_connection_whose_end_the_wire_shows)
{
	struct stand *s = second_has_the_cid();
	struct session *first = s->bench->sessions, *second = first->next;

	second->flows[0].ended = true;
	notice(s, "\r\nDISCONNECT 0\r\n");
	cr_expect_not(first->flows[0].noticed);
	cr_expect(second->flows[0].noticed);
	stand_free(s);
}

/* A notice on a CID that nobody has may be that of a connection that died. */
Test(dispatch, a_notice_on_a_wrong_cid_is_kept_for_those_who_wait_for_one)
{
	struct stand *s = second_has_the_cid();
	const struct session *first = s->bench->sessions, *second = first->next;
	const size_t before[] = {first->timeline->count, second->timeline->count};

	notice(s, "\r\nDISCONNECT 9\r\n");
	cr_expect_eq(first->timeline->count, before[0] + 1);
	cr_expect_eq(second->timeline->count, before[1]);
	cr_expect_not(first->flows[0].noticed);
	stand_free(s);
}

Test(dispatch, data_goes_to_the_connection_that_has_the_cid)
{
	struct stand *s = second_has_the_cid();
	const struct session *first = s->bench->sessions, *second = first->next;

	notice(s, "\x1bZ00003abc");
	cr_expect_eq(first->flows[0].received, 0);
	cr_expect_eq(second->flows[0].received, 3);
	stand_free(s);
}

Test(dispatch, what_passes_the_uart_stands_in_the_transcript_of_the_case)
{
	struct stand *s = second_has_the_cid();
	char path[128], text[8192];

	notice(s, "\r\nDISCONNECT 9\r\n");
	session_abandon(s->bench->sessions);
	stand_work(s);
	snprintf(path, sizeof path, "%s/evidence/suite.case_0.uart.txt", s->folder);
	FILE *file = fopen(path, "r");
	cr_assert_not_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	cr_expect_not_null(strstr(text, "AT+NCUDP=127.0.0.1,20000"), "%s", text);
	cr_expect_not_null(strstr(text, "DISCONNECT 9"), "%s", text);
	stand_free(s);
}
