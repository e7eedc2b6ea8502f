/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "uart/at_reply.h"

#define TABLE "CID  TYPE   MODE    LOCAL PORT  REMOTE PORT  REMOTE IP\n"

Test(at_reply, a_list_of_cids_is_read_in_each_format_that_a_module_may_have)
{
	static const struct {
		const char *lines;
		unsigned set;
	} rows[] = {
		{"", 0},
		{"No valid Cids\n", 0},
		{TABLE, 0},
		{TABLE "0    TCP    CLIENT  4000  80  192.0.2.1\n", 1},
		{TABLE "   a    UDP    CLIENT  1  2  192.0.2.1  \nF\tTCP SERVER 1 0 0.0.0.0\n",
			0x8400},
		{"0\n", 1},
		{"0\n3\nb\n", 0x809},
		{"   0  \n   B  \n", 0x801},
		{"0 1 2 f\n", 0x8007},
		{"0,1,A\n", 0x403},
		{"CIDs:\n2\n", 4},
		{"a    udp    SERVER  4098\n", 0x400},
		{"\n  \n", 0},
	};
	unsigned set;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cr_assert(at_reply_cids(rows[i].lines, &set), "'%s'", rows[i].lines);
		cr_assert_eq(set, rows[i].set, "%x of '%s'", set, rows[i].lines);
	}
}

Test(at_reply, a_list_of_cids_in_a_format_that_is_not_known_is_not_taken_for_an_empty_one)
{
	static const char *const lines[] = {"open: 3\n", "0: 192.0.2.1 20000\n",
		/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma) */
		TABLE "0  TCP  CLIENT\nsocket 1 open\n", "CID 3 TCP\n", "3 192.0.2.1 80\n", "12\n",
		"0 0 0\n", "[0]\n", "0\n0\n", "hello\n", "1 of 16 CIDs\n", "CID=3\n"};
	unsigned set;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		cr_assert_not(at_reply_cids(lines[i], &set), "'%s'", lines[i]);
}

Test(at_reply, a_line_too_long_is_not_understood)
{
	char line[1024];
	unsigned set;

	memset(line, ' ', sizeof line);
	line[0] = '3';
	line[sizeof line - 2] = '\n';
	line[sizeof line - 1] = '\0';
	cr_assert_not(at_reply_cids(line, &set));
}

Test(at_reply, a_mac_address_is_found_with_colons_or_hyphens)
{
	uint8_t mac[6];

	cr_assert(at_reply_mac("02:d0:07:00:00:01\n", mac));
	cr_assert_arr_eq(mac, "\x02\xd0\x07\x00\x00\x01", 6);
	cr_assert(at_reply_mac("  MAC is  00-08-DC-AB-CD-EF\n", mac));
	cr_assert_arr_eq(mac, "\x00\x08\xdc\xab\xcd\xef", 6);
	cr_assert_not(at_reply_mac("02:d0:07:00:00\n", mac));
	cr_assert_not(at_reply_mac("02:d0-07:00-00:01\n", mac));
	cr_assert_not(at_reply_mac("02.d0.07.00.00.01\n", mac));
}

Test(at_reply, the_first_address_that_is_one_is_found)
{
	uint32_t address = 0;

	cr_assert(at_reply_address(
		"    IP    SubNet\n 192.0.2.10: 255.255.255.0: 192.0.2.1\n", &address));
	cr_assert_eq(address, htonl(0xc000020a));
	cr_assert(at_reply_address("IP addr=0.0.0.0 or 10.0.0.7\n", &address));
	cr_assert_eq(address, htonl(0x0a000007));
	cr_assert_not(at_reply_address("0.0.0.0\n", &address));
	cr_assert_not(at_reply_address("version 2.4.0\n", &address));
}

Test(at_reply, a_version_is_one_line)
{
	char version[32];

	at_reply_version("APP VERSION=2.4.0\nGEPS=1\n", version, sizeof version);
	cr_assert_str_eq(version, "APP VERSION=2.4.0; GEPS=1");
	at_reply_version("APP VERSION=2.4.0 and so on, and on, and on\n", version, sizeof version);
	cr_assert_lt(strlen(version), sizeof version);
}

Test(at_reply, a_lost_association_is_read_whatever_blanks_and_case)
{
	cr_assert(at_reply_not_associated("NOT ASSOCIATED\n"));
	cr_assert(at_reply_not_associated("  Not   associated  \n"));
	cr_assert_not(at_reply_not_associated("ASSOCIATED, NOT encrypted\n"));
	cr_assert_not(at_reply_not_associated("MODE:0 CHANNEL:6 SSID:\"lab\"\n"));
}
