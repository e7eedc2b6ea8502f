/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_JOURNAL_H
#define WIZHIL_REPORT_JOURNAL_H

#include <stdbool.h>

#include <jansson.h>

struct error;

/*
 * The journal of a run: <run folder>/journal.jsonl, one JSON object a line, one line an event, in
 * the order of what happened.  Reports are derived from it and from nothing else, so a run that was
 * killed is told as far as it came.
 *
 * Field "event" names the kind; readers ignore kinds and fields they do not know:
 *
 *   run        journal (JOURNAL_FORMAT), version, commit, argv[], bench, bench_file, clock ("real", "stepped"), seed, profile,
 *              started (ISO 8601, UTC), require_all,
 *              sets: ["name=value"] of the virtual devices,
 *              settings: what each device was told at bring-up, for --resume,
 *              repeat (2 and more: each case is driven so often),
 *              waivers: [{case, from, before, reason, ticket, expires}] (report/model/waivers.h),
 *              each: [devices] (each case runs on each of them; absent: on any one),
 *              cases: [{name: "suite/case", requirements: [], facts: [], tier, and what
 *              scenario/load.h says of it}]
 *   clock      start_realtime_ns: second 0 of the run on the wall clock, rtc (there is one, by which
 *              a pause of the machine is seen); real clock only
 *   time       text, t_s: a clock of the host was stepped, it was suspended or paused, or the bench
 *              was kept from looking
 *   device     device, firmware, mac, address, baud, option_cid ("decimal", "hex"), cids
 *   uart       device, round_trips (commands measured so far), least_ns, most_ns, bound_ns (on the
 *              way from the module to a stamp); real clock only
 *   air        device, interface (of the monitor), watched_s, acknowledgements (the module's were heard),
 *              heard, missed (of the module's frames on the wire, on the air), lost (of the module's
 *              on the air, on the wire), undelivered (to it); where there is a monitor
 *   recovery   device, step, t_s; where it begins by what the device did: cause ("reboot", "silent
 *              device", "disassociated"), cases (that ran on it then), after (the last stimulus before
 *              it), times (of that stimulus so far), delay_s (from it to a reboot), share (of the
 *              time so far in which any would have come after that stimulus)
 *   health     device, after (the case that had it alone), healthy, t_s
 *   admitted   case, device, t_s, concurrent (cases that ran on the device at the same time)
 *   verdict    case, device, attempt ("first", "alone"), concurrent, t_s, verdict (verdict_to_json),
 *              evidence: {timeline, pcapng, transcript}, paths relative to the run folder
 *   error      case, text: a case that ended without a verdict
 *   not_run    case, reason; t_s, concurrent, evidence where it was driven in part
 *   interrupt  the user wants the run to end: what has no verdict now was not run; failures: that many
 *              had been enough (--maxfail)
 *   resume     journal, started, argv, cases: [{name, done}]: goes on with these, of which so many
 *              repetitions have their verdicts; what ended the run before counts no more
 *   fault      text, t_s, exit: the bench is broken (99, or absent), or used wrongly (2)
 *   end        wall_s, interrupted, runner (exit status of wizhil-cases, -1: ended by a signal)
 *
 * Events of a case may carry its device, where there are several, and its repetition (from 1).
 */

#define JOURNAL_NAME "journal.jsonl"

/* Its format, with that of the verdicts in it (reports/README.md, "What is promised").  Format 1, which has
 * no number, has "company" for "concurrent". */
enum { JOURNAL_FORMAT = 2 };

struct journal;

/* Makes the journal of a run, mode 0600, in a folder that is there; one that is there already is an
 * error, for a run never overwrites another.  sync: journal_append's force_to_disk is obeyed.
 * The caller closes it.  NULL with err set. */
struct journal *journal_create(const char *run_folder, bool sync, struct error *err);

/* Opens the journal of a run that ended early, to go on with it; half a line at its end is cut
 * off.  NULL with err set: there is none, or the run still goes on (ERROR_USAGE). */
struct journal *journal_resume(const char *run_folder, bool sync, struct error *err);

/* Has a process of the run the journal of this folder open? */
bool journal_is_active(const char *run_folder);

/* Appends the event, which it takes, by one write(2), so that two processes may share a journal and
 * a killed one leaves at most its own line torn; it is ended first.  force_to_disk: the event
 * is on disk before this returns (a verdict counts only then).  -1 with err set. */
int journal_append(struct journal *journal, json_t *event, bool force_to_disk, struct error *err);

/* journal may be NULL. */
void journal_close(struct journal *journal);

#endif
