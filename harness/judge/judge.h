/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_JUDGE_H
#define WIZHIL_JUDGE_JUDGE_H

#include "judge/profile.h"
#include "judge/verdict.h"
#include "scenario/expectation.h"
#include "timeline/timeline.h"

/*
 * The judge: pure functions from a timeline to checks.  No I/O, no clock, no globals.  All that is
 * to be known about time and tolerance lives here and in models.h, and nowhere else.
 *
 * Every function looks at one connection (an index) of the timeline, adds one or more checks to the
 * verdict, and speaks for the requirement it is given.
 *
 * Rules (harness/README.md, "Time and tolerance"):
 * - A leg lies in its window by more than the error: pass; within the error of an edge, inside:
 *   marginal; outside: inconclusive; outside by more than the error: fail.
 * - Counts are exact.  Absence and "exactly once" need the span watched (EVENT_WATCHED) and without
 *   capture drops, else inconclusive: "watched 0 of 160 s".
 * - A reboot, a lost association, a clock step void the legs across them: inconclusive.  A
 *   FAULT_BENCH in the span is an error.
 * - On the real clock a single missing probe whose neighbours stand on the grid, or a death that
 *   one lost answer explains, is inconclusive.  (On the stepped clock nothing is lost in the air
 *   unless the timeline shows it: exact.)
 * - Where a connection was opened again, the functions that look at a schedule or a death judge the
 *   latest generation to which the scenario did something (silence, reboot, reset, close), or the
 *   latest when it did nothing; alive, no probes, no notice and format judge the latest.
 * - What comes behind EVENT_WATCHED is the bench tidying up: only its listing counts.
 * - While the device's own data is outstanding no probe is expected (RFC 9293 MUST-26).
 * - Where the expected time depends on the timing model, the check holds when one of the models
 * that the profile allows explains it, and check.models says which do.
 */

/* Exactly 'count' probes after the last segment from the peer, gaps apart; the rest of the schedule
 * is not looked at.  With death expected: counted up to the death.  Under B at the floor N - 1 are
 * right as well. */
void judge_probe_count(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int count);

