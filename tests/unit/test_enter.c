// SPDX-License-Identifier: GPL-2.0-or-later
/* Joining in two steps: what is seen of each, and what may happen in between. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"

enum { UDP, TCP };

/* The sockets of one instance. */
struct pair {
	int fd[2];
	struct pmreuseport_member *member[2];
};

static int prepare(struct pair *pair, unsigned int count, unsigned int index)
{
	struct pmreuseport_config config = config_of(count, index);

	pair->fd[UDP] = open_socket(AF_INET, SOCK_DGRAM);
	pair->fd[TCP] = open_socket(AF_INET, SOCK_STREAM);
	return pmreuseport_prepare(pair->fd, 2, &config, pair->member, &error);
}

static void must_prepare(struct pair *pair, unsigned int count, unsigned int index)
{
	if (prepare(pair, count, index))
		fail_msg("%s; %s", error.what, error.advice);
}

static void must_enter(struct pair *pair)
{
	if (pmreuseport_enter(pair->member, 2, &error))
		fail_msg("%s; %s", error.what, error.advice);
}

static bool holds(const struct pair *pair)
{
	return held(pair->member[UDP]) && held(pair->member[TCP]);
}

static void drop(struct pair *pair)
{
	int i;

	for (i = 0; i < 2; i++) {
		pmreuseport_free(pair->member[i]);
		close(pair->fd[i]);
	}
}

static void test_preparing_is_not_seen(void **state)
{
	struct pair old, new, first;
	unsigned int before;

	NEEDS_SANDBOX();
	/* Of an instance that nothing is pinned for. */
	before = pins();
	must_prepare(&first, 2, 0);
	assert_int_equal(pins(), before);
	drop(&first);

	must_prepare(&old, 2, 0);
	must_enter(&old);
	before = pins();
	must_prepare(&new, 2, 0);
	assert_int_equal(pins(), before);
	assert_true(holds(&old));
	/* A start that fails now. */
	drop(&new);
	assert_true(holds(&old));
	assert_int_equal(pins(), before);
	drop(&old);
}

static void test_both_sockets_enter(void **state)
{
	struct pair old, new;

	NEEDS_SANDBOX();
	must_prepare(&old, 1, 0);
	must_enter(&old);
	assert_true(holds(&old));
	must_prepare(&new, 1, 0);
	must_enter(&new);
	assert_true(holds(&new));
	assert_false(held(old.member[UDP]));
	assert_false(held(old.member[TCP]));
	drop(&old);
	drop(&new);
}

/* Many that start at once: each has prepared before any of them enters. */
static void test_others_enter_meanwhile(void **state)
{
	struct pair pair[4];
	unsigned int i;

	NEEDS_SANDBOX();
	for (i = 0; i < 4; i++)
		must_prepare(&pair[i], 4, i);
	for (i = 0; i < 4; i++)
		must_enter(&pair[i]);
	for (i = 0; i < 4; i++)
		assert_true(holds(&pair[i]));
	for (i = 0; i < 4; i++)
		drop(&pair[i]);
}

static void test_the_pins_go_meanwhile(void **state)
{
	struct pair old, new;

	NEEDS_SANDBOX();
	must_prepare(&old, 1, 0);
	must_enter(&old);
	must_prepare(&new, 1, 0);
	drop(&old);
	assert_int_equal(system("rm -r /sys/fs/bpf/pmacct"), 0);
	must_enter(&new);
	assert_true(holds(&new));
	drop(&new);
}

static void test_the_count_changes_meanwhile(void **state)
{
	struct pmr_resized result;
	struct pair old, new;

	NEEDS_SANDBOX();
	must_prepare(&old, 2, 0);
	must_enter(&old);
	must_prepare(&new, 2, 1);
	assert_int_equal(pmr_resize("default", 3, &result, &error), 0);
	assert_int_equal(pmreuseport_enter(new.member, 2, &error), -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_COUNT);
	assert_true(holds(&old));
	drop(&old);
	drop(&new);
}

/* The kernel refuses the second socket, because it is in an array of another program. */
static void test_all_or_none(void **state)
{
	struct pair pair;
	unsigned int before;
	__u32 key = 0;
	__u64 value;
	int array;

	NEEDS_SANDBOX();
	before = pins();
	must_prepare(&pair, 1, 0);
	array = bpf_map_create(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "strangers", sizeof(key),
			       sizeof(value), 1, NULL);
	assert_true(array >= 0);
	value = pair.fd[TCP];
	assert_int_equal(bpf_map_update_elem(array, &key, &value, BPF_ANY), 0);
	assert_int_equal(pmreuseport_enter(pair.member, 2, &error), -EBUSY);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_ARRAY);
	assert_int_equal(pins(), before);
	/* The first socket has no program that was not there before. */
	assert_int_equal(setsockopt(pair.fd[UDP], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &(int){0},
				    sizeof(int)),
			 -1);
	assert_int_equal(errno, ENOENT);
	close(array);
	drop(&pair);
}

static __u32 pinned_selector(const struct pair *pair, unsigned long long *runs)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);
	char path[PMR_PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/_selector", pmreuseport_path(pair->member[UDP]));
	fd = bpf_obj_get(path);
	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	close(fd);
	*runs = info.run_cnt;
	return info.id;
}

