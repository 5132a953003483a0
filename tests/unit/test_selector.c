// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The selector in the kernel against a prediction made on the host, with real
 * sockets in a network and mount namespace of this process's own. Needs root.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "internal.h"

#define PORT 2055
#define SOURCES 300
#define CLUSTER_PATH PMR_ROOT "/default"

struct instance {
	int fd;
	struct pmreuseport_member *member;
};

static struct pmreuseport_error error;
static bool sandboxed;

/* A fresh namespace for each test, so that none sees the pins of another. */
static int enter_sandbox(void **state)
{
	(void)state;
	if (geteuid() || unshare(CLONE_NEWNET | CLONE_NEWNS))
		return 0;
	sandboxed = !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
		    !mount("bpf", PMR_BPFFS, "bpf", 0, NULL) &&
		    !system("ip link set lo up && ip -6 route add local fd00:1::/64 dev lo");
	return !sandboxed;
}

static int leave_sandbox(void **state)
{
	(void)state;
	return sandboxed ? umount(PMR_BPFFS) : 0;
}

static int open_socket(int family, int type)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
	int fd = socket(family, type | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
	if (family == AF_INET)
		assert_return_code(bind(fd, (struct sockaddr *)&in, sizeof(in)), errno);
	else
		assert_return_code(bind(fd, (struct sockaddr *)&in6, sizeof(in6)), errno);
	if (type == SOCK_STREAM)
		assert_return_code(listen(fd, 1024), errno);
	return fd;
}

static struct pmreuseport_config config_of(unsigned int count, unsigned int index)
{
	return (struct pmreuseport_config){.count = count, .index = index, .cluster = "default"};
}

static void join(struct instance *in, int family, int type, unsigned int count, unsigned int index)
{
	struct pmreuseport_config config = config_of(count, index);

	in->fd = open_socket(family, type);
	if (pmreuseport_join(in->fd, &config, &in->member, &error))
		fail_msg("%s", error.text);
}

static void forget(struct instance *in, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (in[i].fd >= 0)
			close(in[i].fd);
		pmreuseport_free(in[i].member);
	}
}

/* What the exporter with this number has for an address. */
static socklen_t source(unsigned int i, int family, struct sockaddr_storage *addr)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;

	memset(addr, 0, sizeof(*addr));
	if (family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_addr.s_addr = htonl(0x7f010000 + 7 * i + 1);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "fd00:1::", &in6->sin6_addr);
	in6->sin6_addr.s6_addr32[3] = htonl(7 * i + 1);
	return sizeof(*in6);
}

/* The host's side of the selector, from the pinned tables. */
static unsigned int predict(unsigned int i, int family, unsigned int count, const bool *live)
{
	static pmr_slot_t slots[PMR_SLOTS];
	static unsigned int filled;
	struct sockaddr_storage addr;
	__u32 key = 0, nonce, hash, bucket, last, stride;
	int fd = bpf_obj_get(CLUSTER_PATH "/nonce");

	assert_return_code(bpf_map_lookup_elem(fd, &key, &nonce), errno);
	close(fd);
	if (filled != count)
		pmr_slots_fill(slots, count);
	filled = count;

	source(i, family, &addr);
	hash = family == AF_INET
		       ? pmr_hash(&((struct sockaddr_in *)&addr)->sin_addr.s_addr, 1, nonce)
		       : pmr_hash(((struct sockaddr_in6 *)&addr)->sin6_addr.s6_addr32, 4, nonce);
	bucket = slots[pmr_slot(hash)] - 1;
	for (unsigned int t = 0; !live[bucket] && t < PMR_REHASH_TRIES; t++)
		bucket = slots[pmr_slot(pmr_rehash(hash, t))] - 1;
	last = bucket;
	stride = pmr_rehash(hash, PMR_REHASH_TRIES) | 1;
	for (unsigned int t = 1; !live[bucket]; t++)
		bucket = (last + t * stride) % PMR_MAX_BUCKETS;
	return bucket;
}

