// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of pmacct's configuration, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf/line.h"

static struct conf_line line;

static void is(const char *text, const char *key, const char *plugin, const char *value)
{
	char found[512];

	conf_line_read(text, &line);
	snprintf(found, sizeof(found), "%.*s", (int)line.value_length, text + line.value_at);
	assert_null(line.wrong);
	assert_string_equal(line.key, key);
	assert_string_equal(line.plugin, plugin);
	assert_string_equal(found, value);
}

static void is_wrong(const char *text, const char *words)
{
	conf_line_read(text, &line);
	if (!line.wrong || !strstr(line.wrong, words))
		fail_msg("\"%s\" is wrong because \"%s\"", text, line.wrong ? line.wrong : "");
}

static void test_nothing(void **state)
{
	(void)state;
	is("", "", "", "");
	is("\n", "", "", "");
	is(" \t\r\n", "", "", "");
	is("! a: b\n", "", "", "");
	is("  # a: b", "", "", "");
	is("!", "", "", "");
}

static void test_keys(void **state)
{
	(void)state;
	is("a: b\n", "a", "", "b");
	is("a:b", "a", "", "b");
	is("  Nfacctd_ Port\t:  2055 \r\n", "nfacctd_port", "", "2055");
	is("a:", "a", "", "");
	is("a: \n", "a", "", "");
	is("a: b ! c # d", "a", "", "b ! c # d");
	is("a: [::1]:2055", "a", "", "[::1]:2055");
	is("plugins: print[x], print[Y]", "plugins", "", "print[x], print[Y]");
}

static void test_plugins(void **state)
{
	(void)state;
	is("print_output_file[One]: /tmp/x", "print_output_file", "One", "/tmp/x");
	is("Key [ a b ] : c", "key", " a b ", "c");
	is("key[]: c", "key", "", "c");
}

static void test_wrong(void **state)
{
	(void)state;
	is_wrong("a b", "no colon");
	is_wrong(": b", "no key");
	is_wrong("[x]: b", "no key");
	is_wrong("a[b: c", "not closed before the colon");
	is_wrong("a[b: c]", "not closed before the colon");
	is_wrong("a]: c", "not opened");
	is_wrong("a]b[: c", "not opened");
	is_wrong("a[[b]]: c", "brackets inside");
	is_wrong("a: [b", "not closed");
}

/* What has no room is cut, and nothing around it is written to. */
static void test_long(void **state)
{
	char text[4096];

	(void)state;
	memset(text, 'k', sizeof(text));
	text[1000] = '[';
	text[2000] = ']';
	text[2001] = ':';
	text[sizeof(text) - 1] = '\0';
	conf_line_read(text, &line);
	assert_null(line.wrong);
	assert_int_equal(strlen(line.key), sizeof(line.key) - 1);
	assert_int_equal(strlen(line.plugin), sizeof(line.plugin) - 1);
	assert_int_equal(line.value_length, sizeof(text) - 2003);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_keys),
		cmocka_unit_test(test_plugins), cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
