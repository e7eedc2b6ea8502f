/* SPDX-License-Identifier: MIT */
/* Ports that are a command on a pty, and those of a serial server on the network, which are one, too. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "core/error.h"
#include "uart/port.h"
#include "uart/port_backend.h"

enum { LIMIT_MS = 20000 };

static struct port *must_run(const char *command)
{
	struct error err = {0};
	struct port *port = port_open_command(command, &(struct port_settings){0}, &err);

	cr_assert_not_null(port, "%s", err.text);
	return port;
}

/* The next line that the command writes; NULL: it wrote none and its end is in err. */
static const char *next_line(struct port *port, struct error *err)
{
	static char line[512];
	size_t length = 0;

	while (length < sizeof line - 1) {
		struct pollfd state = {.fd = port_descriptor(port), .events = POLLIN};
		cr_assert_eq(poll(&state, 1, LIMIT_MS), 1, "nothing happened");
		const ssize_t count = port_read(port, line + length, 1, err);
		if (count < 0)
			return NULL;
		length += (size_t)count;
		if (length > 0 && line[length - 1] == '\n')
			break;
	}
	line[length == 0 ? 0 : length - 1] = '\0';
	return line;
}

static void expect_line(struct port *port, const char *expected)
{
	struct error err = {0};
	const char *line = next_line(port, &err);

	cr_assert_not_null(line, "%s", err.text);
	cr_expect_str_eq(line, expected);
}

static void expect_answer(const char *command, const char *expected)
{
	struct port *port = must_run(command);

	expect_line(port, expected);
	port_close(port);
}

/* What the port says of a command that ended. */
static void expect_end(const char *command, const char *expected)
{
	struct port *port = must_run(command);
	struct error err = {0};

	while (next_line(port, &err) != NULL)
		;
	cr_expect_str_eq(err.text, expected);
	cr_expect_eq(err.kind, ERROR_BENCH);
	port_close(port);
}

Test(port_command, octets_pass_both_ways_as_they_are_and_are_counted)
{
	struct port *port = must_run("cat");
	uint8_t sent[256], got[256];

	for (int i = 0; i < 256; i++)
		sent[i] = (uint8_t)i;
	cr_assert_eq(port_read(port, got, sizeof got, NULL), 0, "nothing is there yet");
	cr_assert_eq(port_write(port, sent, sizeof sent, NULL), 256);
	for (size_t had = 0; had < sizeof got;) {
		struct pollfd state = {.fd = port_descriptor(port), .events = POLLIN};
		cr_assert_eq(poll(&state, 1, LIMIT_MS), 1);
		const ssize_t count = port_read(port, got + had, sizeof got - had, NULL);
		cr_assert_geq(count, 0);
		had += (size_t)count;
	}
	cr_expect_arr_eq(got, sent, 256);
	cr_expect_eq(port_bytes_written(port), 256);
	cr_expect_eq(port_bytes_read(port), 256);
	cr_expect_str_eq(port_path(port), "cat");
	port_close(port);
}

Test(port_command, its_input_and_output_are_a_raw_terminal)
{
	struct port *port = must_run("test -t 0 && test -t 1 && ! test -t 2 && echo yes");
	struct termios flags;

	cr_assert_eq(tcgetattr(port_descriptor(port), &flags), 0);
	cr_expect_eq(flags.c_lflag & (ICANON | ECHO | ISIG | IEXTEN), 0);
	cr_expect_eq(flags.c_oflag & OPOST, 0);
	expect_line(port, "yes");
	port_close(port);
}

Test(port_command, it_has_no_terminal_to_ask_for_a_password_on)
{
	expect_answer(
		"if { true < /dev/tty; } 2> /dev/null; then echo one; else echo none; fi", "none");
}

Test(port_command, nothing_of_ours_is_open_in_it)
{
	cr_assert_eq(fcntl(STDERR_FILENO, F_DUPFD, 50), 50);
	expect_answer(
		"for i in 3 4 5 6 7 8 9 50; do test -e /proc/$$/fd/$i && echo $i; done; echo end",
		"end");
}

Test(port_command, signals_have_their_usual_effect_in_it)
{
	static const struct {
		int number;
		const char *name;
	} signals[] = {{SIGINT, "INT"}, {SIGQUIT, "QUIT"}, {SIGTERM, "TERM"}, {SIGHUP, "HUP"},
		{SIGPIPE, "PIPE"}};
	char command[64], expected[160];
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		signal(signals[i].number, SIG_IGN);
		sigaddset(&blocked, signals[i].number);
	}
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		snprintf(command, sizeof command, "ulimit -c 0; kill -%s $$", signals[i].name);
		snprintf(expected, sizeof expected, "command '%s' was ended by signal %d", command,
			signals[i].number);
		expect_end(command, expected);
	}
}

Test(port_command, its_end_is_told_with_what_it_said_last)
{
	expect_end("exit 3", "command 'exit 3' exited with 3");
	expect_end("echo data; exit 0", "command 'echo data; exit 0' exited with 0");
	expect_end("echo first >&2; echo no route >&2; exit 255",
		"command 'echo first >&2; echo no route >&2; exit 255' exited with 255: no route");
	expect_end("echo bad >&2; kill -9 $$",
		"command 'echo bad >&2; kill -9 $$' was ended by signal 9: bad");
}

