/* SPDX-License-Identifier: MIT */
#include "bench/bring_up.h"

#include "bench/fake_device_test.h"
#include "bench/recovery.h"

#define NO_SUCH "\r\n[ERROR: INVALID CID]\r\n"
#define WRONG "\r\n[ERROR: INVALID INPUT]\r\n"

Test(bring_up, sends_the_settings_in_their_order_and_writes_no_flash)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	cr_expect_str_eq(s->fakes[0].heard,
		"AT\nATV1\nATE0\nAT+XDUM=0\nAT+WRXACTIVE=1\nAT+BDATA=1\nAT+VER=?\nAT+VER=?\n"
		"AT+NMAC=?\nAT+NCLOSEALL\nAT+SETSOCKOPT=1,65535,8,0,4\n"
		"AT+SETSOCKOPT=b,65535,8,0,4\nAT+SETSOCKOPT=g,65535,8,0,4\nAT+WD\nAT+NDHCP=0\n"
		"AT+NSET=192.0.2.10,255.255.255.0,0.0.0.0\nAT+WM=0\nAT+WAUTH=0\nAT+WA=lab\n"
		"AT+NSTAT=?\nAT+CID=?\n");
	stand_free(s);
}

/* Of an access point of its own, which this host joins. */
static struct stand *limited_ap(char command[128])
{
	struct stand *s = stand_new(1, 0);

	snprintf(command, 128, "echo join >> %s/station", s->folder);
	s->file.is_limited_ap = s->file.has_station = true;
	s->file.station = (struct bench_station){.leave = "false", .join = command};
	s->entries[0].wifi.mode = WIFI_LIMITED_AP;
	s->entries[0].wifi.channel = 11;
	return s;
}

Test(bring_up, a_limited_access_point_makes_its_network_and_this_host_joins_it)
{
	char command[128], path[64], text[64] = "";
	struct stand *s = limited_ap(command);

	stand_begin_ready(s);
	cr_expect_not_null(strstr(s->fakes[0].heard,
				   "AT+WD\nAT+NDHCP=0\nAT+NSET=192.0.2.10,255.255.255.0,0.0.0.0\n"
				   "AT+WM=2\nAT+WAUTH=0\nAT+WA=lab,,11\nAT+NSTAT=?\n"),
		"%s", s->fakes[0].heard);
	snprintf(path, sizeof path, "%s/station", s->folder);
	FILE *file = fopen(path, "r");
	cr_assert_not_null(file, "it was not joined");
	cr_expect_not_null(fgets(text, sizeof text, file));
	fclose(file);
	cr_expect_str_eq(text, "join\n");
	stand_free(s);
}

Test(bring_up, one_that_refuses_to_be_an_access_point_is_given_up)
{
	char command[128];
	struct stand *s = limited_ap(command);

	fake_answers(&s->fakes[0], "AT+WM=2", "\r\n[ERROR: NOT SUPPORTED]\r\n", 0);
	stand_begin(s);
	stand_until_ready(s);
	cr_expect(s->bench->lost[0]);
	cr_expect_not_null(
		strstr(s->bench->fault.text,
			"answered 'ERROR: NOT SUPPORTED' to the request to be an access point"),
		"%s", s->bench->fault.text);
	stand_free(s);
}

Test(bring_up, a_wep_key_has_a_command_of_its_own)
{
	struct stand *s = stand_new(1, 0);

	setenv("WIZHIL_TEST_WEP", "0123456789", 1);
	s->entries[0].wifi.security = WIFI_WEP;
	s->entries[0].wifi.passphrase_env = "WIZHIL_TEST_WEP";
	stand_begin_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WWEP1=0123456789"), 1);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WWPA"), 0);
	stand_free(s);
}

Test(bring_up, tells_what_it_found)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	cr_expect_not_null(
		strstr(s->journal,
			"{\"event\":\"device\",\"device\":\"device-0\",\"firmware\":"
			"\"APP VERSION=2.4.0; GEPS VERSION=2.4.0\",\"mac\":"
			"\"02:d0:07:00:00:0a\",\"address\":\"192.0.2.10\",\"baud\":115200"),
		"%s", s->journal);
	stand_free(s);
}

