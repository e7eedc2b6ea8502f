/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bench/device.h"

/* Who asked, in the order in which they are told that there is no answer. */
struct asked {
	struct device *device;
	char told[64];
};

static void note(struct asked *asked, const char *name, const struct at_answer *answer)
{
	size_t length = strlen(asked->told);

	cr_assert(!answer->answered);
	snprintf(asked->told + length, sizeof asked->told - length, "%s ", name);
}

static void last_done(void *context, const struct at_answer *answer)
{
	note(context, "closed", answer);
}

static void first_done(void *context, const struct at_answer *answer)
{
	note(context, "first", answer);
}

static void asks_on(void *context, const struct at_answer *answer)
{
	struct asked *asked = context;

	note(asked, "listed", answer);
	device_command(asked->device, NS_PER_S, last_done, asked, "AT+NCLOSE=7");
}

Test(device, what_is_asked_while_commands_are_dropped_is_not_lost)
{
	struct bench_device entry = {0};
	struct device_handlers handlers = {0};
	struct clock clock;

	clock_start(&clock, CLOCK_KIND_STEPPED);
	struct device *device = device_new(&entry, &clock, NULL, &handlers);
	struct asked asked = {.device = device};
	device_command(device, NS_PER_S, first_done, &asked, "AT");
	device_command(device, NS_PER_S, asks_on, &asked, "AT+CID=?");
	device_abandon(device);
	cr_assert_str_eq(asked.told, "listed first ");
	cr_assert(device_busy(device));
	cr_assert_eq(device_deadline(device), NS_PER_S);
	device_expire(device, NS_PER_S);
	cr_assert_str_eq(asked.told, "listed first closed ");
	cr_assert_not(device_busy(device));
	device_free(device);
}

Test(device, reads_the_list_of_cids_as_the_family_prints_it)
{
	unsigned set = 7;

	cr_expect(device_parse_cids("No valid Cids\n", &set));
	cr_expect_eq(set, 0);
	cr_expect(device_parse_cids("CID  TYPE   MODE    LOCAL PORT\n0  TCP  CLIENT  4097\n"
				    "a    udp    SERVER  4098\n",
		&set));
	cr_expect_eq(set, 0x401);
	cr_expect(device_parse_cids("", &set));
	cr_expect_eq(set, 0);
}

Test(device, a_list_that_it_does_not_know_is_no_empty_one)
{
	unsigned set;

	cr_expect_not(device_parse_cids("0: 192.0.2.1 20000\n", &set));
	cr_expect_not(device_parse_cids("CID  TYPE\n0  TCP  CLIENT\nsocket 1 open\n", &set));
	cr_expect_eq(set, 1);
}
