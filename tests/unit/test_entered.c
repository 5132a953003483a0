// SPDX-License-Identifier: GPL-2.0-or-later
/* Pins that are removed while instances are live. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "instances.h"

#define LIVE 3

static const struct {
	int family, type;
} kinds[] = {{AF_INET, SOCK_DGRAM},
	     {AF_INET6, SOCK_DGRAM},
	     {AF_INET, SOCK_STREAM},
	     {AF_INET6, SOCK_STREAM}};

static void remove_pins(void)
{
	assert_int_equal(system("rm -r " CLUSTER_PATH), 0);
}

static bool is_marked(int fd)
{
	int value = 0;

	assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &value,
				    &(socklen_t){sizeof(value)}),
			 0);
	return value;
}

static void refused(int family, int type, unsigned int index, const char *words)
{
	const struct pmreuseport_config config = config_of(LIVE + 1, index);
	struct pmreuseport_member *member;
	int fd = open_socket(family, type);
	unsigned int before = pins();

	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), -EEXIST);
	assert_int_equal(error.refusal, PMREUSEPORT_PINS_LOST);
	if (!says(words))
		fail_msg("\"%s; %s\" does not say \"%s\"", error.what, error.advice, words);
	assert_int_equal(pins(), before);
	assert_false(is_marked(fd));
	close(fd);
}

static void check_kind(int family, int type)
{
	const bool tcp = type == SOCK_STREAM;
	struct instance in[LIVE + 1];
	char words[64];
	unsigned int b;

	for (b = 0; b < LIVE; b++) {
		join(&in[b], family, type, LIVE + 1, b);
		assert_true(is_marked(in[b].fd));
	}
	remove_pins();
	snprintf(words, sizeof(words), "instances on %s, %s port %u, are live",
		 family == AF_INET ? "0.0.0.0" : "::", tcp ? "TCP" : "UDP", PORT);
	/* A new bucket, and one that was held. */
	refused(family, type, LIVE, words);
	refused(family, type, 0, words);
	/* The directories alone are no pins. */
	assert_int_equal(mkdir(CLUSTER_PATH, 0700), 0);
	refused(family, type, 0, words);

	forget(in, LIVE);
	for (b = 0; b <= LIVE; b++)
		join(&in[b], family, type, LIVE + 1, b);
	check_all(in, LIVE + 1, family, type, SOURCES);
	forget(in, LIVE + 1);
	remove_pins();
}

static void test_the_join_is_refused(void **state)
{
	NEEDS_SANDBOX();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		check_kind(kinds[i].family, kinds[i].type);
}

/* Sockets that wait to enter, of a service manager for example. */
static void test_others_have_not_entered(void **state)
{
	struct instance in, second;
	int waiting[2];

	NEEDS_SANDBOX();
	waiting[0] = open_socket(AF_INET, SOCK_DGRAM);
	waiting[1] = open_socket(AF_INET, SOCK_DGRAM);
	join(&in, AF_INET, SOCK_DGRAM, 3, 0);
	/* They receive nothing now, so that the first one says that they are there. */
	assert_int_equal(pmreuseport_outside(in.member), 2);
	join(&second, AF_INET, SOCK_DGRAM, 3, 1);
	assert_int_equal(pmreuseport_outside(second.member), 0);
	forget(&second, 1);
	forget(&in, 1);
	close(waiting[0]);
	close(waiting[1]);
}

/* The pins of one port are gone, the instance has another one. */
static void test_one_of_two_ports(void **state)
{
	struct instance udp, tcp;

	NEEDS_SANDBOX();
	join(&udp, AF_INET, SOCK_DGRAM, LIVE + 1, 0);
	join(&tcp, AF_INET, SOCK_STREAM, LIVE + 1, 0);
	assert_int_equal(system("rm -r " CLUSTER_PATH "/tcp-*"), 0);
	refused(AF_INET, SOCK_STREAM, 1, "TCP port 2055");
	forget(&udp, 1);
	forget(&tcp, 1);
}

static void test_another_bpffs(void **state)
{
	struct instance in;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, LIVE + 1, 0);
	assert_int_equal(mount("bpf", PMR_BPFFS, "bpf", 0, "mode=0700"), 0);
	refused(AF_INET, SOCK_DGRAM, 1, "use the bpffs that they use");
	assert_int_equal(umount(PMR_BPFFS), 0);
	assert_true(held(in.member));
	forget(&in, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_the_join_is_refused),
		IN_SANDBOX(test_others_have_not_entered),
		IN_SANDBOX(test_one_of_two_ports),
		IN_SANDBOX(test_another_bpffs),
	};

	return cmocka_run_group_tests_name("entered", tests, NULL, NULL);
}
