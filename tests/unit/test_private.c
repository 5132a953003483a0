// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Private endpoints: a port of one instance alone, beside a port that all instances share. Such
 * a port must not keep the others from growing, draining and failing over. And if a port that is
 * missing does so, which one it is must be told.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "instances.h"

#define FIRST_OWN_PORT 1790

static int open_own(unsigned int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
	assert_return_code(bind(fd, (struct sockaddr *)&in, sizeof(in)), errno);
	assert_return_code(listen(fd, 1024), errno);
	return fd;
}

/* The flows of an instance, and a listener that no other instance has. */
static void join_own(struct instance *udp, struct instance *tcp, unsigned int count,
		     unsigned int index, enum pmreuseport_fallback fallback)
{
	struct pmreuseport_config config = config_of(count, index);
	struct pmreuseport_member *members[2];
	int fds[2];

	pmreuseport_config_set_fallback(&config, fallback);
	fds[0] = udp->fd = open_socket(AF_INET, SOCK_DGRAM);
	fds[1] = tcp->fd = open_own(FIRST_OWN_PORT + index);
	if (pmreuseport_prepare(fds, 2, &config, members, &error) ||
	    pmreuseport_enter(members, 2, &error))
		fail_msg("%s; %s", error.what, error.advice);
	udp->member = members[0];
	tcp->member = members[1];
}

static const char *name_of(const struct instance *in)
{
	return strrchr(pmreuseport_path(in->member), '/') + 1;
}

static void close_instance(struct instance *in)
{
	close(in->fd);
	in->fd = -1;
	pmreuseport_free(in->member);
	in->member = NULL;
}

/* True if a connection from exporter i to the own port of a bucket is accepted there. */
static bool reaches(unsigned int i, const struct instance *tcp, unsigned int bucket)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(FIRST_OWN_PORT + bucket),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_storage addr;
	socklen_t len = source(i, AF_INET, &addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0), got = -1;

	assert_return_code(bind(fd, (struct sockaddr *)&addr, len), errno);
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		got = accept(tcp->fd, NULL, NULL);
	close(fd);
	if (got >= 0)
		close(got);
	return got >= 0;
}

static unsigned int count_reaching(const struct instance *tcp, unsigned int bucket)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < SOURCES; i++)
		n += reaches(i, tcp, bucket);
	return n;
}

static void resize(unsigned int count, unsigned int in_use)
{
	struct pmr_resized result;

	if (pmr_resize("default", count, &result, &error))
		fail_msg("%s; %s", error.what, error.advice);
	assert_int_equal(result.in_use, in_use);
}

static void drain(unsigned int bucket, bool on)
{
	bool changed;

	if (pmr_drain("default", bucket, on, &changed, &error))
		fail_msg("%s; %s", error.what, error.advice);
	assert_true(changed);
}

static void test_growth_does_not_wait_for_a_private_endpoint(void **state)
{
	struct instance udp[3], tcp[3];

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 2; b++)
		join_own(&udp[b], &tcp[b], 2, b, PMREUSEPORT_REHASH);
	resize(3, 2);
	join_own(&udp[2], &tcp[2], 3, 2, PMREUSEPORT_REHASH);
	check_all(udp, 3, AF_INET, SOCK_DGRAM, SOURCES);
	for (unsigned int b = 0; b < 3; b++)
		assert_int_equal(count_reaching(&tcp[b], b), SOURCES);
	forget(udp, 3);
	forget(tcp, 3);
}

/* From one bucket to two, nothing but the new instance shows what is shared. */
static void test_growth_from_one_bucket(void **state)
{
	struct instance udp[2], tcp[2];

	NEEDS_SANDBOX();
	join_own(&udp[0], &tcp[0], 1, 0, PMREUSEPORT_REHASH);
	resize(2, 1);
	join_own(&udp[1], &tcp[1], 2, 1, PMREUSEPORT_REHASH);
	check_all(udp, 2, AF_INET, SOCK_DGRAM, SOURCES);
	forget(udp, 2);
	forget(tcp, 2);
}

static void test_a_bucket_with_a_private_endpoint_can_be_removed(void **state)
{
	struct instance udp[3], tcp[3];

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 3; b++)
		join_own(&udp[b], &tcp[b], 3, b, PMREUSEPORT_REHASH);
	resize(2, 2);
	assert_false(held(tcp[2].member));
	assert_true(held(tcp[1].member));
	check_all(udp, 2, AF_INET, SOCK_DGRAM, SOURCES);
	forget(udp, 3);
	forget(tcp, 3);
}

