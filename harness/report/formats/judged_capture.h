/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_REPORT_JUDGED_CAPTURE_H
#define WIZHIL_REPORT_JUDGED_CAPTURE_H

#include <stdint.h>

struct error;
struct run;
struct timeline;
struct verdict;

/*
 * Captures that say in Wireshark what the judge says of them: a comment at each probe ("keep-alive
 * probe 2 of 8 of 'a', gap 60.00 s, expected 75 +- 0.52 s: KA-SCHED-02 fails"), at what ended a leg,
 * at the frame behind a leg that was due and did not end, and the lines of the UART at the frame
 * behind them.  wizhil.lua makes fields of them.
 */

/* What is to be said at the frames of one capture. */
struct frame_notes;

/* NULL when out of memory. */
struct frame_notes *frame_notes_new(void);
/* What this timeline and its verdict say of the capture's frames.  -1 when out of memory. */
int frame_notes_take(
	struct frame_notes *notes, const struct timeline *timeline, const struct verdict *verdict);
/* NULL is fine. */
void frame_notes_free(struct frame_notes *notes);

/* Writes the capture with the notes to 'to'.  A pcapng file keeps all that it has, but for notes of an
 * earlier judgement at the same frames.  -1 with err set. */
int judged_capture_write(
	const char *from, const char *to, struct frame_notes *notes, struct error *err);

/* The same for the evidence of a run, in place, before its manifest is written; a file that is gone, or
 * has its notes, is left out.  -1 with err set to the first trouble; the others are written all the same. */
int judged_evidence_write(const struct run *run, const char *run_folder, struct error *err);

#endif
