// SPDX-License-Identifier: GPL-2.0-or-later
/* Joining and leaving, and what is left behind when it fails. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"

static void test_leaving_hands_the_bucket_back(void **state)
{
	struct instance in[2];

	NEEDS_SANDBOX();
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
	struct pmreuseport_process holder = {.reserved = {~0ull}};
	struct instance old, new;

	NEEDS_SANDBOX();
	join(&old, AF_INET, SOCK_DGRAM, 1, 0);
	assert_false(pmreuseport_previous(old.member, &holder));
	join(&new, AF_INET, SOCK_DGRAM, 1, 0);
	assert_true(pmreuseport_previous(new.member, &holder));
	assert_int_equal(holder.pid, getpid());
	assert_memory_equal(holder.comm, "test_join", 9);
	assert_int_equal(holder.reserved[0], 0);

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

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	assert_int_equal(pmreuseport_join(in.fd, &config, &again, &error), 0);
	assert_false(pmreuseport_previous(again, &(struct pmreuseport_process){0}));
	pmreuseport_free(again);

	config.index = 1;
	assert_int_equal(pmreuseport_join(in.fd, &config, &again, &error), -EBUSY);
	assert_null(again);
	assert_true(says("is in bucket 0 already"));
	forget(&in, 1);
}

static void test_count_of_live_members_stands(void **state)
{
	struct pmreuseport_config config = config_of(3, 2);
	struct pmreuseport_member *member;
	struct instance in;
	unsigned int before;
	int fd;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	before = pins();
	fd = open_socket(AF_INET6, SOCK_STREAM);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EEXIST);
	assert_true(says("count is 3"));
	assert_true(says("\"default\" use 2"));
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

	NEEDS_SANDBOX();
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

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	freeze_members(pmreuseport_path(in.member));
	forget(&in, 1);
	before = pins();

	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EPERM);
	assert_true(says("cannot record the member"));
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

	NEEDS_SANDBOX();
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

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 3; b++)
		join(&in[b], AF_INET, SOCK_DGRAM, 3, b);
	before = pins();
	config.cluster = "other";

	/* A socket of its own, and one that is a member already. */
	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EEXIST);
	assert_true(says("by cluster \"default\" already"));
	assert_int_equal(pmreuseport_join(in[0].fd, &config, &member, &error), -EEXIST);
	close(fd);

	assert_int_equal(pins(), before);
	check_all(in, 3, AF_INET, SOCK_DGRAM, SOURCES);
	forget(in, 3);
}

static void test_leaving_without_pins_is_quick(void **state)
{
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_return_code(umount(PMR_BPFFS), errno);
	alarm(60);
	assert_int_equal(pmreuseport_leave(in.member, &error), 0);
	assert_return_code(mount("bpf", PMR_BPFFS, "bpf", 0, NULL), errno);
	close(in.fd);
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_int_equal(system("rm -r " PMR_ROOT), 0);
	assert_int_equal(pmreuseport_leave(in.member, &error), 0);
	alarm(0);
	close(in.fd);
}

/* Each join that may open one descriptor more gets further, until one is through. */
static void test_descriptors_run_out(void **state)
{
	struct pmreuseport_config config = config_of(2, 0);
	struct pmreuseport_member *member;
	struct rlimit before, limit;
	unsigned int pinned, refused = 0;
	int fd, err;

	NEEDS_SANDBOX();
	fd = open_socket(AF_INET, SOCK_DGRAM);
	pinned = pins();
	assert_return_code(getrlimit(RLIMIT_NOFILE, &before), errno);
	for (limit = before, limit.rlim_cur = fd + 1;; limit.rlim_cur++) {
		assert_return_code(setrlimit(RLIMIT_NOFILE, &limit), errno);
		err = pmreuseport_join(fd, &config, &member, &error);
		assert_return_code(setrlimit(RLIMIT_NOFILE, &before), errno);
		if (!err)
			break;
		if (err != -EMFILE || !says("Too many open files"))
			fail_msg("%d: %s; %s", err, error.what, error.advice);
		assert_int_equal(pins(), pinned);
		refused++;
	}
	assert_in_range(refused, 5, 40);
	pmreuseport_free(member);
	close(fd);
}

