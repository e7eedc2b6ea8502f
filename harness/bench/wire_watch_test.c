/* SPDX-License-Identifier: MIT */
#include "bench/wire_watch.h"

#include <criterion/criterion.h>
#include <pcap/dlt.h>

Test(wire_watch, without_a_capture_nothing_is_dropped)
{
	struct wire_watch wire;
	int64_t since_ns = -1;

	wire_watch_init(&wire);
	cr_expect_not(wire_watch_dropped(&wire, 5, &since_ns));
	cr_expect_eq(since_ns, 0);
	cr_expect_not(wire_watch_dropped(&wire, 9, &since_ns));
	cr_expect_eq(since_ns, 5);
	cr_expect_eq(wire_watch_link_type(&wire), DLT_EN10MB);
	wire_watch_close(&wire);
}
