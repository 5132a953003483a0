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

static struct pmreuseport_config *config;

/* A new configuration for each call, as for each start of a daemon. */
static int configure_with(const char *count, const char *index, const char *prog,
			  const char *fallback, const char *cluster)
{
	const char *const keys[][2] = {
		{"reuseport_hashbucket_count", count},
		{"reuseport_hashbucket_index", index},
		{"reuseport_bpf_prog", prog},
		{"reuseport_fallback", fallback},
		{"cluster_name", cluster},
	};
	int err;

	pmreuseport_config_free(config);
	config = pmreuseport_config_new(&error);
	assert_non_null(config);
	memset(&error, 0, sizeof(error));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		err = pmreuseport_config_set_key(config, keys[i][0], keys[i][1], &error);
		if (err)
			return err;
	}
	return pmreuseport_config_check(config, &error);
}

static int configure(const char *count, const char *index, const char *prog, const char *cluster)
{
	return configure_with(count, index, prog, NULL, cluster);
}

static int free_config(void **state)
{
	(void)state;
	pmreuseport_config_free(config);
	config = NULL;
	return 0;
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
	assert_int_equal(config->count, 5);
	assert_int_equal(config->index, 4);
	assert_null(config->bpf_prog);
	assert_string_equal(config->cluster, "default");

	assert_int_equal(configure("128", "127", "a.o", "Blue_1-x"), 1);
	assert_int_equal(config->count, 128);
	assert_int_equal(config->index, 127);
	assert_string_equal(config->bpf_prog, "a.o");
	assert_string_equal(config->cluster, "Blue_1-x");

	assert_int_equal(configure("007", "000000000006", NULL, NULL), 1);
	assert_int_equal(config->count, 7);
	assert_int_equal(config->index, 6);
}

static void test_fallback(void **state)
{
	(void)state;
	assert_int_equal(configure_with("2", "1", NULL, NULL, NULL), 1);
	assert_int_equal(config->fallback, PMREUSEPORT_REHASH);
	assert_int_equal(configure_with("2", "1", NULL, "rehash", NULL), 1);
	assert_int_equal(config->fallback, PMREUSEPORT_REHASH);
	assert_int_equal(configure_with("2", "1", NULL, "drop", NULL), 1);
	assert_int_equal(config->fallback, PMREUSEPORT_DROP);
	assert_int_equal(configure_with("2", "1", NULL, "Drop", NULL), -EINVAL);
	assert_true(says("reuseport_fallback is \"Drop\""));

	assert_int_equal(configure_with(NULL, NULL, NULL, "drop", NULL), -EINVAL);
	assert_true(says("reuseport_fallback is set but "
			 "reuseport_hashbucket_count is not"));
}

static int configure_endpoints(const char *value)
{
	configure("2", "1", NULL, NULL);
	return pmreuseport_config_set_key(config, "reuseport_endpoints", value, &error);
}

static void test_endpoints(void **state)
{
	static const char *const wrong[] = {"",	      ",",	  "flows,",	",flows",    "flow",
					    "flowss", "Flows",	  "flows;bmp",	"flows bmp", "all",
					    " ",      "bmp,,bgp", "flows, dtls"};

	(void)state;
	configure("2", "1", NULL, NULL);
	assert_int_equal(pmreuseport_config_endpoints(config), PMREUSEPORT_ALL_ENDPOINTS);
	assert_int_equal(configure_endpoints("flows"), 0);
	assert_int_equal(pmreuseport_config_endpoints(config), PMREUSEPORT_FLOWS);
	assert_int_equal(configure_endpoints("flows,bmp"), 0);
	assert_int_equal(pmreuseport_config_endpoints(config), PMREUSEPORT_FLOWS | PMREUSEPORT_BMP);
	assert_int_equal(configure_endpoints("\tbgp ,\tbmp , bgp "), 0);
	assert_int_equal(pmreuseport_config_endpoints(config), PMREUSEPORT_BMP | PMREUSEPORT_BGP);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(configure_endpoints(wrong[i]), -EINVAL);
		assert_true(says("separated by commas: flows, bmp, bgp"));
		assert_int_equal(pmreuseport_config_endpoints(config), PMREUSEPORT_ALL_ENDPOINTS);
	}
	assert_true(says("\"flows, dtls\", in which \"dtls\" is not an endpoint"));

	configure(NULL, NULL, NULL, NULL);
	assert_int_equal(pmreuseport_config_set_key(config, "reuseport_endpoints", "flows", &error),
			 0);
	assert_int_equal(pmreuseport_config_check(config, &error), -EINVAL);
	assert_true(says("reuseport_endpoints is set but reuseport_hashbucket_count is not"));
	configure("2", "1", NULL, NULL);
	pmreuseport_config_set_endpoints(config, 8);
	assert_int_equal(pmreuseport_config_check(config, &error), -EINVAL);
	assert_true(says("reuseport_endpoints is 0x8"));
}

