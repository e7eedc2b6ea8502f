/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_UART_CHANNEL_H
#define WIZHIL_BENCH_UART_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uart/at_codec.h"
#include "uart/at_data_mode.h"
#include "timeline/timeline.h"
#include "uart/port.h"
#include "uart/transcript.h"

struct clock;
struct error;

enum { DEVICE_LINES = 2048, DEVICE_COMMAND = 1500, DEVICE_EARLY = 1 << 24 };

/* How a command ended. */
struct at_answer {
	bool answered;	   /* false: not within its time, or the device went away */
	enum at_code code; /* of the final answer */
	enum at_form form;
	char text[96]; /* of the final answer, without brackets */
	int cid;       /* of a CONNECT before it, or -1 */
	int64_t sent_ns, answered_ns;
	int ahead;	   /* so many others were carried out between its asking and sent_ns */
	const char *lines; /* the lines before the final answer, each with a line feed */
};

/* answer NULL: it was not asked, see uart_channel_rank_last(). */
typedef void at_done_fn(void *context, const struct at_answer *answer);
/* Is it to be asked still, now that its turn has come? */
typedef bool at_wanted_fn(const void *context);

struct at_request {
	struct at_request *next;
	char line[DEVICE_COMMAND]; /* bytes to write, CR included */
	size_t length;
	char shown[96];	  /* for messages, secrets removed */
	bool data;	  /* an ESC frame: its answer is ESC O or ESC F */
	bool mute;	  /* nothing answers it: data in data mode, and the way back there */
	bool leaves;	  /* it is "+++", and nothing but silence ends it */
	int64_t pause_ns; /* after the first half of the bytes; 0: none */
	int64_t timeout_ns;
	bool urgent;	   /* it has its time */
	unsigned asked_at; /* commands that the channel had carried out when it was asked */
	int ahead;
	at_wanted_fn *wanted; /* NULL: always */
	at_done_fn *done;
	void *context;
	int64_t sent_ns;
};

/*
 * The UART of one device: its commands, one in progress at a time and the others behind it, and what
 * was read and is not yet acted on.  Times are of the bench's clock.
 */
struct uart_channel {
	struct port *port; /* the channel's own */
	struct at_codec codec;
	struct transcript *trace; /* of all that passes, for --trace; may be NULL */
	char trace_prefix[48];

	struct at_request *queue, **queue_end, *current;
	unsigned ended;		  /* commands that were carried out */
	char lines[DEVICE_LINES]; /* of the answer to the one in progress */
	size_t lines_length;
	int connect_cid;
	int64_t free_since_ns;	      /* no command was in progress from here on */
	int64_t busy_since_ns;	      /* before that, one behind the other were from here on */
	int64_t deadline_ns;	      /* of the one in progress; TIME_NEVER without */
	bool sent;		      /* it is on its way: what came before is no answer to it */
	bool echoed;		      /* it was */
	bool late;		      /* an answer came that is taken for another command's */
	size_t put;		      /* of its bytes, so many are on their way */
	int64_t more_ns;	      /* when others follow; TIME_NEVER: when they can be written */
	int64_t typed_ns;	      /* when the last one before it was begun */
	struct at_token early_answer; /* to the first half of a data frame */
	bool has_early_answer;
	bool settling; /* the frame was refused, which is early_answer; until deadline_ns the module may
			* take its body for a line */
	bool quiet; /* the device was told not to echo, and obeyed */

	struct round_trips round_trips; /* of commands that need no work; real clock only */

	/* Data mode, as far as the bench knows: from ATA or ATO on, to the answer to "+++". */
	struct {
		bool on;
		int cid; /* of the connection that has the UART; -1: it is over */
		enum at_data_mode_state state;
	} data_mode;

	unsigned char out[4096]; /* to be written */
	size_t out_length;
	unsigned char *early; /* read from the port, not yet acted on */
	size_t early_length, early_room;
};

/* Of an open port, which is the channel's from here on. */
void uart_channel_init(struct uart_channel *uart, struct port *port);
/* Closes the port; who waits for an answer is not told. */
void uart_channel_close(struct uart_channel *uart);

/* Another port, or none, takes the place of this one, which is closed: what was known of the one at its
 * other end is forgotten.  Nobody waits for an answer. */
void uart_channel_set_port(struct uart_channel *uart, struct port *port);

/* Bytes to be written behind those that wait; what does not fit is dropped. */
void uart_channel_put(struct uart_channel *uart, const void *bytes, size_t length);

/* Puts the next command on its way if none is in progress. */
void uart_channel_begin_next(struct uart_channel *uart, int64_t now_ns);
/* Takes the request, which is the channel's from here on; NULL: -1. */
int uart_channel_enqueue(struct uart_channel *uart, struct at_request *request, int64_t now_ns);
/* The request that was taken last, where it waits: an urgent one goes before those that are not, and
 * one that is not wanted any more when its turn comes is not asked. */
void uart_channel_rank_last(struct uart_channel *uart, bool urgent, at_wanted_fn *wanted);
/* Puts what is left of the command in progress on its way, where it is time for that. */
void uart_channel_put_more(struct uart_channel *uart, int64_t now_ns);
/* What was written has left: the answer to the command in progress may come. */
void uart_channel_expect_answer(struct uart_channel *uart);
/* A line before the final answer; what does not fit is dropped. */
void uart_channel_keep_line(struct uart_channel *uart, const char *text);
/* OK without a line is not what AT+VER=? draws: it is the late answer to a command that was given
 * up, and each one behind it would be taken for that of the next command. */
bool uart_channel_is_late_answer(const struct uart_channel *uart, const struct at_token *token);

/* Takes the command in progress out, as ended at now_ns, and says how in *answer (token: its final
 * answer, or NULL).  Its memory is the caller's. */
struct at_request *uart_channel_end(struct uart_channel *uart, bool answered,
	const struct at_token *token, int64_t now_ns, struct at_answer *answer);

/* Whether the command in progress needs no work of the module, and draws a short answer: the time to it is that of
 * the way.  Not AT, by which a module that boots is asked whether it is there. */
bool uart_channel_is_plain(const struct uart_channel *uart);

/* Reads what there is, to be acted on later.  -1 with err set. */
int uart_channel_prefetch(struct uart_channel *uart, struct error *err);

#endif
