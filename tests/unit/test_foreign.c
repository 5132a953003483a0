// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets of another user that were there before a join. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "foreign.h"

static const struct place all = {.family = AF_INET6, .address = "::"},
			  all_v4 = {.family = AF_INET, .address = "0.0.0.0"},
			  one = {.family = AF_INET, .address = "127.0.0.1"},
			  two = {.family = AF_INET, .address = "127.0.0.2"},
			  ipv6 = {.family = AF_INET6, .address = "::", .v6only = true};

static int try_join(int fd, unsigned int index, bool adopted, struct pmreuseport_member **member)
{
	const struct pmr_adoption adoption = {.owner = {.pid = 4711}};
	const struct pmreuseport_config config = config_of(2, index);

	error = (struct pmreuseport_error){0};
	return adopted ? pmr_adopt(fd, &adoption, &config, member, &error)
		       : pmreuseport_join(fd, &config, member, &error);
}

static void refused(int fd, unsigned int index, bool adopted, const char *words)
{
	struct pmreuseport_member *member;
	unsigned int before = pins();

	if (!try_join(fd, index, adopted, &member))
		fail_msg("it joined");
	if (error.refusal != PMREUSEPORT_OTHER_USER || !says(words))
		fail_msg("%d: \"%s; %s\" does not say %s", error.refusal, error.what, error.advice,
			 words);
	assert_int_equal(pins(), before);
}

static void beside(const struct place *ours, const struct place *theirs)
{
	int stranger = open_as(STRANGER, theirs, SOCK_DGRAM, true);
	int fd = open_as(0, ours, SOCK_DGRAM, true);
	struct pmreuseport_member *member;
	char words[64];

	assert_true(stranger >= 0 && fd >= 0);
	snprintf(words, sizeof(words), "user 1000 has a socket on %s, UDP port 2055",
		 theirs->address);
	refused(fd, 0, false, words);
	assert_int_equal(reuse_addr_of(fd), 1);
	refused(fd, 0, true, words);
	close(stranger);
	assert_int_equal(try_join(fd, 0, false, &member), 0);
	pmreuseport_free(member);
	close(fd);
}

static void test_open_before_the_join(void **state)
{
	NEEDS_SANDBOX();
	for (unsigned int i = 0; i < ATTEMPTS; i++)
		beside(&all, &attempts[i]);
	for (unsigned int i = 0; i < V4_ATTEMPTS; i++)
		beside(&all_v4, &attempts[i]);
}

static void test_separate_addresses(void **state)
{
	struct pmreuseport_member *member;
	int theirs[2], fd;

	NEEDS_SANDBOX();
	theirs[0] = open_as(STRANGER, &two, SOCK_DGRAM, true);
	theirs[1] = open_as(STRANGER, &ipv6, SOCK_DGRAM, true);
	fd = open_as(0, &one, SOCK_DGRAM, true);
	if (try_join(fd, 0, false, &member))
		fail_msg("%s; %s", error.what, error.advice);
	pmreuseport_free(member);
	close(fd);
	close(theirs[0]);
	close(theirs[1]);
}

/* How many of 400 exporters reach the second of two sockets. */
static unsigned int got_by_second(const struct instance in[2])
{
	unsigned int second = 0;

	for (unsigned int i = 0; i < 400; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		second += who_got_it(in, 2, SOCK_DGRAM);
	}
	return second;
}

/* Both sockets are bound before the first join. */
static void test_two_users_in_one_cluster(void **state)
{
	struct instance in[2] = {0};
	int err;

	NEEDS_SANDBOX();
	in[0].fd = open_as(0, &all_v4, SOCK_DGRAM, true);
	in[1].fd = open_as(STRANGER, &all_v4, SOCK_DGRAM, true);
	err = try_join(in[0].fd, 0, false, &in[0].member);
	if (!err && !try_join(in[1].fd, 1, false, &in[1].member))
		fail_msg("both joined, and the later one gets %u of 400 exporters",
			 got_by_second(in));
	assert_int_equal(err, -EEXIST);
	refused(in[0].fd, 0, false, "the socket of user 0 does not share its packets");
	refused(in[1].fd, 1, false, "the socket of user 1000 does not share its packets");
	forget(in, 2);
}

/* The socket has a program, which the adoption would replace. */
static void test_adopting_from_another_user(void **state)
{
	struct pmreuseport_member *member;
	int fd;

	NEEDS_SANDBOX();
	fd = open_as(STRANGER, &all, SOCK_DGRAM, true);
	refused(fd, 0, true, "belongs to user 1000, and cluster \"default\" to user 0");
	assert_int_equal(reuse_addr_of(fd), 1);

	/* A service manager may open the socket of a daemon that runs as another user. */
	assert_int_equal(try_join(fd, 0, false, &member), 0);
	pmreuseport_free(member);
	close(fd);
}

/* What bind() has refused to ours, because of a socket of theirs. */
static void port_is_theirs(const struct place *ours, const struct place *theirs, int type)
{
	const struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	const struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
	const struct sockaddr *address = ours->family == AF_INET ? (const struct sockaddr *)&in
								 : (const struct sockaddr *)&in6;
	int stranger = open_as(STRANGER, theirs, type, false);
	int fd = socket(ours->family, type, 0);
	char words[96];

	assert_true(stranger >= 0 && fd >= 0);
	assert_int_equal(open_as(0, ours, type, false), -EADDRINUSE);
	error = (struct pmreuseport_error){0};
	assert_true(pmreuseport_port_user(fd, address, &error));
	snprintf(words, sizeof(words), "user 1000 has a socket on %s, %s port 2055",
		 theirs->address, type == SOCK_STREAM ? "TCP" : "UDP");
	if (!says(words) || error.refusal != PMREUSEPORT_OTHER_USER || !error.advice[0])
		fail_msg("%d: \"%s; %s\" does not say %s", error.refusal, error.what, error.advice,
			 words);
	close(stranger);
	assert_false(pmreuseport_port_user(fd, address, &error));
	close(fd);
}

static void test_whose_the_port_is(void **state)
{
	const struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	const struct sockaddr other = {.sa_family = AF_UNIX};
	int own, theirs, fd;

	NEEDS_SANDBOX();
	port_is_theirs(&all, &all, SOCK_DGRAM);
	port_is_theirs(&all, &one, SOCK_STREAM);
	port_is_theirs(&all_v4, &one, SOCK_DGRAM);
	port_is_theirs(&all_v4, &all, SOCK_STREAM);

	/* One of the same user, and one that is not in the way. */
	own = open_as(0, &all_v4, SOCK_DGRAM, false);
	theirs = open_as(STRANGER, &ipv6, SOCK_DGRAM, false);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(own >= 0 && theirs >= 0 && fd >= 0);
	assert_false(pmreuseport_port_user(fd, (const struct sockaddr *)&in, &error));
	assert_false(pmreuseport_port_user(fd, &other, &error));
	assert_false(pmreuseport_port_user(-1, (const struct sockaddr *)&in, &error));
	close(own);
	close(theirs);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_open_before_the_join),
		IN_SANDBOX(test_separate_addresses),
		IN_SANDBOX(test_two_users_in_one_cluster),
		IN_SANDBOX(test_adopting_from_another_user),
		IN_SANDBOX(test_whose_the_port_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
