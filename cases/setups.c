/* SPDX-License-Identifier: MIT */
#include "cases/setups.h"

#include "runner/case.h"

struct scenario server_that_probes(int count, int timeout_s)
{
	struct scenario s = tcp_server("server");

	keepalive(&s, "server", .count = count, .timeout_s = timeout_s);
	/* The options may have come in the idle time since the handshake: another one begins. */
	peer_sends(&s, "server", .at_s = 1, .size = 1);
	return s;
}
