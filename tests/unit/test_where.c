// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Predictions that check_all() does not cover: no bucket receives it, there is no table, the
 * result is unknown.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "foreign.h"

static void join_as(struct instance *in, struct pmreuseport_config config)
{
	in->fd = open_socket(AF_INET6, SOCK_DGRAM);
	if (pmreuseport_join(in->fd, &config, &in->member, &error))
		fail_msg("%s; %s", error.what, error.advice);
}

static void test_drop(void **state)
{
	struct pmreuseport_config config = config_of(3, 0);
	unsigned int dropped = 0, buf;
	struct pmr_where where;
	struct instance in[3];

	NEEDS_SANDBOX();
	config.fallback = PMREUSEPORT_DROP;
	for (; config.index < 3; config.index++)
		join_as(&in[config.index], config);
	close(in[1].fd);
	in[1].fd = -1;
	open_where(&where, in[0].member);
	for (unsigned int i = 0; i < SOURCES; i++) {
		struct pmr_place place = foretell(&where, i, AF_INET6);

		close(send_from(i, AF_INET6, SOCK_DGRAM));
		if (place.decision == PMR_PRIMARY) {
			assert_int_equal(who_got_it(in, 3, SOCK_DGRAM), place.home);
			assert_int_equal(place.bucket, place.home);
			continue;
		}
		assert_int_equal(place.decision, PMR_DROPPED);
		assert_int_equal(place.home, 1);
		assert_true(recv(in[0].fd, &buf, sizeof(buf), 0) < 0);
		assert_true(recv(in[2].fd, &buf, sizeof(buf), 0) < 0);
		dropped++;
	}
	assert_in_range(dropped, SOURCES / 6, SOURCES / 2);
	pmr_where_close(&where);
	forget(in, 3);
}

static void test_nobody_is_live(void **state)
{
	struct pmr_where where;
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 5, 3);
	open_where(&where, in.member);
	assert_int_equal(pmreuseport_leave(in.member, &error), 0);
	in.member = NULL;
	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(foretell(&where, i, AF_INET).decision, PMR_KERNEL);
	pmr_where_close(&where);
	forget(&in, 1);
}

static void test_unwritten_table(void **state)
{
	const pmr_slot_t unwritten[PMR_SLOTS] = {0};
	struct pmr_where where;
	struct instance in[3];

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 3; b++)
		join(&in[b], AF_INET6, SOCK_DGRAM, 3, b);
	open_where(&where, in[0].member);
	assert_int_equal(pmr_slots_write(where.slots, unwritten), 0);
	for (unsigned int dead = 0; dead < 2; dead++) {
		for (unsigned int i = 0; i < SOURCES; i++) {
			close(send_from(i, AF_INET, SOCK_DGRAM));
			assert_int_equal(who_got_it(in, 3, SOCK_DGRAM),
					 foretell(&where, i, AF_INET).bucket);
		}
		close(in[2].fd);
		in[2].fd = -1;
	}
	pmr_where_close(&where);
	forget(in, 3);
}

/* Their instances are live until they have noticed; even the last resort leaves them out. */
static void test_buckets_that_were_taken_away(void **state)
{
	struct pmr_resized resized;
	struct instance in[8];

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 8; b++)
		join(&in[b], AF_INET6, SOCK_DGRAM, 8, b);
	assert_int_equal(pmr_resize("default", 4, &resized, &error), 0);
	for (unsigned int b = 0; b < 3; b++) {
		close(in[b].fd);
		in[b].fd = -1;
	}
	check_all(in, 4, AF_INET, SOCK_DGRAM, SOURCES);
	forget(in, 8);
}

