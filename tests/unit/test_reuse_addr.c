// SPDX-License-Identifier: GPL-2.0-or-later
/* No other user opens the port of a cluster beside its sockets. */
#include <errno.h>
#include <unistd.h>

#include "foreign.h"

static const struct place all = {.family = AF_INET6, .address = "::"},
			  all_v4 = {.family = AF_INET, .address = "0.0.0.0"};

/* Exporters that reach a socket, out of 120 of both address families. */
static unsigned int stolen_by(int fd, int family, int type)
{
	unsigned int got = 0, buf;
	int from, session;

	for (unsigned int i = 0; i < 120; i++) {
		from = send_from(i, family == AF_INET6 && i % 2 ? AF_INET6 : AF_INET, type);
		if (type == SOCK_DGRAM) {
			got += recv(fd, &buf, sizeof(buf), 0) > 0;
		} else {
			session = accept(fd, NULL, NULL);
			got += session >= 0;
			if (session >= 0)
				close(session);
		}
		close(from);
	}
	return got;
}

/* How many of the attempts of another user succeed beside a member on this address. */
static unsigned int opened(const struct place *ours, int type, bool adopted)
{
	const unsigned int n = ours->family == AF_INET ? V4_ATTEMPTS : ATTEMPTS;
	const struct pmr_adoption adoption = {.owner = {.pid = 4711}};
	const struct pmreuseport_config config = config_of(1, 0);
	struct pmreuseport_member *member;
	unsigned int succeeded = 0;
	int fd = open_as(0, ours, type, true), stranger;

	assert_true(fd >= 0);
	if (adopted ? pmr_adopt(fd, &adoption, &config, &member, &error)
		    : pmreuseport_join(fd, &config, &member, &error))
		fail_msg("%s; %s", error.what, error.advice);
	for (unsigned int i = 0; i < n; i++) {
		stranger = open_as(STRANGER, &attempts[i], type, true);
		if (stranger < 0) {
			assert_int_equal(stranger, -EADDRINUSE);
			continue;
		}
		print_message("beside %s, attempt %u on %s gets %u of 120 exporters\n",
			      ours->address, i, attempts[i].address,
			      stolen_by(stranger, ours->family, type));
		succeeded++;
		close(stranger);
	}
	close(fd);
	pmreuseport_free(member);
	return succeeded;
}

static void test_udp(void **state)
{
	NEEDS_SANDBOX();
	assert_int_equal(opened(&all, SOCK_DGRAM, false), 0);
	assert_int_equal(opened(&all_v4, SOCK_DGRAM, false), 0);
}

static void test_udp_adopted(void **state)
{
	NEEDS_SANDBOX();
	assert_int_equal(opened(&all, SOCK_DGRAM, true), 0);
	assert_int_equal(opened(&all_v4, SOCK_DGRAM, true), 0);
}

/* With more than 10 sockets on a port, the kernel compares only those on some addresses. */
static void test_udp_with_many_members(void **state)
{
	int fds[20];

	NEEDS_SANDBOX();
	for (unsigned int i = 0; i < 20; i++)
		fds[i] = open_as(0, &all, SOCK_DGRAM, true);
	assert_int_equal(opened(&all, SOCK_DGRAM, false), 0);
	for (unsigned int i = 0; i < 20; i++)
		close(fds[i]);
}

/* The kernel lets SO_REUSEADDR pass beside a listening socket in no case. */
static void test_tcp(void **state)
{
	NEEDS_SANDBOX();
	assert_int_equal(opened(&all, SOCK_STREAM, false), 0);
	assert_int_equal(opened(&all_v4, SOCK_STREAM, true), 0);
}

/* A restart needs it there: connections of the last process may still be in TIME_WAIT. */
static void test_tcp_keeps_the_option(void **state)
{
	const struct pmreuseport_config config = config_of(1, 0);
	struct pmreuseport_member *member;
	int fd;

	NEEDS_SANDBOX();
	fd = open_as(0, &all, SOCK_STREAM, true);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), 0);
	assert_int_equal(reuse_addr_of(fd), 1);
	pmreuseport_free(member);
	close(fd);
}

static void test_the_same_user_can_bind_beside(void **state)
{
	const struct pmreuseport_config config = config_of(2, 1);
	struct pmreuseport_member *member;
	struct instance in;
	int fd;

	NEEDS_SANDBOX();
	join(&in, AF_INET6, SOCK_DGRAM, 2, 0);
	fd = open_as(0, &all, SOCK_DGRAM, true);
	assert_true(fd >= 0);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), 0);
	assert_int_equal(reuse_addr_of(fd), 0);
	pmreuseport_free(member);
	close(fd);
	forget(&in, 1);
}

static void test_what_failed_gets_the_option_back(void **state)
{
	const struct pmr_adoption adoption = {.owner = {.pid = 4711}};
	const struct pmreuseport_config config = config_of(2, 1), other = config_of(3, 1);
	struct pmreuseport_member *member;
	struct instance in;
	int fd;

	NEEDS_SANDBOX();
	join(&in, AF_INET6, SOCK_DGRAM, 2, 0);
	fd = open_as(0, &all, SOCK_DGRAM, true);
	assert_int_equal(pmreuseport_join(fd, &other, &member, &error), -EEXIST);
	assert_int_equal(reuse_addr_of(fd), 1);

	assert_int_equal(pmr_adopt(fd, &adoption, &config, &member, &error), 0);
	assert_int_equal(reuse_addr_of(fd), 0);
	assert_int_equal(pmr_adopt_undo(fd, member, &error), 0);
	assert_int_equal(reuse_addr_of(fd), 1);
	pmreuseport_free(member);
	close(fd);
	forget(&in, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_udp),
		IN_SANDBOX(test_udp_adopted),
		IN_SANDBOX(test_udp_with_many_members),
		IN_SANDBOX(test_tcp),
		IN_SANDBOX(test_tcp_keeps_the_option),
		IN_SANDBOX(test_the_same_user_can_bind_beside),
		IN_SANDBOX(test_what_failed_gets_the_option_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
