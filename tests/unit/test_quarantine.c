// SPDX-License-Identifier: GPL-2.0-or-later
/* Exporters that make instances die: strikes, quarantine, and the way out of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"
#include "strikes.h"

#define COUNT 4

static struct pmreuseport_quarantine *open_quarantine(const struct instance *in)
{
	struct pmreuseport_quarantine *quarantine;

	if (pmreuseport_quarantine_open(in->member, &quarantine, &error))
		fail_msg("%s; %s", error.what, error.advice);
	assert_non_null(quarantine);
	return quarantine;
}

static void join_all(struct instance *in, int family, int type)
{
	for (unsigned int b = 0; b < COUNT; b++)
		join(&in[b], family, type, COUNT, b);
}

/* The table, beside the library. */
static struct pmr_strikes *table_of_cluster(void)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct pmr_strikes *table;

	pmr_cluster_name(&cluster, "default");
	assert_int_equal(pmr_strikes_map(&cluster, &table, &error), 0);
	assert_non_null(table);
	return table;
}

static bool quarantined(struct pmreuseport_quarantine *quarantine, unsigned int i, int family)
{
	struct sockaddr_storage addr;

	source(i, family, &addr);
	return pmreuseport_quarantined(quarantine, (struct sockaddr *)&addr);
}

/* A process dies of a signal while it decodes what exporter i has sent. */
static void die(struct pmreuseport_quarantine *quarantine, unsigned int i, int family, int signum)
{
	struct sockaddr_storage addr;
	pid_t pid = fork();
	int status;

	if (!pid) {
		source(i, family, &addr);
		pmreuseport_died(quarantine, (struct sockaddr *)&addr, signum);
		signal(signum, SIG_DFL);
		raise(signum);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), signum);
}

/* What the next process is told, which must be of exporter i. */
static struct pmreuseport_strike told(struct pmreuseport_quarantine *quarantine, unsigned int i,
				      int family)
{
	struct pmreuseport_strike strike;
	struct sockaddr_storage addr;
	char text[INET6_ADDRSTRLEN];

	if (pmreuseport_strike(quarantine, &strike, &error) != 1)
		fail_msg("%s; %s", error.what, error.advice);
	source(i, family, &addr);
	inet_ntop(family,
		  family == AF_INET ? (void *)&((struct sockaddr_in *)&addr)->sin_addr
				    : (void *)&((struct sockaddr_in6 *)&addr)->sin6_addr,
		  text, sizeof(text));
	assert_string_equal(strike.source, text);
	return strike;
}

static void assert_no_news(struct pmreuseport_quarantine *quarantine)
{
	struct pmreuseport_strike strike;

	assert_int_equal(pmreuseport_strike(quarantine, &strike, &error), 0);
}

static struct pmr_source key_of(unsigned int i, int family)
{
	struct sockaddr_storage addr;
	struct pmr_source key;

	source(i, family, &addr);
	assert_true(pmr_strikes_source((struct sockaddr *)&addr, &key));
	return key;
}

static int clear(unsigned int i, int family)
{
	struct pmr_source key = key_of(i, family);

	return pmr_quarantine_clear("default", &key, &error);
}

/* What there is about exporter i. */
static struct pmr_struck row_of(unsigned int i, int family)
{
	struct pmr_struck rows[PMR_MAX_STRUCK];
	struct pmr_source key = key_of(i, family);
	unsigned int n;

	assert_int_equal(pmr_quarantine_read("default", rows, &n, &error), 0);
	while (n--)
		if (pmr_same_source(&rows[n].source, &key))
			return rows[n];
	return (struct pmr_struck){0};
}

/* Exporter i reaches an instance. */
static bool arrives(const struct instance *in, unsigned int i, int family)
{
	unsigned int got = 0, buf;

	close(send_from(i, family, SOCK_DGRAM));
	for (unsigned int b = 0; b < COUNT; b++)
		got += in[b].fd >= 0 && recv(in[b].fd, &buf, sizeof(buf), 0) > 0;
	assert_in_range(got, 0, 1);
	return got;
}

