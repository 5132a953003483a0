// SPDX-License-Identifier: GPL-2.0-or-later
/* Clusters of two sites map exporters to the same buckets if they have the same seed. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"

#define COUNT 3
#define EXPORTERS 40

/* What the keys of a site say. */
struct site {
	const char *cluster, *seed, *ha_cluster;
	unsigned int count;
};

static int join_site(struct instance *in, const struct site *site, unsigned int index)
{
	struct pmreuseport_config config = config_of(site->count, index);

	config.cluster = site->cluster;
	config.seed = site->seed;
	config.ha_cluster = site->ha_cluster;
	in->member = NULL;
	in->fd = open_socket(AF_INET6, SOCK_DGRAM);
	return pmreuseport_join(in->fd, &config, &in->member, &error);
}

/* Which bucket the kernel sends each exporter to. */
static void map_of(const struct site *site, unsigned int buckets[EXPORTERS], int family)
{
	struct instance in[COUNT];

	for (unsigned int b = 0; b < COUNT; b++)
		if (join_site(&in[b], site, b))
			fail_msg("%s; %s", error.what, error.advice);
	for (unsigned int i = 0; i < EXPORTERS; i++) {
		close(send_from(i, family, SOCK_DGRAM));
		buckets[i] = who_got_it(in, COUNT, SOCK_DGRAM);
	}
	forget(in, COUNT);
}

/* The exporters that are in another bucket at the other site. */
static unsigned int differ(const struct site *a, const struct site *b, int family)
{
	unsigned int of_a[EXPORTERS], of_b[EXPORTERS], n = 0;

	map_of(a, of_a, family);
	map_of(b, of_b, family);
	for (unsigned int i = 0; i < EXPORTERS; i++)
		n += of_a[i] != of_b[i];
	print_message("%s and %s: %u of %u differ\n", a->cluster, b->cluster, n, EXPORTERS);
	return n;
}

static void test_sites(void **state)
{
	static const struct site plain[] = {{"loc_A", NULL, NULL, COUNT},
					    {"loc_B", NULL, NULL, COUNT}};
	static const struct site seeded[] = {{"loc_A", "net", NULL, COUNT},
					     {"loc_B", "net", NULL, COUNT}};
	static const struct site ha[] = {{"loc_A", NULL, "net", COUNT},
					 {"loc_B", "net", "other", COUNT}};
	static const int families[] = {AF_INET, AF_INET6};

	NEEDS_SANDBOX();
	for (size_t f = 0; f < 2; f++) {
		assert_in_range(differ(&plain[0], &plain[1], families[f]), EXPORTERS / 3,
				EXPORTERS);
		assert_int_equal(differ(&seeded[0], &seeded[1], families[f]), 0);
		assert_int_equal(differ(&ha[0], &ha[1], families[f]), 0);
		assert_in_range(differ(&plain[0], &seeded[0], families[f]), EXPORTERS / 3,
				EXPORTERS);
	}
}

/* The name of the cluster is the seed that it always was. */
static void test_the_default_is_the_cluster(void **state)
{
	static const struct site by_name = {"default", NULL, NULL, COUNT},
				 by_seed = {"other", "default", NULL, COUNT};
	struct pmr_status status;

	NEEDS_SANDBOX();
	assert_int_equal(differ(&by_name, &by_seed, AF_INET), 0);
	assert_int_equal(pmr_status_read(&status, "default", &error), 0);
	assert_string_equal(status.seed.name, "default");
	pmr_status_free(&status);
	assert_int_equal(pmr_status_read(&status, "other", &error), 0);
	assert_string_equal(status.seed.name, "default");
	pmr_status_free(&status);
}

static void test_live_members_refuse_another(void **state)
{
	struct site site = {"loc_A", "net", NULL, 2};
	struct instance live, in;
	struct pmr_status status;

	NEEDS_SANDBOX();
	assert_int_equal(join_site(&live, &site, 0), 0);
	site.seed = "north";
	assert_int_equal(join_site(&in, &site, 1), -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_SEED);
	assert_true(says("\"north\""));
	assert_true(says("\"net\""));
	forget(&in, 1);
	site.seed = NULL;
	assert_int_equal(join_site(&in, &site, 1), -EEXIST);
	assert_true(says("\"loc_A\", but live instances of cluster \"loc_A\" use \"net\""));
	forget(&in, 1);
	site.ha_cluster = "net";
	assert_int_equal(join_site(&in, &site, 1), 0);
	forget(&live, 1);
	forget(&in, 1);

	/* Without live members, the first one sets it. */
	site.ha_cluster = "north";
	assert_int_equal(join_site(&live, &site, 0), 0);
	assert_int_equal(pmr_status_read(&status, "loc_A", &error), 0);
	assert_string_equal(status.seed.name, "north");
	pmr_status_free(&status);
	forget(&live, 1);
}

/* A selector of others has no map for the name, and hashes with the same number. */
static void test_another_number_is_refused(void **state)
{
	struct site site = {"default", NULL, NULL, 2};
	struct instance live, in;
	__u32 key = 0, number = 4711;
	int fd;

	NEEDS_SANDBOX();
	assert_int_equal(join_site(&live, &site, 0), 0);
	fd = bpf_obj_get(CLUSTER_PATH "/nonce");
	assert_int_equal(bpf_map_update_elem(fd, &key, &number, BPF_ANY), 0);
	close(fd);
	assert_int_equal(join_site(&in, &site, 1), -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_SEED);
	assert_true(says("use another one"));
	forget(&in, 1);
	forget(&live, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_sites),
		IN_SANDBOX(test_the_default_is_the_cluster),
		IN_SANDBOX(test_live_members_refuse_another),
		IN_SANDBOX(test_another_number_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
