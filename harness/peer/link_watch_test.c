/* SPDX-License-Identifier: MIT */
#include "peer/link_watch.h"

#include <criterion/criterion.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer/rtnetlink.h"

enum { OURS = 7 };

static void put(int kernel, int type, int index, unsigned flags)
{
	struct rtnetlink_request message;

	rtnetlink_begin(&message, type, 0, sizeof message.body.link);
	message.body.link.ifi_index = index;
	message.body.link.ifi_flags = flags;
	cr_assert_eq(send(kernel, &message, message.header.nlmsg_len, 0),
		(ssize_t)message.header.nlmsg_len);
}

/* A watch whose kernel is the other end of a socket pair. */
static struct link_watch faked(int *kernel)
{
	struct link_watch watch = link_watch_none();
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	watch.socket = ends[0];
	watch.index = OURS;
	watch.looked_ns = 10;
	*kernel = ends[1];
	return watch;
}

Test(link_watch, a_carrier_that_is_lost_is_down_since_the_look_before)
{
	int kernel;
	int64_t from_ns = 0;
	struct link_watch watch = faked(&kernel);

	cr_expect_not(link_watch_look(&watch, 20, &from_ns));
	put(kernel, RTM_NEWLINK, OURS, IFF_UP);
	cr_expect_not(link_watch_look(&watch, 30, &from_ns), "it is not back yet");
	cr_expect(watch.down);
	cr_expect_eq(watch.down_ns, 20);
	cr_expect_not(link_watch_look(&watch, 40, &from_ns));
	put(kernel, RTM_NEWLINK, OURS, IFF_UP | IFF_RUNNING);
	cr_expect(link_watch_look(&watch, 50, &from_ns));
	cr_expect_eq(from_ns, 20);
	cr_expect_not(watch.down);
	cr_expect_not(link_watch_look(&watch, 60, &from_ns));
	link_watch_close(&watch);
	close(kernel);
}

Test(link_watch, a_moment_without_carrier_between_two_looks_is_seen)
{
	int kernel;
	int64_t from_ns = 0;
	struct link_watch watch = faked(&kernel);

	put(kernel, RTM_NEWLINK, OURS, IFF_UP);
	put(kernel, RTM_NEWLINK, OURS, IFF_UP | IFF_RUNNING);
	cr_expect(link_watch_look(&watch, 20, &from_ns));
	cr_expect_eq(from_ns, 10);
	link_watch_close(&watch);
	close(kernel);
}

Test(link_watch, another_interface_is_no_concern)
{
	int kernel;
	int64_t from_ns = 0;
	struct link_watch watch = faked(&kernel);

	put(kernel, RTM_NEWLINK, OURS + 1, 0);
	put(kernel, RTM_DELLINK, OURS + 1, 0);
	cr_expect_not(link_watch_look(&watch, 20, &from_ns));
	cr_expect_not(watch.down);
	link_watch_close(&watch);
	close(kernel);
}

Test(link_watch, an_interface_that_goes_away_has_no_link)
{
	int kernel;
	int64_t from_ns = 0;
	struct link_watch watch = faked(&kernel);

	put(kernel, RTM_DELLINK, OURS, IFF_UP | IFF_RUNNING);
	cr_expect_not(link_watch_look(&watch, 20, &from_ns));
	cr_expect(watch.down);
	link_watch_close(&watch);
	close(kernel);
}

static void count(void *context, enum link_state state)
{
	*(int *)context += state != LINK_UNKNOWN;
}

Test(link_watch, what_is_no_whole_message_is_left_out)
{
	struct rtnetlink_request message;
	int changes = 0;

	rtnetlink_begin(&message, RTM_NEWLINK, 0, sizeof message.body.link);
	message.body.link.ifi_index = OURS;
	for (size_t length = 0; length < message.header.nlmsg_len; length++)
		link_messages_read(&message, length, OURS, count, &changes);
	cr_expect_eq(changes, 0);
	link_messages_read(&message, message.header.nlmsg_len, OURS, count, &changes);
	cr_expect_eq(changes, 1);
	message.header.nlmsg_len = 3;
	link_messages_read(&message, sizeof message, OURS, count, &changes);
	cr_expect_eq(changes, 1);
}

Test(link_watch, nothing_is_watched_without_an_interface)
{
	struct link_watch watch;
	int64_t from_ns = 0;

	cr_expect_eq(link_watch_open(&watch, "no-such-if", 5), -1);
	cr_expect_not(link_watch_look(&watch, 20, &from_ns));
	link_watch_close(&watch);
}

Test(link_watch, the_loopback_is_up)
{
	struct link_watch watch;
	int64_t from_ns = 0;

	cr_assert_eq(link_watch_open(&watch, "lo", 5), 0);
	cr_expect_not(watch.down);
	cr_expect_not(link_watch_look(&watch, 20, &from_ns));
	link_watch_close(&watch);
}
