/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_SERIALPORT_SHIM_TEST_H
#define WIZHIL_UART_SERIALPORT_SHIM_TEST_H

#include <libserialport.h>
#include <stdbool.h>
#include <termios.h>

/* How the tests let the driver and libserialport fail; all zeros: not at all. */
struct shim {
	struct termios lost; /* flags that the driver has otherwise than they were set */
	bool was_set;	     /* by tcsetattr() */
	/* What libserialport's functions answer. */
	enum sp_return of_settings, of_new_settings, of_opening;
	enum { LOCKS_NONE, LOCKS_NODE, LOCKS_TOO_LATE } locks; /* does its opening lock the node? */
	int opened;					       /* with a lock wanted */
	/* What it was asked for last. */
	enum sp_parity parity;
	int bits, stop_bits;
	enum sp_dtr dtr;
	enum sp_rts rts;
};

extern struct shim shim;

#endif
