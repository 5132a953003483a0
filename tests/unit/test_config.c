// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys as an operator may write them, and the sentences that come back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "instances.h"

static struct pmreuseport_config config;

static int configure(const char *count, const char *index, const char *prog, const char *cluster)
{
	struct pmreuseport_keys keys = {.count = count,
					.index = index,
					.bpf_prog = prog,
					.cluster = cluster};

	memset(&error, 0, sizeof(error));
	return pmreuseport_configure(&keys, &config, &error);
}

static void refused(const char *count, const char *index, const char *prog, const char *cluster,
		    const char *words)
{
	assert_int_equal(configure(count, index, prog, cluster), -EINVAL);
	if (!says(words))
		fail_msg("\"%s; %s\" does not say \"%s\"", error.what, error.advice, words);
}

static void test_off_unless_set(void **state)
{
	(void)state;
	assert_int_equal(configure(NULL, NULL, NULL, NULL), 0);
	assert_int_equal(configure(NULL, NULL, NULL, "blue"), 0);
}

static void test_good_values(void **state)
{
	(void)state;
	assert_int_equal(configure("5", "4", NULL, NULL), 1);
	assert_int_equal(config.count, 5);
	assert_int_equal(config.index, 4);
	assert_null(config.bpf_prog);
	assert_string_equal(config.cluster, "default");

	assert_int_equal(configure("128", "127", "a.o", "Blue_1-x"), 1);
	assert_int_equal(config.count, 128);
	assert_int_equal(config.index, 127);
	assert_string_equal(config.bpf_prog, "a.o");
	assert_string_equal(config.cluster, "Blue_1-x");

	assert_int_equal(configure("007", "000000000006", NULL, NULL), 1);
	assert_int_equal(config.count, 7);
	assert_int_equal(config.index, 6);
}

static void test_fallback(void **state)
{
	struct pmreuseport_keys keys = {.count = "2", .index = "1"};

	(void)state;
	assert_int_equal(pmreuseport_configure(&keys, &config, &error), 1);
	assert_int_equal(config.fallback, PMREUSEPORT_REHASH);
	keys.fallback = "rehash";
	assert_int_equal(pmreuseport_configure(&keys, &config, &error), 1);
	assert_int_equal(config.fallback, PMREUSEPORT_REHASH);
	keys.fallback = "drop";
	assert_int_equal(pmreuseport_configure(&keys, &config, &error), 1);
	assert_int_equal(config.fallback, PMREUSEPORT_DROP);
	keys.fallback = "Drop";
	assert_int_equal(pmreuseport_configure(&keys, &config, &error), -EINVAL);
	assert_true(says("reuseport_fallback is \"Drop\""));

	keys = (struct pmreuseport_keys){.fallback = "drop"};
	assert_int_equal(pmreuseport_configure(&keys, &config, &error), -EINVAL);
	assert_true(says("reuseport_fallback is set but "
			 "reuseport_hashbucket_count is not"));
}

static void test_not_a_plain_number(void **state)
{
	static const char *const values[] = {"",   "2x",  "1e3", " 2",	"2 ",  "+2",
					     "-1", "0x2", "2.0", "two", "2,0", "\xd9\xa2"};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		refused(values[i], "0", NULL, NULL, "reuseport_hashbucket_count is \"");
		refused("3", values[i], NULL, NULL, "reuseport_hashbucket_index is \"");
		assert_true(says(values[i]));
	}
}

static void test_out_of_range(void **state)
{
	(void)state;
	refused("0", "0", NULL, NULL, "reuseport_hashbucket_count is 0,");
	refused("4294967298", "1", NULL, NULL, "1 to 128"); /* 2, if cut to 32 bits */
	refused("129", "0", NULL, NULL, "1 to 128");
	refused("4294967297", "0", NULL, NULL, "1 to 128");
	refused("99999999999999999999999", "0", NULL, NULL, "1 to 128");
	refused("5", "5", NULL, NULL, "it must be 0 to 4");
	refused("5", "18446744073709551616", NULL, NULL, "it must be 0 to 4");
}

static void test_some_of_the_keys(void **state)
{
	(void)state;
	refused("5", NULL, NULL, NULL, "count is set but reuseport_hashbucket_index is not");
	refused(NULL, "0", NULL, NULL, "index is set but reuseport_hashbucket_count is not");
	refused(NULL, NULL, "a.o", NULL, "bpf_prog is set but reuseport_hashbucket_count is not");
	refused("5", "0", "", NULL, "reuseport_bpf_prog is empty");
}

static void test_cluster_name_is_no_path(void **state)
{
	char name[PMREUSEPORT_CLUSTER_NAME_MAX + 2];

	(void)state;
	refused("5", "0", NULL, "", "cluster_name is \"\"");
	refused("5", "0", NULL, "..", "cannot name a cluster");
	refused("5", "0", NULL, "a/b", "cannot name a cluster");
	refused("5", "0", NULL, "v1.2", "cannot name a cluster");
	refused("5", "0", NULL, "a b", "cannot name a cluster");

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	refused("5", "0", NULL, name, "cannot name a cluster");
	name[sizeof(name) - 2] = '\0';
	assert_int_equal(configure("5", "0", NULL, name), 1);
}

static void test_long_values_leave_room_for_the_advice(void **state)
{
	char value[4000];

	(void)state;
	memset(value, 'x', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	refused(value, "0", NULL, NULL, "write digits only");
	refused("2", "0", NULL, value, "letters, digits");
}

static void test_error_is_optional(void **state)
{
	struct pmreuseport_keys keys = {.count = "x", .index = "0"};

	(void)state;
	assert_int_equal(pmreuseport_configure(&keys, &config, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off_unless_set),
		cmocka_unit_test(test_good_values),
		cmocka_unit_test(test_fallback),
		cmocka_unit_test(test_not_a_plain_number),
		cmocka_unit_test(test_out_of_range),
		cmocka_unit_test(test_some_of_the_keys),
		cmocka_unit_test(test_cluster_name_is_no_path),
		cmocka_unit_test(test_long_values_leave_room_for_the_advice),
		cmocka_unit_test(test_error_is_optional),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
