/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_EVIDENCE_H
#define WIZHIL_BENCH_EVIDENCE_H

#include "bench/state.h"

/* What a session leaves in the folder of the run. */

int evidence_open(struct bench *bench, struct session *session, struct bench_case *test_case,
	struct error *err);
/* Finishes the files; returns a memfd with the timeline, or -1. */
int evidence_finish(struct bench *bench, struct session *session, struct error *err);
/* Ends the session's files, and removes them. */
void evidence_discard(const struct bench *bench, struct session *session);
/* --judge: the recorded timeline as a memfd, or -1. */
int evidence_recorded(struct bench *bench, struct bench_case *test_case, struct error *err);

#endif