/* From the most specific key to the default. */
static void test_seed(void **state)
{
	static const char *const keys[] = {"bgp_daemon_ha_cluster_name",
					   "bmp_daemon_ha_cluster_name", "reuseport_seed"};
	static const char *const names[] = {"for bgp", "for bmp", "net"};
	char longest[PMREUSEPORT_SEED_MAX + 2];

	(void)state;
	assert_int_equal(configure("2", "1", NULL, "blue"), 1);
	assert_string_equal(pmr_seed_of(config), "blue");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_int_equal(pmreuseport_config_set_key(config, keys[i], names[i], &error), 0);
		assert_string_equal(pmr_seed_of(config), names[i]);
		assert_int_equal(pmreuseport_config_check(config, &error), 1);
	}

	memset(longest, 'x', sizeof(longest));
	longest[PMREUSEPORT_SEED_MAX + 1] = '\0';
	assert_int_equal(pmreuseport_config_set_seed(config, longest + 1, &error), 0);
	assert_int_equal(pmreuseport_config_check(config, &error), 1);
	assert_int_equal(pmreuseport_config_set_seed(config, longest, &error), 0);
	assert_int_equal(pmreuseport_config_check(config, &error), -EINVAL);
	assert_int_equal(pmreuseport_config_set_seed(config, "a\tb", &error), 0);
	assert_int_equal(pmreuseport_config_check(config, &error), -EINVAL);
	assert_int_equal(pmreuseport_config_set_seed(config, "", &error), 0);
	assert_int_equal(pmreuseport_config_check(config, &error), -EINVAL);
	assert_true(says("reuseport_seed is \"\""));

	/* The name for high availability balances nothing. */
	assert_int_equal(configure(NULL, NULL, NULL, NULL), 0);
	assert_int_equal(pmreuseport_config_set_key(config, keys[1], "net", &error), 0);
	assert_int_equal(pmreuseport_config_check(config, &error), 0);
	assert_int_equal(pmreuseport_config_set_seed(config, "net", &error), 0);
	assert_int_equal(pmreuseport_config_check(config, &error), -EINVAL);
	assert_true(says("reuseport_seed is set but reuseport_hashbucket_count is not"));
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
	(void)state;
	configure("2", "1", NULL, NULL);
	assert_int_equal(pmreuseport_config_set_key(config, "reuseport_hashbucket_count", "x",
						    NULL),
			 -EINVAL);
}

static void test_unknown_key(void **state)
{
	(void)state;
	configure("2", "1", NULL, NULL);
	memset(&error, 0xff, sizeof(error));
	assert_int_equal(pmreuseport_config_set_key(config, "reuseport_index", "0", &error),
			 -EINVAL);
	assert_true(says("there is no key \"reuseport_index\""));
	/* What a later version keeps there is not what the caller had on its stack. */
	for (size_t i = 0; i < sizeof(error.reserved) / sizeof(error.reserved[0]); i++)
		assert_int_equal(error.reserved[i], 0);
	assert_int_equal(pmreuseport_config_set_key(config, "reuseport_index", NULL, &error),
			 -EINVAL);
}

/* The numbers and names that a program without a configuration file has. */
static void test_setters(void **state)
{
	char name[] = "blue", path[] = "a.o";

	(void)state;
	config = pmreuseport_config_new(&error);
	assert_int_equal(config->lock_timeout_ms, 60000);
	assert_string_equal(pmreuseport_config_cluster(config), "default");
	assert_int_equal(pmreuseport_config_check(config, &error), 0);
	pmreuseport_config_set_count(config, 3);
	assert_int_equal(pmreuseport_config_check(config, &error), -EINVAL);
	assert_true(says("count is set but reuseport_hashbucket_index is not"));
	pmreuseport_config_set_index(config, 3);
	assert_int_equal(pmreuseport_config_check(config, &error), -EINVAL);
	assert_true(says("it must be 0 to 2"));
	pmreuseport_config_set_index(config, 2);
	pmreuseport_config_set_fallback(config, 7);
	assert_int_equal(pmreuseport_config_check(config, &error), -EINVAL);
	assert_true(says("reuseport_fallback is 7"));
	pmreuseport_config_set_fallback(config, PMREUSEPORT_DROP);
	pmreuseport_config_set_lock_timeout(config, 20);
	assert_int_equal(pmreuseport_config_set_cluster(config, name, &error), 0);
	assert_int_equal(pmreuseport_config_set_bpf_prog(config, path, &error), 0);
	/* The strings are copies. */
	name[0] = path[0] = 'X';
	assert_int_equal(pmreuseport_config_check(config, &error), 1);
	assert_int_equal(pmreuseport_config_count(config), 3);
	assert_int_equal(pmreuseport_config_index(config), 2);
	assert_string_equal(pmreuseport_config_cluster(config), "blue");
	assert_string_equal(config->bpf_prog, "a.o");
	assert_int_equal(config->fallback, PMREUSEPORT_DROP);
	assert_int_equal(config->lock_timeout_ms, 20);

	assert_int_equal(pmreuseport_config_set_cluster(config, NULL, &error), 0);
	assert_int_equal(pmreuseport_config_set_bpf_prog(config, NULL, &error), 0);
	assert_string_equal(pmreuseport_config_cluster(config), "default");
	assert_null(config->bpf_prog);
	pmreuseport_config_free(NULL);
}

/* An instance without an index must not become bucket 0. */
static void test_a_join_needs_all(void **state)
{
	struct pmreuseport_member *member;

	(void)state;
	config = pmreuseport_config_new(&error);
	assert_int_equal(pmreuseport_join(0, config, &member, &error), -EINVAL);
	assert_true(says("the number of hash buckets is not set"));
	pmreuseport_config_set_count(config, 3);
	assert_int_equal(pmreuseport_join(0, config, &member, &error), -EINVAL);
	assert_true(says("count is set but reuseport_hashbucket_index is not"));
	assert_null(member);
}

#define FREES(test) cmocka_unit_test_teardown(test, free_config)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FREES(test_off_unless_set),
		FREES(test_good_values),
		FREES(test_fallback),
		FREES(test_endpoints),
		FREES(test_seed),
		FREES(test_not_a_plain_number),
		FREES(test_out_of_range),
		FREES(test_some_of_the_keys),
		FREES(test_cluster_name_is_no_path),
		FREES(test_long_values_leave_room_for_the_advice),
		FREES(test_error_is_optional),
		FREES(test_unknown_key),
		FREES(test_setters),
		FREES(test_a_join_needs_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
