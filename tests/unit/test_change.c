// SPDX-License-Identifier: GPL-2.0-or-later
/* What changes under live members: fallback, takeover, release, migration. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entered.h"
#include "instances.h"

static void join_with(struct instance *in, int type, struct pmreuseport_config config)
{
	in->fd = open_socket(AF_INET6, type);
	if (pmreuseport_join(in->fd, &config, &in->member, &error))
		fail_msg("%s; %s", error.what, error.advice);
}

static void die(struct instance *in)
{
	close(in->fd);
	in->fd = -1;
}

static void refused(struct pmreuseport_config config, int code, const char *words)
{
	struct pmreuseport_member *member;
	int fd = open_socket(AF_INET6, SOCK_DGRAM);

	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), code);
	if (!says(words))
		fail_msg("\"%s; %s\" does not say \"%s\"", error.what, error.advice, words);
	close(fd);
}

/* True if a socket received it; it is then read from the queue. */
static bool anybody_got_it(const struct instance *in, unsigned int n)
{
	unsigned int buf;

	for (unsigned int b = 0; b < n; b++)
		if (in[b].fd >= 0 && recv(in[b].fd, &buf, sizeof(buf), 0) > 0)
			return true;
	return false;
}

static void test_drop_means_drop(void **state)
{
	static const bool all[4] = {true, true, true, true};
	struct pmreuseport_config config = config_of(4, 0);
	struct instance in[4];
	struct pmr_counted counted;
	unsigned int dropped = 0;

	NEEDS_SANDBOX();
	config.fallback = PMREUSEPORT_DROP;
	for (config.index = 0; config.index < 4; config.index++)
		join_with(&in[config.index], SOCK_DGRAM, config);
	check_all(in, 4, AF_INET, SOCK_DGRAM, SOURCES);

	die(&in[2]);
	for (unsigned int i = 0; i < SOURCES; i++) {
		unsigned int home = predict(i, AF_INET, 4, all);

		close(send_from(i, AF_INET, SOCK_DGRAM));
		if (home == 2) {
			assert_false(anybody_got_it(in, 4));
			dropped++;
		} else {
			assert_int_equal(who_got_it(in, 4, SOCK_DGRAM), home);
		}
	}
	assert_in_range(dropped, SOURCES / 8, SOURCES / 2);
	counted = counted_by(&in[0]);
	assert_int_equal(counted.decisions[PMR_DROPPED], dropped);
	assert_int_equal(counted.decisions[PMR_FAILOVER], 0);
	forget(in, 4);
}

static void test_fallback_of_live_members_stands(void **state)
{
	struct pmreuseport_config rehash = config_of(2, 1), drop = rehash;
	struct instance in;

	NEEDS_SANDBOX();
	drop.fallback = PMREUSEPORT_DROP;
	join(&in, AF_INET6, SOCK_DGRAM, 2, 0);
	refused(drop, -EEXIST, "reuseport_fallback is drop, but live instances");
	forget(&in, 1);

	/* With no live member it is accepted. */
	join_with(&in, SOCK_DGRAM, drop);
	refused(rehash, -EEXIST, "reuseport_fallback is rehash, but live instances");
	forget(&in, 1);
}

static void test_new_count_is_told(void **state)
{
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 3, 0);
	assert_int_equal(pmreuseport_previous_count(in.member), 0);
	forget(&in, 1);
	join(&in, AF_INET, SOCK_DGRAM, 5, 4);
	assert_int_equal(pmreuseport_previous_count(in.member), 3);
	forget(&in, 1);
	join(&in, AF_INET, SOCK_DGRAM, 5, 4);
	assert_int_equal(pmreuseport_previous_count(in.member), 0);
	forget(&in, 1);
}

