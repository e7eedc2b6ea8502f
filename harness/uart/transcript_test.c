/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/units.h"
#include "uart/transcript.h"

#define ESC "\x1b"

static char folder[] = "/tmp/wizhil-transcript-XXXXXX";
static char path[64], part[72];
static char body[65536];
static struct transcript *transcript;

static void begin(void)
{
	struct error err = {0};

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/uart.txt", folder);
	snprintf(part, sizeof part, "%s.part", path);
	transcript = transcript_open(path, &err);
	cr_assert_not_null(transcript, "%s", err.text);
}

static void clean(void)
{
	transcript_finish(transcript, NULL);
	unlink(path);
	unlink(part);
	rmdir(folder);
}

TestSuite(transcript, .init = begin, .fini = clean);

/* All lines of a file but the heading. */
static const char *body_of(const char *file_name)
{
	FILE *file = fopen(file_name, "r");

	cr_assert_not_null(file, "no %s", file_name);
	cr_assert_not_null(fgets(body, sizeof body, file));
	cr_assert_eq(strncmp(body, "# wizhil UART transcript 1:", 27), 0);
	size_t length = fread(body, 1, sizeof body - 1, file);
	body[length] = '\0';
	fclose(file);
	return body;
}

static const char *finished(void)
{
	struct error err = {0};

	cr_assert_eq(transcript_finish(transcript, &err), 0, "%s", err.text);
	transcript = NULL;
	return body_of(path);
}

static void host(int64_t t_ns, const char *text)
{
	transcript_append(transcript, TO_MODULE, t_ns, text, strlen(text));
}

static void module(int64_t t_ns, const char *text)
{
	transcript_append(transcript, FROM_MODULE, t_ns, text, strlen(text));
}

Test(transcript, lines_carry_time_and_direction)
{
	host(0, "AT\r");
	module(12345678 * NS_PER_US + 999, "AT\r\r\n[OK]\r\n");
	host(12345 * NS_PER_S, "AT+CID=?\r");
	cr_assert_str_eq(finished(), "+    0.000000 > AT\n"
				     "+   12.345678 < AT\n"
				     "+   12.345678 < [OK]\n"
				     "+12345.000000 > AT+CID=?\n");
}

Test(transcript, a_line_has_the_time_of_its_end)
{
	module(NS_PER_S, "[O");
	host(2 * NS_PER_S, "AT\r");
	module(3 * NS_PER_S, "K]\r\n");
	cr_assert_str_eq(finished(), "+    2.000000 > AT\n+    3.000000 < [OK]\n");
}

Test(transcript, frames_have_lines_of_their_own_and_control_bytes_are_escaped)
{
	host(0, ESC "Z00005h\r\n\\\x01"
		    "AT\r");
	module(0, ESC "O" ESC "S1a" ESC "E\r\n\xff\t\r\n");
	cr_assert_str_eq(finished(), "+    0.000000 > \\eZ00005h\\r\\n\\\\\\x01\n"
				     "+    0.000000 > AT\n"
				     "+    0.000000 < \\eO\n"
				     "+    0.000000 < \\eS1a\\eE\n"
				     "+    0.000000 < \\xff\\t\n");
}

Test(transcript, what_is_unfinished_at_the_end_is_marked)
{
	module(NS_PER_S, "[O" ESC "Z00005hel");
	cr_assert_str_eq(finished(), "+    1.000000 < \\eZ00005hel\\.\n+    1.000000 < [O\\.\n");
}

Test(transcript, a_line_follows_a_frame_that_was_given_up)
{
	module(NS_PER_S, ESC "Z00005hel");
	transcript_flush(transcript, 2 * NS_PER_S);
	module(3 * NS_PER_S, "[OK]\r\n");
	cr_assert_str_eq(finished(), "+    2.000000 < \\eZ00005hel\\.\n+    3.000000 < [OK]\n");
}

Test(transcript, remarks_are_told_from_the_uart)
{
	transcript_add_secret(transcript, "horse", NULL);
	transcript_remark(transcript, NS_PER_S, "baud 9600\nhorse");
	cr_assert_str_eq(finished(), "# +    1.000000 baud 9600\\n********\n");
}

