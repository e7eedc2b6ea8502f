/* SPDX-License-Identifier: MIT */
#include "cli/console/console.h"

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "core/error.h"
#include "core/raw_clock.h"
#include "core/text_buffer.h"
#include "core/units.h"
#include "core/utf8.h"
#include "report/text/summary_lines.h"
#include "uart/at_command.h"
#include "uart/secrets.h"

#define CYAN "\033[36m"

/* An answer that does not come is not waited for any longer: AT+WA may take a minute. */
#define ANSWER_NS (90 * NS_PER_S)

enum { QUEUE = 1 << 16, RAW = CONSOLE_UNIT };

static const char help[] =
	"each line is sent to the module with a carriage return; other commands:\n"
	"  :send CID TEXT    send the text as data of a connection (ESC Z frame)\n"
	"  :raw TEXT         send the text without a carriage return; escapes: \\e \\r \\n \\xNN\n"
	"  Tab               complete a command, or list those that fit\n"
	"  :help             show this help\n"
	"  :quit, Ctrl-D     quit\n";

struct console {
	struct port *port;
	const struct console_start *start;
	char prompt[64];
	bool coloured;
	struct at_codec codec;
	bool answered; /* no command is on its way */
	bool ended;    /* the input */
	bool quit;
	int64_t start_ns, asked_ns;
	char waiting[QUEUE]; /* of input that is no terminal's: lines not sent yet */
	size_t waiting_length;
	uint8_t raw[RAW]; /* what came since the last token */
	size_t raw_length;
	uint64_t raw_end; /* UART bytes up to its end */
	struct secrets *secrets;
	EditLine *editor; /* of a terminal; else NULL */
	History *history;
	char history_path[4096];
	struct error *err;
	int failed;
};

/* ---- what is seen ---- */

static void begin_line(const struct console *console, char direction)
{
	if (console->editor != NULL)
		fputs("\r\033[K", stdout);
	fputs(!console->coloured ? "" : direction == '>' ? CYAN : SUMMARY_FAINT, stdout);
	printf("%11.3f%s %c ", (double)(raw_clock_ns() - console->start_ns) / 1e9,
		console->coloured ? SUMMARY_PLAIN : "", direction);
}

static void end_line(const struct console *console)
{
	fflush(stdout);
	if (console->editor != NULL)
		el_set(console->editor, EL_REFRESH);
}

static void on_token(const struct at_token *token, void *context)
{
	struct console *console = context;
	uint64_t behind = console->raw_end - token->offset;
	size_t size = behind > console->raw_length ? 0 : console->raw_length - (size_t)behind;

	begin_line(console, '<');
	console_unit(stdout, console->secrets, console->raw, size, token);
	memmove(console->raw, console->raw + size, console->raw_length - size);
	console->raw_length -= size;
	if (token->kind == AT_BANNER)
		at_codec_set_numeric(&console->codec, false);
	if (token->kind == AT_RESPONSE || token->kind == AT_BANNER || token->kind == AT_ESC_FAIL ||
		token->kind == AT_ESC_OK)
		console->answered = true;
	end_line(console);
}

static void hear(struct console *console)
{
	uint8_t bytes[1024];
	ssize_t got = port_read(console->port, bytes, sizeof bytes, console->err);

	if (got < 0)
		console->failed = -1;
	for (ssize_t i = 0; i < got; i++) {
		/* What is no token for so long is shown with the next one, as far as it is kept. */
		if (console->raw_length == RAW) {
			memmove(console->raw, console->raw + RAW / 2, RAW / 2);
			console->raw_length = RAW / 2;
		}
		console->raw[console->raw_length++] = bytes[i];
		console->raw_end++;
		at_codec_feed(&console->codec, &bytes[i], 1, on_token, console);
	}
}

