/* SPDX-License-Identifier: MIT */
#include "bench/cid_table.h"

#include <string.h>

bool is_cid(int cid)
{
	return cid >= 0 && cid < DEVICE_CIDS;
}

struct flow *cid_table_give(struct cid_table *table, int cid, struct flow *flow)
{
	struct flow *before = table->owner[cid];

	table->owner[cid] = flow;
	if (flow == NULL)
		table->listeners |= 1U << cid;
	else
		table->listeners &= ~(1U << cid);
	return before == flow ? NULL : before;
}

void cid_table_drop(struct cid_table *table, int cid, const struct flow *flow)
{
	if (is_cid(cid) && table->owner[cid] == flow)
		table->owner[cid] = NULL;
}

bool cid_table_is_anothers(const struct cid_table *table, int cid, const struct flow *flow)
{
	const struct flow *owner = table->owner[cid];

	return (owner != NULL && owner != flow) || (table->listeners & (1U << cid)) != 0;
}

void cid_table_dialled(struct cid_table *table, int64_t now_ns, int64_t until_ns)
{
	if (now_ns >= table->accepts_until_ns)
		table->accepts_due = 0;
	table->accepts_due++;
	table->accepts_until_ns = until_ns;
}

void cid_table_accepted(struct cid_table *table)
{
	if (table->accepts_due > 0)
		table->accepts_due--;
}

int64_t cid_table_accepts_until(const struct cid_table *table, int64_t now_ns)
{
	return table->accepts_due > 0 && now_ns < table->accepts_until_ns ? table->accepts_until_ns
									  : 0;
}

void cid_table_close_listener(struct cid_table *table, int cid, int64_t now_ns)
{
	table->listeners &= ~(1U << cid);
	table->notice_pending_ns[cid] = now_ns;
}

bool cid_table_is_unused(const struct cid_table *table)
{
	for (int cid = 0; cid < DEVICE_CIDS; cid++)
		if (table->owner[cid] != NULL)
			return false;
	return table->listeners == 0 && table->leaked == 0;
}

int cid_table_room(const struct cid_table *table)
{
	return table->count - __builtin_popcount(table->leaked);
}

int cid_table_most(const struct cid_table *table)
{
	return table->count - __builtin_popcount(table->stuck);
}

bool cid_table_read_list(const struct cid_table *table, const char *lines, unsigned *set)
{
	return at_reply_cids(lines, set) && !table->lists_otherwise;
}

void cid_table_forget_notices(struct cid_table *table)
{
	memset(table->notice_pending_ns, 0, sizeof table->notice_pending_ns);
}