static int send_from(unsigned int i, int family, int type)
{
	struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6,
				   .sin6_port = htons(PORT),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_storage addr;
	socklen_t len = source(i, family, &addr);
	int fd = socket(family, type, 0);

	to4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &(int){1}, sizeof(int));
	assert_return_code(bind(fd, (struct sockaddr *)&addr, len), errno);
	assert_return_code(family == AF_INET ? connect(fd, (struct sockaddr *)&to4, sizeof(to4))
					     : connect(fd, (struct sockaddr *)&to6, sizeof(to6)),
			   errno);
	if (type == SOCK_DGRAM)
		assert_int_equal(send(fd, &i, sizeof(i), 0), sizeof(i));
	return fd;
}

/* Loopback delivers before send() or connect() returns: one must be readable. */
static unsigned int who_got_it(const struct instance *in, unsigned int n, int type)
{
	unsigned int got = n, buf;
	int fd;

	for (unsigned int b = 0; b < n; b++) {
		if (in[b].fd < 0)
			continue;
		if (type == SOCK_DGRAM && recv(in[b].fd, &buf, sizeof(buf), 0) < 0)
			continue;
		if (type == SOCK_STREAM) {
			fd = accept(in[b].fd, NULL, NULL);
			if (fd < 0)
				continue;
			close(fd);
		}
		assert_int_equal(got, n);
		got = b;
	}
	assert_in_range(got, 0, n - 1);
	return got;
}

static void check_all(const struct instance *in, unsigned int n, int family, int type,
		      unsigned int sources)
{
	bool live[PMR_MAX_BUCKETS] = {0};

	for (unsigned int b = 0; b < n; b++)
		live[b] = in[b].fd >= 0;
	for (unsigned int i = 0; i < sources; i++) {
		int fd = send_from(i, family, type);

		assert_int_equal(who_got_it(in, n, type), predict(i, family, n, live));
		close(fd);
	}
}

