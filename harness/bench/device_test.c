/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/device.h"
#include "core/error.h"
#include "uart/at_command.h"

/* Who asked, in the order in which they are told that there is no answer. */
struct asked {
	struct device *device;
	char noted[64];
};

static void note(struct asked *asked, const char *name, const struct at_answer *answer)
{
	size_t length = strlen(asked->noted);

	cr_assert(!answer->answered);
	snprintf(asked->noted + length, sizeof asked->noted - length, "%s ", name);
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
	cr_assert_str_eq(asked.noted, "listed first ");
	cr_assert(device_busy(device));
	cr_assert_eq(device_deadline(device), NS_PER_S);
	device_expire(device, NS_PER_S);
	cr_assert_str_eq(asked.noted, "listed first closed ");
	cr_assert_not(device_busy(device));
	device_free(device);
}

/* ---- a device at a pty, whose other end the test has ---- */

struct bench_end {
	struct bench_device entry;
	struct clock clock;
	int master;
	struct port *port;
	struct device *device;
	char heard[256];	    /* answers and notices, in their order */
	struct uart_free uart_free; /* of the last notice */
};

static void hear(struct bench_end *end, const char *what, const char *text)
{
	const size_t length = strlen(end->heard);

	snprintf(end->heard + length, sizeof end->heard - length, "%s %s; ", what, text);
}

static void hear_answer(void *context, const struct at_answer *answer)
{
	cr_assert(answer->answered);
	hear(context, "answer", answer->lines[0] != '\0' ? answer->lines : answer->text);
}

static void hear_notice(void *context, struct device *device, const struct at_token *token,
	struct uart_free uart_free)
{
	(void)device;
	((struct bench_end *)context)->uart_free = uart_free;
	hear(context, "notice", token->text);
}

static void hear_data(void *context, struct device *device, const struct at_token *token)
{
	char text[32];

	(void)device;
	snprintf(text, sizeof text, "%d:%.*s", token->cid, (int)token->length,
		(const char *)token->data);
	hear(context, "data", text);
}

static void hear_bytes(
	void *context, struct device *device, bool to_device, const void *bytes, size_t length)
{
	(void)context;
	(void)device;
	(void)to_device;
	(void)bytes;
	(void)length;
}

static struct bench_end *begin(void)
{
	const struct port_settings settings = {.baud = 115200};
	struct bench_end *end = calloc(1, sizeof *end);
	const struct device_handlers handlers = {
		.context = end, .notice = hear_notice, .data = hear_data, .passed = hear_bytes};
	struct error err = {0};

	cr_assert_not_null(end);
	clock_start(&end->clock, CLOCK_KIND_STEPPED);
	end->master = posix_openpt(O_RDWR | O_NOCTTY);
	cr_assert(end->master >= 0 && grantpt(end->master) == 0 && unlockpt(end->master) == 0);
	end->port = port_adopt(
		open(ptsname(end->master), O_RDWR | O_NOCTTY | O_NONBLOCK), &settings, &err);
	cr_assert_not_null(end->port, "%s", err.text);
	end->device = device_new(&end->entry, &end->clock, end->port, &handlers);
	return end;
}

/* The first of them is sent at once. */
static void ask(struct bench_end *end, const char *command)
{
	cr_assert_eq(device_command(end->device, NS_PER_S, hear_answer, end, "%s", command), 0);
	cr_assert_eq(device_write(end->device, NULL), 0);
}

/* The device says so, and the bench sends what it has to, afterwards. */
static void device_says(struct bench_end *end, const char *text)
{
	const uint64_t before = port_bytes_read(end->port);

	cr_assert_eq(write(end->master, text, strlen(text)), (ssize_t)strlen(text));
	while (port_bytes_read(end->port) < before + strlen(text))
		cr_assert_eq(device_read(end->device, NULL), 0);
	cr_assert_eq(device_write(end->device, NULL), 0);
}

static void finish(struct bench_end *end)
{
	device_free(end->device);
	close(end->master);
	free(end);
}

Test(device, what_comes_before_a_command_is_sent_is_no_answer_to_it)
{
	struct bench_end *end = begin();

	ask(end, "AT+SETSOCKOPT=0,6,4005,1,4");
	ask(end, "AT+SETSOCKOPT=0,6,4001,90,4");
	device_says(end, "\r\n[OK]\r\n\r\n[ERROR: SOCKET FAILURE 0]\r\n");
	device_says(end, "\r\n[ERROR: INVALID INPUT]\r\n");
	cr_expect_str_eq(end->heard,
		"answer OK; notice ERROR: SOCKET FAILURE 0; answer ERROR: INVALID INPUT; ");
	finish(end);
}

Test(device, the_late_answer_of_another_command_is_not_that_of_the_version)
{
	struct bench_end *end = begin();

	ask(end, AT_LINE_VERSION);
	device_says(end, "\r\n[OK]\r\n");
	device_says(end, "\r\nAPP VERSION=3\r\n\r\n[OK]\r\n");
	cr_expect_str_eq(end->heard, "answer APP VERSION=3\n; ");
	finish(end);
}

