/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "wire/connection_state.h"
#include "wire/wire_fixtures.h"

enum { ACK = SEGMENT_FLAG_ACK, SYN = SEGMENT_FLAG_SYN, RST = SEGMENT_FLAG_RST };

static struct connection_table *table;
static int64_t now_ns;
static uint64_t frame;
static int direction;
static bool is_new;

static void begin(void)
{
	table = connection_table_new();
	now_ns = 0;
	frame = 0;
}

static void end(void)
{
	connection_table_free(table);
}

TestSuite(connection, .init = begin, .fini = end);

static struct connection *take(
	struct endpoint from, struct endpoint to, uint32_t seq, uint32_t ack, uint8_t flags)
{
	struct tracked_segment tracked;
	struct packet packet = {.kind = PACKET_TCP,
		.source = from,
		.destination = to,
		.seq = seq,
		.ack = ack,
		.flags = flags,
		.window = 1000,
		.ip_id = (uint16_t)(frame + 1),
		.window_scale = WINDOW_SCALE_NONE};
	struct connection *connection = connection_find(table, &packet, &direction, &is_new);

	now_ns += NS_PER_S;
	connection_track(connection, &packet, now_ns, ++frame, direction, &tracked);
	return connection;
}

#define CLIENT ipv4_endpoint(10, 1024)
#define SERVER ipv4_endpoint(1, 80)

Test(connection, both_directions_are_the_same_connection)
{
	struct connection *connection = take(CLIENT, SERVER, 100, 0, SYN);
	cr_assert(is_new);
	cr_assert_eq(direction, 0);
	cr_assert_eq(take(SERVER, CLIENT, 200, 101, SYN | ACK), connection);
	cr_assert_not(is_new);
	cr_assert_eq(direction, 1);
	cr_assert_eq(connection_endpoint(table, connection, 1).port, 80);
	cr_assert_eq(connection_count(table), 1);
}

Test(connection, another_port_is_another_connection)
{
	struct connection *connection = take(CLIENT, SERVER, 100, 0, SYN);

	cr_assert_neq(take(ipv4_endpoint(10, 1025), SERVER, 100, 0, SYN), connection);
	cr_assert(is_new);
}

Test(connection, a_syn_with_another_number_begins_a_new_connection)
{
	struct connection *first = take(CLIENT, SERVER, 100, 0, SYN);
	take(SERVER, CLIENT, 200, 101, SYN | ACK);
	take(CLIENT, SERVER, 101, 201, ACK);
	cr_assert_eq(take(CLIENT, SERVER, 100, 0, SYN), first, "a retransmission of the SYN");
	struct connection *second = take(CLIENT, SERVER, 900, 0, SYN);
	cr_assert(is_new);
	cr_assert_neq(second, first);
	cr_assert_eq(take(SERVER, CLIENT, 700, 901, SYN | ACK), second);
	cr_assert_eq(connection_index(second), 1);
	cr_assert_eq(connection_at(table, 0), first);
	cr_assert_null(connection_at(table, 2));
}

Test(connection, a_refused_syn_that_is_sent_again_opens_the_same_connection)
{
	struct connection *connection = take(CLIENT, SERVER, 100, 0, SYN);

	cr_assert_eq(take(SERVER, CLIENT, 0, 101, RST | ACK), connection);
	cr_assert_eq(take(CLIENT, SERVER, 100, 0, SYN), connection);
	cr_assert_eq(take(SERVER, CLIENT, 700, 101, SYN | ACK), connection);
	cr_assert_neq(take(SERVER, CLIENT, 900, 501, SYN | ACK), connection,
		"the SYN of another one was not captured");
}

Test(connection, a_tuple_used_the_other_way_round_begins_a_new_connection)
{
	struct connection *first = take(CLIENT, SERVER, 101, 201, ACK);

	cr_assert_neq(take(SERVER, CLIENT, 5000, 0, SYN), first);
	cr_assert_eq(direction, 0);
}

Test(connection, a_simultaneous_open_is_one_connection)
{
	struct connection *connection = take(CLIENT, SERVER, 100, 0, SYN);

	cr_assert_eq(take(SERVER, CLIENT, 200, 0, SYN), connection);
	cr_assert_eq(take(CLIENT, SERVER, 100, 201, SYN | ACK), connection);
	cr_assert_eq(connection_count(table), 1);
}