static void test_every_source_reaches_its_bucket(void **state)
{
	static const unsigned int counts[] = {1, 2, 3, 8, 128};
	struct instance in[PMR_MAX_BUCKETS];

	(void)state;
	if (!sandboxed)
		skip();
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

	(void)state;
	if (!sandboxed)
		skip();
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

	(void)state;
	if (!sandboxed)
		skip();
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

static void test_no_table_means_modulo(void **state)
{
	struct instance in[3];
	pmr_slot_t unwritten = 0;
	__u32 key, nonce, zero = 0;
	int fd;

	(void)state;
	if (!sandboxed)
		skip();
	for (unsigned int b = 0; b < 3; b++)
		join(&in[b], AF_INET, SOCK_DGRAM, 3, b);
	fd = bpf_obj_get(CLUSTER_PATH "/slots");
	for (key = 0; key < PMR_SLOTS; key++)
		assert_int_equal(bpf_map_update_elem(fd, &key, &unwritten, 0), 0);
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

static __u64 sum_of_cpus(const char *path, __u32 key, size_t value_size, size_t field)
{
	int fd = bpf_obj_get(path), cpus = libbpf_num_possible_cpus();
	char *values = calloc(cpus, value_size);
	__u64 sum = 0;

	assert_int_equal(bpf_map_lookup_elem(fd, &key, values), 0);
	for (int cpu = 0; cpu < cpus; cpu++)
		sum += *(__u64 *)(values + cpu * value_size + field);
	free(values);
	close(fd);
	return sum;
}

static void test_counters_tell_what_happened(void **state)
{
	struct instance in[2];
	char path[PMR_PATH_MAX + 16];
	__u64 packets = 0, bytes = 0, primary, failover;

	(void)state;
	if (!sandboxed)
		skip();
	join(&in[0], AF_INET, SOCK_DGRAM, 2, 0);
	join(&in[1], AF_INET, SOCK_DGRAM, 2, 1);
	check_all(in, 2, AF_INET, SOCK_DGRAM, SOURCES);
	close(in[1].fd);
	in[1].fd = -1;
	check_all(in, 2, AF_INET, SOCK_DGRAM, SOURCES);

	snprintf(path, sizeof(path), "%s/counters", pmreuseport_path(in[0].member));
	for (__u32 b = 0; b < 2; b++) {
		packets += sum_of_cpus(path, b, sizeof(struct pmr_traffic), 0);
		bytes += sum_of_cpus(path, b, sizeof(struct pmr_traffic), sizeof(__u64));
	}
	assert_int_equal(packets, 2 * SOURCES);
	assert_int_equal(bytes, 2 * SOURCES * (8 + sizeof(unsigned int)));

	snprintf(path, sizeof(path), "%s/decisions", pmreuseport_path(in[0].member));
	primary = sum_of_cpus(path, PMR_PRIMARY, sizeof(__u64), 0);
	failover = sum_of_cpus(path, PMR_FAILOVER, sizeof(__u64), 0);
	assert_int_equal(primary + failover, 2 * SOURCES);
	assert_in_range(failover, SOURCES / 3, 2 * SOURCES / 3);
	assert_int_equal(sum_of_cpus(path, PMR_KERNEL, sizeof(__u64), 0), 0);
	forget(in, 2);
}

static void test_leaving_hands_the_bucket_back(void **state)
{
	struct instance in[2];

	(void)state;
	if (!sandboxed)
		skip();
	join(&in[0], AF_INET, SOCK_DGRAM, 2, 0);
	join(&in[1], AF_INET, SOCK_DGRAM, 2, 1);
	assert_int_equal(pmreuseport_leave(in[1].member, &error), 0);
	in[1].member = NULL;
	for (unsigned int i = 0; i < SOURCES; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		assert_int_equal(who_got_it(in, 2, SOCK_DGRAM), 0);
	}
	forget(in, 2);
	assert_int_equal(pmreuseport_leave(NULL, &error), 0);
}

static void test_takeover_names_the_holder_and_keeps_its_leave_harmless(void **state)
{
	struct pmreuseport_holder holder = {0};
	struct instance old, new;

	(void)state;
	if (!sandboxed)
		skip();
	join(&old, AF_INET, SOCK_DGRAM, 1, 0);
	assert_false(pmreuseport_previous(old.member, &holder));
	join(&new, AF_INET, SOCK_DGRAM, 1, 0);
	assert_true(pmreuseport_previous(new.member, &holder));
	assert_int_equal(holder.pid, getpid());
	assert_memory_equal(holder.comm, "test_selector", 13);

	assert_int_equal(pmreuseport_leave(old.member, &error), 0);
	old.member = NULL;
	for (unsigned int i = 0; i < 20; i++) {
		struct instance both[2] = {old, new};

		close(send_from(i, AF_INET, SOCK_DGRAM));
		assert_int_equal(who_got_it(both, 2, SOCK_DGRAM), 1);
	}
	forget(&old, 1);
	forget(&new, 1);
}

static void test_same_socket_twice(void **state)
{
	struct pmreuseport_config config = config_of(2, 0);
	struct pmreuseport_member *again;
	struct instance in;

	(void)state;
	if (!sandboxed)
		skip();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	assert_int_equal(pmreuseport_join(in.fd, &config, &again, &error), 0);
	assert_false(pmreuseport_previous(again, &(struct pmreuseport_holder){0}));
	pmreuseport_free(again);

	config.index = 1;
	assert_int_equal(pmreuseport_join(in.fd, &config, &again, &error), -EBUSY);
	assert_null(again);
	assert_non_null(strstr(error.text, "is in bucket 0 already"));
	forget(&in, 1);
}

static unsigned int names;

static int count_name(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path, (void)st, (void)type, (void)ftw;
	names++;
	return 0;
}

/* How many files and directories there are under the bpffs (some are the kernel's). */
static unsigned int pins(void)
{
	names = 0;
	assert_int_equal(nftw(PMR_BPFFS, count_name, 8, FTW_PHYS), 0);
	return names;
}

static void test_count_of_live_members_stands(void **state)
{
	struct pmreuseport_config config = config_of(3, 2);
	struct pmreuseport_member *member;
	struct instance in;
	unsigned int before;
	int fd;

	(void)state;
	if (!sandboxed)
		skip();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	before = pins();
	fd = open_socket(AF_INET6, SOCK_STREAM);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EEXIST);
	assert_non_null(strstr(error.text, "count is 3"));
	assert_non_null(strstr(error.text, "\"default\" use 2"));
	assert_int_equal(pins(), before);

	/* With the last member gone the new count is taken. */
	forget(&in, 1);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), 0);
	pmreuseport_free(member);
	close(fd);
}

