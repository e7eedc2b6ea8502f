/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "timeline/timeline.h"
#include "uart/at_answer.h"

/* Without brackets, and without blanks at the ends. */
static void plain_words(const char *text, char plain[EVENT_TEXT])
{
	size_t used = 0;

	for (const char *p = text; *p != '\0' && used + 1 < EVENT_TEXT; p++)
		if (*p != '[' && *p != ']' && (used > 0 || !isspace((unsigned char)*p)))
			plain[used++] = *p;
	while (used > 0 && isspace((unsigned char)plain[used - 1]))
		used--;
	plain[used] = '\0';
}

/* The answer to a data frame is one octet behind ESC; AT_CODE_NONE: the words are none. */
static enum at_code escape_code(const char *words)
{
	if (strcasecmp(words, "ESC O") == 0)
		return AT_CODE_OK;
	return strcasecmp(words, "ESC F") == 0 ? AT_CODE_ERROR : AT_CODE_NONE;
}

void event_take_line(struct event *event, const char *line)
{
	const struct at_answer answer = at_answer_read(line, true);
	const enum at_code escape = escape_code(line);

	event->code = escape == AT_CODE_NONE ? answer.code : escape;
	event->form = escape == AT_CODE_NONE ? answer.form : AT_FORM_ESCAPE;
	snprintf(event->text, sizeof event->text, "%s", line);
}

bool event_is_answer(const struct event *response, const char *words)
{
	char found[EVENT_TEXT], wanted[EVENT_TEXT];
	struct event answer = {.kind = EVENT_RESPONSE};

	event_take_line(&answer, words);
	if (response->code != answer.code)
		return false;
	if (answer.code != AT_CODE_NONE && answer.code != AT_CODE_OTHER)
		return true;
	plain_words(response->text, found);
	plain_words(words, wanted);
	return strcasecmp(found, wanted) == 0;
}

static const char *const act_names[] = {
	[ACT_NONE] = "none",
	[ACT_CONNECTED] = "connected",
	[ACT_REFUSED] = "refused",
	[ACT_SPEAKS] = "speaks",
	[ACT_SILENT] = "silent",
	[ACT_GONE] = "gone",
	[ACT_REBOOTED] = "rebooted",
	[ACT_RESET] = "reset",
	[ACT_CLOSED] = "closed",
	[ACT_CLOSED_BY_DEVICE] = "closed by device",
	[ACT_RESET_BY_DEVICE] = "reset by device",
	[ACT_SENT] = "sent",
	[ACT_RECEIVED] = "received",
	[ACT_RAW_SEGMENT] = "raw segment",
};

const struct names peer_act_names = {act_names, PEER_ACTS};

enum evidence_fault fault_of_reason(enum fault_reason reason)
{
	static const enum evidence_fault faults[] = {
#define REASON(name, fault, words) [REASON_##name] = (fault),
#include "timeline/fault_reasons.def"
#undef REASON
	};

	return faults[reason];
}