static void test_a_bucket_with_a_private_endpoint_can_be_drained(void **state)
{
	struct instance udp[2], tcp[2];
	struct pmr_view *view;
	bool changed;

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 2; b++)
		join_own(&udp[b], &tcp[b], 2, b, PMREUSEPORT_REHASH);
	drain(1, true);
	view = look(&tcp[1]);
	for (unsigned int i = 0; i < SOURCES; i++) {
		struct pmr_place place = place_in(view, i, AF_INET);

		assert_int_equal(place.bucket, 1);
		assert_int_equal(place.decision, PMR_PRIMARY);
	}
	view_free(view);
	/* Its own port is still open, by a decision of the selector. */
	assert_int_equal(count_reaching(&tcp[1], 1), SOURCES);
	for (unsigned int i = 0; i < SOURCES; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		assert_int_equal(who_got_it(udp, 2, SOCK_DGRAM), 0);
	}
	assert_int_equal(counted_by(&tcp[1]).decisions[PMR_KERNEL], 0);
	assert_int_equal(pmr_drain("default", 0, true, &changed, &error), -EBUSY);
	drain(1, false);
	forget(udp, 2);
	forget(tcp, 2);
}

static void test_drop_does_not_refuse_sessions_of_a_private_endpoint(void **state)
{
	struct instance udp[2], tcp[2];
	unsigned int first;

	NEEDS_SANDBOX();
	join_own(&udp[0], &tcp[0], 2, 0, PMREUSEPORT_DROP);
	/* Whether it is shared is not known yet: the other instance may be late. */
	first = count_reaching(&tcp[0], 0);
	assert_in_range(first, SOURCES / 4, 3 * SOURCES / 4);
	join_own(&udp[1], &tcp[1], 2, 1, PMREUSEPORT_DROP);
	for (unsigned int b = 0; b < 2; b++)
		assert_int_equal(count_reaching(&tcp[b], b), SOURCES);

	/* All the same after a restart, and while the other instance is dead. */
	close_instance(&udp[1]);
	close_instance(&tcp[1]);
	assert_int_equal(count_reaching(&tcp[0], 0), SOURCES);
	close_instance(&udp[0]);
	close_instance(&tcp[0]);
	join_own(&udp[0], &tcp[0], 2, 0, PMREUSEPORT_DROP);
	assert_int_equal(count_reaching(&tcp[0], 0), SOURCES);
	close_instance(&udp[0]);
	close_instance(&tcp[0]);
}

/* Once a second bucket has it, it is shared for good. */
static void test_an_endpoint_becomes_shared(void **state)
{
	struct instance udp[2], tcp[2];
	struct pmreuseport_config config = config_of(2, 1);
	unsigned int first;

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 2; b++)
		join_own(&udp[b], &tcp[b], 2, b, PMREUSEPORT_DROP);
	assert_int_equal(count_reaching(&tcp[0], 0), SOURCES);
	close_instance(&tcp[1]);
	config.fallback = PMREUSEPORT_DROP;
	tcp[1].fd = open_own(FIRST_OWN_PORT);
	if (pmreuseport_join(tcp[1].fd, &config, &tcp[1].member, &error))
		fail_msg("%s; %s", error.what, error.advice);
	first = 0;
	for (unsigned int i = 0; i < SOURCES; i++) {
		bool here = reaches(i, &tcp[0], 0);

		first += here;
		/* The connection was closed, but is still to be accepted. */
		if (!here)
			close(accept(tcp[1].fd, NULL, NULL));
	}
	assert_in_range(first, SOURCES / 4, 3 * SOURCES / 4);
	close_instance(&tcp[1]);
	assert_int_equal(count_reaching(&tcp[0], 0), first);
	forget(udp, 2);
	forget(tcp, 2);
}

/* It is private only beside an endpoint that buckets share. */
static void test_the_shared_endpoint_is_forgotten(void **state)
{
	struct instance udp[2], tcp[2];
	char endpoint[PMR_ENDPOINT_NAME_SIZE];

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 2; b++)
		join_own(&udp[b], &tcp[b], 2, b, PMREUSEPORT_DROP);
	snprintf(endpoint, sizeof(endpoint), "%s", name_of(&udp[0]));
	for (unsigned int b = 0; b < 2; b++)
		close_instance(&udp[b]);
	assert_int_equal(count_reaching(&tcp[0], 0), SOURCES);
	assert_int_equal(pmr_remove_endpoint("default", endpoint, &error), 0);
	assert_in_range(count_reaching(&tcp[0], 0), SOURCES / 4, 3 * SOURCES / 4);
	forget(udp, 2);
	forget(tcp, 2);
}

