/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_SENTENCE_H
#define WIZHIL_DIAGNOSE_SENTENCE_H

#include <stdio.h>

#include "diagnose/diagnosis.h"

/* A direction's keep-alive in plain words and figures. */

/* One line without its end: "idle 600.0 s, interval 75.0 s: 8 probes unanswered from frame 17, then
 * RST after 75.0 s (frame 25)". */
void sentence_write(FILE *stream, const struct diagnosed_direction *direction);

/* What the direction does not show, a line each, indented. */
void sentence_write_limits(FILE *stream, const struct diagnosis_request *request,
	const struct diagnosed_direction *direction);

/* Why a segment that looks like a probe is none, or may be one: "right after traffic". */
const char *sentence_lookalike(enum segment_class reason);

/* "2026-11-26 14:03:07.250Z", of ns since 1970. */
void sentence_write_time(FILE *stream, int64_t ns);

/* "frame 17"; where several files were read "frame 17 of ring-2.pcap". */
void sentence_write_frame(
	FILE *stream, const struct diagnosis_request *request, const struct place *place);

/* "0.32 ms", "75.0 s", "2 h 00 min". */
void sentence_write_duration(FILE *stream, int64_t ns);

#endif
