// SPDX-License-Identifier: GPL-2.0-or-later
/* A selector that was detached from its group, or replaced: found, and attached again. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/filter.h>

#include "instances.h"
#include "records.h"

#define COUNT 2

struct cluster {
	struct instance in[COUNT];
	uint64_t received[COUNT];
	int ret[COUNT]; /* of the last check */
};

static void join_all(struct cluster *c)
{
	*c = (struct cluster){0};
	for (unsigned int i = 0; i < COUNT; i++)
		join(&c->in[i], AF_INET, SOCK_DGRAM, COUNT, i);
}

/* Sends one datagram each; returns how many reached another bucket than predicted. */
static unsigned int send_all(struct cluster *c, unsigned int sources)
{
	static const bool live[COUNT] = {true, true};
	unsigned int i, got, scattered = 0;

	for (i = 0; i < sources; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		got = who_got_it(c->in, COUNT, SOCK_DGRAM);
		c->received[got]++;
		scattered += got != predict(i, AF_INET, COUNT, live);
	}
	return scattered;
}

/* Checks all; returns how many have attached the selector again. */
static unsigned int check(struct cluster *c)
{
	unsigned int i, n = 0;

	for (i = 0; i < COUNT; i++) {
		c->ret[i] = pmreuseport_check(c->in[i].member, c->in[i].fd, c->received[i], &error);
		if (c->ret[i] < 0)
			fail_msg("%s; %s", error.what, error.advice);
		n += c->ret[i];
	}
	return n;
}

static __u32 reattached(const struct instance *in)
{
	int fd = pmr_records_open(in->member->path);
	struct pmr_member_record record;

	assert_true(pmr_record_read(fd, in->member->index, in->member->cookie, &record));
	close(fd);
	return record.reattached;
}

static void detach(int fd)
{
	assert_return_code(setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &(int){0},
				      sizeof(int)),
			   errno);
}

/* Checks once in a round until one says so; returns the rounds. */
static unsigned int rounds_until_reattached(struct cluster *c)
{
	unsigned int rounds;

	for (rounds = 1; !check(c); rounds++) {
		assert_in_range(rounds, 1, 5);
		send_all(c, SOURCES);
	}
	return rounds;
}

static void test_detached(void **state)
{
	struct cluster c;

	NEEDS_SANDBOX();
	join_all(&c);
	assert_int_equal(send_all(&c, SOURCES), 0);
	assert_int_equal(check(&c), 0);
	detach(c.in[0].fd);
	assert_in_range(send_all(&c, SOURCES), 1, SOURCES);
	assert_in_range(rounds_until_reattached(&c), 2, 4);
	assert_int_equal(send_all(&c, SOURCES), 0);
	for (unsigned int i = 0; i < COUNT; i++)
		assert_int_equal(reattached(&c.in[i]), c.ret[i]);
	/* It is well again. */
	for (unsigned int i = 0; i < 5; i++) {
		send_all(&c, SOURCES);
		assert_int_equal(check(&c), 0);
	}
	forget(c.in, COUNT);
}

/* A program that gives all to the first socket. */
static void test_another_program(void **state)
{
	struct sock_filter first[] = {{BPF_RET | BPF_K, 0, 0, 0}};
	struct sock_fprog program = {.len = 1, .filter = first};
	struct cluster c;

	NEEDS_SANDBOX();
	join_all(&c);
	assert_return_code(setsockopt(c.in[1].fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
				      sizeof(program)),
			   errno);
	assert_in_range(send_all(&c, SOURCES), 1, SOURCES);
	rounds_until_reattached(&c);
	assert_int_equal(send_all(&c, SOURCES), 0);
	forget(c.in, COUNT);
}

/* What was queued before the exporters stopped, and is read datagram by datagram. */
static void test_a_backlog_is_no_bypass(void **state)
{
	struct cluster c;
	unsigned int i, b;
	char buf[8];

	NEEDS_SANDBOX();
	join_all(&c);
	for (i = 0; i < SOURCES; i++)
		close(send_from(i, AF_INET, SOCK_DGRAM));
	for (i = 0; i < SOURCES; i++) {
		assert_int_equal(check(&c), 0);
		for (b = 0; b < COUNT; b++)
			c.received[b] += recv(c.in[b].fd, buf, sizeof(buf), 0) > 0;
	}
	assert_int_equal(c.received[0] + c.received[1], SOURCES);
	assert_int_equal(check(&c), 0);
	assert_int_equal(check(&c), 0);
	/* Nothing sent, nothing to find. */
	detach(c.in[0].fd);
	assert_int_equal(check(&c), 0);
	assert_int_equal(check(&c), 0);
	forget(c.in, COUNT);
}

/* All buckets are drained: the selector runs, and leaves the datagrams to the kernel. */
static void test_what_is_left_to_the_kernel_is_no_bypass(void **state)
{
	struct pmr_drained all = {.low = 3};
	struct cluster c;
	__u32 zero = 0;
	int fd;

	NEEDS_SANDBOX();
	join_all(&c);
	fd = bpf_obj_get(CLUSTER_PATH "/drained");
	assert_return_code(bpf_map_update_elem(fd, &zero, &all, BPF_ANY), errno);
	close(fd);
	for (unsigned int i = 0; i < 5; i++) {
		send_all(&c, SOURCES);
		assert_int_equal(check(&c), 0);
	}
	forget(c.in, COUNT);
}

/* The instance that was taken over, and still reads, must not touch the group. */
static void test_a_lost_bucket_attaches_nothing(void **state)
{
	struct cluster c;
	struct instance old;

	NEEDS_SANDBOX();
	join_all(&c);
	old = c.in[0];
	join(&c.in[0], AF_INET, SOCK_DGRAM, COUNT, 0);
	detach(c.in[0].fd);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(pmreuseport_check(old.member, old.fd, 100 * i, &error), 0);
	forget(&old, 1);
	forget(c.in, COUNT);
}

static void test_the_pin_is_gone(void **state)
{
	struct cluster c;
	char path[PMR_PATH_MAX + 16];
	int ret = 0;

	NEEDS_SANDBOX();
	join_all(&c);
	snprintf(path, sizeof(path), "%s/_selector", pmreuseport_path(c.in[0].member));
	assert_return_code(unlink(path), errno);
	for (unsigned int i = 0; !ret && i < 5; i++)
		ret = pmreuseport_check(c.in[0].member, c.in[0].fd, 1000 * i, &error);
	assert_int_equal(ret, -ENOENT);
	assert_true(says("is gone"));
	/* The next call does not try that again at once. */
	assert_int_equal(pmreuseport_check(c.in[0].member, c.in[0].fd, 100000, &error), 0);
	forget(c.in, COUNT);
}

static void test_listening_sockets_are_not_checked(void **state)
{
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_STREAM, 1, 0);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(pmreuseport_check(in.member, in.fd, i, &error), 0);
	forget(&in, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_detached),
		IN_SANDBOX(test_another_program),
		IN_SANDBOX(test_a_backlog_is_no_bypass),
		IN_SANDBOX(test_what_is_left_to_the_kernel_is_no_bypass),
		IN_SANDBOX(test_a_lost_bucket_attaches_nothing),
		IN_SANDBOX(test_the_pin_is_gone),
		IN_SANDBOX(test_listening_sockets_are_not_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