Test(device, a_version_without_a_line_is_one_where_no_line_comes)
{
	struct bench_end *end = begin();

	ask(end, AT_LINE_VERSION);
	device_says(end, "\r\n[OK]\r\n");
	cr_expect_str_empty(end->heard);
	device_expire(end->device, NS_PER_S);
	cr_expect_str_eq(end->heard, "answer ; ");
	cr_expect_not(device_busy(end->device));
	finish(end);
}

/* Its body may be taken for a command: what that draws is no answer to the next one. */
Test(device, behind_a_refused_frame_its_body_is_ended)
{
	struct bench_end *end = begin();
	char written[64] = "";

	cr_assert_eq(device_send(end->device, 4, 0, "hello", 5, hear_answer, end), 0);
	cr_assert_eq(device_write(end->device, NULL), 0);
	ask(end, "AT");
	device_says(end, "\033F");
	device_says(end, "\r\n[ERROR: INVALID INPUT]\r\n");
	cr_expect_str_empty(end->heard);
	cr_expect_not(device_is_overdue(end->device, NS_PER_S));
	device_expire(end->device, NS_PER_S);
	cr_expect_str_eq(end->heard, "answer ESC F; ");
	cr_assert_eq(device_write(end->device, NULL), 0);
	device_says(end, "\r\n[OK]\r\n");
	cr_expect_str_eq(end->heard, "answer ESC F; answer OK; ");
	cr_assert_gt(read(end->master, written, sizeof written - 1), 0);
	cr_expect_str_eq(written, "\x1bZ40005hello\rAT\r");
	finish(end);
}

Test(device, a_notice_is_told_since_when_the_uart_was_free_for_it)
{
	struct bench_end *end = begin();

	end->clock.now_ns = 10;
	ask(end, "AT+FIRST");
	end->clock.now_ns = 20;
	device_says(end, "\r\n[OK]\r\n");
	end->clock.now_ns = 30;
	device_says(end, "\r\nDISCONNECT 1\r\n");
	cr_expect_eq(end->uart_free.since_ns, 20);
	cr_expect_eq(end->uart_free.busy_since_ns, 10);
	/* A command that has not left is none that it could wait for. */
	end->clock.now_ns = 40;
	cr_assert_eq(device_command(end->device, NS_PER_S, hear_answer, end, "AT+SECOND"), 0);
	device_says(end, "\r\nDISCONNECT 2\r\n");
	cr_expect_eq(end->uart_free.since_ns, 20);
	end->clock.now_ns = 50;
	device_says(end, "\r\nDISCONNECT 3\r\n");
	cr_expect_eq(end->uart_free.since_ns, 50);
	cr_expect_eq(end->uart_free.busy_since_ns, 40);
	finish(end);
}

/* ---- data mode, and what is typed in halves ---- */

/* What was written since to the device. */
static void expect_written(struct bench_end *end, const char *expected)
{
	char written[128];
	size_t length = 0;

	/* The kernel hands it on in pieces, each a moment later. */
	do {
		const ssize_t got =
			read(end->master, written + length, sizeof written - 1 - length);
		cr_assert(got > 0);
		length += (size_t)got;
	} while (length < strlen(expected) && length + 1 < sizeof written);
	written[length] = '\0';
	cr_expect_str_eq(written, expected);
}

Test(device, data_mode_begins_behind_ata_and_has_notices_between_data)
{
	struct bench_end *end = begin();

	ask(end, AT_LINE_AUTO_START);
	device_says(end, "\r\n[CONNECT 3]\r\n\r\n[OK]\r\nabc");
	device_says(end, "d\r\n[DISCONNECT 5]\r\n\xc1[e");
	cr_expect_str_eq(
		end->heard, "answer OK; data 3:abc; data 3:d; notice DISCONNECT 5; data 3:[e; ");
	expect_written(end, "ATA\r");
	/* What is sent goes out as it is, and nothing answers it. */
	cr_assert_eq(device_send(end->device, 3, 0, "xyz", 3, hear_answer, end), 0);
	cr_assert_eq(device_write(end->device, NULL), 0);
	cr_expect_not(device_busy(end->device));
	expect_written(end, "xyz");
	finish(end);
}

Test(device, data_mode_is_left_by_pluses_after_a_silence)
{
	struct bench_end *end = begin();

	end->clock.now_ns = NS_PER_S;
	ask(end, AT_LINE_AUTO_START);
	device_says(end, "\r\n[CONNECT 3]\r\n\r\n[OK]\r\n");
	expect_written(end, "ATA\r");
	ask(end, AT_LEAVE_DATA_MODE);
	cr_expect_gt(device_deadline(end->device), 2 * NS_PER_S);
	end->clock.now_ns = device_deadline(end->device);
	device_expire(end->device, end->clock.now_ns);
	cr_assert_eq(device_write(end->device, NULL), 0);
	expect_written(end, AT_LEAVE_DATA_MODE);
	end->heard[0] = '\0';
	device_says(end, "\r\n[OK]\r\n\x1bZ30002ab");
	cr_expect_str_eq(end->heard, "answer OK; data 3:ab; ");
	finish(end);
}

