// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The count changes while 10,000 exporters send: who moves, and that nothing is lost.
 * One thread sends, one receives, and the test changes the cluster under them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"

#define EXPORTERS 10000
#define IN_FLIGHT 64 /* one receive buffer takes them all, with room to spare */
#define NOBODY PMR_MAX_BUCKETS

static struct instance in[PMR_MAX_BUCKETS];
static atomic_uint open_buckets; /* the receiver reads those below */
static atomic_uint sent, received, strays;
static atomic_bool ended, all_sent;
/* Where each exporter may be received now, and where it was received last. */
static atomic_uint allowed[EXPORTERS][2], seen[EXPORTERS];

static void pause_while_in_flight(void)
{
	while (sent - received > IN_FLIGHT && !ended)
		sched_yield();
}

/* One datagram from 127.x.y.z, whichever exporter that is. */
static void send_as(int fd, unsigned int exporter)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)),
				.cmsg_level = IPPROTO_IP,
				.cmsg_type = IP_PKTINFO}};
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(PORT),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct iovec payload = {&exporter, sizeof(exporter)};
	struct msghdr message = {.msg_name = &to,
				 .msg_namelen = sizeof(to),
				 .msg_iov = &payload,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct in_pktinfo *from = (struct in_pktinfo *)CMSG_DATA(&control.header);
	struct sockaddr_storage addr;

	source(exporter, AF_INET, &addr);
	memset(from, 0, sizeof(*from));
	from->ipi_spec_dst = ((struct sockaddr_in *)&addr)->sin_addr;
	if (sendmsg(fd, &message, 0) != sizeof(exporter)) {
		perror("sendmsg");
		abort();
	}
}

static void *sender(void *unused)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)unused;
	for (unsigned int i = 0; !ended; i = (i + 1) % EXPORTERS) {
		pause_while_in_flight();
		sent++;
		send_as(fd, i);
	}
	close(fd);
	return NULL;
}

static void receive(unsigned int bucket)
{
	unsigned int exporter;

	while (recv(in[bucket].fd, &exporter, sizeof(exporter), 0) == sizeof(exporter)) {
		if (bucket != allowed[exporter][0] && bucket != allowed[exporter][1])
			strays++;
		seen[exporter] = bucket;
		received++;
	}
}

/* Loopback delivers before sendmsg() returns, so one empty round at the end says all. */
static void *receiver(void *unused)
{
	bool last, idle;

	(void)unused;
	do {
		unsigned int before = received;

		last = all_sent;
		for (unsigned int b = 0; b < open_buckets; b++)
			receive(b);
		idle = before == received;
		if (idle)
			sched_yield();
	} while (!last || !idle);
	return NULL;
}

static void allow(unsigned int from, unsigned int to)
{
	bool live[PMR_MAX_BUCKETS];

	memset(live, true, sizeof(live));
	for (unsigned int i = 0; i < EXPORTERS; i++)
		allowed[i][0] = predict(i, AF_INET, from, live);
	for (unsigned int i = 0; i < EXPORTERS; i++)
		allowed[i][1] = predict(i, AF_INET, to, live);
}

/* Until every exporter has been heard once more, wherever it may be. */
static void hear_all(void)
{
	struct timespec now, end;

	for (unsigned int i = 0; i < EXPORTERS; i++)
		seen[i] = NOBODY;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += 30;
	for (unsigned int i = 0; i < EXPORTERS; i++) {
		while (seen[i] == NOBODY) {
			clock_gettime(CLOCK_MONOTONIC, &now);
			if (now.tv_sec > end.tv_sec)
				fail_msg("exporter %u is not heard: %u sent, %u received", i, sent,
					 received);
			sched_yield();
		}
	}
}

/* After it, no datagram is on its way that was sent before. */
static void settle(void)
{
	hear_all();
	hear_all();
}

static void resize(unsigned int count, unsigned int in_use)
{
	struct pmr_resized result;

	if (pmr_resize("default", count, &result, &error))
		fail_msg("%s; %s", error.what, error.advice);
	assert_int_equal(result.after, count);
	assert_int_equal(result.in_use, in_use);
}

/* Who is in another bucket than before: only between bucket and the others. */
static unsigned int moved(const unsigned int *before, unsigned int bucket)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < EXPORTERS; i++) {
		if (seen[i] == before[i])
			continue;
		assert_true(seen[i] == bucket || before[i] == bucket);
		n++;
	}
	return n;
}

