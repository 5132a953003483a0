// SPDX-License-Identifier: GPL-2.0-or-later
/* Refusals that share an errno can be told apart. */
#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"

static void refused(int fd, const struct pmreuseport_config *config, int code,
		    enum pmreuseport_refusal refusal)
{
	struct pmreuseport_member *member;

	error = (struct pmreuseport_error){0};
	assert_int_equal(pmreuseport_join(fd, config, &member, &error), code);
	if (error.refusal != refusal || !error.what[0] || !error.advice[0])
		fail_msg("%d instead of %d: \"%s\"; \"%s\"", error.refusal, refusal, error.what,
			 error.advice);
}

/* A new socket of the endpoint. */
static void new_is_refused(const struct pmreuseport_config *config, int code,
			   enum pmreuseport_refusal refusal)
{
	int fd = open_socket(AF_INET, SOCK_DGRAM);

	refused(fd, config, code, refusal);
	close(fd);
}

static void test_other_configuration(void **state)
{
	struct pmreuseport_config count = config_of(3, 1), fallback = config_of(2, 1),
				  cluster = config_of(2, 1), seed = config_of(2, 1),
				  bad = config_of(0, 0);
	struct pmreuseport_member *member;
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	fallback.fallback = PMREUSEPORT_DROP;
	cluster.cluster = "other";
	seed.seed = "other";
	new_is_refused(&count, -EEXIST, PMREUSEPORT_OTHER_COUNT);
	new_is_refused(&fallback, -EEXIST, PMREUSEPORT_OTHER_FALLBACK);
	new_is_refused(&cluster, -EEXIST, PMREUSEPORT_OTHER_CLUSTER);
	new_is_refused(&seed, -EEXIST, PMREUSEPORT_OTHER_SEED);
	/* The last refusal is not that of the next failure. */
	assert_int_equal(pmreuseport_join(in.fd, &bad, &member, &error), -EINVAL);
	assert_int_equal(error.refusal, PMREUSEPORT_NO_REFUSAL);
	forget(&in, 1);
}

static void test_other_maps(void **state)
{
	const struct pmreuseport_config config = config_of(2, 1);
	struct instance in;
	int fd;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	assert_return_code(unlink(CLUSTER_PATH "/account"), errno);
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "account", sizeof(__u32), sizeof(__u32), 2, NULL);
	assert_int_equal(bpf_obj_pin(fd, CLUSTER_PATH "/account"), 0);
	close(fd);
	new_is_refused(&config, -EEXIST, PMREUSEPORT_OTHER_LAYOUT);
	assert_return_code(unlink(CLUSTER_PATH "/pins"), errno);
	new_is_refused(&config, -EEXIST, PMREUSEPORT_OTHER_SELECTOR);
	assert_return_code(unlink(CLUSTER_PATH "/size"), errno);
	new_is_refused(&config, -EEXIST, PMREUSEPORT_PINS_LOST);
	forget(&in, 1);
}

static void test_bucket_taken(void **state)
{
	const struct pmr_adoption if_free = {.owner = {.pid = 4711}, .if_free = true};
	const struct pmreuseport_config config = config_of(2, 0);
	struct pmreuseport_member *member;
	struct instance in;
	int fd;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmr_adopt(fd, &if_free, &config, &member, &error), -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_BUCKET_TAKEN);
	close(fd);
	forget(&in, 1);
}

static void test_socket_elsewhere(void **state)
{
	const struct pmreuseport_config config = config_of(2, 1);
	struct instance in;
	__u32 key = 0;
	__u64 value;
	int fd, array;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	refused(in.fd, &config, -EBUSY, PMREUSEPORT_OTHER_BUCKET);

	value = fd = open_socket(AF_INET, SOCK_DGRAM);
	array = bpf_map_create(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "other", sizeof(key),
			       sizeof(value), 1, NULL);
	assert_int_equal(bpf_map_update_elem(array, &key, &value, BPF_ANY), 0);
	refused(fd, &config, -EBUSY, PMREUSEPORT_OTHER_ARRAY);
	close(array);
	close(fd);
	forget(&in, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_other_configuration),
		IN_SANDBOX(test_other_maps),
		IN_SANDBOX(test_bucket_taken),
		IN_SANDBOX(test_socket_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
