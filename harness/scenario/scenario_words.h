/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_SCENARIO_WORDS_H
#define WIZHIL_SCENARIO_SCENARIO_WORDS_H

#include "scenario/scenario.h"

/* The words of a scenario file, shared by who reads and who writes it. */

/* Keys of a step that only some acts have. */
enum act_parameter {
	ACT_SIZE = 1,	 /* size */
	ACT_SEGMENT = 2, /* seq_offset, ack_offset, closed_window, bad_checksum, other_port,
			  * copies */
	ACT_CODE = 4	 /* code, of the ICMP message */
};

struct act {
	const char *words;
	enum step_kind kind;
	enum raw_kind raw; /* of STEP_PEER_SEGMENT */
	unsigned takes;
};

/* All acts; the words are NULL behind the last. */
extern const struct act scenario_acts[];
extern const char *const scenario_act_words[];

/* As the enum connection_role, and the enum death_reference; ended by NULL. */
extern const char *const scenario_roles[];
extern const char *const scenario_references[];

#endif