/* Hears the module for a while; true as soon as there is input. */
static bool wait_for_either(struct console *console, bool input)
{
	struct pollfd heard[] = {{port_descriptor(console->port), POLLIN, 0},
		{input ? STDIN_FILENO : -1, POLLIN, 0}};

	if (poll(heard, 2, 200) < 0) {
		if (errno != EINTR)
			console->failed = error_errno(
				console->err, ERROR_BENCH, "cannot wait for the module");
		return false;
	}
	if ((heard[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		hear(console);
	return (heard[1].revents & (POLLIN | POLLHUP)) != 0;
}

/* ---- what is said ---- */

static void say(struct console *console, const void *bytes, size_t size)
{
	const char *at = bytes;
	struct pollfd writable = {port_descriptor(console->port), POLLOUT, 0};

	while (size > 0 && console->failed == 0) {
		ssize_t taken = port_write(console->port, at, size, console->err);
		if (taken < 0) {
			console->failed = -1;
		} else {
			at += taken;
			size -= (size_t)taken;
			if (size > 0)
				poll(&writable, 1, 1000);
		}
	}
	console->answered = false;
	console->asked_ns = raw_clock_ns();
}

static void say_raw(struct console *console, const char *text)
{
	uint8_t bytes[1024];
	size_t size = 0;
	unsigned octet;
	int used;

	while (*text != '\0' && size < sizeof bytes) {
		if (sscanf(text, "\\x%2x%n", &octet, &used) == 1) {
			bytes[size++] = (uint8_t)octet;
			text += used;
		} else if (text[0] == '\\' && text[1] != '\0' && strchr("ern\\", text[1]) != NULL) {
			bytes[size++] = (uint8_t)(text[1] == 'e'   ? 0x1b
						  : text[1] == 'r' ? '\r'
						  : text[1] == 'n' ? '\n'
								   : '\\');
			text += 2;
		} else
			bytes[size++] = (uint8_t)*text++;
	}
	say(console, bytes, size);
	/* Nothing says that it will be answered. */
	console->answered = true;
}

static void say_data(struct console *console, const char *arguments)
{
	uint8_t frame[AT_FRAME_MAX];
	unsigned cid;
	int used = 0;
	size_t size = 0;

	if (sscanf(arguments, "%1x %n", &cid, &used) == 1 && used > 0)
		size = at_encode_data((int)cid, (const uint8_t *)arguments + used,
			strlen(arguments + used), frame);
	if (size == 0)
		puts("usage: :send CID TEXT (CID 0 to f, 1 to 1400 octets)");
	else
		say(console, frame, size);
}

/* On a terminal in place of what was typed, if that is one row. */
static void show_sent(const struct console *console, const char *line)
{
	struct winsize window = {0};

	if (console->editor != NULL && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 &&
		strlen(line) < window.ws_col)
		fputs("\033[A", stdout);
	begin_line(console, '>');
	console_bytes(stdout, console->secrets, (const uint8_t *)line, strlen(line), false);
	putchar('\n');
}

static void take_line(struct console *console, const char *line)
{
	if (strcmp(line, ":quit") == 0)
		console->quit = true;
	else if (strncmp(line, ":send ", 6) == 0)
		say_data(console, line + 6);
	else if (strncmp(line, ":raw ", 5) == 0)
		say_raw(console, line + 5);
	else if (line[0] == ':')
		fputs(help, stdout);
	else if (line[0] != '\0') {
		if (secrets_learn(console->secrets, (const uint8_t *)line, strlen(line)) < 0)
			console->failed = error_set(console->err, ERROR_MEMORY, "out of memory");
		show_sent(console, line);
		/* Numbers are answers from here on, that of this command included. */
		const enum at_command command = at_command_of(line);
		if (command != AT_COMMAND_OTHER)
			at_codec_set_numeric(&console->codec, command == AT_COMMAND_NUMERIC);
		at_codec_expect(&console->codec, line);
		say(console, line, strlen(line));
		say(console, "\r", 1);
	}
	fflush(stdout);
}

/* What is sent before anybody is asked. */
static void send_first(struct console *console)
{
	for (int i = 0; i < CONSOLE_FIRST && console->start->lines[i][0] != '\0'; i++) {
		take_line(console, console->start->lines[i]);
		while (console->failed == 0 && !console->answered &&
			raw_clock_ns() - console->asked_ns < ANSWER_NS)
			(void)wait_for_either(console, false);
		if (!console->answered) {
			at_codec_idle(&console->codec);
			console->answered = true;
		}
	}
}

/* ---- a person's input ---- */

static void find_history(char path[4096])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	path[0] = '\0';
	if (state != NULL && state[0] == '/')
		snprintf(path, 4096, "%s/wizhil", state);
	else if (home != NULL)
		snprintf(path, 4096, "%s/.local/state/wizhil", home);
	else
		return;
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	mkdir(path, 0700);
	struct text_buffer file = text_buffer_behind(path, 4096);
	text_add(&file, "/console");
}

static const char *prompt(EditLine *editor)
{
	struct console *console;

	el_get(editor, EL_CLIENTDATA, &console);
	return console->prompt;
}

/* Tab: what all commands that begin as the line have in common, or, where that is nothing more, the
 * commands with what they do. */
static unsigned char complete(EditLine *editor, int key)
{
	const LineInfo *info = el_line(editor);
	const size_t typed = (size_t)(info->cursor - info->buffer);
	const struct at_known_command *first = NULL;
	char more[AT_COMMAND_SIZE] = "";
	size_t common = 0, count = 0;

	(void)key;
	for (const struct at_known_command *c = at_known_commands; c->line != NULL; c++) {
		if (strncasecmp(c->line, info->buffer, typed) != 0)
			continue;
		if (count++ == 0) {
			first = c;
			common = strlen(c->line);
		}
		while (common > typed && strncmp(c->line, first->line, common) != 0)
			common--;
	}
	if (count == 0)
		return CC_REFRESH_BEEP;
	if (common > typed) {
		snprintf(more, sizeof more, "%.*s", (int)(common - typed), first->line + typed);
		return el_insertstr(editor, more) == 0 ? CC_REFRESH : CC_ERROR;
	}
	fputs("\r\033[K", stdout);
	for (const struct at_known_command *c = at_known_commands; c->line != NULL; c++)
		if (strncasecmp(c->line, info->buffer, typed) == 0)
			printf("  %-16s %s\n", c->line, c->meaning);
	fflush(stdout);
	return CC_REDISPLAY;
}

/* Where the editor waits for a key, the module is heard. */
static int next_key(EditLine *editor, wchar_t *key)
{
	struct console *console;
	unsigned char octet;

	el_get(editor, EL_CLIENTDATA, &console);
	while (console->failed == 0) {
		if (!wait_for_either(console, true))
			continue;
		ssize_t got = read(STDIN_FILENO, &octet, 1);
		if (got < 0 && errno == EINTR)
			continue;
		*key = (wchar_t)octet;
		return got == 1 ? 1 : 0;
	}
	return 0;
}

/* A passphrase is not remembered.  In the file at once: nothing says how a session ends. */
static void remember(const struct console *console, const char *line)
{
	HistEvent event;

	if (line[0] == '\0' ||
		secrets_argument((const uint8_t *)line, strlen(line)) != strlen(line))
		return;
	history(console->history, &event, H_ENTER, line);
	history(console->history, &event, H_SAVE, console->history_path);
}

static void edit_lines(struct console *console)
{
	char line[AT_LINE_SIZE];
	int length;

	while (console->failed == 0 && !console->quit) {
		const char *read_line = el_gets(console->editor, &length);
		if (read_line == NULL || length <= 0)
			return;
		snprintf(line, sizeof line, "%s", read_line);
		line[strcspn(line, "\r\n")] = '\0';
		remember(console, line);
		take_line(console, line);
	}
}

static int talk_with_editor(struct console *console)
{
	HistEvent event;

	console->editor = el_init("wizhil", stdin, stdout, stderr);
	console->history = history_init();
	if (console->editor == NULL || console->history == NULL)
		return error_set(console->err, ERROR_BENCH, "cannot edit lines on this terminal");
	find_history(console->history_path);
	history(console->history, &event, H_SETSIZE, 1000);
	history(console->history, &event, H_LOAD, console->history_path);
	el_set(console->editor, EL_CLIENTDATA, console);
	snprintf(console->prompt, sizeof console->prompt, "%.48s> ", console->start->prompt);
	el_set(console->editor, EL_PROMPT, prompt);
	el_set(console->editor, EL_EDITOR, "emacs");
	el_set(console->editor, EL_SIGNAL, 1);
	/* Ctrl-C gives up the line, not the session. */
	el_set(console->editor, EL_SETTY, "-d", "-isig", NULL);
	el_set(console->editor, EL_BIND, "^C", "em-kill-line", NULL);
	el_set(console->editor, EL_ADDFN, "complete-command", "complete an AT command", complete);
	el_set(console->editor, EL_BIND, "^I", "complete-command", NULL);
	el_set(console->editor, EL_HIST, history, console->history);
	el_set(console->editor, EL_GETCFN, next_key);
	utf8_put_visible(stdout, port_path(console->port));
	puts("; type :help for help, Ctrl-D to quit, Tab for commands");
	edit_lines(console);
	putchar('\n');
	return 0;
}

/* ---- any other input ---- */

static void take_input(struct console *console)
{
	if (console->waiting_length == sizeof console->waiting)
		return;
	ssize_t got = read(STDIN_FILENO, console->waiting + console->waiting_length,
		sizeof console->waiting - console->waiting_length);
	if (got > 0)
		console->waiting_length += (size_t)got;
	else if (got == 0 || errno != EINTR)
		console->ended = true;
}

static void send_next(struct console *console)
{
	char line[AT_LINE_SIZE];
	char *end = memchr(console->waiting, '\n', console->waiting_length);

	if (end == NULL && !console->ended)
		return;
	size_t length = end == NULL ? console->waiting_length : (size_t)(end - console->waiting);
	size_t used = end == NULL ? length : length + 1;
	snprintf(line, sizeof line, "%.*s", (int)length, console->waiting);
	line[strcspn(line, "\r")] = '\0';
	memmove(console->waiting, console->waiting + used, console->waiting_length - used);
	console->waiting_length -= used;
	take_line(console, line);
}

static bool goes_on(const struct console *console)
{
	return console->failed == 0 && !console->quit &&
	       (!console->ended || console->waiting_length > 0 || !console->answered);
}

/* A module that has just been opened may have a banner to tell first. */
#define SETTLE_NS (300 * NS_PER_MS)

static void talk_by_lines(struct console *console)
{
	while (goes_on(console)) {
		if (wait_for_either(console, !console->ended))
			take_input(console);
		if (!console->answered && raw_clock_ns() - console->asked_ns > ANSWER_NS) {
			at_codec_idle(&console->codec);
			console->answered = true;
		}
		if (console->answered && console->waiting_length > 0 &&
			raw_clock_ns() - console->start_ns > SETTLE_NS)
			send_next(console);
	}
}

int console_talk(struct port *port, const struct console_start *start, struct error *err)
{
	struct console *console = calloc(1, sizeof *console);

	if (console == NULL || (console->secrets = secrets_new()) == NULL) {
		free(console);
		return error_set(err, ERROR_MEMORY, "out of memory");
	}
	console->port = port;
	console->start = start;
	console->coloured = terminal_takes_colour(stdout);
	console->err = err;
	console->answered = true;
	console->start_ns = raw_clock_ns();
	at_codec_init(&console->codec);
	send_first(console);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		console->failed |= talk_with_editor(console);
	else
		talk_by_lines(console);
	int failed = console->failed;
	if (console->editor != NULL)
		el_end(console->editor);
	if (console->history != NULL)
		history_end(console->history);
	secrets_free(console->secrets);
	free(console);
	return failed;
}
