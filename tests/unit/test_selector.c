// SPDX-License-Identifier: GPL-2.0-or-later
/* The selector in the kernel against a prediction made on the host. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"

static void test_every_source_reaches_its_bucket(void **state)
{
	static const unsigned int counts[] = {1, 2, 3, 8, 128};
	struct instance in[PMR_MAX_BUCKETS];

	NEEDS_SANDBOX();
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		for (unsigned int b = 0; b < counts[c]; b++)
			join(&in[b], AF_INET6, SOCK_DGRAM, counts[c], b);
		check_all(in, counts[c], AF_INET, SOCK_DGRAM, SOURCES); /* dual stack */
		check_all(in, counts[c], AF_INET6, SOCK_DGRAM, SOURCES);
		forget(in, counts[c]);
	}
}

static void test_tcp_and_udp_agree(void **state)
{
	struct instance udp[4], tcp[4];

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 4; b++) {
		join(&udp[b], AF_INET, SOCK_DGRAM, 4, b);
		join(&tcp[b], AF_INET6, SOCK_STREAM, 4, b);
	}
	check_all(udp, 4, AF_INET, SOCK_DGRAM, SOURCES);
	check_all(tcp, 4, AF_INET, SOCK_STREAM, SOURCES);
	check_all(tcp, 4, AF_INET6, SOCK_STREAM, SOURCES);
	close(udp[1].fd);
	close(tcp[1].fd);
	udp[1].fd = tcp[1].fd = -1;
	check_all(udp, 4, AF_INET, SOCK_DGRAM, SOURCES);
	check_all(tcp, 4, AF_INET, SOCK_STREAM, SOURCES);
	forget(udp, 4);
	forget(tcp, 4);
}

static void test_failover_down_to_the_last(void **state)
{
	static const unsigned int dies[] = {3, 0, 6, 1, 7, 2, 5};
	struct instance in[8];

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 8; b++)
		join(&in[b], AF_INET6, SOCK_DGRAM, 8, b);
	for (size_t d = 0; d < sizeof(dies) / sizeof(dies[0]); d++) {
		close(in[dies[d]].fd);
		in[dies[d]].fd = -1;
		check_all(in, 8, AF_INET, SOCK_DGRAM, SOURCES);
	}
	pmreuseport_free(in[0].member);
	join(&in[0], AF_INET6, SOCK_DGRAM, 8, 0);
	check_all(in, 8, AF_INET6, SOCK_DGRAM, SOURCES);
	forget(in, 8);
}

static void test_few_survivors_share_evenly(void **state)
{
	struct instance in[PMR_MAX_BUCKETS];
	unsigned int held[4] = {0};

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < PMR_MAX_BUCKETS; b++) {
		in[b].fd = -1;
		in[b].member = NULL;
	}
	for (unsigned int b = 0; b < 4; b++)
		join(&in[b], AF_INET, SOCK_DGRAM, PMR_MAX_BUCKETS, b);
	for (unsigned int i = 0; i < 1000; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		held[who_got_it(in, PMR_MAX_BUCKETS, SOCK_DGRAM)]++;
	}
	for (unsigned int b = 0; b < 4; b++)
		assert_in_range(held[b], 250 / 1.5, 250 * 1.25);
	forget(in, 4);
}

static void test_no_table_means_modulo(void **state)
{
	struct instance in[3];
	const pmr_slot_t unwritten[PMR_SLOTS] = {0};
	__u32 nonce, zero = 0;
	int fd;

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 3; b++)
		join(&in[b], AF_INET, SOCK_DGRAM, 3, b);
	fd = bpf_obj_get(CLUSTER_PATH "/slots");
	assert_int_equal(pmr_slots_write(fd, unwritten), 0);
	close(fd);
	fd = bpf_obj_get(CLUSTER_PATH "/nonce");
	assert_int_equal(bpf_map_lookup_elem(fd, &zero, &nonce), 0);
	close(fd);

	for (unsigned int i = 0; i < SOURCES; i++) {
		struct sockaddr_storage addr;

		source(i, AF_INET, &addr);
		fd = send_from(i, AF_INET, SOCK_DGRAM);
		assert_int_equal(who_got_it(in, 3, SOCK_DGRAM),
				 pmr_hash(&((struct sockaddr_in *)&addr)->sin_addr.s_addr, 1,
					  nonce) %
					 3);
		close(fd);
	}
	forget(in, 3);
}

static void test_counters_tell_what_happened(void **state)
{
	struct instance in[2];
	struct pmr_counted counted;
	__u64 packets = 0, bytes = 0, failover;

	NEEDS_SANDBOX();
	join(&in[0], AF_INET, SOCK_DGRAM, 2, 0);
	join(&in[1], AF_INET, SOCK_DGRAM, 2, 1);
	check_all(in, 2, AF_INET, SOCK_DGRAM, SOURCES);
	close(in[1].fd);
	in[1].fd = -1;
	check_all(in, 2, AF_INET, SOCK_DGRAM, SOURCES);

	counted = counted_by(&in[0]);
	for (unsigned int b = 0; b < 2; b++) {
		packets += counted.bucket[b].packets;
		bytes += counted.bucket[b].bytes;
	}
	assert_int_equal(packets, 2 * SOURCES);
	assert_int_equal(bytes, 2 * SOURCES * (8 + sizeof(unsigned int)));

	failover = counted.decisions[PMR_FAILOVER];
	assert_int_equal(counted.decisions[PMR_PRIMARY] + failover, 2 * SOURCES);
	assert_in_range(failover, SOURCES / 3, 2 * SOURCES / 3);
	assert_int_equal(counted.decisions[PMR_KERNEL], 0);
	forget(in, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_every_source_reaches_its_bucket),
		IN_SANDBOX(test_tcp_and_udp_agree),
		IN_SANDBOX(test_failover_down_to_the_last),
		IN_SANDBOX(test_few_survivors_share_evenly),
		IN_SANDBOX(test_no_table_means_modulo),
		IN_SANDBOX(test_counters_tell_what_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
