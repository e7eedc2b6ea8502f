/* SPDX-License-Identifier: MIT */
#include "judge/judge_expectation.h"

void judge_expectation(struct verdict *verdict, const struct timeline *timeline,
	const struct profile *profile, const struct expectation *expectation)
{
	const int connection = expectation->connection;
	const char *requirement = expectation->requirement;
	const struct expectation_parameters *p = &expectation->parameters;

#define JUDGE(function, ...) function(verdict, timeline, connection, profile, __VA_ARGS__)
	switch (expectation->kind) {
	case EXPECT_probes:
		JUDGE(judge_probe_count, requirement, p->count);
		break;
	case EXPECT_first_probe_on_schedule:
		JUDGE(judge_first_probe, requirement);
		break;
	case EXPECT_gaps_of_75_s:
		JUDGE(judge_gaps, requirement);
		break;
	case EXPECT_no_probes:
		JUDGE(judge_no_probes, requirement);
		break;
	case EXPECT_probe_format:
		JUDGE(judge_probe_format, requirement);
		break;
	case EXPECT_probes_without_data:
		JUDGE(judge_probe_is_empty, requirement);
		break;
	case EXPECT_stream_intact:
		JUDGE(judge_stream_to_peer, requirement);
		break;
	case EXPECT_window_not_shrunk:
		JUDGE(judge_probe_window, requirement);
		break;
	case EXPECT_own_time_to_live:
		JUDGE(judge_probe_ttl, requirement);
		break;
	case EXPECT_own_addresses_and_ports:
		JUDGE(judge_own_tuple, requirement);
		break;
	case EXPECT_no_probe_within_two_hours:
		JUDGE(judge_not_before_timeout, requirement);
		break;
	case EXPECT_no_probes_since_option:
		JUDGE(judge_no_probes_since_option, requirement);
		break;
	case EXPECT_alive:
		JUDGE(judge_alive, requirement, p->count);
		break;
	case EXPECT_retransmission_and_no_probe:
		JUDGE(judge_retransmission, requirement);
		break;
	case EXPECT_persist:
		JUDGE(judge_persist, requirement);
		break;
	case EXPECT_peer_probes_answered:
		JUDGE(judge_peer_probes_answered, requirement, p->time_ns);
		break;
	case EXPECT_nothing_else_delivered:
		JUDGE(judge_nothing_else_delivered, requirement);
		break;
	case EXPECT_death:
		JUDGE(judge_death, requirement, p->after, p->time_ns);
		break;
	case EXPECT_reset_noticed:
		JUDGE(judge_reset_noticed, requirement, p->time_ns);
		break;
	case EXPECT_peer_end_noticed:
		JUDGE(judge_end_noticed, requirement, p->time_ns);
		break;
	case EXPECT_notice_once:
		JUDGE(judge_notice_once, requirement, p->time_ns);
		break;
	case EXPECT_notice_soon:
		JUDGE(judge_notice_delay, requirement, p->time_ns);
		break;
	case EXPECT_notice_after_the_end:
		JUDGE(judge_notice_order, requirement);
		break;
	case EXPECT_notice_as_number:
		JUDGE(judge_notice_numeric, requirement);
		break;
	case EXPECT_no_notice:
		JUDGE(judge_no_notice, requirement);
		break;
	case EXPECT_no_segment_after_death:
		JUDGE(judge_no_segment_after_death, requirement, p->time_ns);
		break;
	case EXPECT_late_segment_reset:
		JUDGE(judge_late_segment, requirement, p->time_ns);
		break;
	case EXPECT_module_goes_on:
		JUDGE(judge_goes_on, requirement);
		break;
	case EXPECT_dialled:
		JUDGE(judge_dialled, requirement, p->time_ns);
		break;
	case EXPECT_disassociation:
		JUDGE(judge_disassociation, requirement, p->time_ns);
		break;
	case EXPECT_cid_freed:
		JUDGE(judge_cid_freed, requirement);
		break;
	case EXPECT_opened:
		JUDGE(judge_opened, requirement, p->cid_of);
		break;
	case EXPECT_answer:
		JUDGE(judge_response, requirement, p->count, p->answer);
		break;
	case EXPECT_accepted:
		JUDGE(judge_response, requirement, p->count, "OK");
		break;
	case EXPECT_refused:
		JUDGE(judge_refused, requirement, p->count);
		break;
	case EXPECT_answers_on:
		JUDGE(judge_answers_on, requirement, p->count);
		break;
	case EXPECT_reset_at_snd_nxt:
		JUDGE(judge_reset_sequence, requirement);
		break;
	case EXPECTATION_KINDS:
		break;
	}
#undef JUDGE
}