/* Nobody could put the one that is there back into its bucket. */
static void test_a_takeover_without_descriptors_releases_no_socket(void **state)
{
	struct pmreuseport_config config = config_of(2, 0);
	struct pmreuseport_member *member;
	struct rlimit before, limit;
	struct instance in;
	unsigned int refused = 0;
	int fd, err;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_return_code(getrlimit(RLIMIT_NOFILE, &before), errno);
	for (limit = before, limit.rlim_cur = fd + 1;; limit.rlim_cur++) {
		assert_return_code(setrlimit(RLIMIT_NOFILE, &limit), errno);
		err = pmreuseport_join(fd, &config, &member, &error);
		assert_return_code(setrlimit(RLIMIT_NOFILE, &before), errno);
		if (!err)
			break;
		assert_int_equal(err, -EMFILE);
		assert_false(says("run as"));
		assert_true(held(in.member));
		refused++;
	}
	assert_in_range(refused, 5, 40);
	assert_false(held(in.member));
	assert_true(held(member));
	pmreuseport_free(member);
	close(fd);
	forget(&in, 1);
}

static void test_a_refused_takeover_leaves_the_record(void **state)
{
	struct pmreuseport_config config = config_of(2, 0);
	struct pmreuseport_member *member;
	struct instance in;
	unsigned int released;
	int fd, array, key = 0;
	__u64 value;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	array = bpf_map_create(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "strangers", sizeof(key),
			       sizeof(value), 1, NULL);
	assert_true(array >= 0);
	value = fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(bpf_map_update_elem(array, &key, &value, BPF_ANY), 0);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EBUSY);
	assert_true(says("in an array of another program"));
	/* It is alive, and known to be. */
	assert_int_equal(pmr_bucket_release("default", 0, true, &released, &error), 0);
	assert_int_equal(released, 0);
	assert_true(held(in.member));
	close(array);
	close(fd);
	forget(&in, 1);
}

static void test_dead_network_namespaces_leave_no_pins(void **state)
{
	struct instance in;
	unsigned int before;

	NEEDS_SANDBOX();
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

	NEEDS_SANDBOX();
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
			fprintf(stderr, "bucket %u: %s; %s\n", b, error.what, error.advice);
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

/* As if the live ones were of a version that knew no pins, and went by the hash alone. */
static void test_one_with_pins_beside_some_without(void **state)
{
	static const char *const maps[] = {"drained", "pin_set", "pins", "pin_filter"};
	struct pmreuseport_config config = config_of(2, 1);
	struct pmreuseport_member *member;
	char path[PMR_PATH_MAX], words[64];
	struct instance in;
	int fd;

	NEEDS_SANDBOX();
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		join(&in, AF_INET, SOCK_DGRAM, 2, 0);
		snprintf(path, sizeof(path), CLUSTER_PATH "/%s", maps[i]);
		assert_return_code(unlink(path), errno);
		fd = open_socket(AF_INET, SOCK_DGRAM);
		assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EEXIST);
		snprintf(words, sizeof(words), "has a map \"%s\", unlike the live", maps[i]);
		assert_true(says(words));
		assert_int_not_equal(access(path, F_OK), 0);
		/* With nobody alive it does not matter. */
		forget(&in, 1);
		assert_int_equal(pmreuseport_join(fd, &config, &member, &error), 0);
		assert_return_code(access(path, F_OK), errno);
		close(fd);
		pmreuseport_free(member);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_leaving_hands_the_bucket_back),
		IN_SANDBOX(test_takeover_names_the_holder_and_keeps_its_leave_harmless),
		IN_SANDBOX(test_same_socket_twice),
		IN_SANDBOX(test_count_of_live_members_stands),
		IN_SANDBOX(test_failure_leaves_nothing),
		IN_SANDBOX(test_late_failure_detaches_the_first_of_an_endpoint),
		IN_SANDBOX(test_late_failure_leaves_live_members_alone),
		IN_SANDBOX(test_another_cluster_cannot_take_the_port),
		IN_SANDBOX(test_leaving_without_pins_is_quick),
		IN_SANDBOX(test_descriptors_run_out),
		IN_SANDBOX(test_a_takeover_without_descriptors_releases_no_socket),
		IN_SANDBOX(test_a_refused_takeover_leaves_the_record),
		IN_SANDBOX(test_dead_network_namespaces_leave_no_pins),
		IN_SANDBOX(test_32_at_once),
		IN_SANDBOX(test_one_with_pins_beside_some_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