static void test_mapped_addresses_are_ipv4(void **state)
{
	struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff, 127, 1, 2, 3}};
	struct pmr_place as_v4, as_v6;
	struct pmr_view *view;
	struct instance in[8];

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 8; b++)
		join(&in[b], AF_INET6, SOCK_DGRAM, 8, b);
	view = look(&in[0]);
	for (unsigned int i = 0; i < 100; i++) {
		mapped.s6_addr[15] = i;
		as_v6 = pmr_view_place(view, AF_INET6, &mapped);
		as_v4 = pmr_view_place(view, AF_INET, &mapped.s6_addr32[3]);
		assert_memory_equal(&as_v4, &as_v6, sizeof(as_v4));
	}
	view_free(view);
	forget(in, 8);
}

static void test_no_telling(void **state)
{
	struct pmr_where where;
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_int_equal(pmr_where_open(&where, "default", "udp-1-any-net1", &error), -ENOENT);
	assert_int_equal(unlink(CLUSTER_PATH "/slots"), 0);
	assert_int_equal(pmr_where_open(&where, "default",
					strrchr(pmreuseport_path(in.member), '/') + 1, &error),
			 -ENOTSUP);
	assert_true(says("\"default\" has no slot table"));
	forget(&in, 1);
}

static void test_a_socket_without_a_record_has_no_pid(void **state)
{
	struct pmr_live_socket *holders;
	struct pmr_where where;
	struct instance in;
	__u32 key = 0;
	__u64 value;
	size_t n;
	int fd;

	NEEDS_SANDBOX();
	value = fd = open_socket(AF_INET, SOCK_DGRAM);
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	open_where(&where, in.member);
	assert_int_equal(bpf_map_update_elem(where.targets, &key, &value, BPF_ANY), 0);
	assert_int_equal(pmr_members("default", false, &holders, &n, &error), 0);
	assert_int_equal(n, 1);
	assert_int_equal(holders[0].pid, 0);
	free(holders);
	pmr_where_close(&where);
	close(fd);
	forget(&in, 1);
}

static void test_members(void **state)
{
	const struct place ipv6 = {.family = AF_INET6, .address = "::", .v6only = true};
	const struct pmreuseport_config config = config_of(8, 7);
	struct pmr_live_socket *holders;
	struct instance in[3], tcp;
	bool here;
	size_t n;

	NEEDS_SANDBOX();
	assert_int_equal(pmr_members("default", false, &holders, &n, &error), -ENOENT);
	join(&in[0], AF_INET, SOCK_DGRAM, 8, 0);
	in[1].fd = open_as(0, &ipv6, SOCK_DGRAM, false);
	assert_int_equal(pmreuseport_join(in[1].fd, &config, &in[1].member, &error), 0);
	join(&in[2], AF_INET, SOCK_DGRAM, 8, 3);
	join(&tcp, AF_INET, SOCK_STREAM, 8, 5);
	assert_int_equal(pmr_members("default", false, &holders, &n, &error), 0);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++) {
		const struct instance *who = &in[holders[i].index == 7	 ? 1
						 : holders[i].index == 3 ? 2
									 : 0];

		assert_string_equal(holders[i].endpoint,
				    strrchr(pmreuseport_path(who->member), '/') + 1);
		assert_int_equal(holders[i].pid, getpid());
		assert_int_equal(pmr_endpoint_is_here(holders[i].endpoint, &here, &error), 0);
		assert_true(here);
	}
	free(holders);

	assert_int_equal(pmr_members("default", true, &holders, &n, &error), 0);
	assert_int_equal(n, 1);
	assert_int_equal(holders[0].index, 5);
	assert_return_code(unshare(CLONE_NEWNET), errno);
	assert_int_equal(pmr_endpoint_is_here(holders[0].endpoint, &here, &error), 0);
	assert_false(here);
	free(holders);
	forget(in, 3);
	forget(&tcp, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_drop),
		IN_SANDBOX(test_nobody_is_live),
		IN_SANDBOX(test_unwritten_table),
		IN_SANDBOX(test_buckets_that_were_taken_away),
		IN_SANDBOX(test_mapped_addresses_are_ipv4),
		IN_SANDBOX(test_no_telling),
		IN_SANDBOX(test_members),
		IN_SANDBOX(test_a_socket_without_a_record_has_no_pid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
