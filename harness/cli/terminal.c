/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/array.h"
#include "report/text/summary_lines.h"

bool terminal_takes_colour(FILE *stream)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");

	if (no_colour != NULL && no_colour[0] != '\0')
		return false;
	return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0 &&
	       isatty(fileno(stream));
}

/* ---- fitted lines ---- */

struct fitted {
	FILE *terminal;
	size_t columns;
	char *line; /* what has come of the present one */
	size_t length, room;
};

static const char *colour_of(const char *word, size_t length)
{
	static const struct {
		const char *word, *colour;
	} words[] = {{"dead", SUMMARY_RED}, {"refused", SUMMARY_RED}, {"FAIL", SUMMARY_RED},
		{"NO", SUMMARY_RED}, {"failed", SUMMARY_RED}, {"alive", SUMMARY_GREEN},
		{"ok", SUMMARY_GREEN}, {"usable", SUMMARY_GREEN}, {"passed", SUMMARY_GREEN},
		{"inconclusive", SUMMARY_YELLOW}, {"unclear", SUMMARY_YELLOW},
		{"--", SUMMARY_FAINT}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == length && strncmp(words[i].word, word, length) == 0)
			return words[i].colour;
	return NULL;
}

static bool begins_character(char octet)
{
	return ((unsigned char)octet & 0xc0) != 0x80;
}

/* Octets of the text that take so many columns. */
static size_t octets_of(const char *text, size_t length, size_t columns)
{
	size_t i = 0;

	for (size_t column = 0; i < length; i++)
		if (begins_character(text[i]) && column++ == columns)
			break;
	return i;
}

/* Where the second column of the line begins, if it has one in its first half; else two behind its
 * first word. */
static size_t indent_of(const struct fitted *fitted)
{
	const size_t first = strspn(fitted->line, " ");
	const char *gap = strstr(fitted->line + first, "  ");
	const size_t second = gap == NULL ? 0 : (size_t)(gap - fitted->line) + strspn(gap, " ");

	return second > 0 && second <= fitted->columns / 2 ? second : first + 2;
}

static void write_line(struct fitted *fitted)
{
	const char *rest = fitted->line;
	const size_t first = strspn(rest, " ");
	const size_t word = strcspn(rest + first, " ");
	const char *colour = colour_of(rest + first, word);
	const size_t indent = indent_of(fitted);
	size_t length = fitted->length, before = 0;

	while (length > 0) {
		size_t fits = octets_of(rest, length, fitted->columns - before);
		size_t end = fits;
		/* At a blank behind the indentation; a word that is too long stays whole, to be copied. */
		const size_t least = before == 0 ? first : 0;
		while (fits < length && end > least && rest[end] != ' ')
			end--;
		if (end <= least)
			end = least + strcspn(rest + least, " ");
		fprintf(fitted->terminal, "%*s", (int)before, "");
		if (before == 0 && colour != NULL && first + word <= end)
			fprintf(fitted->terminal, "%.*s%s%.*s" SUMMARY_PLAIN "%.*s", (int)first,
				rest, colour, (int)word, rest + first, (int)(end - first - word),
				rest + first + word);
		else
			fprintf(fitted->terminal, "%.*s", (int)end, rest);
		rest += end;
		length -= end;
		const size_t blanks = length == 0 ? 0 : strspn(rest, " ");
		rest += blanks;
		length -= blanks;
		before = indent;
		if (length > 0)
			fputc('\n', fitted->terminal);
	}
}

static ssize_t write_fitted(void *cookie, const char *octets, size_t size)
{
	struct fitted *fitted = cookie;

	for (size_t i = 0; i < size; i++) {
		if (array_reserve(&fitted->line, &fitted->room, fitted->length + 2, 1) != 0)
			return -1;
		if (octets[i] != '\n') {
			fitted->line[fitted->length++] = octets[i];
			fitted->line[fitted->length] = '\0';
			continue;
		}
		if (fitted->length > 0)
			write_line(fitted);
		fputc('\n', fitted->terminal);
		fitted->length = 0;
	}
	return fflush(fitted->terminal) == 0 && !ferror(fitted->terminal) ? (ssize_t)size : -1;
}

size_t terminal_fit(void)
{
	/* For as long as the process lives. */
	static struct fitted fitted;
	struct winsize size = {0};

	if (fitted.terminal != NULL || !terminal_takes_colour(stdout))
		return fitted.columns;
	const bool known = ioctl(fileno(stdout), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40;
	fitted.columns = known ? size.ws_col : 80;
	fitted.terminal = stdout;
	FILE *stream = fopencookie(&fitted, "w", (cookie_io_functions_t){.write = write_fitted});
	if (stream == NULL) {
		fitted.terminal = NULL;
		return 0;
	}
	setvbuf(stream, NULL, _IOLBF, 0);
	stdout = stream;
	return fitted.columns;
}
