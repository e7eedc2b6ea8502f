/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_TIMING_MODEL_H
#define WIZHIL_JUDGE_TIMING_MODEL_H

#include <stddef.h>

/* Timing models of cases/DEVICE.md section 5, as bits of a set: those not excluded. */
enum timing_model {
	MODEL_A = 1,
	MODEL_A_TICK = 2,
	MODEL_A_FREE = 4,
	MODEL_B = 8,
	MODEL_D = 16,
	MODEL_E = 32,
	MODELS_ALL = 63
};

/* "A", "A-tick", ... of one model. */
const char *timing_model_name(enum timing_model model);
/* The model of that name; 0 where there is none, and of NULL. */
unsigned timing_model_find(const char *name);

/* A set in words: "A, A-tick"; "none". */
void models_text(unsigned models, char *text, size_t size);

#endif