Test(connection, many_connections_are_all_found_again)
{
	const uint16_t many = 20000;

	for (uint16_t i = 0; i < many; i++)
		take(ipv4_endpoint(10, (uint16_t)(i + 1)), SERVER, i, 0, SYN);
	cr_assert_eq(connection_count(table), many);
	for (uint16_t i = 0; i < many; i++) {
		struct connection *connection =
			take(SERVER, ipv4_endpoint(10, (uint16_t)(i + 1)), 7, i + 1U, SYN | ACK);
		cr_assert_eq(connection_index(connection), i);
	}
}

/* A segment of a conversation that is mostly in order. */
static struct packet any_segment(uint32_t nxt[2], int from)
{
	static const uint8_t rare[] = {ACK | SEGMENT_FLAG_FIN, RST, RST | ACK, SYN, SYN | ACK, 0};
	static const uint32_t lengths[] = {0, 0, 0, 1, 2, 500, 1460, 70000};
	struct packet packet = {.kind = PACKET_TCP,
		.seq = nxt[from] - (uint32_t)(rand() % 6 == 0),
		.ack = nxt[!from] - (uint32_t)(rand() % 8 == 0 ? rand() % 2000 : 0),
		.flags = ACK | (rand() % 2 == 0 ? SEGMENT_FLAG_PSH : 0),
		.length = lengths[(size_t)rand() % (sizeof lengths / sizeof *lengths)],
		.window = (uint16_t)(rand() % 20 == 0 ? 0 : 1000 + rand() % 2),
		.ip_id = (uint16_t)(rand() % 3),
		.ttl = (uint8_t)(60 + rand() % 2),
		.window_scale = WINDOW_SCALE_NONE};

	if (rand() % 50 == 0)
		packet.flags = rare[(size_t)rand() % sizeof rare];
	if (rand() % 20 == 0)
		packet.seq += (uint32_t)(rand() % 5000) - 2500;
	if (rand() % 30 == 0)
		packet.ack += (uint32_t)(rand() % 100);
	if (packet.seq == nxt[from])
		nxt[from] += sequence_length(&packet);
	return packet;
}

Test(connection, a_segment_that_passes_is_tracked_as_any_other)
{
	enum { CONVERSATIONS = 3000, SEGMENTS = 60 };
	static const int64_t pauses[] = {0, NS_PER_MS, NS_PER_MS, 300 * NS_PER_MS, 500 * NS_PER_MS,
		NS_PER_S, 75 * NS_PER_S, -NS_PER_MS};
	struct tracked_segment tracked, nothing;
	unsigned passed = 0;

	srand(1);
	for (int i = 0; i < CONVERSATIONS; i++) {
		struct connection *all = connection_new(), *some = connection_new();
		uint32_t nxt[2] = {1000, rand() % 2 == 0 ? 5000 : UINT32_MAX - 2000};
		struct packet packet;
		now_ns = NS_PER_S;
		for (uint64_t n = 1; n <= SEGMENTS; n++) {
			const int from = rand() % 2;
			if (n == 1 || rand() % 12 != 0)
				packet = any_segment(nxt, from);
			now_ns += pauses[(size_t)rand() % (sizeof pauses / sizeof *pauses)];
			connection_track(all, &packet, now_ns, n, from, &tracked);
			if (!connection_pass(some, &packet, now_ns, from)) {
				connection_track(some, &packet, now_ns, n, from, &nothing);
			} else {
				passed++;
				cr_assert_eq(tracked.class,
					packet.length > 0 ? SEGMENT_DATA : SEGMENT_OTHER);
				cr_assert_not(tracked.missed || tracked.candidate ||
					      tracked.answered_before || tracked.half_closed ||
					      tracked.settles != SETTLES_NOTHING ||
					      tracked.settles_own != SETTLES_NOTHING);
			}
			cr_assert_arr_eq(all, some, sizeof *all);
		}
		connection_free(all);
		connection_free(some);
	}
	cr_assert_gt(passed, CONVERSATIONS * SEGMENTS / 10);
}