Test(transcript, a_passphrase_is_hidden_in_command_and_echo)
{
	host(0, "AT+WWPA=correct horse\r");
	module(0, "AT+WWPA=correct horse\r\r\n[OK]\r\n");
	cr_assert_str_eq(finished(), "+    0.000000 > AT+WWPA=********\n"
				     "+    0.000000 < AT+WWPA=********\n"
				     "+    0.000000 < [OK]\n");
}

Test(transcript, a_passphrase_is_hidden_however_the_bytes_are_split)
{
	static const char line[] = "AT+WPAPSK=lab,correct horse\r";

	for (size_t cut = 0; cut < sizeof line - 1; cut++) {
		transcript_append(transcript, TO_MODULE, 0, line, cut);
		transcript_append(transcript, FROM_MODULE, 0, line, cut);
		transcript_append(transcript, TO_MODULE, 0, line + cut, sizeof line - 1 - cut);
		transcript_append(transcript, FROM_MODULE, 0, line + cut, sizeof line - 1 - cut);
	}
	const char *text = finished();
	cr_assert_null(strstr(text, "correct"));
	cr_assert_null(strstr(text, "horse"));
	cr_assert_not_null(strstr(text, "AT+WPAPSK=lab,********\n"));
}

Test(transcript, a_passphrase_that_was_sent_is_secret_from_then_on)
{
	host(0, "AT+WWPA=\"correct horse\"\r");
	module(0, "PASSPHRASE correct horse 1\r\n" ESC "Z00015-correct horse-");
	cr_assert_str_eq(finished(), "+    0.000000 > AT+WWPA=********\n"
				     "+    0.000000 < PASSPHRASE ******** 1\n"
				     "+    0.000000 < \\eZ00015-********-\n");
}

Test(transcript, an_echo_broken_by_a_notice_shows_no_piece_of_the_passphrase)
{
	host(0, "AT+WWPA=correct horse\r");
	module(0, "AT+WWPA=corr\r\n[DISCONNECT 0]\r\nect horse\r\r\n[OK]\r\n");
	cr_assert_str_eq(finished(), "+    0.000000 > AT+WWPA=********\n"
				     "+    0.000000 < AT+WWPA=********\n"
				     "+    0.000000 < [DISCONNECT 0]\n"
				     "+    0.000000 < ********\n"
				     "+    0.000000 < [OK]\n");
}

Test(transcript, a_registered_secret_is_hidden_before_it_was_ever_sent)
{
	char out[64];

	transcript_add_secret(transcript, "correct horse", NULL);
	module(0, "found correct horse\r\n");
	transcript_redact_known(transcript, "AT+X=correct horse,1", out, sizeof out);
	cr_assert_str_eq(out, "AT+X=********,1");
	cr_assert_str_eq(finished(), "+    0.000000 < found ********\n");
}

Test(transcript, a_secret_across_the_cut_of_a_long_line_is_hidden)
{
	static char line[600];

	transcript_add_secret(transcript, "correct horse", NULL);
	memset(line, 'x', sizeof line - 1);
	memcpy(line + 505, "correct horse", 13); /* a line holds 511 */
	line[598] = '\r';
	module(0, line);
	cr_assert_null(strstr(finished(), "corr"));
}

Test(transcript, the_file_is_private_and_gets_its_name_at_the_end)
{
	struct stat state;

	host(0, "AT\r");
	cr_assert_eq(access(path, F_OK), -1);
	cr_assert_eq(stat(part, &state), 0);
	cr_assert_eq(state.st_mode & 0777, 0600);
	finished();
	cr_assert_eq(access(part, F_OK), -1);
	cr_assert_eq(stat(path, &state), 0);
	cr_assert_eq(state.st_mode & 0777, 0600);
}

Test(transcript, lines_are_in_the_file_once_it_was_synced)
{
	host(0, "AT\r");
	transcript_sync(transcript);
	cr_assert_str_eq(body_of(part), "+    0.000000 > AT\n");
}

