/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_SCENARIO_SCENARIO_DRAFT_H
#define WIZHIL_SCENARIO_SCENARIO_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/yaml.h"
#include "scenario/scenario.h"

/* What stands in a scenario file, as the YAML reader leaves it: names are not resolved yet. */

/* Times are limited to ten days, which doubles hold to the ns. */
enum { LONGEST_S = 864000 };

struct draft_connection {
	const char *name, *shares, *port_of;
	int role;
	bool opened_later, spare, wraps, data_mode;
};

struct draft_keepalive {
	int count;
	int64_t timeout_ns;
	bool off, timeout_first;
};

struct draft_setup {
	const char *connection, *option, *command;
	struct draft_keepalive keepalive;
	bool has_keepalive;
};

struct draft_step {
	const char *connection, *option, *command, *after_death_of, *of, *cid;
	int act;
	bool has_act, every, has_size, has_segment, has_code, has_on_probe, has_on_call;
	int on_probe, on_call, size;
	int64_t at_ns, pause_ns;
	struct raw_plan raw;
};

struct draft_watch {
	const char *const *mask;
	size_t mask_count;
	bool has_mask, has_for, has_at_most;
	int64_t for_ns, at_most_ns, then_ns;
};

struct draft_expectation {
	const char *connection, *requirement, *answer, *cid_of;
	int kind, count, rounds, nth, after;
	int64_t in_ns, within_ns, for_ns;
	bool has_count, has_rounds, has_nth, has_after, has_in, has_within, has_for;
};

struct draft {
	const char *name, *about;
	bool exclusive;
	const struct draft_connection *connections;
	const struct draft_setup *setup;
	const struct draft_step *steps;
	const struct draft_expectation *expectations;
	size_t connection_count, setup_count, step_count, expectation_count;
	struct draft_watch watch;
};

/* Of the whole file. */
extern const struct yaml_schema scenario_schema;

#endif
