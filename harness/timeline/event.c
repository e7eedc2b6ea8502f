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

const char *peer_act_name(enum peer_act act)
{
	switch (act) {
	case ACT_CONNECTED:
		return "connected";
	case ACT_REFUSED:
		return "refused";
	case ACT_SPEAKS:
		return "speaks";
	case ACT_SILENT:
		return "silent";
	case ACT_GONE:
		return "gone";
	case ACT_REBOOTED:
		return "rebooted";
	case ACT_RESET:
		return "reset";
	case ACT_CLOSED:
		return "closed";
	case ACT_CLOSED_BY_DEVICE:
		return "closed by device";
	case ACT_RESET_BY_DEVICE:
		return "reset by device";
	case ACT_SENT:
		return "sent";
	case ACT_RECEIVED:
		return "received";
	case ACT_RAW_SEGMENT:
		return "raw segment";
	case ACT_NONE:
		break;
	}
	return "?";
}

enum evidence_fault fault_of_reason(enum fault_reason reason)
{
	switch (reason) {
	case REASON_FRAMES_DROPPED:
	case REASON_NOT_CAPTURED:
	case REASON_NOT_ACKNOWLEDGED:
		return FAULT_CAPTURE_DROP;
	case REASON_HOST_SUSPENDED:
	case REASON_HOST_PAUSED:
		return FAULT_CLOCK_STEP;
	case REASON_CLOCK_STEPPED:
	case REASON_BENCH_LATE:
		return FAULT_STAMPS;
	case REASON_BANNER:
	case REASON_ECHO:
		return FAULT_REBOOT;
	case REASON_DISASSOCIATION:
	case REASON_NOT_ASSOCIATED:
	case REASON_CIDS_LOST:
		return FAULT_DISASSOCIATED;
	case REASON_NO_ANSWER:
	case REASON_NOT_ACCEPTED:
	case REASON_HALF_OPEN:
		return FAULT_SILENT_DEVICE;
	case REASON_NOT_OPENED:
	case REASON_NO_CID:
	case REASON_ENDED:
		return FAULT_NO_CONNECTION;
	case REASON_SAME_STIMULUS:
		return FAULT_PROVOKED;
	case REASON_LINK_DOWN:
		return FAULT_NO_LINK;
	case REASON_NOT_SEEN:
	case REASON_NOT_CONNECTED:
	case REASON_NO_LISTENER:
	case REASON_NO_SPARE_ADDRESS:
	case REASON_FLOWS_USED_UP:
	case REASON_PEER_FAILED:
	case REASON_HOOK_FAILED:
	case REASON_ACCESS_POINT_UP:
	case REASON_EVIDENCE_UNWRITTEN:
	case REASON_DEVICE_LOST:
	case REASON_BENCH_BROKE:
		return FAULT_BENCH;
	case REASON_OTHER:
		break;
	}
	return FAULT_NONE;
}