/* A second instance attaches the program of the first, and statistics are those of the pin. */
static void test_the_pinned_program_selects(void **state)
{
	unsigned long long before, after;
	struct pair first, second;
	__u32 id;
	int stats;

	NEEDS_SANDBOX();
	must_prepare(&first, 2, 0);
	must_enter(&first);
	id = pinned_selector(&first, &before);
	must_prepare(&second, 2, 1);
	must_enter(&second);
	assert_int_equal(pinned_selector(&first, &before), id);
	stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	assert_true(stats >= 0);
	close(send_from(1, AF_INET, SOCK_DGRAM));
	pinned_selector(&first, &after);
	close(stats);
	assert_int_equal(after - before, 1);
	drop(&first);
	drop(&second);
}

/* Another version has loaded a selector, and attaches it before its socket is refused. */
static void test_the_pinned_program_selects_after_a_failure(void **state)
{
	unsigned long long before, after;
	char path[PMR_PATH_MAX + 16];
	struct pair live, refused;
	__u32 key = 0;
	__u64 value;
	int array, stats;

	NEEDS_SANDBOX();
	must_prepare(&live, 2, 0);
	must_enter(&live);
	snprintf(path, sizeof(path), "%s/_selector_id", pmreuseport_path(live.member[UDP]));
	assert_return_code(unlink(path), errno);
	must_prepare(&refused, 2, 1);
	array = bpf_map_create(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "strangers", sizeof(key),
			       sizeof(value), 1, NULL);
	assert_true(array >= 0);
	value = refused.fd[UDP];
	assert_int_equal(bpf_map_update_elem(array, &key, &value, BPF_ANY), 0);
	assert_int_equal(pmreuseport_enter(refused.member, 2, &error), -EBUSY);
	stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	assert_true(stats >= 0);
	pinned_selector(&live, &before);
	close(send_from(1, AF_INET, SOCK_DGRAM));
	pinned_selector(&live, &after);
	close(stats);
	assert_int_equal(after - before, 1);
	close(array);
	drop(&live);
	drop(&refused);
}

/* Between the look at the state and the return. */
static void test_no_return_without_pins(void **state)
{
	struct pair pair;

	NEEDS_SANDBOX();
	must_prepare(&pair, 1, 0);
	must_enter(&pair);
	assert_int_equal(system("rm -r /sys/fs/bpf/pmacct"), 0);
	assert_int_equal(pmreuseport_return(pair.member, pair.fd, 2, &error), 0);
	assert_int_equal(pmreuseport_state(pair.member[UDP]), PMREUSEPORT_UNKNOWN);
	drop(&pair);
}

static int next_descriptor(void)
{
	const int next = dup(0);

	close(next);
	return next;
}

/* In a child. 0: it has joined. 1: it was told that descriptors are missing, and has all back. */
static int join_with_descriptors(unsigned int more)
{
	struct pmreuseport_config config = config_of(2, 1);
	struct pair pair = {
		.fd = {open_socket(AF_INET, SOCK_DGRAM), open_socket(AF_INET, SOCK_STREAM)},
	};
	const int next = next_descriptor();
	int err;

	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){next + more, next + more}))
		return 2;
	error = (struct pmreuseport_error){0};
	err = pmreuseport_prepare(pair.fd, 2, &config, pair.member, &error);
	if (!err)
		err = pmreuseport_enter(pair.member, 2, &error);
	if (!err)
		return 0;
	pmreuseport_free(pair.member[UDP]);
	pmreuseport_free(pair.member[TCP]);
	if (next_descriptor() != next && more)
		fprintf(stderr, "%u more descriptors: one is still open\n", more);
	else if (!says("raise the limit"))
		fprintf(stderr, "%u more descriptors: %s; %s\n", more, error.what, error.advice);
	else
		return 1;
	return 2;
}

/* Joins in children that may open one descriptor more each time. */
static void join_at_all_limits(void)
{
	const unsigned int before = pins();
	unsigned int more;
	bool well = true;
	int status = 256;
	pid_t pid;

	for (more = 0; status; more++) {
		pid = fork();
		if (!pid)
			_exit(join_with_descriptors(more));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status)
			assert_int_equal(pins(), before);
		well &= status <= 256;
	}
	assert_true(well);
	assert_in_range(more, 3, 200);
}

static void test_descriptors_run_out(void **state)
{
	struct pair live;

	NEEDS_SANDBOX();
	/* The first instance, one of a cluster that has ended, and one beside a live instance. */
	join_at_all_limits();
	join_at_all_limits();
	must_prepare(&live, 2, 0);
	must_enter(&live);
	join_at_all_limits();
	assert_true(holds(&live));
	drop(&live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_preparing_is_not_seen),
		IN_SANDBOX(test_both_sockets_enter),
		IN_SANDBOX(test_others_enter_meanwhile),
		IN_SANDBOX(test_the_pins_go_meanwhile),
		IN_SANDBOX(test_the_count_changes_meanwhile),
		IN_SANDBOX(test_all_or_none),
		IN_SANDBOX(test_the_pinned_program_selects),
		IN_SANDBOX(test_the_pinned_program_selects_after_a_failure),
		IN_SANDBOX(test_no_return_without_pins),
		IN_SANDBOX(test_descriptors_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
