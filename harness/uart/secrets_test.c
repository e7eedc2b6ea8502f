/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "uart/secrets.h"
#include "uart/transcript.h"

static void expect_redacted(const char *line, const char *expected)
{
	char out[256];

	transcript_redact(line, out, sizeof out);
	cr_assert_str_eq(out, expected);
}

Test(secrets, the_passphrase_of_each_command_that_takes_one_is_hidden)
{
	expect_redacted("AT+WWPA=correct horse", "AT+WWPA=********");
	expect_redacted("AT+WPAPSK=lab,correct horse", "AT+WPAPSK=lab,********");
	expect_redacted("AT+WPSK=0123456789abcdef", "AT+WPSK=********");
	expect_redacted("AT+WWEP1=1234567890", "AT+WWEP1=********");
	expect_redacted("AT+WWEP4=abcde", "AT+WWEP4=********");
	expect_redacted("AT+WEAP=25,26,user,secret", "AT+WEAP=********");
	expect_redacted("AT+WEBPROV=admin,admin", "AT+WEBPROV=********");
}

Test(secrets, spelling_does_not_matter)
{
	expect_redacted("at+wwpa=correct horse", "at+wwpa=********");
	expect_redacted("AT + WWPA = correct horse", "AT + WWPA = ********");
	expect_redacted("AT+WWPA=\"correct, horse\"", "AT+WWPA=********");
	expect_redacted("\x1b"
			"EAT+WWPA=correct horse",
		"\x1b"
		"EAT+WWPA=********");
	expect_redacted("AT+WPAPSK= lab , correct,horse", "AT+WPAPSK= lab ,********");
}

Test(secrets, a_listing_of_the_settings_shows_no_secret)
{
	expect_redacted("+WWPA=correct horse", "+WWPA=********");
	expect_redacted("+SSID=lab +PSK=c0ffee +X=1", "+SSID=lab +PSK=********");
}

Test(secrets, a_passphrase_without_its_network_is_hidden)
{
	expect_redacted("AT+WPAPSK=correct horse", "AT+WPAPSK=********");
}

Test(secrets, what_is_no_secret_is_left_alone)
{
	static const char *const lines[] = {"AT", "", "AT+WWPA=?", "AT+WWPA=", "AT+WWPA",
		"AT+WPAPSK=lab,", "AT+WA=lab", "AT+SETSOCKOPT=0,6,4001,600,4", "[OK]", "AT+WAUTH=2",
		"a+b=c", "WWPA=x"};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		expect_redacted(lines[i], lines[i]);
}

Test(secrets, what_does_not_fit_is_cut_and_terminated)
{
	char out[12];

	memset(out, 'x', sizeof out);
	transcript_redact("AT+WWPA=correct horse", out, sizeof out);
	cr_assert_str_eq(out, "AT+WWPA=***");
	transcript_redact("AT+WWPA=correct horse", out, 1);
	cr_assert_str_eq(out, "");
}

/* The bytes that are hidden, as text. */
static const char *marked(const struct secrets *secrets, const char *line)
{
	static char text[64];
	bool hidden[64];
	size_t length = strlen(line);

	cr_assert_lt(length, sizeof text);
	secrets_mark_line(secrets, (const uint8_t *)line, length, hidden);
	for (size_t i = 0; i < length; i++)
		text[i] = hidden[i] ? '*' : line[i];
	text[length] = '\0';
	return text;
}

static struct secrets *knowing(const char *secret)
{
	struct secrets *secrets = secrets_new();

	cr_assert_not_null(secrets);
	cr_assert_eq(secrets_add(secrets, (const uint8_t *)secret, strlen(secret)), 0);
	return secrets;
}

Test(secrets, a_registered_secret_is_hidden_wherever_it_is)
{
	struct secrets *secrets = knowing("horse");

	cr_assert_str_eq(marked(secrets, "a horse, horsehorse"), "a *****, **********");
	cr_assert_str_eq(marked(secrets, "horse"), "*****");
	secrets_free(secrets);
}

Test(secrets, of_two_that_overlap_no_byte_is_seen)
{
	struct secrets *secrets = knowing("abcabc");

	cr_assert_str_eq(marked(secrets, "xabcabcabcx"), "x*********x");
	secrets_free(secrets);
}

Test(secrets, the_pieces_of_a_broken_echo_are_hidden)
{
	struct secrets *secrets = knowing("correct horse");

	cr_assert_str_eq(marked(secrets, "ssid,corre"), "ssid,*****");
	cr_assert_str_eq(marked(secrets, "ct horse,1"), "********,1");
	cr_assert_str_eq(marked(secrets, "orse"), "****");
	cr_assert_str_eq(marked(secrets, "rse"), "rse");
	secrets_free(secrets);
}

Test(secrets, an_empty_secret_hides_nothing_and_freeing_none_is_fine)
{
	struct secrets *secrets = knowing("");

	cr_assert_str_eq(marked(secrets, "[OK]"), "[OK]");
	secrets_free(secrets);
	secrets_free(NULL);
}