Test(bring_up, believes_a_version_that_came_twice)
{
	struct stand *s = stand_new(1, 0);

	fake_answers(&s->fakes[0], "AT+VER=?", "\r\nAPP VERSION=2.~.0\r\n\r\n[OK]\r\n", 1);
	stand_begin_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+VER=?"), 3);
	cr_expect_str_eq(s->fakes[0].device->firmware, "APP VERSION=2.4.0; GEPS VERSION=2.4.0");
	stand_free(s);
}

Test(bring_up, asks_a_version_that_never_comes_twice_eight_times)
{
	static const char *const versions[] = {
		"\r\nV=0\r\n\r\n[OK]\r\n", "\r\nV=1\r\n\r\n[OK]\r\n"};
	struct stand *s = stand_new(1, 0);

	for (int i = 0; i < 10; i++)
		fake_answers(&s->fakes[0], "AT+VER=?", versions[i % 2], 1);
	stand_begin_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+VER=?"), 8);
	stand_free(s);
}

Test(bring_up, goes_on_with_the_firmware_that_was_asked_for)
{
	struct stand *s = stand_new(1, 0);

	s->options.asks_for_firmware = true;
	s->entries[0].firmware.version = "*GEPS VERSION=2.4.*";
	stand_begin_ready(s);
	cr_expect(s->fakes[0].device->ready);
	stand_free(s);
}

Test(bring_up, gives_up_a_module_with_another_firmware_than_was_asked_for)
{
	struct stand *s = stand_new(1, 0);

	s->options.asks_for_firmware = true;
	s->entries[0].firmware.version = "*GEPS VERSION=2.4.*";
	s->options.firmware_version = "*APP VERSION=2.5.0*";
	stand_begin(s);
	stand_until_ready(s);
	cr_expect_not(s->fakes[0].device->ready);
	cr_expect_not_null(
		strstr(s->journal,
			"reports the firmware 'APP VERSION=2.4.0; GEPS VERSION=2.4.0' to AT+VER=?, and '*APP VERSION=2.5.0*' was asked for"),
		"%s", s->journal);
	stand_free(s);
}

Test(bring_up, leaves_a_flashed_module_alone_while_it_boots)
{
	struct stand *s = stand_new(1, 0);

	s->options.firmware = "new.bin";
	fake_answers(&s->fakes[0], "AT", "", 40);
	stand_begin(s);
	s->fakes[0].device->flashed = true;
	stand_until_ready(s);
	cr_expect(s->fakes[0].device->ready);
	cr_expect_null(strstr(s->journal, "ESC E"), "%s", s->journal);
	stand_free(s);
}

Test(bring_up, takes_the_address_that_dhcp_gave)
{
	struct stand *s = stand_new(1, 0);

	s->entries[0].address.dhcp = true;
	fake_answers(&s->fakes[0], "AT+WA=",
		"\r\n    IP              SubNet         Gateway\r\n"
		" 192.0.2.77:255.255.255.0:192.0.2.1\r\n\r\n[OK]\r\n",
		0);
	stand_begin_ready(s);
	cr_expect_not_null(strstr(s->journal, "\"address\":\"192.0.2.77\""));
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NDHCP=1"), 1);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NSET"), 0);
	stand_free(s);
}

static bool reads_hex(const char *of_1, const char *of_b, const char *of_g)
{
	struct stand *s = stand_new(1, 0);

	fake_answers(&s->fakes[0], "AT+SETSOCKOPT=1,", of_1, 0);
	fake_answers(&s->fakes[0], "AT+SETSOCKOPT=b,", of_b, 0);
	fake_answers(&s->fakes[0], "AT+SETSOCKOPT=g,", of_g, 0);
	stand_begin_ready(s);
	bool hex = s->fakes[0].device->option_cid_hex;
	stand_free(s);
	return hex;
}

Test(bring_up, a_module_that_tells_b_from_g_reads_the_cids_of_options_in_hex)
{
	cr_expect(reads_hex(NO_SUCH, NO_SUCH, WRONG));
}

Test(bring_up, a_module_that_takes_any_letter_alike_reads_decimal)
{
	cr_expect_not(reads_hex(NO_SUCH, NO_SUCH, NO_SUCH));
	cr_expect_not(reads_hex(NO_SUCH, WRONG, WRONG));
	cr_expect_not(reads_hex(NO_SUCH, WRONG, NO_SUCH));
}

Test(bring_up, an_option_of_no_connection_that_is_taken_tells_nothing)
{
	cr_expect_not(reads_hex("\r\n[OK]\r\n", "\r\n[OK]\r\n", WRONG));
}