static void grow_and_shrink(unsigned int n)
{
	static unsigned int before[EXPORTERS];
	unsigned int there, back;
	pthread_t threads[2];

	sent = received = strays = 0;
	ended = all_sent = false;
	for (unsigned int b = 0; b < n; b++)
		join(&in[b], AF_INET, SOCK_DGRAM, n, b);
	open_buckets = n;
	allow(n, n);
	assert_int_equal(pthread_create(&threads[0], NULL, receiver, NULL), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, sender, NULL), 0);

	settle();
	for (unsigned int i = 0; i < EXPORTERS; i++)
		before[i] = seen[i];
	resize(n + 1, n);
	settle();
	assert_int_equal(moved(before, n), 0); /* nobody is there yet */

	allow(n, n + 1);
	join(&in[n], AF_INET, SOCK_DGRAM, n + 1, n);
	open_buckets = n + 1;
	settle();
	there = moved(before, n);
	assert_in_range(there, 1, EXPORTERS / (n + 1) + EXPORTERS / 100);
	allow(n + 1, n + 1);
	settle();

	allow(n, n + 1);
	resize(n, n);
	assert_false(held(in[n].member));
	assert_true(held(in[0].member));
	settle();
	back = moved(before, n);
	assert_int_equal(back, 0);
	allow(n, n);
	settle();

	ended = true;
	pthread_join(threads[1], NULL);
	all_sent = true;
	pthread_join(threads[0], NULL);
	assert_int_equal(sent, received);
	assert_int_equal(strays, 0);
	print_message("%3u -> %3u buckets: %4u of %u exporters move (1/%u is %u); %u datagrams, "
		      "none lost\n",
		      n, n + 1, there, EXPORTERS, n + 1, EXPORTERS / (n + 1), received);
	forget(in, n + 1);
}

static void test_only_the_new_buckets_exporters_move(void **state)
{
	static const unsigned int counts[] = {1, 2, 3, 7, 16, 64};

	NEEDS_SANDBOX();
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
		grow_and_shrink(counts[c]);
}

/* Flows and sessions of an exporter must not part while the new instance starts. */
static void test_a_new_bucket_waits_for_all_its_sockets(void **state)
{
	struct instance udp[3], tcp[3];

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 2; b++) {
		join(&udp[b], AF_INET, SOCK_DGRAM, 2, b);
		join(&tcp[b], AF_INET, SOCK_STREAM, 2, b);
	}
	resize(3, 2);
	join(&tcp[2], AF_INET, SOCK_STREAM, 3, 2);
	check_all(udp, 2, AF_INET, SOCK_DGRAM, SOURCES);
	check_all(tcp, 2, AF_INET, SOCK_STREAM, SOURCES);
	join(&udp[2], AF_INET, SOCK_DGRAM, 3, 2);
	check_all(udp, 3, AF_INET, SOCK_DGRAM, SOURCES);
	check_all(tcp, 3, AF_INET, SOCK_STREAM, SOURCES);
	forget(udp, 3);
	forget(tcp, 3);
}

/* Buckets that come in another order than their numbers, and several at once. */
static void test_buckets_get_slots_in_order(void **state)
{
	struct instance four[4];

	NEEDS_SANDBOX();
	join(&four[0], AF_INET, SOCK_DGRAM, 1, 0);
	resize(4, 1);
	join(&four[3], AF_INET, SOCK_DGRAM, 4, 3);
	join(&four[2], AF_INET, SOCK_DGRAM, 4, 2);
	check_all(four, 1, AF_INET, SOCK_DGRAM, SOURCES);
	join(&four[1], AF_INET, SOCK_DGRAM, 4, 1);
	check_all(four, 4, AF_INET, SOCK_DGRAM, SOURCES);
	resize(2, 2);
	check_all(four, 2, AF_INET, SOCK_DGRAM, SOURCES);

	/* Sockets that are open still, with nobody who reads them perhaps, are not live. */
	resize(3, 2);
	check_all(four, 2, AF_INET, SOCK_DGRAM, SOURCES);
	forget(four, 4);
}

static void test_a_dead_bucket_does_not_stop_growth(void **state)
{
	struct instance three[3];

	NEEDS_SANDBOX();
	join(&three[0], AF_INET, SOCK_DGRAM, 2, 0);
	join(&three[1], AF_INET, SOCK_DGRAM, 2, 1);
	close(three[0].fd);
	three[0].fd = -1;
	resize(3, 2);
	join(&three[2], AF_INET, SOCK_DGRAM, 3, 2);
	check_all(three, 3, AF_INET, SOCK_DGRAM, SOURCES);
	forget(three, 3);
}

static void refused(const char *cluster, unsigned int count, int code, const char *words)
{
	struct pmr_resized result;

	assert_int_equal(pmr_resize(cluster, count, &result, &error), code);
	if (!says(words))
		fail_msg("\"%s; %s\" does not say \"%s\"", error.what, error.advice, words);
}

static void test_what_cannot_be_resized(void **state)
{
	struct instance one;

	NEEDS_SANDBOX();
	refused("default", 2, -ENOENT, "there is no cluster \"default\"");
	join(&one, AF_INET, SOCK_DGRAM, 2, 0);
	refused("default", 0, -EINVAL, "must be 1 to 128");
	refused("default", 129, -EINVAL, "must be 1 to 128");
	refused("../default", 2, -EINVAL, "cluster_name");
	refused("", 2, -EINVAL, "cluster_name");
	resize(2, 2);
	close(one.fd);
	one.fd = -1;
	refused("default", 3, -ENOENT, "no instance of cluster \"default\" is alive");
	forget(&one, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_only_the_new_buckets_exporters_move),
		IN_SANDBOX(test_a_new_bucket_waits_for_all_its_sockets),
		IN_SANDBOX(test_buckets_get_slots_in_order),
		IN_SANDBOX(test_a_dead_bucket_does_not_stop_growth),
		IN_SANDBOX(test_what_cannot_be_resized),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