Test(port_command, a_write_to_one_that_has_ended_is_the_same_error)
{
	struct port *port = must_run("exit 4");
	struct pollfd state = {.fd = port_descriptor(port)};
	struct error err = {0};

	cr_assert_eq(poll(&state, 1, LIMIT_MS), 1);
	/* A terminal whose other side is closed takes octets. */
	while (port_write(port, "AT\r", 3, &err) >= 0)
		if (port_read(port, &(char){0}, 1, &err) < 0)
			break;
	cr_expect_str_eq(err.text, "command 'exit 4' exited with 4");
	port_close(port);
}

Test(port_command, one_that_closes_its_output_and_goes_on_is_told_from_one_that_ended)
{
	expect_end("exec <&- >&- 2>&-; exec sleep 1000",
		"command 'exec <&- >&- 2>&-; exec sleep 1000' closed its output");
}

static pid_t pid_of(struct port *port)
{
	struct error err = {0};
	const char *line = next_line(port, &err);

	cr_assert_not_null(line, "%s", err.text);
	return (pid_t)atoi(line);
}

static bool has_ended(pid_t pid)
{
	return kill(pid, 0) != 0 && errno == ESRCH;
}

Test(port_command, closing_it_ends_it_and_what_it_started)
{
	int status = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	struct port *port = must_run("sleep 1000 & echo $!; echo $$; wait");
	const pid_t started = pid_of(port), itself = pid_of(port);
	port_close(port);
	cr_expect(has_ended(itself));
	cr_assert_eq(waitpid(started, &status, 0), started);
	cr_expect(WIFSIGNALED(status));
}

Test(port_command, it_can_end_in_order)
{
	char path[] = "/tmp/wizhil-command-XXXXXX", command[128];
	struct stat state;

	close(mkstemp(path));
	snprintf(command, sizeof command,
		"trap 'echo bye > %s; exit' TERM; echo; while :; do sleep 0.01; done", path);
	struct port *port = must_run(command);
	expect_line(port, "");
	port_close(port);
	cr_expect_eq(stat(path, &state), 0);
	cr_expect_eq(state.st_size, 4);
	unlink(path);
}

Test(port_command, one_that_does_not_heed_the_wish_is_made_to_end)
{
	struct port *port = must_run("trap '' TERM HUP; echo $$; while :; do sleep 0.01; done");
	const pid_t itself = pid_of(port);

	port_close(port);
	cr_expect(has_ended(itself));
}

Test(port_command, what_one_that_has_ended_left_running_is_ended_too)
{
	int status = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	struct port *port = must_run("sleep 1000 <&- >&- 2>&- & echo $!; exit 5");
	const pid_t left = pid_of(port);
	struct error err = {0};

	while (next_line(port, &err) != NULL)
		;
	cr_expect_not_null(strstr(err.text, "exited with 5"), "%s", err.text);
	port_close(port);
	cr_assert_eq(waitpid(left, &status, 0), left);
	cr_expect(WIFSIGNALED(status));
}

Test(port_command, it_does_not_outlive_this_process)
{
	int status = 0, ready[2];
	pid_t itself = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	cr_assert_eq(pipe(ready), 0);
	const pid_t owner = fork();
	if (owner == 0) {
		const pid_t pid = pid_of(must_run("echo $$; exec sleep 1000"));
		if (write(ready[1], &pid, sizeof pid) == sizeof pid)
			pause();
		_exit(1);
	}
	cr_assert_eq(read(ready[0], &itself, sizeof itself), sizeof itself);
	kill(owner, SIGKILL);
	cr_assert_eq(waitpid(owner, NULL, 0), owner);
	cr_assert_eq(waitpid(itself, &status, 0), itself);
	cr_expect(WIFSIGNALED(status));
	cr_expect_eq(WTERMSIG(status), SIGTERM);
}

Test(port_command, wrong_settings_are_the_users_error)
{
	struct error err = {0};

	cr_assert_null(port_open_command("cat", &(struct port_settings){.baud = 1}, &err));
	cr_expect_eq(err.kind, ERROR_USAGE);
}

Test(port_command, it_leaves_nothing_open)
{
	const int before = dup(STDERR_FILENO);

	close(before);
	port_close(must_run("cat"));
	expect_end("exit 1", "command 'exit 1' exited with 1");
	cr_assert_null(port_open_command("cat", &(struct port_settings){.baud = 1}, NULL));
	const int after = dup(STDERR_FILENO);
	cr_expect_eq(after, before);
	close(after);
}

/* ---- a serial server on the network ---- */

static char folder[] = "/tmp/wizhil-gensiot-XXXXXX";
static char tool[64];

/* A tool that says what it was called with. */
static void install_tool(void)
{
	cr_assert_not_null(mkdtemp(folder));
	snprintf(tool, sizeof tool, "%s/gensiot", folder);
	FILE *file = fopen(tool, "we");
	cr_assert_not_null(file);
	fputs("#!/bin/sh\nprintf '%s|' \"$@\"\necho\nexec cat\n", file);
	fclose(file);
	cr_assert_eq(chmod(tool, 0700), 0);
}