static __u64 refused(const struct instance *in)
{
	return counted_by(in).decisions[PMR_REFUSED];
}

static void test_the_second_strike_is_the_last(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};
	struct pmreuseport_quarantine *quarantine;
	struct pmreuseport_strike strike;
	struct instance in[COUNT];
	struct pmr_view *view;
	__u64 before;

	NEEDS_SANDBOX();
	join_all(in, AF_INET6, SOCK_DGRAM);
	quarantine = open_quarantine(in);
	for (unsigned int f = 0; f < 2; f++) {
		const int family = families[f];

		before = refused(in);
		assert_no_news(quarantine);
		die(quarantine, 7, family, SIGSEGV);
		assert_false(quarantined(quarantine, 7, family));
		strike = told(quarantine, 7, family);
		assert_int_equal(strike.strikes, 1);
		assert_int_equal(strike.signal, SIGSEGV);
		assert_int_equal(strike.result, PMREUSEPORT_STRUCK);
		assert_no_news(quarantine);
		assert_true(arrives(in, 7, family));

		/* At once, before anyone has looked. */
		die(quarantine, 7, family, SIGABRT);
		assert_true(quarantined(quarantine, 7, family));
		assert_false(quarantined(quarantine, 8, family));
		assert_true(arrives(in, 7, family));
		assert_int_equal(row_of(7, family).dropped, 1);
		assert_int_equal(refused(in), before);

		/* From now on the kernel does it. */
		strike = told(quarantine, 7, family);
		assert_int_equal(strike.strikes, 2);
		assert_int_equal(strike.signal, SIGABRT);
		assert_int_equal(strike.result, PMREUSEPORT_QUARANTINED);
		assert_no_news(quarantine);
		for (unsigned int i = 0; i < 20; i++)
			assert_int_equal(arrives(in, i, family), i != 7);
		assert_int_equal(row_of(7, family).dropped, 2);
		assert_int_equal(refused(in), before + 1);
		view = look(in);
		assert_int_equal(place_in(view, 7, family).decision, PMR_REFUSED);
		assert_int_not_equal(place_in(view, 8, family).decision, PMR_REFUSED);
		view_free(view);

		assert_int_equal(clear(7, family), 0);
		assert_false(quarantined(quarantine, 7, family));
		assert_true(arrives(in, 7, family));
		assert_int_equal(row_of(7, family).strikes, 0);
		assert_int_equal(clear(7, family), -ENOENT);
		assert_true(says("no strikes"));
	}
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

static void test_an_ipv4_exporter_of_a_dual_stack_socket(void **state)
{
	struct sockaddr_in6 mapped = {.sin6_family = AF_INET6};
	struct pmreuseport_quarantine *quarantine;
	struct sockaddr_storage addr;
	struct instance in[COUNT];

	NEEDS_SANDBOX();
	join_all(in, AF_INET6, SOCK_DGRAM);
	quarantine = open_quarantine(in);
	source(3, AF_INET, &addr);
	mapped.sin6_addr.s6_addr32[2] = htonl(0xffff);
	mapped.sin6_addr.s6_addr32[3] = ((struct sockaddr_in *)&addr)->sin_addr.s_addr;
	pmreuseport_died(quarantine, (struct sockaddr *)&mapped, SIGSEGV);
	die(quarantine, 3, AF_INET, SIGSEGV);
	assert_true(pmreuseport_quarantined(quarantine, (struct sockaddr *)&mapped));
	assert_int_equal(told(quarantine, 3, AF_INET).result, PMREUSEPORT_QUARANTINED);
	assert_false(arrives(in, 3, AF_INET));

	/* Neither is an exporter. */
	pmreuseport_died(quarantine, &(struct sockaddr){.sa_family = AF_UNIX}, SIGSEGV);
	assert_false(pmreuseport_quarantined(quarantine, &(struct sockaddr){.sa_family = AF_UNIX}));
	assert_no_news(quarantine);
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

/* No SYN of it is answered, so what it sends over BMP does no harm either. */
static void test_tcp_is_dropped_too(void **state)
{
	struct pmreuseport_quarantine *quarantine;
	struct instance in[COUNT];
	struct sockaddr_storage addr;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	socklen_t len;
	int fd;

	NEEDS_SANDBOX();
	join_all(in, AF_INET, SOCK_STREAM);
	quarantine = open_quarantine(in);
	die(quarantine, 5, AF_INET, SIGSEGV);
	die(quarantine, 5, AF_INET, SIGSEGV);
	assert_int_equal(told(quarantine, 5, AF_INET).result, PMREUSEPORT_QUARANTINED);
	len = source(5, AF_INET, &addr);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_return_code(bind(fd, (struct sockaddr *)&addr, len), errno);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), -1);
	assert_int_equal(errno, EINPROGRESS);
	assert_int_equal(refused(in), 1);
	close(fd);
	close(send_from(6, AF_INET, SOCK_STREAM));
	who_got_it(in, COUNT, SOCK_STREAM);
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

