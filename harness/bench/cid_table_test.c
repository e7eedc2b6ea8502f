/* SPDX-License-Identifier: MIT */
#include "bench/cid_table.h"

#include <criterion/criterion.h>

#include "bench/session.h"

static struct flow first, second;

Test(cid_table, a_number_is_of_the_last_flow_that_got_it)
{
	struct cid_table table = {0};

	cr_expect_null(cid_table_give(&table, 5, &first));
	cr_expect_null(cid_table_give(&table, 5, &first));
	cr_expect_eq(cid_table_give(&table, 5, &second), &first);
	cr_expect(cid_table_is_anothers(&table, 5, &first));
	cr_expect_not(cid_table_is_anothers(&table, 5, &second));
	cr_expect_not(cid_table_is_anothers(&table, 4, &first));
}

Test(cid_table, only_who_has_a_number_can_drop_it)
{
	struct cid_table table = {0};

	cid_table_give(&table, 15, &first);
	cid_table_drop(&table, 15, &second);
	cid_table_drop(&table, -1, &first);
	cid_table_drop(&table, 16, &first);
	cr_expect_eq(table.owner[15], &first);
	cid_table_drop(&table, 15, &first);
	cr_expect_null(table.owner[15]);
}

Test(cid_table, a_listener_has_its_number_until_it_is_closed)
{
	struct cid_table table = {0};

	cid_table_give(&table, 0, &first);
	cr_expect_eq(cid_table_give(&table, 0, NULL), &first);
	cr_expect(cid_table_is_anothers(&table, 0, &first));
	cid_table_close_listener(&table, 0, 7);
	cr_expect_not(cid_table_is_anothers(&table, 0, &first));
	cr_expect_eq(table.notice_pending_ns[0], 7);
	cid_table_forget_notices(&table);
	cr_expect_eq(table.notice_pending_ns[0], 0);
}

Test(cid_table, a_connection_on_the_number_of_a_listener_takes_it)
{
	struct cid_table table = {0};

	cid_table_give(&table, 2, NULL);
	cid_table_give(&table, 3, NULL);
	cid_table_give(&table, 2, &first);
	cr_expect_eq(table.listeners, 1U << 3);
}

Test(cid_table, has_room_for_what_does_not_leak)
{
	struct cid_table table = {.leaked = 0x8001, .stuck = 0x0001, .count = 16};

	cr_expect_eq(cid_table_room(&table), 14);
	cr_expect_eq(cid_table_most(&table), 15);
	table.count = 8;
	cr_expect_eq(cid_table_most(&table), 7);
}

Test(cid_table, has_sixteen_numbers)
{
	cr_expect(is_cid(0) && is_cid(15));
	cr_expect_not(is_cid(-1) || is_cid(16));
}

Test(cid_table, a_peer_that_dialled_may_have_a_number_until_it_is_told_of)
{
	struct cid_table table = {0};

	cr_expect_eq(cid_table_accepts_until(&table, 5), 0);
	cid_table_dialled(&table, 5, 15);
	cid_table_dialled(&table, 6, 16);
	cr_expect_eq(cid_table_accepts_until(&table, 7), 16);
	cid_table_accepted(&table);
	cr_expect_eq(cid_table_accepts_until(&table, 7), 16);
	cid_table_accepted(&table);
	cr_expect_eq(cid_table_accepts_until(&table, 7), 0);
	cid_table_accepted(&table);
	cid_table_dialled(&table, 20, 30);
	cr_expect_eq(cid_table_accepts_until(&table, 30), 0);
	/* Who was not told of then is not waited for any more. */
	cid_table_dialled(&table, 40, 50);
	cid_table_accepted(&table);
	cr_expect_eq(cid_table_accepts_until(&table, 41), 0);
}