Test(transcript, a_folder_that_is_not_there_is_named)
{
	struct error err = {0};

	cr_assert_null(transcript_open("/nonexistent/uart.txt", &err));
	cr_assert_str_eq(err.text, "cannot create the transcript '/nonexistent/uart.txt.part': No "
				   "such file or directory");
}

Test(transcript, a_file_that_cannot_get_its_name_is_an_error)
{
	struct error err = {0};

	unlink(part);
	cr_assert_eq(transcript_finish(transcript, &err), -1);
	transcript = NULL;
	cr_assert_eq(err.kind, ERROR_BENCH);
}

Test(transcript, a_disk_that_takes_no_more_is_an_error_and_the_name_is_not_given)
{
	struct error err = {0};

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0}), 0);
	host(0, "AT\r");
	transcript_sync(transcript);
	cr_assert_eq(transcript_finish(transcript, &err), -1);
	transcript = NULL;
	cr_expect_eq(strncmp(err.text, "cannot write the transcript '", 29), 0, "%s", err.text);
	cr_expect_not_null(strstr(err.text, ": File too large"), "%s", err.text);
	cr_expect_eq(err.kind, ERROR_BENCH);
	cr_expect_eq(access(path, F_OK), -1);
}

Test(transcript, a_name_that_is_too_long_is_refused)
{
	char name[PATH_MAX];
	struct error err = {0};

	memset(name, 'x', sizeof name - 1);
	name[PATH_MAX - 1] = '\0';
	cr_assert_null(transcript_open(name, &err));
	cr_expect_eq(err.kind, ERROR_USAGE);
	name[PATH_MAX - sizeof ".part"] = '\0';
	cr_assert_null(transcript_open(name, &err));
	cr_expect_eq(err.kind, ERROR_USAGE);
	name[PATH_MAX - sizeof ".part" - 1] = '\0'; /* fits, and is no name of a file */
	cr_assert_null(transcript_open(name, &err));
	cr_expect_eq(err.kind, ERROR_BENCH);
}

Test(transcript, octets_are_counted)
{
	cr_expect_eq(transcript_size(transcript), 0);
	host(0, "AT\r");
	module(0, "\r\n[OK]\r\n");
	cr_expect_eq(transcript_size(transcript), 11);
}

Test(transcript, what_is_not_printed_is_escaped)
{
	host(0, "\x1f ~\x7f\x80\\\t\r");
	cr_assert_str_eq(finished(), "+    0.000000 > \\x1f ~\\x7f\\x80\\\\\\t\n");
}

Test(transcript, it_can_go_to_a_stream_of_the_caller_with_a_prefix)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	struct transcript *live = transcript_to(stream, "lab: ", NULL);

	transcript_append(live, TO_MODULE, NS_PER_S, "AT+WWPA=correct horse\r", 22);
	transcript_append(live, FROM_MODULE, 2 * NS_PER_S, "[OK]\r\n", 6);
	transcript_append(live, FROM_MODULE, 3 * NS_PER_S, "[DISC", 5);
	cr_expect_eq(transcript_finish(live, NULL), 0);
	cr_assert_eq(fclose(stream), 0, "it stays the caller's");
	cr_expect_str_eq(text, "lab: +    1.000000 > AT+WWPA=********\n"
			       "lab: +    2.000000 < [OK]\n"
			       "lab: +    3.000000 < [DISC\\.\n");
	free(text);
}

Test(transcript, finishing_none_is_fine)
{
	cr_expect_eq(transcript_finish(NULL, NULL), 0);
}

Test(transcript, a_line_that_is_shown_is_cut_to_the_room_there_is)
{
	static const struct {
		size_t size;
		const char *shown;
	} rows[] = {{1, ""}, {2, "A"}, {9, "AT+WWPA="}, {10, "AT+WWPA=*"}, {16, "AT+WWPA=*******"},
		{17, "AT+WWPA=********"}, {64, "AT+WWPA=********"}};
	char out[64];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		memset(out, 'x', sizeof out);
		transcript_redact("AT+WWPA=correct horse", out, rows[i].size);
		cr_expect_str_eq(out, rows[i].shown);
	}
	out[0] = 'x';
	transcript_redact("AT", out, 0);
	cr_expect_eq(out[0], 'x', "no room, nothing written");
}
