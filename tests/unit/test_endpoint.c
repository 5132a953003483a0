// SPDX-License-Identifier: GPL-2.0-or-later
/* Which sockets can be members, and what their reuseport group is called. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "instances.h"

static struct pmr_endpoint endpoint;

static int new_socket(int family, int type, int reuseport)
{
	int fd = socket(family, type, 0);

	assert_true(fd >= 0);
	if (reuseport)
		assert_return_code(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int)),
				   errno);
	return fd;
}

static unsigned int bind_to(int fd, int family, const char *address)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr *sa = family == AF_INET ? (struct sockaddr *)&in : (struct sockaddr *)&in6;
	socklen_t len = family == AF_INET ? sizeof(in) : sizeof(in6);
	void *host = family == AF_INET ? (void *)&in.sin_addr : (void *)&in6.sin6_addr;

	assert_int_equal(inet_pton(family, address, host), 1);
	assert_return_code(bind(fd, sa, len), errno);
	assert_return_code(getsockname(fd, sa, &len), errno);
	return ntohs(family == AF_INET ? in.sin_port : in6.sin6_port);
}

static void refused(int fd, int code, const char *words)
{
	assert_int_equal(pmr_endpoint_inspect(fd, &endpoint, &error), code);
	if (!says(words))
		fail_msg("\"%s; %s\" does not say \"%s\"", error.what, error.advice, words);
	close(fd);
}

static void test_unfit_sockets(void **state)
{
	int fd;

	(void)state;
	refused(-1, -EBADF, "not a socket");
	refused(dup(STDIN_FILENO), -ENOTSOCK, "not a socket");
	refused(new_socket(AF_UNIX, SOCK_STREAM, 0), -EINVAL, "only UDP and TCP");

	fd = new_socket(AF_INET, SOCK_DGRAM, 0);
	bind_to(fd, AF_INET, "127.0.0.1");
	refused(fd, -EINVAL, "no SO_REUSEPORT");

	refused(new_socket(AF_INET, SOCK_DGRAM, 1), -EINVAL, "not bound");
	if (!geteuid()) {
		fd = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
		refused(fd, -EINVAL, "only UDP and TCP");
	}

	fd = new_socket(AF_INET, SOCK_STREAM, 1);
	bind_to(fd, AF_INET, "127.0.0.1");
	refused(fd, -EINVAL, "not listening");
}

static void named(int family, int type, const char *address, const char *wanted)
{
	int fd = new_socket(family, type, 1);
	unsigned int port = bind_to(fd, family, address);
	char start[64];

	if (type == SOCK_STREAM)
		assert_return_code(listen(fd, 1), errno);
	assert_int_equal(pmr_endpoint_inspect(fd, &endpoint, &error), 0);
	snprintf(start, sizeof(start), "%s-%u-%s-net", type == SOCK_STREAM ? "tcp" : "udp", port,
		 wanted);
	assert_memory_equal(endpoint.name, start, strlen(start));
	assert_null(strchr(endpoint.name, '.'));
	assert_true(pmr_endpoint_is_name(endpoint.name));
	assert_int_equal(endpoint.tcp, type == SOCK_STREAM);
	assert_true(endpoint.cookie != 0);
	close(fd);
}

static void test_names(void **state)
{
	(void)state;
	named(AF_INET, SOCK_DGRAM, "127.0.0.1", "127_0_0_1");
	named(AF_INET, SOCK_DGRAM, "0.0.0.0", "any");
	named(AF_INET6, SOCK_DGRAM, "::", "any6");
	named(AF_INET6, SOCK_DGRAM, "::1", "::1");
	named(AF_INET6, SOCK_STREAM, "::ffff:127.0.0.1", "::ffff:127_0_0_1");
	named(AF_INET, SOCK_STREAM, "127.0.0.1", "127_0_0_1");
}

static void test_ipv6_only_is_a_group_of_its_own(void **state)
{
	int fd = new_socket(AF_INET6, SOCK_DGRAM, 1);

	(void)state;
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int));
	bind_to(fd, AF_INET6, "::");
	assert_int_equal(pmr_endpoint_inspect(fd, &endpoint, &error), 0);
	assert_non_null(strstr(endpoint.name, "-any6only-net"));
	close(fd);
}

static void test_network_namespace_is_the_last_part(void **state)
{
	(void)state;
	assert_true(pmr_endpoint_same_netns("udp-2055-any6-net3", "tcp-1790-any-dev2-net3"));
	assert_false(pmr_endpoint_same_netns("udp-2055-any6-net3", "udp-2055-any6-net33"));
}

static void test_cluster_maps_are_no_endpoints(void **state)
{
	(void)state;
	assert_false(pmr_endpoint_is_name("slots"));
	assert_false(pmr_endpoint_is_name("size"));
	assert_false(pmr_endpoint_is_name(".."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unfit_sockets),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_ipv6_only_is_a_group_of_its_own),
		cmocka_unit_test(test_network_namespace_is_the_last_part),
		cmocka_unit_test(test_cluster_maps_are_no_endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
