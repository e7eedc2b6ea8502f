/* SPDX-License-Identifier: MIT */
#include "scenario/scenario_words.h"

#include "scenario/expectation.h"

#define ACT(words, kind, raw, takes) {words, kind, raw, takes},
const struct act scenario_acts[] = {
#include "scenario/acts.def"
	{NULL, STEP_OPEN, RAW_ACK, 0}};
#undef ACT

#define ACT(words, kind, raw, takes) (words),
const char *const scenario_act_words[] = {
#include "scenario/acts.def"
	NULL};
#undef ACT

const char *const scenario_roles[] = {
	[ROLE_TCP_CLIENT] = "tcp client",
	[ROLE_TCP_SERVER] = "tcp server",
	[ROLE_UDP_CLIENT] = "udp client",
	NULL,
};

const char *const scenario_references[] = {
	[FIRST_UNANSWERED_PROBE] = "first unanswered probe",
	[LAST_RECEIVED_SEGMENT] = "last received segment",
	NULL,
};