Test(device, the_second_half_of_a_line_is_typed_after_the_pause)
{
	struct bench_end *end = begin();

	cr_assert_eq(device_command_in_halves(
			     end->device, 5 * NS_PER_S, NS_PER_S, hear_answer, end, "AT+X"),
		0);
	cr_assert_eq(device_write(end->device, NULL), 0);
	expect_written(end, "AT");
	end->clock.now_ns = 4 * NS_PER_S;
	device_says(end, "\r\n[DISCONNECT 5]\r\n");
	cr_expect_eq(end->uart_free.since_ns, 4 * NS_PER_S, "it may have waited for the line");
	cr_assert_eq(device_deadline(end->device), 5 * NS_PER_S);
	end->clock.now_ns = 5 * NS_PER_S;
	device_expire(end->device, end->clock.now_ns);
	cr_assert_eq(device_write(end->device, NULL), 0);
	expect_written(end, "+X\r");
	device_says(end, "\r\n[OK]\r\n");
	cr_expect_str_eq(end->heard, "notice DISCONNECT 5; answer OK; ");
	finish(end);
}

/* ---- the way of the UART ---- */

/* A host whose clocks all show what the test says. */
static int64_t read_present(void *context, enum host_clock which)
{
	const int64_t *present = context;

	return which == HOST_RTC ? -1 : *present;
}

/* A command that is answered after so long, on the real clock. */
static void command_takes(struct bench_end *end, int64_t *present, const char *command, int64_t ns)
{
	ask(end, command);
	*present += ns;
	end->clock.looked_ns = clock_now(&end->clock) - NS_PER_MS;
	device_says(end, "\r\nOK\r\n");
}

Test(device, the_way_is_that_of_commands_which_need_no_work)
{
	struct bench_end *end = begin();
	const struct round_trips *way = &end->device->uart.round_trips;
	int64_t present = 100 * NS_PER_S;

	clock_start_by(&end->clock, read_present, &present);
	command_takes(end, &present, "AT", NS_PER_S);
	command_takes(end, &present, "ATV1", 3 * NS_PER_MS);
	command_takes(end, &present, "ATE0", 232 * NS_PER_MS);
	command_takes(end, &present, "AT+SETSOCKOPT=0,6,4005,1,4", 800 * NS_PER_MS);
	cr_expect_eq(way->count, 2);
	cr_expect_eq(way->least_ns, 3 * NS_PER_MS);
	cr_expect_eq(way->most_ns, 232 * NS_PER_MS);
	finish(end);
}

Test(device, an_answer_that_waited_for_a_stopped_bench_says_nothing_of_the_way)
{
	struct bench_end *end = begin();
	int64_t present = 100 * NS_PER_S;

	clock_start_by(&end->clock, read_present, &present);
	end->clock.looked_ns = clock_now(&end->clock);
	ask(end, "ATE0");
	present += 8 * NS_PER_S;
	device_says(end, "\r\nOK\r\n");
	cr_expect_eq(end->device->uart.round_trips.count, 0);
	finish(end);
}

static bool is_not_wanted(const void *context)
{
	(void)context;
	return false;
}

static void count_not_asked(void *context, const struct at_answer *answer)
{
	*(int *)context += answer == NULL;
}

/* One is in progress, and so many wait. */
static void ask_in_order(struct bench_end *end, const char *const *lines, int count)
{
	for (int i = 0; i < count; i++)
		ask(end, lines[i]);
}

Test(device, what_has_its_time_goes_before_what_has_none)
{
	static const char *const waiting[] = {"AT+FIRST", "AT+SECOND", "AT+THIRD"};
	struct bench_end *end = begin();

	ask_in_order(end, waiting, 3);
	expect_written(end, "AT+FIRST\r");
	ask(end, "AT+STEP");
	uart_channel_rank_last(&end->device->uart, true, NULL);
	ask(end, "AT+NEXT_STEP");
	uart_channel_rank_last(&end->device->uart, true, NULL);
	ask(end, "AT+LAST");
	for (int i = 0; i < 5; i++)
		device_says(end, "\r\n[OK]\r\n");
	expect_written(end, "AT+STEP\rAT+NEXT_STEP\rAT+SECOND\rAT+THIRD\rAT+LAST\r");
	finish(end);
}

Test(device, what_is_not_wanted_any_more_is_not_asked)
{
	struct bench_end *end = begin();
	int not_asked = 0;

	ask(end, "AT+FIRST");
	cr_assert_eq(
		device_command(end->device, NS_PER_S, count_not_asked, &not_asked, "AT+NCLOSE=3"),
		0);
	uart_channel_rank_last(&end->device->uart, false, is_not_wanted);
	ask(end, "AT+LAST");
	device_says(end, "\r\n[OK]\r\n");
	expect_written(end, "AT+FIRST\rAT+LAST\r");
	cr_expect_eq(not_asked, 1);
	finish(end);
}