/* The bucket plus one that an endpoint is private to, as "status" sees it. */
static unsigned int private_to(const struct instance *in)
{
	struct pmr_status status;
	unsigned int found = PMR_MAX_BUCKETS + 1;

	assert_int_equal(pmr_status_read(&status, "default", &error), 0);
	for (size_t e = 0; e < status.n; e++)
		if (!strcmp(status.endpoints[e].name, name_of(in)))
			found = status.endpoints[e].private_to;
	pmr_status_free(&status);
	return found;
}

static void test_status_tells_private_endpoints(void **state)
{
	struct instance udp[2], tcp[2];

	NEEDS_SANDBOX();
	join_own(&udp[0], &tcp[0], 2, 0, PMREUSEPORT_REHASH);
	assert_int_equal(private_to(&udp[0]), 0);
	assert_int_equal(private_to(&tcp[0]), 0);
	join_own(&udp[1], &tcp[1], 2, 1, PMREUSEPORT_REHASH);
	assert_int_equal(private_to(&udp[0]), 0);
	assert_int_equal(private_to(&tcp[0]), 1);
	assert_int_equal(private_to(&tcp[1]), 2);
	forget(udp, 2);
	forget(tcp, 2);
}

/* Checks which bucket waits for which endpoint, as "status" sees it; NULL: none waits. */
static void check_awaited(unsigned int bucket, const struct instance *in)
{
	struct pmr_status status;

	assert_int_equal(pmr_status_read(&status, "default", &error), 0);
	assert_string_equal(status.missing, in ? name_of(in) : "");
	if (in)
		assert_int_equal(status.awaited, bucket);
	pmr_status_free(&status);
}

static void test_what_waits_names_the_endpoint(void **state)
{
	struct instance udp[4], tcp[4];
	struct pmr_resized result;

	NEEDS_SANDBOX();
	for (unsigned int b = 0; b < 2; b++) {
		join(&udp[b], AF_INET, SOCK_DGRAM, 2, b);
		join(&tcp[b], AF_INET, SOCK_STREAM, 2, b);
	}
	check_awaited(0, NULL);
	assert_int_equal(pmreuseport_awaited(udp[1].member, &error), 0);
	resize(4, 2);

	join(&udp[2], AF_INET, SOCK_DGRAM, 4, 2);
	join(&udp[3], AF_INET, SOCK_DGRAM, 4, 3);
	join(&tcp[3], AF_INET, SOCK_STREAM, 4, 3);
	assert_int_equal(pmr_resize("default", 4, &result, &error), 0);
	assert_string_equal(result.missing, name_of(&tcp[0]));
	check_awaited(2, &tcp[0]);
	assert_int_equal(pmreuseport_awaited(udp[1].member, &error), 0);
	assert_int_equal(pmreuseport_awaited(udp[2].member, &error), 1);
	assert_true(
		says("hash bucket 2 of cluster \"default\" gets no exporters until it is live"));
	assert_true(says(name_of(&tcp[0])));
	assert_int_equal(pmreuseport_awaited(tcp[3].member, &error), 1);
	assert_true(says("hash bucket 3 of cluster \"default\" gets no exporters until hash bucket "
			 "2 is live"));
	assert_true(says(name_of(&tcp[0])));

	join(&tcp[2], AF_INET, SOCK_STREAM, 4, 2);
	check_awaited(0, NULL);
	for (unsigned int b = 2; b < 4; b++)
		assert_int_equal(pmreuseport_awaited(udp[b].member, &error), 0);
	assert_int_equal(pmr_resize("default", 4, &result, &error), 0);
	assert_string_equal(result.missing, "");
	forget(udp, 4);
	forget(tcp, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_growth_does_not_wait_for_a_private_endpoint),
		IN_SANDBOX(test_growth_from_one_bucket),
		IN_SANDBOX(test_a_bucket_with_a_private_endpoint_can_be_removed),
		IN_SANDBOX(test_a_bucket_with_a_private_endpoint_can_be_drained),
		IN_SANDBOX(test_drop_does_not_refuse_sessions_of_a_private_endpoint),
		IN_SANDBOX(test_an_endpoint_becomes_shared),
		IN_SANDBOX(test_the_shared_endpoint_is_forgotten),
		IN_SANDBOX(test_status_tells_private_endpoints),
		IN_SANDBOX(test_what_waits_names_the_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
