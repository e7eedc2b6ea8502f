/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_JUDGE_FINDING_H
#define WIZHIL_JUDGE_FINDING_H

/* Something worth telling of a case or a capture, with its requirement. */

enum { REQUIREMENT_ID = 24, VERDICT_TEXT = 400 };

enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_FAILURE /* the requirement is broken: of a capture, which has findings only */
};

/* "note", "warning", "failure". */
const char *severity_name(enum severity severity);

struct finding {
	char requirement[REQUIREMENT_ID];
	enum severity severity;
	char text[VERDICT_TEXT];
};

#endif