static void test_failure_leaves_nothing(void **state)
{
	struct pmreuseport_config config = config_of(2, 0);
	struct pmreuseport_member *member;
	unsigned int before;
	int fd;

	(void)state;
	if (!sandboxed)
		skip();
	before = pins();
	fd = open_socket(AF_INET, SOCK_DGRAM);
	config.bpf_prog = "/dev/null";
	assert_true(pmreuseport_join(fd, &config, &member, &error) < 0);
	assert_int_equal(pins(), before);

	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EINVAL);
	config = config_of(0, 0);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EINVAL);
	assert_int_equal(pins(), before);
	close(fd);
}

/* A record that cannot be written makes a join fail after the program is attached. */
static void freeze_members(const char *endpoint_path)
{
	char path[PMR_PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/members", endpoint_path);
	fd = bpf_obj_get(path);
	assert_int_equal(bpf_map_freeze(fd), 0);
	close(fd);
}

static void test_late_failure_detaches_the_first_of_an_endpoint(void **state)
{
	struct pmreuseport_config config = config_of(2, 0);
	struct pmreuseport_member *member;
	struct instance in;
	unsigned int before;
	int fd, none = 0;

	(void)state;
	if (!sandboxed)
		skip();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	freeze_members(pmreuseport_path(in.member));
	forget(&in, 1);
	before = pins();

	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EPERM);
	assert_non_null(strstr(error.text, "cannot record the member"));
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &none, sizeof(none)),
			 -1);
	assert_int_equal(errno, ENOENT);
	assert_in_range(pins(), before - 1, before); /* the stale program's pin may go */
	close(fd);
}

static void test_late_failure_leaves_live_members_alone(void **state)
{
	struct pmreuseport_config config = config_of(3, 2);
	struct pmreuseport_member *member;
	struct instance in[3];
	unsigned int before;
	int fd;

	(void)state;
	if (!sandboxed)
		skip();
	join(&in[0], AF_INET, SOCK_DGRAM, 3, 0);
	join(&in[1], AF_INET, SOCK_DGRAM, 3, 1);
	in[2].fd = -1;
	in[2].member = NULL;
	freeze_members(pmreuseport_path(in[0].member));
	before = pins();
	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EPERM);
	assert_int_equal(pins(), before);
	check_all(in, 3, AF_INET, SOCK_DGRAM, SOURCES);
	close(fd);
	forget(in, 2);
}

static void test_another_cluster_cannot_take_the_port(void **state)
{
	struct pmreuseport_config config = config_of(3, 0);
	struct pmreuseport_member *member;
	struct instance in[3];
	unsigned int before;
	int fd;

	(void)state;
	if (!sandboxed)
		skip();
	for (unsigned int b = 0; b < 3; b++)
		join(&in[b], AF_INET, SOCK_DGRAM, 3, b);
	before = pins();
	config.cluster = "other";

	/* A socket of its own, and one that is a member already. */
	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EEXIST);
	assert_non_null(strstr(error.text, "by cluster \"default\" already"));
	assert_int_equal(pmreuseport_join(in[0].fd, &config, &member, &error), -EEXIST);
	close(fd);

	assert_int_equal(pins(), before);
	check_all(in, 3, AF_INET, SOCK_DGRAM, SOURCES);
	forget(in, 3);
}

