/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_STEP_H
#define WIZHIL_CORE_STEP_H

#include <stdint.h>

/*
 * The stepped clock's protocol between a bench and a device that has no time of its own: one
 * message each way on a SOCK_SEQPACKET socket.  The device's clock begins at 0 ns and moves only
 * inside an advance.  End of file on the socket ends the device.
 *
 * Advance: the device (1) runs its timers up to input_ns, at which it has said before that it
 * writes nothing; (2) reads the UART until it has read uart_sent bytes in all, and the wire until it
 * has read wire_sent frames in all (it waits for them: both may be delivered late), and then
 * whatever else is there; (3) if that made it write anything to UART or wire, it answers at once
 * with the time unmoved; (4) else it runs its timers in order, stopping at the first instant at
 * which it wrote anything, or at until_ns.  Timers due at until_ns itself are run.
 *
 * So a bench of several devices leaves those alone, as far behind as they are, that are sent nothing
 * and have nothing to write yet.
 */
struct step_advance {
	int64_t input_ns;   /* when the input came: not before the device's present time */
	int64_t until_ns;   /* not before input_ns */
	uint64_t uart_sent; /* bytes the bench has written to the UART since the start */
	uint64_t wire_sent; /* frames the bench has seen on their way to the device since the
			     * start */
};

struct step_report {
	int64_t now_ns;
	int64_t next_ns; /* before this it writes nothing unasked; TIME_NEVER: it never does */
	uint64_t uart_written; /* bytes written to the UART since the start */
	uint64_t uart_read;
	uint64_t wire_written; /* frames written to the wire since the start */
	uint64_t wire_read;
};

#endif
