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
	case EXPECT_NO_NOTICE:
		JUDGE(judge_no_notice, requirement);
		break;
	case EXPECT_QUIET:
		JUDGE(judge_no_segment_after_death, requirement, expectation->time_ns);
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
	case EXPECTATION_KINDS:
		break;
	}
#undef JUDGE
}