static void test_few_survivors_share_evenly(void **state)
{
	struct instance in[PMR_MAX_BUCKETS];
	unsigned int held[4] = {0};

	(void)state;
	if (!sandboxed)
		skip();
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

static void test_leaving_without_pins_is_quick(void **state)
{
	struct instance in;

	(void)state;
	if (!sandboxed)
		skip();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_return_code(umount(PMR_BPFFS), errno);
	alarm(5);
	assert_int_equal(pmreuseport_leave(in.member, &error), 0);
	assert_return_code(mount("bpf", PMR_BPFFS, "bpf", 0, NULL), errno);
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_int_equal(system("rm -r " PMR_ROOT), 0);
	assert_int_equal(pmreuseport_leave(in.member, &error), 0);
	alarm(0);
	close(in.fd);
}

static void test_dead_network_namespaces_leave_no_pins(void **state)
{
	struct instance in;
	unsigned int before;

	(void)state;
	if (!sandboxed)
		skip();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	before = pins();
	forget(&in, 1);
	assert_return_code(unshare(CLONE_NEWNET), errno);
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_int_equal(pins(), before);
	forget(&in, 1);
}

static void test_32_at_once(void **state)
{
	enum { N = 32 };
	int start[2], done[2], status;
	char ok;

	(void)state;
	if (!sandboxed)
		skip();
	assert_return_code(pipe(start), errno);
	assert_return_code(pipe(done), errno);
	for (unsigned int b = 0; b < N; b++) {
		if (fork())
			continue;
		struct pmreuseport_config config = config_of(N, b);
		struct pmreuseport_member *member;
		int fd = open_socket(AF_INET, SOCK_DGRAM);

		close(start[1]);
		read(start[0], &ok, 1); /* end of file: all go */
		ok = !pmreuseport_join(fd, &config, &member, &error);
		if (!ok)
			fprintf(stderr, "bucket %u: %s\n", b, error.text);
		write(done[1], &ok, 1);
		pmreuseport_free(member);
		_exit(!ok);
	}
	close(start[0]);
	close(start[1]);
	for (unsigned int b = 0; b < N; b++) {
		assert_int_equal(read(done[0], &ok, 1), 1);
		assert_true(ok);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
}

int main(void)
{
#define IN_SANDBOX(test) cmocka_unit_test_setup_teardown(test, enter_sandbox, leave_sandbox)
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_every_source_reaches_its_bucket),
		IN_SANDBOX(test_tcp_and_udp_agree),
		IN_SANDBOX(test_failover_down_to_the_last),
		IN_SANDBOX(test_no_table_means_modulo),
		IN_SANDBOX(test_counters_tell_what_happened),
		IN_SANDBOX(test_leaving_hands_the_bucket_back),
		IN_SANDBOX(test_takeover_names_the_holder_and_keeps_its_leave_harmless),
		IN_SANDBOX(test_same_socket_twice),
		IN_SANDBOX(test_count_of_live_members_stands),
		IN_SANDBOX(test_failure_leaves_nothing),
		IN_SANDBOX(test_late_failure_detaches_the_first_of_an_endpoint),
		IN_SANDBOX(test_late_failure_leaves_live_members_alone),
		IN_SANDBOX(test_another_cluster_cannot_take_the_port),
		IN_SANDBOX(test_few_survivors_share_evenly),
		IN_SANDBOX(test_leaving_without_pins_is_quick),
		IN_SANDBOX(test_dead_network_namespaces_leave_no_pins),
		IN_SANDBOX(test_32_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
