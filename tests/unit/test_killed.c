// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SIGKILL in the middle of a join, or of a change: at each of its system calls
 * that change something, in turn. After each, the next join works, and exporters reach the
 * right bucket.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "cluster.h"
#include "instances.h"

/* What others can see of it afterwards. */
static bool is_change(const struct __ptrace_syscall_info *call)
{
	switch (call->entry.nr) {
#ifdef SYS_mkdir
	case SYS_mkdir:
	case SYS_rmdir:
	case SYS_unlink:
	case SYS_rename:
	case SYS_symlink:
#endif
	case SYS_mkdirat:
	case SYS_unlinkat:
	case SYS_renameat:
	case SYS_symlinkat:
	case SYS_flock:
	case SYS_setsockopt:
		return true;
	case SYS_bpf:
		break;
	default:
		return false;
	}
	switch (call->entry.args[0]) {
	case BPF_OBJ_PIN:
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_UPDATE_BATCH:
	case BPF_MAP_DELETE_ELEM:
	case BPF_MAP_DELETE_BATCH:
	case BPF_MAP_LOOKUP_AND_DELETE_BATCH:
		return true;
	default:
		return false;
	}
}

/* Stops before each system call that changes something; other points differ in nothing. */
static bool before_a_change(pid_t pid)
{
	struct __ptrace_syscall_info call = {0};

	assert_return_code(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(call), &call), errno);
	return call.op == PTRACE_SYSCALL_INFO_ENTRY && is_change(&call);
}

/* Runs it in a child that is killed at the nth such call. False: it has fewer of them. */
static bool killed_at(unsigned int nth, void (*action)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		action();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_return_code(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD), errno);
	while (nth) {
		assert_return_code(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), errno);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status)) {
			assert_int_equal(status, 0);
			return false;
		}
		nth -= before_a_change(pid);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return true;
}

static void join_or_exit(unsigned int count, unsigned int index)
{
	struct pmreuseport_config config = config_of(count, index);
	struct pmreuseport_member *member;

	if (pmreuseport_join(open_socket(AF_INET, SOCK_DGRAM), &config, &member, &error)) {
		fprintf(stderr, "%s; %s\n", error.what, error.advice);
		_exit(1);
	}
}

static void join_first(void)
{
	join_or_exit(3, 0);
}

static void join_second(void)
{
	join_or_exit(3, 1);
}

static void shrink(void)
{
	struct pmr_resized result;

	if (pmr_resize("default", 1, &result, &error))
		_exit(1);
}

static unsigned int pins_of_a_cluster(void)
{
	struct instance in;
	unsigned int n;

	join(&in, AF_INET, SOCK_DGRAM, 3, 0);
	n = pins();
	forget(&in, 1);
	assert_int_equal(system("rm -r " PMR_ROOT), 0);
	return n;
}

static void test_the_first_to_join(void **state)
{
	struct instance in;
	unsigned int wanted, nth;

	NEEDS_SANDBOX();
	wanted = pins_of_a_cluster();
	for (nth = 1; killed_at(nth, join_first); nth++) {
		join(&in, AF_INET, SOCK_DGRAM, 3, 0);
		assert_int_equal(pins(), wanted);
		check_all(&in, 1, AF_INET, SOCK_DGRAM, 20);
		forget(&in, 1);
		assert_int_equal(system("rm -r " PMR_ROOT), 0);
	}
	assert_in_range(nth, 20, 2000);
}

static void test_one_that_joins_live_members(void **state)
{
	struct instance in[3];
	unsigned int wanted, nth;

	NEEDS_SANDBOX();
	join(&in[0], AF_INET, SOCK_DGRAM, 3, 0);
	join(&in[2], AF_INET, SOCK_DGRAM, 3, 2);
	wanted = pins();
	in[1] = (struct instance){.fd = -1};
	for (nth = 1; killed_at(nth, join_second); nth++) {
		check_all(in, 3, AF_INET, SOCK_DGRAM, 20);
		assert_int_equal(pins(), wanted);
	}
	assert_in_range(nth, 4, 2000);
	join(&in[1], AF_INET, SOCK_DGRAM, 3, 1);
	check_all(in, 3, AF_INET, SOCK_DGRAM, SOURCES);
	forget(in, 3);
}

static void resize(unsigned int count)
{
	struct pmr_resized result;

	if (pmr_resize("default", count, &result, &error))
		fail_msg("%s; %s", error.what, error.advice);
}

/* The same socket joins again. */
static void rejoin(struct instance *in, unsigned int index)
{
	struct pmreuseport_config config = config_of(3, index);

	pmreuseport_free(in->member);
	if (pmreuseport_join(in->fd, &config, &in->member, &error))
		fail_msg("%s; %s", error.what, error.advice);
}

