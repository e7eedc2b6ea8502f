/* SPDX-License-Identifier: MIT */
#include "judge/judge_expectation.h"

void judge_expectation(struct verdict *verdict, const struct timeline *timeline,
	const struct profile *profile, const struct expectation *expectation)
{
	const int connection = expectation->connection;
	const char *requirement = expectation->requirement;

#define JUDGE(function, ...) function(verdict, timeline, connection, profile, __VA_ARGS__)
	switch (expectation->kind) {
	case EXPECT_PROBES:
		JUDGE(judge_probe_count, requirement, expectation->count);
		break;
	case EXPECT_FIRST_PROBE:
		JUDGE(judge_first_probe, requirement);
		break;
	case EXPECT_GAPS:
		JUDGE(judge_gaps, requirement);
		break;
	case EXPECT_NO_PROBES:
		JUDGE(judge_no_probes, requirement);
		break;
	case EXPECT_FORMAT:
		JUDGE(judge_probe_format, requirement);
		break;
	case EXPECT_EMPTY_PROBES:
		JUDGE(judge_probe_is_empty, requirement);
		break;
	case EXPECT_STREAM:
		JUDGE(judge_stream_to_peer, requirement);
		break;
	case EXPECT_WINDOW:
		JUDGE(judge_probe_window, requirement);
		break;
	case EXPECT_TIME_TO_LIVE:
		JUDGE(judge_probe_ttl, requirement);
		break;
	case EXPECT_OWN_TUPLE:
		JUDGE(judge_own_tuple, requirement);
		break;
	case EXPECT_TWO_HOURS:
		JUDGE(judge_not_before_timeout, requirement);
		break;
	case EXPECT_SINCE_OPTION:
		JUDGE(judge_no_probes_since_option, requirement);
		break;
	case EXPECT_ALIVE:
		JUDGE(judge_alive, requirement, expectation->count);
		break;
	case EXPECT_RETRANSMISSION:
		JUDGE(judge_retransmission, requirement);
		break;
	case EXPECT_PERSIST:
		JUDGE(judge_persist, requirement);
		break;
	case EXPECT_PEER_PROBES:
		JUDGE(judge_peer_probes_answered, requirement, expectation->time_ns);
		break;
	case EXPECT_NOTHING_ELSE:
		JUDGE(judge_nothing_else_delivered, requirement);
		break;
	case EXPECT_DEATH:
		JUDGE(judge_death, requirement, expectation->after, expectation->time_ns);
		break;
	case EXPECT_RESET_NOTICED:
		JUDGE(judge_reset_noticed, requirement, expectation->time_ns);
		break;
	case EXPECT_END_NOTICED:
		JUDGE(judge_end_noticed, requirement, expectation->time_ns);
		break;
	case EXPECT_NOTICE_ONCE:
		JUDGE(judge_notice_once, requirement, expectation->time_ns);
		break;
	case EXPECT_NOTICE_SOON:
		JUDGE(judge_notice_delay, requirement, expectation->time_ns);
		break;
	case EXPECT_NOTICE_ORDER:
		JUDGE(judge_notice_order, requirement);
		break;
	case EXPECT_NOTICE_NUMERIC:
		JUDGE(judge_notice_numeric, requirement);
		break;
	case EXPECT_NO_NOTICE:
		JUDGE(judge_no_notice, requirement);
		break;
	case EXPECT_QUIET:
		JUDGE(judge_no_segment_after_death, requirement, expectation->time_ns);
		break;
	case EXPECT_LATE_SEGMENT:
		JUDGE(judge_late_segment, requirement, expectation->time_ns);
		break;
	case EXPECT_GOES_ON:
		JUDGE(judge_goes_on, requirement);
		break;
	case EXPECT_DIALLED:
		JUDGE(judge_dialled, requirement, expectation->time_ns);
		break;
	case EXPECT_DISASSOCIATION:
		JUDGE(judge_disassociation, requirement, expectation->time_ns);
		break;
	case EXPECT_CID_FREED:
		JUDGE(judge_cid_freed, requirement);
		break;
	case EXPECT_OPENED:
		JUDGE(judge_opened, requirement, expectation->cid_of);
		break;
	case EXPECT_ANSWER:
		JUDGE(judge_response, requirement, expectation->count, expectation->answer);
		break;
	case EXPECT_ACCEPTED:
		JUDGE(judge_response, requirement, expectation->count, "OK");
		break;
	case EXPECT_REFUSED:
		JUDGE(judge_refused, requirement, expectation->count);
		break;
	case EXPECT_ANSWERS_ON:
		JUDGE(judge_answers_on, requirement, expectation->count);
		break;
	case EXPECT_RESET_SEQUENCE:
		JUDGE(judge_reset_sequence, requirement);
		break;
	case EXPECTATION_KINDS:
		break;
	}
#undef JUDGE
}
