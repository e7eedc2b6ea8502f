/* SPDX-License-Identifier: MIT */
#include "scenario/load.h"

#include "scenario/course.h"
#include "scenario/leases.h"

/* To the module: to open, to set up and later, to list and to close. */
static int commands_of(const struct scenario *s)
{
	int commands = 2 * s->connection_count + 1;

	for (int i = 0; i < s->step_count; i++)
		commands += s->steps[i].kind == STEP_OPTION || s->steps[i].kind == STEP_COMMAND;
	return commands;
}

/* From the death of the connection whose CID a step names then, until the step. */
static void add_held_opens(struct scenario_load *load, const struct scenario *s)
{
	for (int i = 0; i < s->step_count; i++) {
		const struct step *step = &s->steps[i];
		if (!step_names_dead_cid(s, step))
			continue;
		const int64_t death_ns = course_death(s, step->connection);
		if (death_ns == COURSE_NEVER)
			continue;
		const int64_t from_ns = load->expected_ns + death_ns;
		const int64_t to_ns = from_ns + step->at_ns;
		if (load->opens_free_ns == 0 || from_ns < load->opens_held_ns)
			load->opens_held_ns = from_ns;
		load->opens_free_ns = to_ns > load->opens_free_ns ? to_ns : load->opens_free_ns;
	}
}

void scenario_load_add(struct scenario_load *load, const struct scenario *s)
{
	const int cids = scenario_cids(s);
	const int64_t expected_ns = scenario_expected(s);
	const enum sharing sharing = scenario_sharing(s);
	const bool alone = sharing == SHARING_NONE;

	load->cids = cids > load->cids ? cids : load->cids;
	load->commands += commands_of(s);
	load->drives++;
	load->begins_alone |= sharing == SHARING_LATER;
	load->access_point |= scenario_breaks_link(s);
	load->needs_limited_ap |= scenario_uses_station(s);
	load->spare_address |= scenario_uses_spare_address(s);
	load->opens_later |= scenario_opens_later(s);
	load->names_dead_cid |= scenario_names_dead_cid(s);
	add_held_opens(load, s);
	load->expected_ns += expected_ns;
	load->alone_ns += alone ? expected_ns : 0;
	load->cid_ns += cids * expected_ns;
	load->module_ns += alone ? expected_ns : cids * expected_ns / SCENARIO_CONNECTIONS;
}

json_t *scenario_load_json(const struct scenario_load *load)
{
	return json_pack(
		"{s:f, s:b, s:i, s:f, s:f, s:f, s:b, s:i, s:b, s:b, s:b, s:b, s:f, s:f, s:b}",
		"expected_s", (double)load->expected_ns / 1e9, "exclusive", load->alone_ns > 0,
		"cids", load->cids, "cid_s", (double)load->cid_ns / 1e9, "alone_s",
		(double)load->alone_ns / 1e9, "module_s", (double)load->module_ns / 1e9,
		"begins_alone", load->begins_alone, "commands", load->commands, "access_point",
		load->access_point, "spare_address", load->spare_address, "opens_later",
		load->opens_later, "names_dead_cid", load->names_dead_cid, "opens_held_s",
		(double)load->opens_held_ns / 1e9, "opens_free_s",
		(double)load->opens_free_ns / 1e9, "needs_limited_ap", load->needs_limited_ap);
}