static void test_held_until_taken_over(void **state)
{
	struct instance old, new, other;

	NEEDS_SANDBOX();
	join(&old, AF_INET, SOCK_DGRAM, 2, 1);
	assert_true(held(old.member));
	join(&new, AF_INET, SOCK_DGRAM, 2, 1);
	assert_int_equal(pmreuseport_state(old.member), PMREUSEPORT_TAKEN);
	assert_true(held(new.member));
	die(&old);
	assert_true(held(new.member));

	/* No member may stop because it cannot see the pins. */
	assert_int_equal(rename(CLUSTER_PATH, PMR_ROOT "/away"), 0);
	assert_int_equal(pmreuseport_state(new.member), PMREUSEPORT_UNKNOWN);
	/* Nor because another instance has made new ones, which does not see this one. */
	assert_int_equal(system("rm -r " PMR_ROOT), 0);
	pmr_entered_mark(new.fd, false);
	join(&other, AF_INET, SOCK_DGRAM, 2, 1);
	assert_int_equal(pmreuseport_state(new.member), PMREUSEPORT_UNKNOWN);
	forget(&other, 1);
	forget(&old, 1);
	forget(&new, 1);
}

static void test_release_takes_all_sockets_out(void **state)
{
	struct instance udp[2], tcp[2];
	unsigned int released;

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 2; b++) {
		join(&udp[b], AF_INET, SOCK_DGRAM, 2, b);
		join(&tcp[b], AF_INET6, SOCK_STREAM, 2, b);
	}
	assert_int_equal(pmr_bucket_release("default", 1, false, &released, &error), 0);
	assert_int_equal(released, 2);
	assert_int_equal(pmreuseport_state(udp[1].member), PMREUSEPORT_RELEASED);
	assert_int_equal(pmreuseport_state(tcp[1].member), PMREUSEPORT_RELEASED);
	assert_true(held(udp[0].member));
	for (unsigned int i = 0; i < SOURCES; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		assert_int_equal(who_got_it(udp, 2, SOCK_DGRAM), 0);
	}

	assert_int_equal(pmr_bucket_release("default", 1, false, &released, &error), 0);
	assert_int_equal(released, 0);
	assert_int_equal(pmr_bucket_release("nobody", 1, false, &released, &error), -ENOENT);
	assert_true(says("there is no cluster \"nobody\""));
	assert_int_equal(pmr_bucket_release("../x", 1, false, &released, &error), -EINVAL);
	assert_int_equal(pmr_bucket_release("default", 128, false, &released, &error), -EINVAL);
	forget(udp, 2);
	forget(tcp, 2);
}

/* The socket of a process that is gone, kept open by this one. */
static void join_in_child(struct instance *in, unsigned int index)
{
	struct pmreuseport_config config = config_of(2, index);
	struct pmreuseport_member *member;
	int status;
	pid_t pid;

	in->fd = open_socket(AF_INET, SOCK_DGRAM);
	in->member = NULL;
	pid = fork();
	if (!pid)
		_exit(pmreuseport_join(in->fd, &config, &member, &error) ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_release_of_the_dead_spares_the_living(void **state)
{
	struct instance alive, dead;
	unsigned int released;

	NEEDS_SANDBOX();
	join(&alive, AF_INET, SOCK_DGRAM, 2, 0);
	join_in_child(&dead, 1);
	assert_int_equal(pmr_bucket_release("default", 0, true, &released, &error), 0);
	assert_int_equal(released, 0);
	assert_true(held(alive.member));
	assert_int_equal(pmr_bucket_release("default", 1, true, &released, &error), 0);
	assert_int_equal(released, 1);
	forget(&alive, 1);
	forget(&dead, 1);
}

static void test_release_minds_whose_cluster_it_is(void **state)
{
	struct instance in;
	unsigned int released;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_int_equal(chown(CLUSTER_PATH, 1, 1), 0);
	assert_int_equal(pmr_bucket_release("default", 0, false, &released, &error), -EACCES);
	assert_true(says("is another user's"));
	assert_int_equal(chown(CLUSTER_PATH, 0, 0), 0);
	assert_int_equal(chmod(CLUSTER_PATH, 0722), 0);
	assert_int_equal(pmr_bucket_release("default", 0, false, &released, &error), -EACCES);
	assert_int_equal(chmod(CLUSTER_PATH, 0700), 0);
	assert_true(held(in.member));
	forget(&in, 1);
}

static void test_resize_leaves_a_live_bucket(void **state)
{
	struct pmr_resized resized;
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 1);
	assert_int_equal(pmr_resize("default", 1, &resized, &error), -ENOENT);
	assert_true(says("none of the hash buckets below 1 is live"));
	assert_true(held(in.member));
	close(send_from(0, AF_INET, SOCK_DGRAM));
	assert_int_equal(who_got_it(&in, 1, SOCK_DGRAM), 0);
	forget(&in, 1);
}

/* A new process took over one of two sockets, and died before it took the other. */
static void test_return_to_a_bucket_that_was_taken_and_left(void **state)
{
	struct instance in[2], new;
	struct pmr_live_socket *holders;
	struct pmr_resized resized;
	size_t n;

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 2; b++)
		join(&in[b], AF_INET, SOCK_STREAM, 2, b);
	join(&new, AF_INET, SOCK_STREAM, 2, 1);
	assert_int_equal(pmreuseport_return(&in[1].member, &in[1].fd, 1, &error), 0);
	assert_true(held(new.member));

	die(&new);
	assert_int_equal(pmreuseport_state(in[1].member), PMREUSEPORT_EMPTY);
	assert_int_equal(pmreuseport_return(&in[1].member, &in[1].fd, 1, &error), 1);
	assert_true(held(in[1].member));
	check_all(in, 2, AF_INET, SOCK_STREAM, SOURCES);
	assert_int_equal(pmr_members("default", true, &holders, &n, &error), 0);
	assert_int_equal(n, 2);
	assert_int_equal(holders[1].pid, getpid());
	free(holders);

	/* Nor to one that is gone. */
	assert_int_equal(pmr_resize("default", 1, &resized, &error), 0);
	assert_int_equal(pmreuseport_return(&in[1].member, &in[1].fd, 1, &error), 0);
	assert_int_equal(pmreuseport_state(in[1].member), PMREUSEPORT_RESIZED);
	forget(&new, 1);
	forget(in, 2);
}

