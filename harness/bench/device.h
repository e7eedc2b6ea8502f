/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_DEVICE_H
#define WIZHIL_BENCH_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/bench_file.h"
#include "bench/cid_table.h"
#include "bench/clock.h"
#include "bench/uart_channel.h"
#include "bench/wire_watch.h"
#include "core/step.h"
#include "core/units.h"
#include "timeline/timeline.h"

struct error;

/*
 * One device under test as the bench sees it: its UART with a queue of commands, one in progress at
 * a time, and its CIDs.  What a command answers goes to the one who gave it; what the device says
 * of its own accord goes to the handlers.
 */

struct device;

enum { DEVICE_VERB = 24 };

struct uart_free {
	int64_t since_ns, busy_since_ns;
};

struct device_handlers {
	void *context;
	/* Any asynchronous line; uart_free: since when no command had been in progress, and since
	 * when there had before. */
	void (*notice)(void *context, struct device *device, const struct at_token *token,
		struct uart_free uart_free);
	void (*data)(void *context, struct device *device, const struct at_token *token);
	void (*accepted)(void *context, struct device *device, const struct at_token *token);
	void (*rebooted)(void *context, struct device *device, const char *why);
	/* It is not as it was brought up, and nobody knows since when: knows_ns at the earliest.
	 * reason: of FAULT_REBOOT or FAULT_DISASSOCIATED; why: what it did, for people. */
	void (*forgot)(
		void *context, struct device *device, enum fault_reason reason, const char *why);
	/* Every chunk of bytes that passed, for the transcripts of the cases. */
	void (*passed)(void *context, struct device *device, bool to_device, const void *bytes,
		size_t length);
};

struct device {
	const struct bench_device *entry;
	struct clock *clock;
	struct device_handlers handlers;
	struct uart_channel uart;
	struct wire_watch wire;
	struct cid_table cids;
	uint32_t address_be;
	uint8_t mac[6];
	bool has_mac;
	bool option_cid_hex;	 /* AT+SETSOCKOPT reads CIDs in hex: known before, or found out */
	bool reads_cids_unasked; /* it fell silent when it was asked how */
	char firmware[96];
	int baud;
	bool ready;	/* brought up: cases may use it */
	bool was_ready; /* it was before, in this run */
	bool flashed;	/* its first boot with a firmware, which may take long */

	/* What it does at this command, and how often in a row: nothing else came of it meanwhile. */
	char trouble_at[DEVICE_VERB];
	enum fault_reason trouble;
	int troubles;

	/* Its last sign of life before what is now handled: on UART or wire, and words on the
	 * UART. */
	int64_t alive_ns, spoke_ns;
	/* Its last sign that it still knows its connections: it may have rebooted since. */
	int64_t knows_ns;

	/* Stepped clock: the control socket, -1 without, and the counters. */
	int control;
	struct step_advance advanced; /* what it was last sent */
	struct step_report report;
	bool idle;	 /* nothing became of it in this turn of the loop */
	uint64_t turned; /* octets and frames that it had written by the last turn */
	bool hooked;	 /* a command of the bench file ran, which may have done something to it */
	bool resetting;	 /* a banner is expected */
};

/* Makes a device of an open port (owned from here on).  NULL when out of memory. */
struct device *device_new(const struct bench_device *entry, struct clock *clock, struct port *port,
	const struct device_handlers *handlers);
void device_free(struct device *device);

/* Queues an AT command (without CR).  done is called once, from device_read or device_expire. */
int device_command(struct device *device, int64_t timeout_ns, at_done_fn *done, void *context,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same, typed in two halves with a pause. */
int device_command_in_halves(struct device *device, int64_t pause_ns, int64_t timeout_ns,
	at_done_fn *done, void *context, const char *line);

/* Queues octets for the connection with this CID, 1400 at most; with a pause after the first half of
 * the frame, 0: without.  In data mode of that connection they go out as they are, and nothing
 * answers. */
int device_send(struct device *device, int cid, int64_t pause_ns, const void *octets, size_t length,
	at_done_fn *done, void *context);

/* The same as a frame of any letter in place of the CID. */
int device_send_as(struct device *device, char letter, const void *octets, size_t length,
	at_done_fn *done, void *context);

/* Writes bytes that are no command and have no answer: for recovery. */
void device_put(struct device *device, const void *bytes, size_t length);

/* Reads what there is on the UART and acts on it; -1: the port went away. */
int device_read(struct device *device, struct error *err);
/* Reads what there is on the UART, to act on it in the next device_read. */
int device_prefetch(struct device *device, struct error *err);
/* Writes what is still to be written. */
int device_write(struct device *device, struct error *err);

/* The next time at which device_expire has something to do; TIME_NEVER without. */
int64_t device_deadline(const struct device *device);
/* Whether the way out of data mode got no answer in time: outside of data mode it is the beginning of a
 * line, which is ended now, and has a refusal for its answer. */
bool device_end_line(struct device *device, int64_t now_ns);
/* Whether the command in progress should have been answered by now. */
bool device_is_overdue(const struct device *device, int64_t now_ns);
/* Ends a command that got no answer in time: done is called with answered false. */
void device_expire(struct device *device, int64_t now_ns);

/* What is in progress: a command without its arguments, or "data"; empty: nothing. */
void device_verb(const struct device *device, char verb[DEVICE_VERB]);

/* True while a command is in progress or queued. */
bool device_busy(const struct device *device);

/* Gives up a frame whose end was lost: it would swallow all that follows. */
void device_resync(struct device *device);

/* Drops all commands; each done is called with answered false.  Commands that a done queues are
 * kept and carried out. */
void device_abandon(struct device *device);

#endif
