/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CASES_CASE_H
#define WIZHIL_CASES_CASE_H

#include <criterion/criterion.h>
#include <stdbool.h>

#include "judge/facts.h"
#include "scenario/expectation.h"
#include "scenario/load.h"
#include "scenario/scenario.h"
#include "timeline/timeline.h"

/*
 * How a case reads: a scenario, drive(), expectations.  No sleeps, no tolerances, no parsing.
 *
 *   CASE(suite, name, "KA-DEAD-01 KA-NOTICE-01")
 *   {
 *           struct scenario s = tcp_client("a");
 *           ...
 *           const struct timeline *t = drive(&s);
 *           expect_death(t, "a", .after = FIRST_UNANSWERED_PROBE, .s = 75);
 *   }
 *
 * The third word names the requirements of cases/requirements.yaml that the case speaks for; an
 * expectation that speaks for another one is an error.
 */

struct case_entry {
	const char *suite, *name;
	const char *requirements; /* ids, separated by blanks */
	void (*body)(void);
	const char *file;
	int line; /* in its file: the order of wizhil list */
};

#define CASE(suite_, name_, requirements_)                                                         \
	static void case_##suite_##_##name_(void);                                                 \
	CASE_ENTRY(suite_, name_, requirements_, case_##suite_##_##name_)                          \
	static void case_##suite_##_##name_(void)

/* A row of a table of cases that differ in numbers only: calls function(&(struct type){...}). */
#define CASE_ROW(suite_, name_, requirements_, function_, ...)                                     \
	static void case_##suite_##_##name_(void)                                                  \
	{                                                                                          \
		function_(__VA_ARGS__);                                                            \
	}                                                                                          \
	CASE_ENTRY(suite_, name_, requirements_, case_##suite_##_##name_)

#define CASE_ENTRY(suite_, name_, requirements_, body_)                                            \
	static const struct case_entry entry_##suite_##_##name_ = {                                \
		#suite_, #name_, requirements_, body_, __FILE__, __LINE__};                        \
	__attribute__((section("wizhil_cases"),                                                    \
		used)) static const struct case_entry *const listed_##suite_##_##name_ =           \
		&entry_##suite_##_##name_;                                                         \
	Test(suite_, name_)                                                                        \
	{                                                                                          \
		case_work(&entry_##suite_##_##name_);                                              \
	}

/* What Criterion runs in a worker: connects to the bench, runs the body, delivers the verdict. */
void case_work(const struct case_entry *entry);

/* The same without Criterion.  True: it passed; else failure says why not. */
bool case_try(const struct case_entry *entry, char *failure, size_t size);

/* In the runner: the worker of the case "suite/name" has ended, whatever it came to. */
void case_ended(const char *name);

/* Has the bench carry out the scenario.  Returns the timeline, which stands until the case ends.
 * Does not return when the bench cannot: the case is an error then. */
const struct timeline *drive(const struct scenario *s);

/* Runs the body with a drive() that only counts; for wizhil list. */
struct case_plan {
	struct scenario_load load; /* of all its scenarios */
	bool facts[FACT_COUNT];	   /* that it finds out, see record_...() */
	char trouble[128];	   /* what is wrong with its scenario; empty when nothing is */
};
struct case_plan case_describe(const struct case_entry *entry);

/* Every CASE of the program. */
extern const struct case_entry *const __start_wizhil_cases[];
extern const struct case_entry *const __stop_wizhil_cases[];

/*
 * Expectations: expect_NAME(t, "connection", .parameter = value, ...) for each row NAME of
 * scenario/expectations.def.  The parameters that a row does not need may be left out.  Each adds
 * its checks to the case's verdict; none ends the case.
 */
struct expected {
	const char *requirement; /* NULL: the row's usual one */
	union {
		int count;  /* of probes */
		int rounds; /* answered probes, at least */
		int nth;    /* of the connection's options, commands and sends, from 0 */
	};
	/* 0: the row's usual time */
	union {
		double s;	 /* the time that is met */
		double within_s; /* not exceeded */
		double for_s;	 /* watched */
	};
	enum death_reference after;
	const char *answer;
	union {
		const char *cid_of; /* the connection whose first CID it is */
		const char *like;   /* a connection with the same options */
	};
};
void expect_as(const struct timeline *t, const char *connection, enum expectation_kind kind,
	struct expected expected);

/*
 * Facts: record_NAME(t, "connection", .parameter = value, ...) for each row NAME of
 * judge/facts.def: what cases/DEVICE.md leaves open, recorded, and a failure where the profile pins
 * something else.  record() takes the fact's id, for tables of cases.
 */
void record_as(const struct timeline *t, const char *connection, enum fact_id id,
	struct expected expected);
#define record(t, connection, id, ...) record_as(t, connection, id, (struct expected){__VA_ARGS__})
/* The connection of facts about all of a timeline. */
#define EVERY_CONNECTION NULL

#include "runner/calls.h"

/* All of these, for cases whose probes are others': later ones, or after other options. */
#define SOUND_PROBES "KA-FMT-01 KA-FMT-04 KA-FMT-05 KA-FMT-06"
void expect_sound_probes(const struct timeline *t, const char *connection);
/* The notice came, once, with its own CID, if late: 15 s are granted; and not late, for
 * KA-NOTICE-04. */
void expect_notice_not_lost(
	const struct timeline *t, const char *connection, const char *requirement);
/* An error, whichever one, and the module goes on (KA-CFG-21), which another command soon after it
 * shows. */
#define expect_harmless_refusal(t, connection, ...)                                                \
	expect_harmless_refusal_as(t, connection, (struct expected){__VA_ARGS__})
void expect_harmless_refusal_as(
	const struct timeline *t, const char *connection, struct expected expected);
/* Was the nth command refused?  What a case expects of a device that may do either.  True while
 * describing. */
bool was_refused(const struct timeline *t, const char *connection, int nth);
/* Has an expectation failed so far?  A case may look closer then.  False while describing. */
bool has_failed(void);
/* An expectation of a scenario file. */
void expect_as_read(const struct timeline *t, const struct expectation *expectation);
/* Notes that count = 1 goes against MUST-29. */
void note_count_of_one(const struct timeline *t, const char *connection);

#endif
