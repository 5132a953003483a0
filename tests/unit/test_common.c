// SPDX-License-Identifier: GPL-2.0-or-later
/* What the programs share: text from outside, prefixes, times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ip_addr.h"
#include "common/printable.h"
#include "common/timestamp.h"

static void shows(const char *text, const char *expected)
{
	char *shown = printable(text);

	assert_non_null(shown);
	assert_string_equal(shown, expected);
	free(shown);
}

static void test_printable_keeps_text(void **state)
{
	(void)state;
	shows("", "");
	shows("/etc/pmacct/nfacctd-0.conf \\ \"x\"", "/etc/pmacct/nfacctd-0.conf \\ \"x\"");
	shows("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x9d", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x9d");
}

static void test_printable_escapes_the_rest(void **state)
{
	(void)state;
	shows("a\x1b[2Jb\x7f\n\t", "a\\x1b[2Jb\\x7f\\x0a\\x09");
	shows("\xc2\x9b", "\\xc2\\x9b");		   /* a control character, as UTF-8 */
	shows("\xff\xe4", "\\xff\\xe4");		   /* not UTF-8 */
	shows("\xe2\x82", "\\xe2\\x82");		   /* a part of a character */
	shows("\xc0\xaf", "\\xc0\\xaf");		   /* not the shortest form */
	shows("\xed\xa0\x80", "\\xed\\xa0\\x80");	   /* a surrogate */
	shows("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond Unicode */
}

static void copies(size_t size, const char *from, size_t len, const char *expected)
{
	char to[16];

	memset(to, 'x', sizeof(to));
	printable_copy(to, size, from, len);
	assert_string_equal(to, expected);
}

static void test_printable_copy_has_limits(void **state)
{
	(void)state;
	copies(4, "abcdef", 6, "abc");
	copies(16, "abcdef", 2, "ab");
	copies(16, "ab\0cd", 5, "ab");
	copies(1, "a", 1, "");
	copies(5, "\x1b", 1, "\\x1b");
	copies(4, "\x1b", 1, "");
	copies(4, "ab\xe2\x82\xac", 5, "ab");
	copies(16, "\xe2\x82\xac", 2, "\\xe2\\x82");
}

static void masks(const char *text, unsigned int length, const char *expected)
{
	char out[INET6_ADDRSTRLEN];
	struct ip_addr ip;

	assert_int_equal(ip_parse(text, &ip), 0);
	assert_int_equal(ip_mask(ip.b, length), strcmp(text, expected) != 0);
	assert_string_equal(ip_format(&ip, out), expected);
}

static void test_mask(void **state)
{
	(void)state;
	masks("198.51.100.255", 32, "198.51.100.255");
	masks("198.51.100.255", 31, "198.51.100.254");
	masks("198.51.100.255", 20, "198.51.96.0");
	masks("198.51.96.0", 20, "198.51.96.0");
	masks("198.51.100.255", 0, "0.0.0.0");
	masks("2001:db8:ffff::1", 128, "2001:db8:ffff::1");
	masks("2001:db8:ffff::1", 33, "2001:db8:8000::");
	masks("2001:db8::", 32, "2001:db8::");
	masks("ff::", 0, "::");
}

static void test_timestamp(void **state)
{
	char text[TIMESTAMP_SIZE];

	(void)state;
	setenv("TZ", "UTC-2", 1);
	tzset();
	assert_string_equal(timestamp(1709210096, true, text), "2024-02-29T12:34:56Z");
	assert_string_equal(timestamp(1709210096, false, text), "2024-02-29 14:34:56");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printable_keeps_text),
		cmocka_unit_test(test_printable_escapes_the_rest),
		cmocka_unit_test(test_printable_copy_has_limits),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_timestamp),
	};

	return cmocka_run_group_tests_name("common", tests, NULL, NULL);
}