/* The first probe of each idle time that was long enough came when T says, by one of the models. */
void judge_first_probe(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* No probe came earlier than T says, by one of the models; that none came is right as well.  For
 * the default timeout, which may be longer than the two hours that RFC 9293 MUST-28 asks for. */
void judge_not_before_timeout(struct verdict *verdict, const struct timeline *timeline,
	int connection, const struct profile *profile, const char *requirement);

/* Each gap between one unanswered probe and the next is the interval of 75 s. */
void judge_gaps(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* At least 'rounds' probes were answered, the connection lives at the end of the watch: no RST, no
 * FIN, no notice, the CID listed.  rounds 0: it lives, however many probes there were. */
void judge_alive(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int rounds);

/* The device's data that the peer leaves unacknowledged is retransmitted, and no probe is sent
 * meanwhile (RFC 9293 MUST-26). */
void judge_retransmission(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* A window that the peer closed while the device has data for it is probed by persist, and the
 * connection lives (RFC 9293 3.8.6.1). */
void judge_persist(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* Each keep-alive probe of the peer is answered by the ACK that it calls for, within within_ns. */
void judge_peer_probes_answered(struct verdict *verdict, const struct timeline *timeline,
	int connection, const struct profile *profile, const char *requirement, int64_t within_ns);

/* The UART delivered no octet that the peer did not send as data. */
void judge_nothing_else_delivered(struct verdict *verdict, const struct timeline *timeline,
	int connection, const struct profile *profile, const char *requirement);

/* No probe, and no empty segment that nothing called for, in the whole watch. */
void judge_no_probes(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* The same from the answer to the connection's last keep-alive option on. */
void judge_no_probes_since_option(struct verdict *verdict, const struct timeline *timeline,
	int connection, const struct profile *profile, const char *requirement);

/* Every probe: SEQ = SND.NXT - 1, ACK = RCV.NXT, flags ACK (PSH tolerated), length 0 or 1,
 * checksums right (RFC 9293 3.8.4, RFC 1122 4.2.3.6).  An unsolicited empty segment where a probe
 * is due is a malformed probe: fail, with the SEQ that was found.  No probe at all: inconclusive.
 */
void judge_probe_format(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* No probe carries data (SHLD-12, a should; the octet that MAY-6 allows is a finding). */
void judge_probe_is_empty(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* No probe announces a smaller window than the segment before it that acknowledged the same octet
 * (RFC 9293 SHLD-14). */
void judge_probe_window(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* Each probe has the time to live of the segment before it. */
void judge_probe_ttl(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* No segment came that has one port of the connection and another one that is nobody's. */
void judge_own_tuple(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* The peer's application got the octets that the device was given, and no others. */
void judge_stream_to_peer(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* The silent peer is declared dead seconds after 'the first unanswered probe' (the owner's
 * requirement: count x interval), under B T after the last received segment.  No death within the
 * watch: fail.  Death is the earliest of RST or FIN from the device, the UART notice, the CID gone
 * from AT+CID=?. */
void judge_death(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum death_reference after,
	int64_t expected_ns);

/* The peer's RST in answer to the first probe ends the connection within within_ns (notice, or CID
 * gone), and no probe follows. */
void judge_reset_noticed(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int64_t within_ns);

/* The same for a peer that ends the connection of its own accord, by FIN or RST. */
void judge_end_noticed(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int64_t within_ns);

/* Exactly one notice (DISCONNECT or SOCKET FAILURE) with the connection's own CID, not before its
 * death on the wire, within within_ns of it (counted from when the UART was free), and none with a
 * CID that is none of the scenario's living connections'. */
void judge_notice_once(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int64_t within_ns);

/* The notice came within within_ns of the end on the wire, or of when the UART was free for it. */
void judge_notice_delay(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int64_t within_ns);

/* The notice did not come before the RST or FIN that ends the connection. */
void judge_notice_order(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* The notice came as a number (ATV0). */
void judge_notice_numeric(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* No notice for this connection in the whole watch. */
void judge_no_notice(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* After the death no segment of the connection from the device (the RST that declares it aside),
 * for as long as was watched, at least for_ns. */
void judge_no_segment_after_death(struct verdict *verdict, const struct timeline *timeline,
	int connection, const struct profile *profile, const char *requirement, int64_t for_ns);

/* The RST by which the device tells the peer of the death, where it sends one (whether it does is
 * judge_reset_fact()'s), has SEQ = SND.NXT (RFC 9293 3.10.5): another one the peer must not act
 * upon (RFC 5961 3.2). */
void judge_reset_sequence(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* A segment that the peer sent after the death drew RST within within_ns (RFC 9293 3.10.7.1). */
void judge_late_segment(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int64_t within_ns);

/* After connections ended, the module answers commands, and did not reboot soon after an end.  Of
 * all connections of the scenario. */
void judge_goes_on(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* The peer dialled the module's listener (STEP_PEER_DIALS) and was accepted within within_ns. */
void judge_dialled(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int64_t within_ns);

/* After the death the CID is in no listing any more (at least one listing is needed). */
void judge_cid_freed(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* The answer to the 'nth' (from 0) command for this connection of kind STEP_OPTION, STEP_COMMAND or
 * STEP_DEVICE_SENDS, in the order of the scenario's steps, was 'expected' ("OK", "ERROR: INVALID
 * INPUT"; compare without brackets and case). */
void judge_response(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int nth, const char *expected);

/* It was an error, whichever one: which is characterised, not required (cases/DEVICE.md section
 * 2). */
void judge_refused(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int nth);

/* Where the nth command was refused: the module fell silent or rebooted within 30 s, and the
 * refusal was the last that it said, to this scenario or another one: fail.  Not refused: no check.
 */
void judge_answers_on(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int nth);

/* Was it OK? */
bool judge_accepted(const struct timeline *timeline, int connection, int nth);

/* The connection's last generation got a CID (STEP_OPEN after the death worked), and it is
 * 'cid_of's first one when cid_of is not NO_CONNECTION (another number is no failure, nothing says
 * which one a device takes: inconclusive, because the reuse that was wanted was not seen). */
void judge_opened(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int cid_of);

/* MUST-29: where N is 1 and one unanswered probe killed the connection, a finding, no check. */
void judge_configuration_finding(struct verdict *verdict, const struct timeline *timeline,
	int connection, const char *requirement);

/*
 * Facts (judge/facts.h).  Each function adds the fact and one check that speaks for 'requirement':
 * pass where the profile pins nothing or the same, fail (a change) where it pins another value,
 * inconclusive where the evidence does not show it.
 */

/* By which line the end of the connection was told: FACT_notice_...  "none" needs the watch. */
void judge_notice_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum fact_id id);

/* FACT_rst_at_death.  A connection that was not declared dead: inconclusive. */
void judge_reset_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* The answer to the nth setup command (as judge_response()): FACT_error_... */
void judge_answer_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int nth, enum fact_id id);

/* A fact of two words about a segment that the bench sends: the first one when the connection lives
 * at the end of the watch, the second one when the device gave it up. */
void judge_fate_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum fact_id id);

/* FACT_maxrt: when the device gave up data that was never acknowledged, against the TCP_MAXRT of
 * maxrt_ns that it was given. */
void judge_maxrt_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int64_t maxrt_ns);

/* FACT_option_latency: from an option's command to its answer, the mean of all of the connection's;
 * the error holds their spread. */
void judge_option_latency(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* FACT_clock_skew, from the gaps between unanswered probes; positive: the module is slow. */
void judge_clock_skew(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* FACT_below_floor: what became of a timeout below count x 75 s that the connection was given. */
void judge_floor_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* A fact of two words: the first one when no probe came, the second one when one did. */
void judge_probing_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum fact_id id);

/* FACT_peer_probe, FACT_option_restart: whether probes came while the peer probed, or options were
 * accepted, again and again for longer than an idle time.  Where none came then, one that comes
 * later has to show that the module probes at all. */
void judge_restart_fact(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, enum fact_id id);

/* FACT_default_timeout: whether the first probe came when a T of two hours says. */
void judge_default_timeout_fact(struct verdict *verdict, const struct timeline *timeline,
	int connection, const struct profile *profile, const char *requirement);

/* FACT_option_cid: AT+SETSOCKOPT was given keep-alive for CID "10" and for CID "b", in a scenario
 * that has all CIDs.  Which of the connections with the CIDs 10 and 11 sends probes? */
void judge_option_cid_fact(struct verdict *verdict, const struct timeline *timeline,
	const struct profile *profile, const char *requirement);

/* FACT_cid_allocation: the CIDs that were given after others were closed, in a scenario that has
 * the device alone. */
void judge_allocation_fact(struct verdict *verdict, const struct timeline *timeline,
	const struct profile *profile, const char *requirement);

/* FACT_accepted_options: 'accepted' is a server whose listener was given keep-alive before its
 * latest connection was accepted, 'dialled' a client with the same options, which shows that they
 * have an effect within the watch. */
void judge_accepted_fact(struct verdict *verdict, const struct timeline *timeline, int accepted,
	int dialled, const struct profile *profile, const char *requirement);

/* FACT_timing_model: what the first probes and deaths of all connections of the timeline leave of
 * all models, D among them.  Connections that fell silent at different phases tell a tick that runs
 * freely from one that each received segment restarts: with it their legs differ.  The legs of the
 * four pairs of T and N of cases/DEVICE.md section 5 are recorded as FACT_first_probe_... and
 * FACT_death_.... */
void judge_timing_fact(struct verdict *verdict, const struct timeline *timeline,
	const struct profile *profile, const char *requirement);

/* One Disassociation Event comes within within_ns after the bench took the access point away. */
void judge_disassociation(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement, int64_t within_ns);

/* Says whether the connection's CID was free after the access point had gone, and how many notices
 * of its own came.  No source requires either. */
void judge_association_cid(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile, const char *requirement);

/* A reboot or lock-up that came again after the same stimulus is a failure, which names it. */
void judge_provoked(
	struct verdict *verdict, const struct timeline *timeline, const char *requirement);

/* One model holds for a device and a run: intersects the models of its passed and marginal
 * verdicts. Zero: fail.  NULL entries are skipped. */
unsigned judge_models_of_run(const struct verdict *const *verdicts, size_t count);

#endif