/* Half of a change loses no exporter, and any later change completes it. */
static void complete(struct instance *in)
{
	for (unsigned int i = 0; i < 20; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		who_got_it(in, 3, SOCK_DGRAM);
	}
	resize(3);
	rejoin(&in[2], 2);
	rejoin(&in[1], 1);
	check_all(in, 3, AF_INET, SOCK_DGRAM, 20);
}

/* Bucket 1 has been awaited; the join to it gives it and bucket 2 their slots. */
static void test_growing(void **state)
{
	struct instance in[3];
	bool killed = true;
	unsigned int nth;

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 3; b++)
		join(&in[b], AF_INET, SOCK_DGRAM, 3, b);
	for (nth = 1; killed; nth++) {
		resize(1);
		resize(3);
		rejoin(&in[2], 2);
		killed = killed_at(nth, join_second);
		complete(in);
	}
	assert_in_range(nth, 5, 2000);
	forget(in, 3);
}

static void test_shrinking(void **state)
{
	struct instance in[3];
	unsigned int nth;

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 3; b++)
		join(&in[b], AF_INET, SOCK_DGRAM, 3, b);
	for (nth = 1; killed_at(nth, shrink); nth++)
		complete(in);
	assert_in_range(nth, 5, 2000);
	forget(in, 3);
}

/* How many keys are in a map that has such keys. */
static unsigned int entries(const char *map, void *key)
{
	int fd = bpf_obj_get(map);
	unsigned int n = 0;
	void *last = NULL;

	for (; !bpf_map_get_next_key(fd, last, key); last = key)
		n++;
	close(fd);
	return n;
}

static int replace_pins(unsigned int n)
{
	struct pmr_pin list[3] = {0};
	struct pmr_pins pins = {list, n};

	for (unsigned int i = 0; i < n; i++) {
		list[i].length = 32;
		list[i].source.addr[0] = i + n;
	}
	return pmr_pins_change("default", PMR_PINS_REPLACE, &pins, &error);
}

static void pin_three(void)
{
	if (replace_pins(3))
		_exit(1);
}

/* Either all of the change is visible, or nothing; remains do no harm. */
static void test_changing_pins(void **state)
{
	bool before = false, after = false;
	struct pmr_pin_key key;
	struct pmr_pins found;
	struct instance in;
	unsigned int nth;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	for (nth = 1; !replace_pins(1); nth++) {
		assert_int_equal(entries(CLUSTER_PATH "/pins", &key), 1);
		if (!killed_at(nth, pin_three))
			break;
		assert_int_equal(pmr_pins_of("default", &found, &error), 0);
		before |= found.n == 1;
		after |= found.n == 3;
		assert_true(found.n == 1 || found.n == 3);
		for (size_t i = 0; i < found.n; i++)
			assert_int_equal(found.list[i].source.addr[0], i + found.n);
		free(found.list);
	}
	assert_true(before && after);
	assert_in_range(nth, 5, 2000);
	forget(&in, 1);
}

static void account_off(void)
{
	bool changed;

	if (pmr_account_switch("default", false, &changed, &error))
		_exit(1);
}

static void test_forgetting_exporters(void **state)
{
	struct pmr_source key;
	struct instance in;
	unsigned int nth;
	bool changed;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	for (nth = 1;; nth++) {
		assert_int_equal(pmr_account_switch("default", true, &changed, &error), 0);
		for (unsigned int i = 0; i < 20; i++)
			close(send_from(i, AF_INET, SOCK_DGRAM));
		assert_int_equal(entries(CLUSTER_PATH "/exporters", &key), 20);
		if (!killed_at(nth, account_off))
			break;
		account_off();
		assert_int_equal(entries(CLUSTER_PATH "/exporters", &key), 0);
	}
	assert_in_range(nth, 4, 2000);
	forget(&in, 1);
}

/* The kernel releases the lock when its holder ends. */
static void hold_the_lock(void)
{
	struct pmr_cluster cluster = {.lock = -1};

	if (!pmr_cluster_lock(&cluster, "default", PMR_LOCK_EXCLUSIVE, PMR_LOCK_TIMEOUT_MS, &error))
		raise(SIGKILL);
}

static void test_the_holder_of_the_lock(void **state)
{
	struct instance in[2];
	int status;
	pid_t pid;

	NEEDS_SANDBOX();
	join(&in[0], AF_INET, SOCK_DGRAM, 2, 0);
	pid = fork();
	if (!pid) {
		hold_the_lock();
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	alarm(60);
	join(&in[1], AF_INET, SOCK_DGRAM, 2, 1);
	alarm(0);
	forget(in, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_the_first_to_join),
		IN_SANDBOX(test_one_that_joins_live_members),
		IN_SANDBOX(test_growing),
		IN_SANDBOX(test_shrinking),
		IN_SANDBOX(test_changing_pins),
		IN_SANDBOX(test_forgetting_exporters),
		IN_SANDBOX(test_the_holder_of_the_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
