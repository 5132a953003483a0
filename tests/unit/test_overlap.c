// SPDX-License-Identifier: GPL-2.0-or-later
/* Which endpoints share packets, and that a cluster is not on two of them. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "foreign.h"
#include "overlap.h"

static void test_names(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} pairs[] = {
		{"any", "any6", true},
		{"any", "any6only", false},
		{"any6", "any6only", true},
		{"any", "127_0_0_1", true},
		{"any6", "127_0_0_1", true},
		{"any6only", "127_0_0_1", false},
		{"any", "::1", false},
		{"any6", "::1", true},
		{"any6only", "::1", true},
		{"127_0_0_1", "127_0_0_2", false},
		{"::1", "::2", false},
		{"::1", "127_0_0_1", false},
		{"127_0_0_1", "::ffff:127_0_0_1", true},
		{"127_0_0_1", "::ffff:127_0_0_2", false},
		{"any", "::ffff:127_0_0_1", true},
		{"any6only", "::ffff:127_0_0_1", false},
		{"::1", "::ffff:0_0_0_0", false},
		{"127_0_0_1", "::ffff:0_0_0_0", true},
		{"any-dev2", "any6-dev2", true},
		{"any-dev2", "any6-dev3", false},
		{"any-dev2", "any", false},
		{"any", "nonsense", false},
	};
	char a[PMR_ENDPOINT_NAME_SIZE], b[PMR_ENDPOINT_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(a, sizeof(a), "udp-2055-%s-net1", pairs[i].a);
		snprintf(b, sizeof(b), "udp-2055-%s-net1", pairs[i].b);
		if (pmr_endpoints_overlap(a, b) != pairs[i].overlap ||
		    pmr_endpoints_overlap(b, a) != pairs[i].overlap)
			fail_msg("%s and %s", a, b);
		assert_false(pmr_endpoints_overlap(a, a));
	}
	assert_false(pmr_endpoints_overlap("udp-2055-any-net1", "udp-2055-any6-net2"));
	assert_false(pmr_endpoints_overlap("udp-2055-any-net1", "udp-2056-any6-net1"));
	assert_false(pmr_endpoints_overlap("udp-2055-any-net1", "tcp-2055-any6-net1"));
}

static int join_at(const struct place *place, int type, unsigned int index, struct instance *in)
{
	const struct pmreuseport_config config = config_of(2, index);

	in->member = NULL;
	in->fd = open_as(0, place, type, false);
	assert_true(in->fd >= 0);
	error = (struct pmreuseport_error){0};
	return pmreuseport_join(in->fd, &config, &in->member, &error);
}

/* How many of 100 datagrams of IPv4 reach the first of two sockets. */
static unsigned int got_by_first(const struct instance in[2])
{
	unsigned int first = 0;

	for (unsigned int i = 0; i < 100; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		first += !who_got_it(in, 2, SOCK_DGRAM);
	}
	return first;
}

static void refused(const struct place *live, const struct place *late, int type,
		    const char *name_live, const char *name_late)
{
	struct instance in[2];
	unsigned int before;

	assert_int_equal(join_at(live, type, 0, &in[0]), 0);
	before = pins();
	if (!join_at(late, type, 1, &in[1])) {
		if (type == SOCK_DGRAM)
			print_message("%s gets %u of 100, %s the rest\n", name_live,
				      got_by_first(in), name_late);
		fail_msg("%s joins beside %s", name_late, name_live);
	}
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_ADDRESS);
	if (!says(name_live) || !says(name_late))
		fail_msg("%s; %s", error.what, error.advice);
	assert_int_equal(pins(), before);

	/* The other socket stays the group's only one of the cluster. */
	forget(&in[0], 1);
	forget(&in[1], 1);
	assert_int_equal(join_at(late, type, 1, &in[1]), 0);
	forget(&in[1], 1);
}

static const struct place any = {.family = AF_INET, .address = "0.0.0.0"},
			  any6 = {.family = AF_INET6, .address = "::"},
			  any6only = {.family = AF_INET6, .address = "::", .v6only = true},
			  one = {.family = AF_INET, .address = "127.0.0.1"},
			  two = {.family = AF_INET, .address = "127.0.0.2"},
			  on_lo = {.family = AF_INET, .address = "0.0.0.0", .device = "lo"};

