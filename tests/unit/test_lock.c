// SPDX-License-Identifier: GPL-2.0-or-later
/* The lock: its queue, its deadline, its readers, and what signals do to a join. */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cluster.h"
#include "instances.h"
#include "lock.h"

/* A child that takes the lock, says so, and keeps it until it is killed. */
static pid_t hold(enum pmr_lock_mode mode)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_return_code(pipe(ready), errno);
	pid = fork();
	if (!pid) {
		/* Also if the test fails. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (pmr_lock(PMR_ROOT, mode, 60000, &error) >= 0 && write(ready[1], "", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void test_a_timeout_names_the_holder(void **state)
{
	struct instance in;
	char words[64];
	pid_t pid;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	pid = hold(PMR_LOCK_EXCLUSIVE);
	assert_int_equal(pmr_lock(PMR_ROOT, PMR_LOCK_SHARED, 100, &error), -ETIMEDOUT);
	snprintf(words, sizeof(words), "process %d (test_lock) has held the lock", (int)pid);
	assert_true(says(words));
	/* A waiter that gave up does not get the lock later. */
	end(pid);
	pid = hold(PMR_LOCK_EXCLUSIVE);
	end(pid);
	forget(&in, 1);
}

/* Both steps of a join wait, each for as long as the configuration says. */
static void test_a_join_waits_as_long_as_it_is_told(void **state)
{
	struct pmreuseport_config *config = pmreuseport_config_new(&error);
	struct pmreuseport_member *member;
	struct instance in;
	pid_t pid;
	int fd;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	fd = open_socket(AF_INET, SOCK_DGRAM);
	pmreuseport_config_set_count(config, 2);
	pmreuseport_config_set_index(config, 1);
	pmreuseport_config_set_lock_timeout(config, 200);
	pid = hold(PMR_LOCK_EXCLUSIVE);
	assert_int_equal(pmreuseport_prepare(&fd, 1, config, &member, &error), -ETIMEDOUT);
	assert_true(says("for 0.2 s"));
	end(pid);

	assert_int_equal(pmreuseport_prepare(&fd, 1, config, &member, &error), 0);
	/* The member does not refer to it. */
	pmreuseport_config_free(config);
	pid = hold(PMR_LOCK_SHARED);
	memset(&error, 0, sizeof(error));
	assert_int_equal(pmreuseport_enter(&member, 1, &error), -ETIMEDOUT);
	assert_true(says("for 0.2 s"));
	end(pid);
	pmreuseport_free(member);
	close(fd);
	forget(&in, 1);
}

static void limit(int resource, rlim_t value)
{
	const struct rlimit limit = {value, value};

	if (setrlimit(resource, &limit))
		_exit(2);
}

/* In a child, as the limit is for the whole process. */
static int lock_below_a_limit(void (*set_limit)(void), int code, const char *words)
{
	const int fd = pmr_lock(PMR_BPFFS, PMR_LOCK_EXCLUSIVE, 60000, &error);
	int status;
	pid_t pid;

	assert_true(fd >= 0);
	pid = fork();
	if (!pid) {
		set_limit();
		if (pmr_lock(PMR_BPFFS, PMR_LOCK_EXCLUSIVE, 100, &error) == code && says(words))
			_exit(0);
		fprintf(stderr, "%s; %s\n", error.what, error.advice);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	pmr_unlock(fd);
	return status;
}

/* The one descriptor is for the lock. */
static void allow_one_descriptor(void)
{
	const int next = dup(0);

	close(next);
	limit(RLIMIT_NOFILE, next + 1);
}

/* A process that has the library already, as with a sanitizer, can wait. */
static void test_no_descriptor_is_left(void **state)
{
	void *library = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_NOLOAD);

	NEEDS_SANDBOX();
	if (library)
		assert_int_equal(lock_below_a_limit(allow_one_descriptor, -ETIMEDOUT, "has held"),
				 0);
	else
		assert_int_equal(lock_below_a_limit(allow_one_descriptor, -ELIBACC, "open files"),
				 0);
	if (library)
		dlclose(library);
}