static void remove_tool(void)
{
	unlink(tool);
	rmdir(folder);
}

TestSuite(port_network, .init = install_tool, .fini = remove_tool);

static void search_path(const char *format)
{
	char path[256];

	snprintf(path, sizeof path, format, folder);
	setenv("PATH", path, 1);
}

Test(port_network, a_url_of_this_form_is_one)
{
	cr_expect(port_is_of_network("rfc2217://lab:2217"));
	cr_expect_not(port_is_of_network("rfc2217:/lab:2217"));
	cr_expect_not(port_is_of_network("/dev/ttyUSB0"));
	cr_expect_not(port_is_of_network("http://lab:2217"));
}

Test(port_network, it_is_opened_by_the_tool)
{
	struct error err = {0};

	search_path("%s:/usr/bin:/bin");
	struct port *port = port_open("rfc2217://10.1.2.3:2217", &(struct port_settings){0}, &err);
	cr_assert_not_null(port, "%s", err.text);
	expect_line(port, "-i|stdio(self)|telnet(rfc2217),tcp,10.1.2.3,2217|");
	cr_assert_eq(port_write(port, "AT\n", 3, NULL), 3);
	expect_line(port, "AT");
	port_close(port);
}

Test(port_network, host_and_port_are_checked)
{
	static const struct {
		const char *path, *command;
	} rows[] = {
		{"rfc2217://a:1", "exec gensiot -i 'stdio(self)' 'telnet(rfc2217),tcp,a,1'"},
		{"rfc2217://lab-1.example_2:65535",
			"exec gensiot -i 'stdio(self)' 'telnet(rfc2217),tcp,lab-1.example_2,65535'"},
		{"rfc2217://lab", NULL},
		{"rfc2217://", NULL},
		{"rfc2217://:2217", NULL},
		{"rfc2217://lab:", NULL},
		{"rfc2217://lab:0", NULL},
		{"rfc2217://lab:65536", NULL},
		{"rfc2217://lab:123456", NULL},
		{"rfc2217://lab:22x", NULL},
		{"rfc2217://lab:22 ", NULL},
		{"rfc2217://lab: 22", NULL},
		{"rfc2217://lab:-1", NULL},
		{"rfc2217://lab:+1", NULL},
		{"rfc2217://la'b:22", NULL},
		{"rfc2217://la b:22", NULL},
		{"rfc2217://lab/22", NULL},
		{"rfc2217://[::1]:22", NULL},
	};
	char command[512], expected[256];

	search_path("%s");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err = {0};
		const int result =
			port_network_command(rows[i].path, command, sizeof command, &err);
		if (rows[i].command != NULL) {
			cr_expect_eq(result, 0, "%s", err.text);
			cr_expect_str_eq(command, rows[i].command);
			continue;
		}
		snprintf(expected, sizeof expected,
			"port '%s' is no port of a serial server (use rfc2217://HOST:PORT)",
			rows[i].path);
		cr_expect_eq(result, -1, "%s", rows[i].path);
		cr_expect_str_eq(err.text, expected);
		cr_expect_eq(err.kind, ERROR_USAGE);
	}
}

Test(port_network, a_name_of_a_host_has_up_to_200_octets)
{
	char path[256] = "rfc2217://", command[512];

	search_path("%s");
	memset(path + 10, 'h', 201);
	strcpy(path + 210, ":1");
	cr_expect_eq(port_network_command(path, command, sizeof command, NULL), 0);
	cr_expect_eq(strlen(command),
		strlen("exec gensiot -i 'stdio(self)' 'telnet(rfc2217),tcp,,1'") + 200);
	strcpy(path + 211, ":1");
	path[210] = 'h';
	cr_expect_eq(port_network_command(path, command, sizeof command, NULL), -1);
}

Test(port_network, the_tool_is_looked_for_in_each_folder_of_the_path)
{
	static const struct {
		const char *path;
		bool found;
	} rows[] = {{"%s", true}, {"/nowhere:%s", true}, {"%s:/nowhere", true},
		{"/nowhere:%s:/elsewhere", true}, {"/nowhere:/elsewhere", false}, {"", false},
		{"%s/below", false}};
	char command[512];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err = {0};
		search_path(rows[i].path);
		const int result =
			port_network_command("rfc2217://lab:1", command, sizeof command, &err);
		cr_expect_eq(result, rows[i].found ? 0 : -1, "%s: %s", rows[i].path, err.text);
		if (rows[i].found)
			continue;
		cr_expect_str_eq(err.text,
			"port 'rfc2217://lab:1' needs 'gensiot' (try: apt install gensio-bin)");
		cr_expect_eq(err.kind, ERROR_BENCH);
	}
	unsetenv("PATH");
	cr_expect_eq(port_network_command("rfc2217://lab:1", command, sizeof command, NULL), -1);
	search_path("%s");
	chmod(tool, 0600);
	cr_expect_eq(port_network_command("rfc2217://lab:1", command, sizeof command, NULL), -1,
		"it cannot be executed");
}
