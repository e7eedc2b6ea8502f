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