static void test_ipv4_beside_both_families(void **state)
{
	NEEDS_SANDBOX();
	refused(&any6, &any, SOCK_DGRAM, "udp-2055-any6-net", "udp-2055-any-net");
	refused(&any, &any6, SOCK_DGRAM, "udp-2055-any-net", "udp-2055-any6-net");
	refused(&any6, &any, SOCK_STREAM, "tcp-2055-any6-net", "tcp-2055-any-net");
}

static void test_address_beside_wildcard(void **state)
{
	NEEDS_SANDBOX();
	refused(&any6, &one, SOCK_DGRAM, "udp-2055-any6-net", "udp-2055-127_0_0_1-net");
	refused(&one, &any, SOCK_DGRAM, "udp-2055-127_0_0_1-net", "udp-2055-any-net");
}

static void test_ipv6_only_beside_both_families(void **state)
{
	NEEDS_SANDBOX();
	refused(&any6, &any6only, SOCK_DGRAM, "udp-2055-any6-net", "udp-2055-any6only-net");
}

/* Two sockets of one instance, none of which is in a bucket yet. */
static void test_in_one_step(void **state)
{
	const struct pmreuseport_config config = config_of(1, 0);
	struct pmreuseport_member *members[2];
	struct instance in[2] = {0};
	int fds[2], err;

	NEEDS_SANDBOX();
	in[0].fd = fds[0] = open_as(0, &any6, SOCK_DGRAM, true);
	in[1].fd = fds[1] = open_as(0, &any, SOCK_DGRAM, true);
	error = (struct pmreuseport_error){0};
	err = pmreuseport_prepare(fds, 2, &config, members, &error);
	if (!err && !pmreuseport_enter(members, 2, &error))
		fail_msg("both joined, and %u of 100 reach the first", got_by_first(in));
	assert_int_equal(err, -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_ADDRESS);
	assert_true(says("udp-2055-any6-net") && says("udp-2055-any-net"));
	assert_null(members[0]);
	assert_int_equal(reuse_addr_of(fds[0]), 1);
	assert_int_equal(reuse_addr_of(fds[1]), 1);
	forget(in, 2);
}

/* They are in one reuseport group, and an instance has one socket there. */
static void test_one_address_in_one_step(void **state)
{
	const struct pmreuseport_config config = config_of(1, 0);
	struct pmreuseport_member *members[2];
	struct instance in[2] = {0};
	int fds[2], err;

	NEEDS_SANDBOX();
	in[0].fd = fds[0] = open_as(0, &any, SOCK_STREAM, true);
	in[1].fd = fds[1] = open_as(0, &any, SOCK_STREAM, true);
	err = pmreuseport_prepare(fds, 2, &config, members, &error);
	if (!err && !pmreuseport_enter(members, 2, &error))
		fail_msg("both joined; the states are %d and %d", pmreuseport_state(members[0]),
			 pmreuseport_state(members[1]));
	assert_int_equal(err, -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_ADDRESS);
	assert_true(says("tcp-2055-any-net"));
	forget(in, 2);
}

static void test_separate_addresses(void **state)
{
	struct instance in[5];

	NEEDS_SANDBOX();
	assert_int_equal(join_at(&any, SOCK_DGRAM, 0, &in[0]), 0);
	assert_int_equal(join_at(&any6only, SOCK_DGRAM, 0, &in[1]), 0);
	assert_int_equal(join_at(&one, SOCK_STREAM, 0, &in[2]), 0);
	assert_int_equal(join_at(&two, SOCK_STREAM, 0, &in[3]), 0);
	assert_int_equal(join_at(&on_lo, SOCK_DGRAM, 0, &in[4]), 0);
	forget(in, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		IN_SANDBOX(test_ipv4_beside_both_families),
		IN_SANDBOX(test_address_beside_wildcard),
		IN_SANDBOX(test_ipv6_only_beside_both_families),
		IN_SANDBOX(test_in_one_step),
		IN_SANDBOX(test_one_address_in_one_step),
		IN_SANDBOX(test_separate_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
