// SPDX-License-Identifier: GPL-2.0-or-later
/* The members of a cluster share one network namespace. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"

/* "net3" of an endpoint. */
static const char *net_of(const struct instance *in)
{
	return strrchr(pmreuseport_path(in->member), '-') + 1;
}

static void other_namespace(void)
{
	assert_return_code(unshare(CLONE_NEWNET), errno);
}

/* Prepares bucket 1 of 2 and is refused; the text names both namespaces and who is live. */
static void refused_beside(const struct instance *live, const char *who)
{
	struct pmreuseport_config config = config_of(2, 1);
	struct pmreuseport_member *member;
	const unsigned int before = pins();
	struct pmr_endpoint own = {0};
	char words[256];
	int fd;

	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmr_endpoint_inspect(fd, &own, &error), 0);
	assert_string_not_equal(strrchr(own.name, '-') + 1, net_of(live));
	error = (struct pmreuseport_error){0};
	if (!pmreuseport_prepare(&fd, 1, &config, &member, &error))
		fail_msg("%s is prepared beside %s", own.name, net_of(live));
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_NETNS);
	snprintf(words, sizeof(words),
		 "cluster \"default\" is live in network namespace %s (%s%s), and cannot have "
		 "members in "
		 "network namespace %s",
		 net_of(live), strrchr(pmreuseport_path(live->member), '/') + 1, who,
		 strrchr(own.name, '-') + 1);
	assert_string_equal(error.what, words);
	assert_true(says("another cluster_name"));
	assert_int_equal(pins(), before);
	close(fd);
}

static void test_live_in_another_namespace(void **state)
{
	struct instance in[2];
	char who[64], comm[16];

	NEEDS_SANDBOX();
	join(&in[0], AF_INET, SOCK_DGRAM, 2, 0);
	other_namespace();
	pmr_process_name(getpid(), comm, sizeof(comm));
	snprintf(who, sizeof(who), ", process %d (%s)", (int)getpid(), comm);
	refused_beside(&in[0], who);
	assert_true(held(in[0].member));

	/* With nothing live there, the count and all else are those of this namespace. */
	forget(&in[0], 1);
	join(&in[1], AF_INET, SOCK_DGRAM, 3, 2);
	forget(&in[1], 1);
}

/* As of an object of others, which has no records. */
static void test_a_member_without_a_record(void **state)
{
	char path[2 * PMR_PATH_MAX];
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	snprintf(path, sizeof(path), "%s/members", pmreuseport_path(in.member));
	assert_return_code(unlink(path), errno);
	other_namespace();
	refused_beside(&in, "");
	forget(&in, 1);
}

/* Between the two steps of a join. */
static void test_live_in_another_namespace_meanwhile(void **state)
{
	struct pmreuseport_config config = config_of(2, 1);
	struct pmreuseport_member *member;
	struct instance in;
	int fd;

	NEEDS_SANDBOX();
	/* With the maps of a cluster that has ended, the members need not prepare again. */
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	forget(&in, 1);
	other_namespace();
	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmreuseport_prepare(&fd, 1, &config, &member, &error), 0);
	other_namespace();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	assert_int_equal(pmreuseport_enter(&member, 1, &error), -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_NETNS);
	pmreuseport_free(member);
	forget(&in, 1);
	close(fd);
}

static void test_two_namespaces_in_one_step(void **state)
{
	struct pmreuseport_config config = config_of(1, 0);
	struct pmreuseport_member *members[2];
	int fds[2];

	NEEDS_SANDBOX();
	fds[0] = open_socket(AF_INET, SOCK_DGRAM);
	other_namespace();
	fds[1] = open_socket(AF_INET, SOCK_STREAM);
	assert_int_equal(pmreuseport_prepare(fds, 2, &config, members, &error), -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_NETNS);
	assert_true(says("the sockets of this instance are in two network namespaces"));
	close(fds[0]);
	close(fds[1]);
}

static void test_another_cluster_in_another_namespace(void **state)
{
	struct pmreuseport_config config = config_of(3, 2);
	struct instance in, other;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	other_namespace();
	config.cluster = "other";
	other.fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmreuseport_join(other.fd, &config, &other.member, &error), 0);
	assert_true(held(in.member));
	assert_true(held(other.member));
	forget(&in, 1);
	forget(&other, 1);
}

/* What doctor asks. */
static void test_a_dry_run_says_so(void **state)
{
	struct pmreuseport_config config = config_of(2, 1);
	struct pmr_dry_run_result result;
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	assert_int_equal(pmr_dry_run(&config, false, &result, &error), 0);
	other_namespace();
	assert_int_equal(pmr_dry_run(&config, false, &result, &error), -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_NETNS);
	forget(&in, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_live_in_another_namespace),
		IN_SANDBOX(test_a_member_without_a_record),
		IN_SANDBOX(test_live_in_another_namespace_meanwhile),
		IN_SANDBOX(test_two_namespaces_in_one_step),
		IN_SANDBOX(test_another_cluster_in_another_namespace),
		IN_SANDBOX(test_a_dry_run_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
