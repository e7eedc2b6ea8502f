/* SPDX-License-Identifier: MIT */
/*
 * A device of which one answer is not as it should be: to each command of the bring-up and of a case in turn.  What the
 * bench does then is compared whole, as far as it is not what it does otherwise.
 */
#include <unistd.h>

#include "bench/broker_protocol.h"
#include "bench/fake_device_test.h"
#include "core/expected_test.h"

static const struct {
	const char *name, *text;
} odd[] = {
	{"no answer", NULL},
	{"an error", "\r\n[ERROR]\r\n"},
	{"OK alone", "\r\n[OK]\r\n"},
	{"a loss of the association", "\r\n[DISASSOCIATED]\r\n"},
	{"a reboot", "\r\nReset-EXT\r\nSerial2WiFi APP\r\n\r\n[OK]\r\n"},
};

static struct scenario two_connections(void)
{
	struct scenario scenario = udp_scenario("a");

	add_connection(&scenario, "b", ROLE_UDP_CLIENT);
	option(&scenario, "b", "65535", "8", "1", "4");
	option_at(&scenario, "a", "6,4001,90,4", .at_s = 3);
	device_closes(&scenario, "b", .at_s = 5);
	watch(&scenario, .until = TIME, .s = 20);
	return scenario;
}

/* All that is told of it; how many commands there were. */
static char *output_of(int odd_at, const char *text, int *commands)
{
	const struct scenario scenario = two_connections();
	struct stand *s = stand_new(1, 1);

	s->fakes[0].odd_at = odd_at;
	s->fakes[0].odd = text;
	stand_begin(s);
	stand_until_ready(s);
	if (s->fakes[0].device->ready)
		stand_submit(s, 0, &scenario);
	for (int i = 0, kind = 0; s->fakes[0].device->ready && i < 400 && kind == 0; i++) {
		stand_until(s, s->bench->clock.now_ns + NS_PER_S);
		kind = stand_message(s, 0, NULL, NULL, 0);
		if (kind == MESSAGE_TIMELINE)
			stand_judge(s, 0, "pass");
	}
	stand_until(s, s->bench->clock.now_ns + 10 * NS_PER_S);
	*commands = s->fakes[0].commands;
	return stand_tell(s);
}

static const char *end_of_line(const char *line)
{
	return line + strcspn(line, "\n");
}

/* How long the lines are that both texts begin with, and, behind these, end with. */
static void common_lines(const char *a, const char *b, size_t *front, size_t *back)
{
	const size_t a_length = strlen(a), b_length = strlen(b);
	size_t same = 0;

	*front = *back = 0;
	while (a[same] != '\0' && a[same] == b[same])
		if (a[same++] == '\n')
			*front = same;
	for (same = 0; *front + same < a_length && *front + same < b_length &&
		       a[a_length - 1 - same] == b[b_length - 1 - same];
		same++)
		if (a[a_length - 1 - same] == '\n')
			*back = same;
}

/* The lines of the middle in one paragraph, the commands without the name of the device. */
static void put_difference(FILE *stream, const char *whole, const char *output)
{
	static const char to_device[] = "device-0 > ";
	size_t front, back;

	common_lines(whole, output, &front, &back);
	const char *end = output + strlen(output) - back;
	for (const char *line = output + front; line < end; line = end_of_line(line) + 1) {
		const int length = (int)(end_of_line(line) - line);
		const char *command = strstr(line, to_device);
		if (command != NULL && command < line + length)
			fprintf(stream, "  %.*s%.*s\n", (int)(command - line), line,
				(int)(line + length - command) - (int)strlen(to_device),
				command + strlen(to_device));
		else
			fprintf(stream, "  %.*s\n", length, line);
	}
}

static void expect_odd(const char *name, int from, int to)
{
	char *text = NULL, *whole = output_of(0, NULL, &(int){0});
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	for (int i = from; i <= to; i++)
		for (size_t k = 0; k < sizeof odd / sizeof *odd; k++) {
			int commands = 0;
			char *output = output_of(i, odd[k].text, &commands);
			fprintf(stream, "command %d: %s\n", i, odd[k].name);
			put_difference(stream, whole, output);
			free(output);
		}
	fclose(stream);
	expect_whole("bench", name, text);
	free(text);
	free(whole);
}

Test(odd_answers, to_the_first_commands_of_the_bring_up)
{
	expect_odd("odd-answers-1.txt", 1, 12);
}

Test(odd_answers, to_the_other_commands_of_the_bring_up)
{
	expect_odd("odd-answers-2.txt", 13, 21);
}

Test(odd_answers, to_the_commands_of_a_case)
{
	expect_odd("odd-answers-3.txt", 22, 40);
}