static void test_strikes_far_apart_are_forgiven(void **state)
{
	struct pmreuseport_quarantine *quarantine;
	struct pmr_strikes *table;
	struct instance in[COUNT];

	NEEDS_SANDBOX();
	join_all(in, AF_INET, SOCK_DGRAM);
	quarantine = open_quarantine(in);
	table = table_of_cluster();
	for (unsigned int i = 1; i < 5; i++) {
		die(quarantine, 7, AF_INET, SIGSEGV);
		assert_int_equal(told(quarantine, 7, AF_INET).result, PMREUSEPORT_STRUCK);
		assert_int_equal(row_of(7, AF_INET).strikes, i);
		table->rows[0].last_ns -= PMR_STRIKE_WINDOW_NS;
	}
	table->rows[0].last_ns += 1000000000;
	die(quarantine, 7, AF_INET, SIGSEGV);
	assert_int_equal(told(quarantine, 7, AF_INET).result, PMREUSEPORT_QUARANTINED);
	assert_int_equal(table->total, 5);
	pmr_strikes_unmap(table);
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

static void test_at_most_sixteen(void **state)
{
	struct pmreuseport_quarantine *quarantine;
	struct instance in[COUNT];
	struct pmr_pins pins;

	NEEDS_SANDBOX();
	join_all(in, AF_INET, SOCK_DGRAM);
	quarantine = open_quarantine(in);
	for (unsigned int i = 0; i < PMR_MAX_QUARANTINED; i++) {
		die(quarantine, i, AF_INET, SIGSEGV);
		die(quarantine, i, AF_INET, SIGSEGV);
		assert_int_equal(told(quarantine, i, AF_INET).result, PMREUSEPORT_QUARANTINED);
	}
	die(quarantine, 16, AF_INET, SIGSEGV);
	assert_int_equal(told(quarantine, 16, AF_INET).result, PMREUSEPORT_STRUCK);
	die(quarantine, 16, AF_INET, SIGSEGV);
	assert_int_equal(told(quarantine, 16, AF_INET).result, PMREUSEPORT_FULL);
	assert_false(quarantined(quarantine, 16, AF_INET));
	assert_true(arrives(in, 16, AF_INET));
	assert_int_equal(pmr_pins_of("default", &pins, &error), 0);
	assert_int_equal(pins.n, PMR_MAX_QUARANTINED);
	free(pins.list);

	assert_int_equal(clear(0, AF_INET), 0);
	die(quarantine, 16, AF_INET, SIGSEGV);
	assert_int_equal(told(quarantine, 16, AF_INET).result, PMREUSEPORT_QUARANTINED);
	assert_false(arrives(in, 16, AF_INET));
	assert_true(arrives(in, 0, AF_INET));
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

static void test_the_oldest_strikes_are_forgotten_first(void **state)
{
	struct pmreuseport_quarantine *quarantine;
	struct instance in[COUNT];

	NEEDS_SANDBOX();
	join_all(in, AF_INET, SOCK_DGRAM);
	quarantine = open_quarantine(in);
	die(quarantine, 0, AF_INET, SIGSEGV);
	die(quarantine, 0, AF_INET, SIGSEGV);
	for (unsigned int i = 1; i < PMR_MAX_STRUCK + 2; i++)
		die(quarantine, i, AF_INET, SIGSEGV);
	assert_true(quarantined(quarantine, 0, AF_INET));
	assert_int_equal(row_of(0, AF_INET).strikes, 2);
	assert_int_equal(row_of(1, AF_INET).strikes, 0);
	assert_int_equal(row_of(2, AF_INET).strikes, 0);
	assert_int_equal(row_of(3, AF_INET).strikes, 1);
	assert_int_equal(row_of(PMR_MAX_STRUCK + 1, AF_INET).strikes, 1);
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

/* A process that was killed while it wrote a row keeps nobody waiting for good. */
static void test_a_dead_writer_does_not_block(void **state)
{
	struct pmreuseport_quarantine *quarantine;
	struct pmr_strikes *table;
	struct instance in[COUNT];

	NEEDS_SANDBOX();
	join_all(in, AF_INET, SOCK_DGRAM);
	quarantine = open_quarantine(in);
	table = table_of_cluster();
	table->lock = 1;
	die(quarantine, 7, AF_INET, SIGSEGV);
	assert_int_equal(table->lock, 0);
	assert_int_equal(told(quarantine, 7, AF_INET).strikes, 1);
	pmr_strikes_unmap(table);
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

#define WRITERS 8
#define DEATHS 2000000

/* Each strike is counted once, and told once, whoever dies and looks at the same time. */
static void test_exactly_once(void **state)
{
	/* Shared: one for each process, and how many of them have begun. */
	unsigned int *told_by = mmap(NULL, (WRITERS + 1) * sizeof(*told_by), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int *begun = told_by + WRITERS;
	struct pmreuseport_quarantine *quarantine;
	struct pmreuseport_strike strike;
	struct pmr_strikes *table;
	struct sockaddr_storage addr;
	struct instance in[COUNT];
	unsigned int sum = 0;
	int status;

	NEEDS_SANDBOX();
	join_all(in, AF_INET, SOCK_DGRAM);
	quarantine = open_quarantine(in);
	table = table_of_cluster();
	for (unsigned int w = 0; w < WRITERS; w++) {
		if (fork())
			continue;
		__atomic_fetch_add(begun, 1, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(begun, __ATOMIC_SEQ_CST) < WRITERS)
			sched_yield();
		for (unsigned int d = 0; d < DEATHS; d++) {
			source(d % 10, AF_INET, &addr);
			pmreuseport_died(quarantine, (struct sockaddr *)&addr, SIGSEGV);
		}
		_exit(0);
	}
	for (unsigned int w = 0; w < WRITERS; w++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(table->total, WRITERS * DEATHS);
	for (unsigned int i = 0; i < 10; i++)
		sum += row_of(i, AF_INET).strikes;
	assert_int_equal(sum, WRITERS * DEATHS);

	for (unsigned int w = 0; w < WRITERS; w++) {
		if (fork())
			continue;
		while (pmreuseport_strike(quarantine, &strike, &error) > 0)
			told_by[w]++;
		_exit(0);
	}
	sum = 0;
	for (unsigned int w = 0; w < WRITERS; w++)
		assert_true(wait(&status) > 0);
	for (unsigned int w = 0; w < WRITERS; w++)
		sum += told_by[w];
	assert_int_equal(sum, 10);
	munmap(told_by, (WRITERS + 1) * sizeof(*told_by));
	pmr_strikes_unmap(table);
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

/* In a takeover, two processes have the bucket: each death counts for its own exporter. */
static void test_takeover(void **state)
{
	struct pmreuseport_quarantine *old, *new;
	struct instance in[COUNT], next;

	NEEDS_SANDBOX();
	join_all(in, AF_INET, SOCK_DGRAM);
	old = open_quarantine(&in[2]);
	join(&next, AF_INET, SOCK_DGRAM, COUNT, 2);
	new = open_quarantine(&next);
	die(old, 1, AF_INET, SIGSEGV);
	die(new, 2, AF_INET, SIGBUS);
	assert_int_equal(told(new, 1, AF_INET).signal, SIGSEGV);
	assert_int_equal(told(old, 2, AF_INET).signal, SIGBUS);
	assert_no_news(new);
	die(old, 2, AF_INET, SIGSEGV);
	assert_true(quarantined(new, 2, AF_INET));
	pmreuseport_quarantine_close(old);
	pmreuseport_quarantine_close(new);
	forget(&next, 1);
	forget(in, COUNT);
}

/* The only instance dies, and another one gets its socket: it learns of the strikes. */
static void test_restart_with_the_same_socket(void **state)
{
	struct pmreuseport_config config = config_of(1, 0);
	struct pmreuseport_quarantine *quarantine;
	struct pmreuseport_member *member;
	int fd = open_socket(AF_INET, SOCK_DGRAM), status;
	pid_t pid;

	NEEDS_SANDBOX();
	for (unsigned int i = 1; i <= 3; i++) {
		pid = fork();
		if (!pid) {
			struct sockaddr_storage addr;

			if (pmreuseport_join(fd, &config, &member, &error) ||
			    pmreuseport_quarantine_open(member, &quarantine, &error))
				_exit(1);
			source(7, AF_INET, &addr);
			if (i < 3)
				pmreuseport_died(quarantine, (struct sockaddr *)&addr, SIGSEGV);
			_exit(pmreuseport_quarantined(quarantine, (struct sockaddr *)&addr));
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), i > 1);
	}
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), 0);
	quarantine = open_quarantine(&(struct instance){fd, member});
	assert_int_equal(told(quarantine, 7, AF_INET).result, PMREUSEPORT_QUARANTINED);
	pmreuseport_quarantine_close(quarantine);
	pmreuseport_free(member);
	close(fd);
}

static int change(enum pmr_pins_change how, unsigned int i, unsigned int bucket)
{
	struct pmr_pin pin = {.source = key_of(i, AF_INET), .length = 32, .bucket = bucket};

	return pmr_pins_change("default", how, &(struct pmr_pins){&pin, 1}, &error);
}

/* The pins have the last word: without one that says drop, there is no quarantine. */
static void test_other_pins_set_an_exporter_free(void **state)
{
	struct pmreuseport_quarantine *quarantine;
	struct instance in[COUNT];
	unsigned int round;

	NEEDS_SANDBOX();
	join_all(in, AF_INET, SOCK_DGRAM);
	quarantine = open_quarantine(in);
	for (round = 0; round < 4; round++) {
		die(quarantine, 7, AF_INET, SIGSEGV);
		die(quarantine, 7, AF_INET, SIGSEGV);
		assert_int_equal(told(quarantine, 7, AF_INET).result, PMREUSEPORT_QUARANTINED);
		assert_int_equal(change(PMR_PINS_ADD, 8, 1), 0);
		assert_true(quarantined(quarantine, 7, AF_INET));
		assert_false(arrives(in, 7, AF_INET));
		/* Set again, as from a list of pins: what is dropped is still counted. */
		assert_int_equal(change(PMR_PINS_ADD, 7, PMR_PIN_DROP), 0);
		assert_false(arrives(in, 7, AF_INET));
		assert_int_equal(row_of(7, AF_INET).dropped, 3);
		switch (round) {
		case 0:
			assert_int_equal(change(PMR_PINS_REMOVE, 7, 0), 0);
			break;
		case 1:
			assert_int_equal(change(PMR_PINS_REPLACE, 8, 1), 0);
			break;
		case 2:
			assert_int_equal(change(PMR_PINS_ADD, 7, 1), 0);
			break;
		default:
			assert_int_equal(clear(7, AF_INET), 0);
		}
		assert_false(quarantined(quarantine, 7, AF_INET));
		assert_true(arrives(in, 7, AF_INET));
		assert_int_equal(row_of(7, AF_INET).strikes, 0);
	}
	/* By hand, without a strike. */
	assert_int_equal(change(PMR_PINS_ADD, 9, PMR_PIN_DROP), 0);
	assert_false(arrives(in, 9, AF_INET));
	assert_int_equal(clear(9, AF_INET), 0);
	assert_true(arrives(in, 9, AF_INET));
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

/* The row of a strike that is not the last one may go to another exporter. */
static void test_a_pin_counts_for_its_own_exporter_only(void **state)
{
	struct pmreuseport_quarantine *quarantine;
	struct instance in[COUNT];

	NEEDS_SANDBOX();
	join_all(in, AF_INET, SOCK_DGRAM);
	quarantine = open_quarantine(in);
	die(quarantine, 0, AF_INET, SIGSEGV);
	assert_int_equal(change(PMR_PINS_ADD, 0, PMR_PIN_DROP), 0);
	assert_false(arrives(in, 0, AF_INET));
	assert_int_equal(row_of(0, AF_INET).dropped, 1);
	for (unsigned int i = 1; i < PMR_MAX_STRUCK + 1; i++)
		die(quarantine, i, AF_INET, SIGSEGV);
	assert_int_equal(row_of(0, AF_INET).strikes, 0);
	assert_false(arrives(in, 0, AF_INET));
	assert_int_equal(row_of(PMR_MAX_STRUCK, AF_INET).strikes, 1);
	assert_int_equal(row_of(PMR_MAX_STRUCK, AF_INET).dropped, 0);
	pmreuseport_quarantine_close(quarantine);
	forget(in, COUNT);
}

static void test_no_quarantine(void **state)
{
	struct pmreuseport_quarantine *quarantine;
	struct pmreuseport_strike strike;
	struct sockaddr_storage addr;
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_return_code(unlink(CLUSTER_PATH "/strikes"), errno);
	assert_int_equal(pmreuseport_quarantine_open(in.member, &quarantine, &error), 0);
	assert_null(quarantine);
	source(1, AF_INET, &addr);
	pmreuseport_died(NULL, (struct sockaddr *)&addr, SIGSEGV);
	assert_false(pmreuseport_quarantined(NULL, (struct sockaddr *)&addr));
	assert_int_equal(pmreuseport_strike(NULL, &strike, &error), 0);
	pmreuseport_quarantine_close(NULL);
	assert_int_equal(clear(1, AF_INET), -ENOTSUP);
	forget(&in, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_the_second_strike_is_the_last),
		IN_SANDBOX(test_an_ipv4_exporter_of_a_dual_stack_socket),
		IN_SANDBOX(test_tcp_is_dropped_too),
		IN_SANDBOX(test_strikes_far_apart_are_forgiven),
		IN_SANDBOX(test_at_most_sixteen),
		IN_SANDBOX(test_the_oldest_strikes_are_forgotten_first),
		IN_SANDBOX(test_a_dead_writer_does_not_block),
		IN_SANDBOX(test_exactly_once),
		IN_SANDBOX(test_takeover),
		IN_SANDBOX(test_restart_with_the_same_socket),
		IN_SANDBOX(test_other_pins_set_an_exporter_free),
		IN_SANDBOX(test_a_pin_counts_for_its_own_exporter_only),
		IN_SANDBOX(test_no_quarantine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
