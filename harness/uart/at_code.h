/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_AT_CODE_H
#define WIZHIL_UART_AT_CODE_H

/*
 * What a line of the module says, as a type: for all that stands on uart/, timelines included.  No
 * other folder compares the text of a line.
 */

/* The numbers up to 15 are those of the numeric answers (cases/DEVICE.md, 2). */
enum at_code {
	AT_CODE_NONE = -1,
	AT_CODE_OK = 0,
	AT_CODE_ERROR = 1,
	AT_CODE_INVALID_INPUT = 2,
	AT_CODE_SOCKET_FAILURE = 3,
	AT_CODE_NO_CID = 4,
	AT_CODE_INVALID_CID = 5,
	AT_CODE_NOT_SUPPORTED = 6,
	AT_CODE_CONNECT = 7,
	AT_CODE_DISCONNECT = 8,
	AT_CODE_DISASSOCIATED = 9,	   /* answer: the command needs an association */
	AT_CODE_DISASSOCIATION_EVENT = 10, /* notice: the association was lost */
	AT_CODE_STANDBY_TIMER = 11,
	AT_CODE_STANDBY_ALARM = 12,
	AT_CODE_DEEP_SLEEP = 13,
	AT_CODE_WARM_BOOT = 14,
	AT_CODE_IP_CONFIG_FAIL = 15,
	AT_CODE_OTHER = 16 /* an error by its form, in words that no source gives: its text says */
};

enum { AT_CODES = AT_CODE_OTHER + 1 };

/* How a line was written. */
enum at_form {
	AT_FORM_PLAIN,	   /* OK: GainSpan, and all lines that are no answers */
	AT_FORM_BRACKETED, /* [OK]: WizFi210 */
	AT_FORM_NUMERIC,   /* 0: after ATV0 */
	AT_FORM_ESCAPE	   /* ESC O, ESC F: the answer to a data frame */
};

/* The words of a code, "ERROR: INVALID INPUT"; never NULL.  AT_CODE_OTHER has none of its own. */
const char *at_code_text(enum at_code code);

/* The code of a text that at_code_text() gave, or that was kept of a line ("ERROR: SOCKET FAILURE 3" with
 * its CID); AT_CODE_NONE: it is none.  For what is read back from a file. */
enum at_code at_code_of_text(const char *text);

#endif
