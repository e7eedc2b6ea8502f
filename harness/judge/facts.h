/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_FACTS_H
#define WIZHIL_JUDGE_FACTS_H

#include <stdbool.h>

/*
 * What a module turns out to do where no source says what it must (tags G and I of
 * cases/DEVICE.md).  A case records it; 'wizhil characterize' writes it into a profile; a profile
 * that pins it makes it a requirement of the firmwares to come.
 */

/* Of facts about which all is said by whether the connection lived. */
#define FATE "nothing", "ends-connection"
#define FATE_OF_ANSWER "answer", "ignored"
#define NOTICE_WORDS "disconnect", "socket-failure", "none", "several"

enum fact_id {
#define FACT_WORDS(name, method, requirement, what, ...) FACT_##name,
#define FACT_ANSWER(name, method, requirement, what) FACT_##name,
#define FACT_NUMBER(name, method, requirement, what, unit) FACT_##name,
#define FACT_METHOD(method, generation)
#include "judge/facts.def"
#undef FACT_WORDS
#undef FACT_ANSWER
#undef FACT_NUMBER
#undef FACT_METHOD
	FACT_COUNT
};

enum { FACT_TEXT = 64 };

struct fact {
	enum fact_id id;
	char text[FACT_TEXT]; /* a word, an answer without brackets, or a number in words */
	bool number;	      /* the two below hold, in fact_unit() */
	double value, error;
};

enum fact_method {
#define FACT_WORDS(name, method, requirement, what, ...)
#define FACT_ANSWER(name, method, requirement, what)
#define FACT_NUMBER(name, method, requirement, what, unit)
#define FACT_METHOD(method, generation) METHOD_##method,
#include "judge/facts.def"
#undef FACT_WORDS
#undef FACT_ANSWER
#undef FACT_NUMBER
#undef FACT_METHOD
	FACT_METHODS
};

enum gap_reason {
	GAP_NONE,
#define GAP(name, words) GAP_##name,
#include "judge/gaps.def"
#undef GAP
	GAP_REASONS
};

enum { GAP_TEXT = 400 };

/* A fact that a case was to find out and did not. */
struct fact_gap {
	enum fact_id id;
	enum gap_reason reason;
	char text[GAP_TEXT]; /* for people: the reason's words, or what is known of this one */
};

/* "watch_has_no_end"; "none" for GAP_NONE. */
const char *gap_name(enum gap_reason reason);
/* -1 when there is no such reason. */
int gap_find(const char *name);
/* "the watch has no end" */
const char *gap_words(enum gap_reason reason);

/* "notice_fin" */
const char *fact_name(enum fact_id id);
/* -1 when there is no such fact. */
int fact_find(const char *name);
/* What it is, for people. */
const char *fact_what(enum fact_id id);
/* The words it may be, ended by NULL; NULL for answers and numbers. */
const char *const *fact_words(enum fact_id id);
/* How it is found. */
enum fact_method fact_method(enum fact_id id);
/* The requirement that it speaks for where the case names none. */
const char *fact_requirement(enum fact_id id);
/* "ms"; NULL for what is no number. */
const char *fact_unit(enum fact_id id);

#endif