Test(bring_up, one_that_falls_silent_when_it_is_asked_is_not_asked_again)
{
	struct stand *s = stand_new(1, 0);

	fake_answers(&s->fakes[0], "AT+SETSOCKOPT=b,", NULL, 0);
	stand_begin_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+SETSOCKOPT=b,"), 1);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+SETSOCKOPT=g,"), 0);
	cr_expect_not(s->fakes[0].device->option_cid_hex);
	stand_free(s);
}

Test(bring_up, a_refused_association_is_at_first_a_mistake_of_the_bench_file)
{
	struct stand *s = stand_new(1, 0);

	fake_answers(&s->fakes[0], "AT+WA=", "\r\n[ERROR]\r\n", 0);
	stand_begin(s);
	stand_until_ready(s);
	cr_expect(s->bench->lost[0]);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WA="), 1);
	cr_expect_not_null(strstr(s->bench->fault.text, "'ERROR'"), "%s", s->bench->fault.text);
	cr_expect_not_null(strstr(s->bench->fault.text, "associate"), "%s", s->bench->fault.text);
	stand_free(s);
}

Test(bring_up, later_on_the_access_point_may_be_restarting)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	fake_answers(&s->fakes[0], "AT+WA=", "\r\n[ERROR]\r\n", 5);
	const int64_t before_ns = s->bench->clock.now_ns;
	device_recover(s->bench, s->fakes[0].device, REASON_DISASSOCIATION, "lost its association");
	stand_until_ready(s);
	cr_expect(s->fakes[0].device->ready, "%s", s->journal);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WA="), 1 + 5 + 1);
	/* 10 s between them, and 3 s before the first AT. */
	cr_expect_eq(s->bench->clock.now_ns - before_ns, 53 * NS_PER_S);
	stand_free(s);
}

Test(bring_up, an_access_point_that_stays_away_is_not_waited_for_for_ever)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	fake_answers(&s->fakes[0], "AT+WA=", "\r\n[ERROR]\r\n", 0);
	device_recover(s->bench, s->fakes[0].device, REASON_DISASSOCIATION, "lost its association");
	stand_until_ready(s);
	cr_expect(s->bench->lost[0]);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WA="), 1 + 12);
	stand_free(s);
}

Test(bring_up, cids_that_nobody_has_are_worth_one_reset)
{
	struct stand *s = stand_new(1, 0);

	fake_answers(&s->fakes[0], "AT+CID=?", "\r\nCID  TYPE\r\n3  TCP\r\n\r\n[OK]\r\n", 0);
	stand_begin_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+RESET"), 1);
	cr_expect_eq(s->fakes[0].device->cids.stuck, 1U << 3);
	cr_expect_eq(cid_table_most(&s->fakes[0].device->cids), 15);
	stand_free(s);
}

Test(bring_up, one_that_stops_answering_again_and_again_is_given_up)
{
	struct stand *s = stand_new(1, 0);

	fake_answers(&s->fakes[0], "AT+WM=0", NULL, 0);
	stand_begin(s);
	stand_until_ready(s);
	cr_expect(s->bench->lost[0]);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WM=0"), MAX_RECOVERIES + 1);
	cr_expect_not_null(strstr(s->bench->fault.text, "stopped answering"));
	stand_free(s);
}

/* ---- after a case that had the device alone ---- */

static void check_after(struct stand *s)
{
	stand_begin_ready(s);
	s->fakes[0].heard[0] = s->journal[0] = '\0';
	bring_up_check(s->bench, 0, "suite/case_0");
	stand_until_ready(s);
}

Test(bring_up, a_healthy_device_is_asked_two_things_and_goes_on)
{
	struct stand *s = stand_new(1, 0);

	check_after(s);
	cr_expect_str_eq(s->fakes[0].heard,
		"AT\nATV1\nATE0\nAT+XDUM=0\nAT+WRXACTIVE=1\nAT+BDATA=1\nAT+WSTATUS\nAT+CID=?\n");
	cr_expect_not_null(
		strstr(s->journal,
			"\"device\":\"device-0\",\"after\":\"suite/case_0\",\"healthy\":true"),
		"%s", s->journal);
	stand_free(s);
}