/* What stands in the accept queue of a listener that closes goes where it would go now. */
static void migrate(int family, int listener)
{
	enum { N = 4, DIES = 1, ROUTERS = 200 };
	bool live[N] = {true, true, true, true};
	struct instance in[N];
	unsigned int moved[N] = {0}, got[N] = {0};
	int session[ROUTERS], fd;

	for (unsigned int b = 0; b < N; b++)
		join(&in[b], listener, SOCK_STREAM, N, b);
	for (unsigned int i = 0; i < ROUTERS; i++)
		session[i] = send_from(i, family, SOCK_STREAM);
	live[DIES] = false;
	for (unsigned int i = 0; i < ROUTERS; i++)
		moved[predict(i, family, N, live)]++;

	die(&in[DIES]);
	for (unsigned int b = 0; b < N; b++) {
		while (in[b].fd >= 0 && (fd = accept(in[b].fd, NULL, NULL)) >= 0) {
			assert_int_equal(send(fd, "!", 1, 0), 1);
			close(fd);
			got[b]++;
		}
		assert_int_equal(got[b], moved[b]);
	}
	for (unsigned int i = 0; i < ROUTERS; i++) {
		char answer;

		assert_int_equal(recv(session[i], &answer, 1, 0), 1);
		close(session[i]);
	}
	forget(in, N);
}

static void test_queued_connections_migrate(void **state)
{
	NEEDS_SANDBOX();
	migrate(AF_INET, AF_INET);
	migrate(AF_INET6, AF_INET6);
}

static void test_queued_connections_of_a_dual_stack_migrate(void **state)
{
	NEEDS_SANDBOX();
	migrate(AF_INET, AF_INET6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_drop_means_drop),
		IN_SANDBOX(test_fallback_of_live_members_stands),
		IN_SANDBOX(test_new_count_is_told),
		IN_SANDBOX(test_held_until_taken_over),
		IN_SANDBOX(test_release_takes_all_sockets_out),
		IN_SANDBOX(test_release_of_the_dead_spares_the_living),
		IN_SANDBOX(test_release_minds_whose_cluster_it_is),
		IN_SANDBOX(test_resize_leaves_a_live_bucket),
		IN_SANDBOX(test_return_to_a_bucket_that_was_taken_and_left),
		IN_SANDBOX(test_queued_connections_migrate),
		IN_SANDBOX(test_queued_connections_of_a_dual_stack_migrate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
