/* SPDX-License-Identifier: MIT */
#include "uart/at_command.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static enum at_verb verb_of(const char *line, char rest[64])
{
	const char *arguments;
	enum at_verb verb = at_command_verb(line, &arguments);

	snprintf(rest, 64, "%s", arguments);
	return verb;
}

Test(at_command, what_is_written_is_read_again)
{
	char line[AT_COMMAND_SIZE], rest[64];
	uint8_t address[4];
	uint16_t port;
	int cid;

	at_write_dial_tcp(line, sizeof line, inet_addr("192.0.2.1"), 20000);
	cr_assert_str_eq(line, "AT+NCTCP=192.0.2.1,20000");
	cr_assert_eq(verb_of(line, rest), AT_VERB_DIAL_TCP);
	cr_assert(at_read_peer(rest, address, &port));
	cr_assert_eq(memcmp(address, (uint8_t[]){192, 0, 2, 1}, 4), 0);
	cr_assert_eq(port, 20000);

	at_write_close(line, sizeof line, 15);
	cr_assert_str_eq(line, "AT+NCLOSE=f");
	cr_assert_eq(verb_of(line, rest), AT_VERB_CLOSE);
	cr_assert(at_read_cid(rest, &cid));
	cr_assert_eq(cid, 15);

	at_write_network(line, sizeof line, inet_addr("192.0.2.10"), inet_addr("255.255.255.0"),
		inet_addr("192.0.2.1"));
	cr_assert_str_eq(line, "AT+NSET=192.0.2.10,255.255.255.0,192.0.2.1");
	cr_assert_eq(verb_of(line, rest), AT_VERB_NETWORK);
}

Test(at_command, a_verb_is_its_whole_name_whatever_case_and_blanks)
{
	char rest[64];

	cr_assert_eq(verb_of("at+nclose = b", rest), AT_VERB_CLOSE);
	cr_assert_str_eq(rest, " b");
	cr_assert_eq(verb_of("AT+NCLOSEALL", rest), AT_VERB_CLOSE_ALL);
	cr_assert_str_eq(rest, "");
	cr_assert_eq(verb_of("AT+WAUTH=0", rest), AT_VERB_OTHER);
	cr_assert_eq(verb_of("AT+WA=net", rest), AT_VERB_ASSOCIATE);
	cr_assert_eq(verb_of(" AT \r", rest), AT_VERB_CHECK);
	cr_assert_eq(verb_of("BT+NCLOSE=1", rest), AT_VERB_OTHER);
	cr_assert_eq(verb_of("AT&W", rest), AT_VERB_RESTORE);
}

Test(at_command, the_form_of_answers_follows_its_command)
{
	cr_assert_eq(at_command_of("ATV0"), AT_COMMAND_NUMERIC);
	cr_assert_eq(at_command_of("atv 1"), AT_COMMAND_VERBOSE);
	cr_assert_eq(at_command_of("ATV"), AT_COMMAND_NUMERIC);
	cr_assert_eq(at_command_of("ATE0"), AT_COMMAND_OTHER);
}

Test(at_command, a_cid_is_one_digit)
{
	int cid = -1;

	cr_assert(at_read_cid(" a", &cid));
	cr_assert_eq(cid, 10);
	cr_assert_not(at_read_cid("10", &cid));
	cr_assert_not(at_read_cid("g", &cid));
	cr_assert_not(at_read_cid("", &cid));
}

Test(at_command, an_option_may_name_its_cid_in_decimal_or_hex)
{
	cr_assert(at_names_cid("10,6", 10));
	cr_assert(at_names_cid("a,6", 10));
	cr_assert(at_names_cid("10,6", 16));
	cr_assert_not(at_names_cid("11,6", 10));
	cr_assert_not(at_names_cid("x,6", 0));
}

Test(at_command, options_are_read_as_they_are_written)
{
	static const struct {
		enum at_option_name name;
		long value;
		const char *fields;
	} rows[] = {{AT_OPTION_KEEPALIVE, 1, "65535,8,1,4"}, {AT_OPTION_COUNT, 8, "6,4005,8,4"},
		{AT_OPTION_TIMEOUT, 600, "6,4001,600,4"}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char fields[64];
		at_option_write(fields, sizeof fields, rows[i].name, rows[i].value);
		cr_assert_str_eq(fields, rows[i].fields);
		struct at_option option = at_option_read(fields);
		cr_assert_eq(option.name, rows[i].name);
		cr_assert_eq(option.value, rows[i].value);
		cr_assert(option.whole);
	}
}

Test(at_command, a_wrong_option_is_never_a_whole_one)
{
	static const char *const wrong[] = {"6,4001,600,4,", "6,4001,600", "6,4001,600,2",
		"6,4001,600,4,1", "6,4001,600,4x", "6,4001,,4", "6,4001,60x,4", "-6,4001,600,4",
		""};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		cr_assert_not(at_option_read(wrong[i]).whole, "%s", wrong[i]);
	cr_assert_eq(at_option_read("6,4002,600,4").name, AT_OPTION_OTHER);
	cr_assert_eq(at_option_read("6,4001,,4").value, -1);
	cr_assert(at_option_read(" 6 , 4001 , 600 , 4 ").whole, "blanks are the vendor's own");
}

Test(at_command, the_cid_of_an_option_stands_in_front_of_its_fields)
{
	const char *fields;
	int cid;

	cr_assert(at_option_cid(" 15 ,6,4001,600,4", &cid, &fields));
	cr_assert_eq(cid, 15);
	cr_assert_str_eq(fields, "6,4001,600,4");
	cr_assert(at_option_cid("f,6", &cid, &fields));
	cr_assert_eq(cid, 15);
	cr_assert_not(at_option_cid("16,6", &cid, &fields));
	cr_assert_not(at_option_cid("1f,6", &cid, &fields));
	cr_assert_not(at_option_cid("-3,6", &cid, &fields));
	cr_assert_not(at_option_cid("+3,6", &cid, &fields));
	cr_assert_not(at_option_cid(",6", &cid, &fields));
	cr_assert_not(at_option_cid("3", &cid, &fields));
}