static void allow_no_thread(void)
{
	if (setuid(65534))
		_exit(2);
	limit(RLIMIT_NPROC, 0);
}

static void test_no_thread_is_left(void **state)
{
	NEEDS_SANDBOX();
	assert_int_equal(lock_below_a_limit(allow_no_thread, -EAGAIN, "threads"), 0);
}

static void test_readers_share(void **state)
{
	struct pmr_pins pins;
	struct instance in;
	pid_t pid;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	pid = hold(PMR_LOCK_SHARED);
	assert_int_equal(pmr_pins_of("default", &pins, &error), 0);
	free(pins.list);
	assert_int_equal(pmr_lock(PMR_ROOT, PMR_LOCK_EXCLUSIVE, 100, &error), -ETIMEDOUT);
	end(pid);
	forget(&in, 1);
}

/* "1: -> FLOCK  ADVISORY  WRITE 4711 ..." in /proc/locks. */
static bool waits(pid_t pid)
{
	char line[256], words[32];
	bool found = false;
	FILE *locks;

	locks = fopen("/proc/locks", "re");
	assert_non_null(locks);
	snprintf(words, sizeof(words), " WRITE %d ", (int)pid);
	while (fgets(line, sizeof(line), locks))
		found |= strstr(line, "->") && strstr(line, words);
	fclose(locks);
	return found;
}

/* A waiting process is in the kernel's queue, and gets the lock when its holder ends. */
static void test_a_waiter_is_in_the_queue(void **state)
{
	struct instance in;
	int status, fd;
	pid_t holder, waiter;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	holder = hold(PMR_LOCK_EXCLUSIVE);
	waiter = fork();
	if (!waiter) {
		fd = pmr_lock(PMR_ROOT, PMR_LOCK_EXCLUSIVE, 60000, &error);
		_exit(fd < 0);
	}
	while (!waits(waiter))
		usleep(1000);
	end(holder);
	assert_int_equal(waitpid(waiter, &status, 0), waiter);
	assert_int_equal(status, 0);
	forget(&in, 1);
}

static void on_alarm(int signum)
{
	(void)signum;
}

static void set_timer(unsigned int hz)
{
	const struct itimerval timer = {
		.it_interval.tv_usec = hz ? 1000000 / hz : 0,
		.it_value.tv_usec = hz ? 1000000 / hz : 0,
	};

	assert_return_code(setitimer(ITIMER_REAL, &timer, NULL), errno);
}

/* As a profiler has it; far faster, so that a signal surely comes during the verifier's run. */
static void test_a_process_with_a_timer_joins(void **state)
{
	const struct sigaction action = {.sa_handler = on_alarm};
	struct pmreuseport_config config = config_of(1, 0);
	struct pmreuseport_member *member;
	int fd, err;

	NEEDS_SANDBOX();
	assert_return_code(sigaction(SIGALRM, &action, NULL), errno);
	fd = open_socket(AF_INET, SOCK_DGRAM);
	set_timer(2000);
	err = pmreuseport_join(fd, &config, &member, &error);
	set_timer(0);
	if (err)
		print_message("%s; %s\n", error.what, error.advice);
	assert_int_equal(err, 0);
	assert_int_equal(pmreuseport_leave(member, &error), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: another test would load libraries. */
		IN_SANDBOX(test_no_descriptor_is_left),
		IN_SANDBOX(test_no_thread_is_left),
		IN_SANDBOX(test_a_timeout_names_the_holder),
		IN_SANDBOX(test_a_join_waits_as_long_as_it_is_told),
		IN_SANDBOX(test_readers_share),
		IN_SANDBOX(test_a_waiter_is_in_the_queue),
		IN_SANDBOX(test_a_process_with_a_timer_joins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