Test(bring_up, one_that_is_not_associated_any_more_is_brought_up_anew)
{
	struct stand *s = stand_new(1, 0);

	fake_answers(&s->fakes[0], "AT+WSTATUS", "\r\nNOT ASSOCIATED\r\n\r\n[OK]\r\n", 1);
	check_after(s);
	cr_expect_not_null(strstr(s->journal, "\"healthy\":false"), "%s", s->journal);
	cr_expect_not_null(strstr(s->journal, "not associated after 'suite/case_0'"));
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WA=lab"), 1);
	stand_free(s);
}

Test(bring_up, one_that_still_has_a_connection_is_brought_up_anew)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	s->fakes[0].open = 1U << 4;
	s->journal[0] = '\0';
	bring_up_check(s->bench, 0, "suite/case_0");
	stand_until_ready(s);
	cr_expect_not_null(strstr(s->journal, "\"healthy\":false"), "%s", s->journal);
	cr_expect_eq(s->fakes[0].open, 0);
	cr_expect(s->fakes[0].device->ready);
	stand_free(s);
}

Test(bring_up, one_that_needs_the_ladder_was_not_healthy)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	s->fakes[0].deaf = true;
	s->fakes[0].wakes_by = "+++";
	s->journal[0] = '\0';
	bring_up_check(s->bench, 0, "suite/case_0");
	stand_until_ready(s);
	cr_expect_not_null(strstr(s->journal, "\"healthy\":false"), "%s", s->journal);
	cr_expect(s->fakes[0].device->ready);
	stand_free(s);
}

Test(bring_up, behind_the_last_case_it_is_asked_whether_it_answers)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	s->fakes[0].heard[0] = s->journal[0] = '\0';
	bring_up_check_last(s->bench, 0);
	stand_until_ready(s);
	cr_expect_str_eq(s->fakes[0].heard, "AT\n");
	cr_expect_not_null(strstr(s->journal, "\"after\":\"the last case\",\"healthy\":true"), "%s",
		s->journal);
	stand_free(s);
}

Test(bring_up, one_that_reboots_while_it_is_checked_did_so_of_its_own)
{
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	s->journal[0] = '\0';
	bring_up_check(s->bench, 0, "suite/case_0");
	fake_says(&s->fakes[0], "\r\nSerial2WiFi APP\r\n");
	stand_until_ready(s);
	cr_expect_not_null(strstr(s->journal, "\"cause\":\"reboot\""), "%s", s->journal);
	cr_expect_not_null(strstr(s->journal, "\"healthy\":false"), "%s", s->journal);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+WA=lab"), 2);
	stand_free(s);
}

Test(bring_up, the_cids_are_counted_once_by_connections_that_are_closed_again)
{
	struct stand *s = stand_new(1, 0);

	s->options.cids = 0;
	stand_begin_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCUDP=127.0.0.1,20000"), DEVICE_CIDS);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCLOSEALL"), 2);
	cr_expect_eq(s->fakes[0].device->cids.count, DEVICE_CIDS);
	cr_expect(s->fakes[0].device->cids.counted);
	stand_free(s);
}

Test(bring_up, a_module_that_refuses_the_first_connection_has_as_many_cids_as_the_vendor_says)
{
	struct stand *s = stand_new(1, 0);

	s->options.cids = 0;
	fake_answers(&s->fakes[0], "AT+NCUDP=", "\r\n[ERROR: NO CID]\r\n", 0);
	stand_begin_ready(s);
	cr_expect_eq(lines_with(s->fakes[0].heard, "AT+NCUDP="), 1);
	cr_expect_eq(s->fakes[0].device->cids.count, DEVICE_CIDS);
	stand_free(s);
}

/* Behind one name there is one module for the whole of a run, and noise of the UART is no other. */
Test(bring_up, another_module_by_the_same_name_is_refused_and_noise_is_none)
{
	static const char other[] = "\r\n02:d0:07:00:00:0b\r\n\r\n[OK]\r\n";
	struct stand *s = stand_new(1, 0);

	stand_begin_ready(s);
	fake_answers(&s->fakes[0], "AT+NMAC=?", other, 2);
	bring_up_begin(s->bench, 0);
	stand_until_ready(s);
	cr_expect(s->fakes[0].device->ready, "%s", s->journal);
	fake_answers(&s->fakes[0], "AT+NMAC=?", other, 3);
	bring_up_begin(s->bench, 0);
	stand_until_ready(s);
	cr_expect_not(s->fakes[0].device->ready);
	cr_expect_not_null(strstr(s->journal, "is another module: its MAC is 02:d0:07:00:00:0b"),
		"%s", s->journal);
	stand_free(s);
}
