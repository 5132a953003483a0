// SPDX-License-Identifier: GPL-2.0-or-later
/* Pins, drained buckets and counters of exporters: what the kernel does, and what is foretold. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "instances.h"
#include "pin_maps.h"
#include "pins.h"

static struct pmr_pin pin_of(const char *prefix, unsigned int length, unsigned int bucket)
{
	struct pmr_pin pin = {.length = length, .bucket = bucket};
	struct in6_addr addr;

	if (inet_pton(AF_INET, prefix, &addr) == 1)
		pin.source = pmr_source_of(AF_INET, &addr);
	else if (inet_pton(AF_INET6, prefix, &addr) == 1)
		pin.source = pmr_source_of(AF_INET6, &addr);
	else
		fail_msg("%s", prefix);
	return pin;
}

#define CHANGE(how, ...)                                                           \
	({                                                                         \
		struct pmr_pin list_[] = {__VA_ARGS__};                            \
		struct pmr_pins pins_ = {list_, sizeof(list_) / sizeof(list_[0])}; \
		pmr_pins_change("default", how, &pins_, &error);                   \
	})

/* What is in a map of the cluster, for all sets. */
static size_t entries(const char *map)
{
	char path[PMR_PATH_MAX], key[64], next[64];
	const void *last = NULL;
	size_t n = 0;
	int fd;

	snprintf(path, sizeof(path), CLUSTER_PATH "/%s", map);
	fd = bpf_obj_get(path);
	assert_true(fd >= 0);
	for (; !bpf_map_get_next_key(fd, last, next); n++)
		last = memcpy(key, next, sizeof(key));
	close(fd);
	return n;
}

static size_t pins_now(void)
{
	struct pmr_pins pins;

	assert_int_equal(pmr_pins_of("default", &pins, &error), 0);
	free(pins.list);
	return pins.n;
}

/* Every source reaches the bucket that is foretold. Returns how many are pinned. */
static unsigned int check_places(const struct instance *in, unsigned int n, int family, int type)
{
	struct pmr_view *view = look(in);
	unsigned int pinned = 0, got;
	struct pmr_place place;
	int fd;

	for (unsigned int i = 0; i < SOURCES; i++) {
		place = place_in(view, i, family);
		fd = send_from(i, family, type);
		got = who_got_it(in, n, type);
		assert_int_equal(got, place.bucket);
		pinned += place.decision == PMR_PINNED;
		close(fd);
	}
	view_free(view);
	return pinned;
}

static __u64 decisions(const struct instance *in, enum pmr_decision decision)
{
	return counted_by(in).decisions[decision];
}

/* The address of a source as text. */
static const char *address(unsigned int i, int family)
{
	static char text[INET6_ADDRSTRLEN];
	struct sockaddr_storage addr;

	source(i, family, &addr);
	return inet_ntop(family,
			 family == AF_INET ? (void *)&((struct sockaddr_in *)&addr)->sin_addr
					   : (void *)&((struct sockaddr_in6 *)&addr)->sin6_addr,
			 text, sizeof(text));
}

static struct pmr_place place_of(const struct instance *in, unsigned int i, int family)
{
	struct pmr_view *view = look(in);
	struct pmr_place place = place_in(view, i, family);

	view_free(view);
	return place;
}

static void join_all(struct instance *in, unsigned int n, int type)
{
	for (unsigned int b = 0; b < n; b++)
		join(&in[b], AF_INET6, type, n, b);
}

/* UDP, with reuseport_fallback: drop. */
static void join_dropping(struct instance *in, unsigned int n)
{
	struct pmreuseport_config config = config_of(n, 0);

	config.fallback = PMREUSEPORT_DROP;
	for (; config.index < n; config.index++) {
		in[config.index].fd = open_socket(AF_INET6, SOCK_DGRAM);
		assert_int_equal(pmreuseport_join(in[config.index].fd, &config,
						  &in[config.index].member, &error),
				 0);
	}
}

static void test_the_longest_prefix_wins(void **state)
{
	struct instance udp[4], tcp[4];

	NEEDS_SANDBOX();
	join_all(udp, 4, SOCK_DGRAM);
	join_all(tcp, 4, SOCK_STREAM);
	assert_int_equal(check_places(udp, 4, AF_INET, SOCK_DGRAM), 0);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of("127.0.0.0", 8, 3),
				pin_of(address(7, AF_INET), 32, 1), pin_of("::", 0, 2),
				pin_of(address(9, AF_INET6), 128, 0)),
			 0);
	assert_int_equal(check_places(udp, 4, AF_INET, SOCK_DGRAM), SOURCES);
	assert_int_equal(check_places(udp, 4, AF_INET6, SOCK_DGRAM), SOURCES);
	assert_int_equal(decisions(udp, PMR_PINNED), 2 * SOURCES);
	assert_int_equal(check_places(tcp, 4, AF_INET, SOCK_STREAM), SOURCES);
	assert_int_equal(place_of(udp, 6, AF_INET).bucket, 3);
	assert_int_equal(place_of(udp, 7, AF_INET).bucket, 1);
	assert_int_equal(place_of(udp, 8, AF_INET6).bucket, 2);
	assert_int_equal(place_of(udp, 9, AF_INET6).bucket, 0);

	/* ::/0 alone is for IPv6. */
	assert_int_equal(CHANGE(PMR_PINS_REPLACE, pin_of("::", 0, 2)), 0);
	assert_int_equal(check_places(udp, 4, AF_INET, SOCK_DGRAM), 0);
	assert_int_equal(check_places(udp, 4, AF_INET6, SOCK_DGRAM), SOURCES);
	forget(udp, 4);
	forget(tcp, 4);
}

/* They are where they were without the pin, but for those that were in the dead bucket. */
static void test_a_dead_bucket_that_is_pinned_to(void **state)
{
	unsigned int before[SOURCES];
	struct instance in[4];
	struct pmr_view *view;

	NEEDS_SANDBOX();
	join_all(in, 4, SOCK_DGRAM);
	view = look(in);
	for (unsigned int i = 0; i < SOURCES; i++)
		before[i] = place_in(view, i, AF_INET).bucket;
	view_free(view);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of("127.0.0.0", 8, 2)), 0);
	close(in[2].fd);
	in[2].fd = -1;
	assert_int_equal(check_places(in, 4, AF_INET, SOCK_DGRAM), 0);
	assert_int_equal(decisions(in, PMR_FAILOVER), SOURCES);
	view = look(in);
	for (unsigned int i = 0; i < SOURCES; i++)
		if (before[i] != 2)
			assert_int_equal(place_in(view, i, AF_INET).bucket, before[i]);
	view_free(view);
	forget(in, 4);
}

static void test_a_dead_bucket_that_is_pinned_to_may_drop(void **state)
{
	struct instance in[2];

	NEEDS_SANDBOX();
	join_dropping(in, 2);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of("127.0.0.0", 8, 1)), 0);
	close(in[1].fd);
	in[1].fd = -1;
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(place_of(in, i, AF_INET).decision, PMR_DROPPED);
		close(send_from(i, AF_INET, SOCK_DGRAM));
	}
	assert_int_equal(decisions(in, PMR_DROPPED), 20);
	forget(in, 2);
}

static void test_a_pin_to_a_bucket_that_is_no_more(void **state)
{
	struct pmr_resized resized;
	struct instance in[4];

	NEEDS_SANDBOX();
	join_all(in, 4, SOCK_DGRAM);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of("127.0.0.0", 8, 3)), 0);
	assert_int_equal(pmr_resize("default", 3, &resized, &error), 0);
	assert_int_equal(check_places(in, 3, AF_INET, SOCK_DGRAM), 0);
	assert_int_equal(decisions(in, PMR_PRIMARY), SOURCES);
	assert_int_equal(place_of(in, 0, AF_INET).decision, PMR_PRIMARY);
	assert_int_equal(pins_now(), 1);
	forget(in, 4);
}

/* The bits of the filter that are set. */
static unsigned int filtered(void)
{
	struct pmr_pin_filter filter;
	int fd = bpf_obj_get(CLUSTER_PATH "/pin_filter");
	unsigned int n = 0;
	__u32 zero = 0;

	assert_int_equal(bpf_map_lookup_elem(fd, &zero, &filter), 0);
	close(fd);
	for (size_t i = 0; i < sizeof(filter.bits); i++)
		n += __builtin_popcount(filter.bits[i]);
	return n;
}

static void test_changes_of_pins(void **state)
{
	/* The second set, of three pins. */
	struct pmr_pin_key left = {.prefixlen = PMR_PIN_KEY_BITS + 8,
				   .set = 2 * PMR_PINS_NEXT_SET + PMR_PINS_NETWORKS + 3};
	struct pmr_pin *many = calloc(PMR_MAX_PINS + 1, sizeof(*many));
	struct pmr_pins all = {many, PMR_MAX_PINS + 1};
	const char *one = "198.51.100.7";
	struct instance in;
	__u32 bucket = 0;
	int fd;

	NEEDS_SANDBOX();
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of(one, 32, 0)), -ENOENT);
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of(one, 32, 1)), -EINVAL);
	assert_true(says("no hash bucket 1 to pin 198.51.100.7/32 to"));
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of(one, 32, 0), pin_of(one, 32, 0)), -EINVAL);
	assert_true(says("198.51.100.7/32 is given twice"));
	assert_int_equal(pins_now(), 0);

	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of(one, 32, 0), pin_of("::1", 128, 0)), 0);
	/* A process was killed while it wrote the next set. */
	fd = bpf_obj_get(CLUSTER_PATH "/pins");
	assert_int_equal(bpf_map_update_elem(fd, &left, &bucket, BPF_ANY), 0);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of(one, 32, 0), pin_of(one, 24, 0)), 0);
	assert_int_equal(pins_now(), 3);
	assert_int_equal(entries("pins"), 3);
	assert_int_equal(filtered(), 2); /* the addresses */
	close(fd);

	assert_int_equal(CHANGE(PMR_PINS_REMOVE, pin_of(one, 32, 0), pin_of("::2", 128, 0)),
			 -ENOENT);
	assert_true(says("::2/128 is not pinned"));
	assert_int_equal(pins_now(), 3);
	assert_int_equal(CHANGE(PMR_PINS_REMOVE, pin_of(one, 32, 9)), 0);
	assert_int_equal(pins_now(), 2);

	/* Some are set and others removed, whether they are there or not. */
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of(one, 24, PMR_UNPINNED),
				pin_of(one, 16, PMR_UNPINNED), pin_of(one, 8, 0),
				pin_of(one, 4, 0)),
			 0);
	assert_int_equal(pins_now(), 3);
	assert_int_equal(CHANGE(PMR_PINS_REPLACE, pin_of(one, 8, PMR_UNPINNED)), -EINVAL);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of(one, 8, PMR_UNPINNED - 1)), -EINVAL);
	assert_int_equal(pins_now(), 3);

	for (__u32 i = 0; i <= PMR_MAX_PINS; i++) {
		many[i].length = 32;
		many[i].source.addr[0] = htonl(0x0a000000 + i);
	}
	assert_int_equal(pmr_pins_change("default", PMR_PINS_REPLACE, &all, &error), -EINVAL);
	assert_true(says("16385 pins are too many"));
	all.n--;
	assert_int_equal(pmr_pins_change("default", PMR_PINS_REPLACE, &all, &error), 0);
	/* The whole table, twice over for a moment. */
	assert_int_equal(pmr_pins_change("default", PMR_PINS_REPLACE, &all, &error), 0);
	assert_int_equal(pins_now(), PMR_MAX_PINS);
	assert_in_range(filtered(), 0.9 * PMR_MAX_PINS, PMR_MAX_PINS);
	all.n = 0;
	assert_int_equal(pmr_pins_change("default", PMR_PINS_REPLACE, &all, &error), 0);
	assert_int_equal(filtered(), 0);
	assert_int_equal(pins_now(), 0);
	free(many);
	forget(&in, 1);
}

/* A reader never takes some of the pins for all of them. */
static void test_pins_of_which_some_are_missing(void **state)
{
	struct pmr_pin_key key = {.prefixlen = PMR_PIN_KEY_BITS + 32};
	struct pmr_cluster cluster;
	struct pmr_pins pins;
	struct instance in;
	int fd;

	NEEDS_SANDBOX();
	pmr_cluster_name(&cluster, "default");
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_int_equal(pmr_pins_count(&cluster), 0);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of("192.0.2.1", 32, 0), pin_of("::", 0, 0)), 0);
	assert_int_equal(pmr_pins_count(&cluster), 2);
	key.set = pmr_cluster_number(&cluster, "pin_set");
	key.source = pin_of("192.0.2.1", 32, 0).source;
	fd = bpf_obj_get(CLUSTER_PATH "/pins");
	assert_int_equal(bpf_map_delete_elem(fd, &key), 0);
	close(fd);
	assert_int_equal(pmr_pins_in(&cluster, &pins, &error), -EAGAIN);
	assert_true(says("check whether another process changes"));
	assert_null(pins.list);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of("192.0.2.1", 32, 0)), -EAGAIN);
	assert_int_equal(CHANGE(PMR_PINS_REPLACE, pin_of("192.0.2.1", 32, 0)), 0);
	assert_int_equal(pins_now(), 1);
	forget(&in, 1);
}

static atomic_bool stop;
static atomic_int bad_changes;

/* The exporters of the test are in both sets, and in the same bucket. */
static void *change_again_and_again(void *unused)
{
	struct pmreuseport_error why;
	struct pmr_pin both = pin_of("127.0.0.0", 8, 1), other = pin_of("10.0.0.0", 8, 0);

	(void)unused;
	for (unsigned int i = 0; !stop; i++) {
		struct pmr_pin list[] = {both, other};
		struct pmr_pins pins = {list, 1 + i % 2};

		bad_changes += !!pmr_pins_change("default", PMR_PINS_REPLACE, &pins, &why);
	}
	return NULL;
}

static void test_nobody_sees_half_a_change(void **state)
{
	struct pmr_cluster cluster;
	struct instance in[4];
	struct pmr_pins pins;
	pthread_t changer;

	NEEDS_SANDBOX();
	/* Readers take no lock either. */
	pmr_cluster_name(&cluster, "default");
	join_all(in, 4, SOCK_DGRAM);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of("127.0.0.0", 8, 1)), 0);
	stop = false;
	assert_int_equal(pthread_create(&changer, NULL, change_again_and_again, NULL), 0);
	for (unsigned int i = 0; i < 10 * SOURCES; i++) {
		close(send_from(i % SOURCES, AF_INET, SOCK_DGRAM));
		assert_int_equal(who_got_it(in, 4, SOCK_DGRAM), 1);
		if (i % 20)
			continue;
		assert_int_equal(pmr_pins_in(&cluster, &pins, &error), 0);
		assert_in_range(pins.n, 1, 2);
		free(pins.list);
	}
	stop = true;
	pthread_join(changer, NULL);
	assert_int_equal(bad_changes, 0);
	forget(in, 4);
}

static void test_drain(void **state)
{
	struct instance in[3];
	struct pmr_view *view;
	bool changed;

	NEEDS_SANDBOX();
	assert_int_equal(pmr_drain("default", 0, true, &changed, &error), -ENOENT);
	join_all(in, 3, SOCK_DGRAM);
	assert_int_equal(pmr_drain("default", 3, true, &changed, &error), -EINVAL);
	assert_int_equal(pmr_drain("default", 1, true, &changed, &error), 0);
	assert_true(changed);
	assert_int_equal(pmr_drain("default", 1, true, &changed, &error), 0);
	assert_false(changed);
	check_places(in, 3, AF_INET, SOCK_DGRAM);
	view = look(in);
	for (unsigned int i = 0; i < SOURCES; i++)
		assert_int_not_equal(place_in(view, i, AF_INET).bucket, 1);
	view_free(view);
	assert_true(held(in[1].member));

	/* A pin does not help. */
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of("127.0.0.0", 8, 1)), 0);
	assert_int_equal(check_places(in, 3, AF_INET, SOCK_DGRAM), 0);

	assert_int_equal(pmr_drain("default", 0, true, &changed, &error), 0);
	assert_int_equal(pmr_drain("default", 2, true, &changed, &error), -EBUSY);
	assert_true(says("without hash bucket 2 nobody would take"));
	check_places(in, 3, AF_INET6, SOCK_DGRAM);
	assert_int_equal(pmr_drain("default", 1, false, &changed, &error), 0);
	assert_true(changed);
	assert_int_equal(check_places(in, 3, AF_INET, SOCK_DGRAM), SOURCES);
	forget(in, 3);
}

static void test_a_drained_bucket_drops_nothing(void **state)
{
	struct instance in[2];
	bool changed;

	NEEDS_SANDBOX();
	join_dropping(in, 2);
	assert_int_equal(pmr_drain("default", 1, true, &changed, &error), 0);
	check_places(in, 2, AF_INET, SOCK_DGRAM);
	assert_int_equal(decisions(in, PMR_DROPPED), 0);
	assert_true(decisions(in, PMR_FAILOVER) > SOURCES / 4);
	forget(in, 2);
}

/* Its exporters are where they would be without the pin: here, nowhere. */
static void test_a_drained_bucket_that_is_pinned_to_may_drop(void **state)
{
	unsigned int dropped = 0, foretold = 0;
	struct instance in[3];
	bool changed;

	NEEDS_SANDBOX();
	join_dropping(in, 3);
	close(in[2].fd);
	in[2].fd = -1;
	for (unsigned int i = 0; i < SOURCES; i++)
		dropped += place_of(in, i, AF_INET).decision == PMR_DROPPED;
	assert_in_range(dropped, SOURCES / 5, SOURCES / 2);
	assert_int_equal(CHANGE(PMR_PINS_ADD, pin_of("127.0.0.0", 8, 1)), 0);
	assert_int_equal(pmr_drain("default", 1, true, &changed, &error), 0);
	for (unsigned int i = 0; i < SOURCES; i++) {
		foretold += place_of(in, i, AF_INET).decision == PMR_DROPPED;
		close(send_from(i, AF_INET, SOCK_DGRAM));
	}
	assert_int_equal(foretold, dropped);
	assert_int_equal(decisions(in, PMR_DROPPED), dropped);
	forget(in, 3);
}

static void test_how_draining_ends(void **state)
{
	struct pmr_resized resized;
	struct pmr_status status;
	struct instance in[3];
	bool changed;

	NEEDS_SANDBOX();
	join_all(in, 3, SOCK_DGRAM);
	assert_int_equal(pmr_drain("default", 0, true, &changed, &error), 0);
	assert_int_equal(pmr_drain("default", 2, true, &changed, &error), 0);
	assert_int_equal(pmr_resize("default", 1, &resized, &error), -ENOENT);
	assert_int_equal(pmr_resize("default", 2, &resized, &error), 0);
	assert_int_equal(pmr_resize("default", 3, &resized, &error), 0);
	assert_int_equal(pmr_status_read(&status, "default", &error), 0);
	assert_true(pmr_is_drained(&status.drained, 0));
	assert_false(pmr_is_drained(&status.drained, 2));
	pmr_status_free(&status);

	/* All stop, and start again. */
	forget(in, 3);
	join_all(in, 3, SOCK_DGRAM);
	assert_int_equal(pmr_status_read(&status, "default", &error), 0);
	assert_false(pmr_is_drained(&status.drained, 0));
	pmr_status_free(&status);
	forget(in, 3);
}

static void test_the_bits_of_drained_buckets(void **state)
{
	struct instance in[PMR_MAX_BUCKETS];
	struct pmr_status status;
	bool changed;

	NEEDS_SANDBOX();
	join_all(in, PMR_MAX_BUCKETS, SOCK_DGRAM);
	for (unsigned int b = 0; b < PMR_MAX_BUCKETS; b += 21)
		assert_int_equal(pmr_drain("default", b, true, &changed, &error), 0);
	assert_int_equal(pmr_status_read(&status, "default", &error), 0);
	for (unsigned int b = 0; b < PMR_MAX_BUCKETS; b++)
		assert_int_equal(pmr_is_drained(&status.drained, b), b % 21 == 0);
	pmr_status_free(&status);
	check_places(in, PMR_MAX_BUCKETS, AF_INET, SOCK_DGRAM);
	forget(in, PMR_MAX_BUCKETS);
}

static int account(struct pmr_exporter **list, size_t *n)
{
	struct pmr_accounts accounts;
	int err = pmr_account_read("default", &accounts, &error);

	assert_int_equal(accounts.uncounted.packets, 0);
	*list = accounts.list;
	*n = accounts.n;
	return err;
}

static void test_account(void **state)
{
	const struct pmr_source late = {.addr = {htonl(0xc6336407)}};
	struct pmr_exporter *list;
	struct pmr_view *view;
	struct instance in[2];
	int fd;
	unsigned int v6 = 0;
	bool changed;
	size_t n;

	NEEDS_SANDBOX();
	join_all(in, 2, SOCK_DGRAM);
	assert_int_equal(account(&list, &n), -EAGAIN);
	assert_true(says("pmreuseport account on"));
	check_places(in, 2, AF_INET, SOCK_DGRAM);
	assert_int_equal(entries("exporters"), 0);
	assert_int_equal(pmr_account_switch("default", true, &changed, &error), 0);
	assert_true(changed);
	assert_int_equal(account(&list, &n), 0);
	assert_int_equal(n, 0);
	free(list);
	check_places(in, 2, AF_INET, SOCK_DGRAM);
	for (int i = 0; i < 3; i++)
		check_places(in, 2, AF_INET6, SOCK_DGRAM);
	assert_int_equal(pmr_account_switch("default", true, &changed, &error), 0);
	assert_false(changed);
	assert_int_equal(account(&list, &n), 0);
	assert_int_equal(n, 2 * SOURCES);
	view = look(in);
	for (size_t i = 0; i < n; i++) {
		const struct pmr_exporter *e = &list[i];
		const __u64 packets = e->source.ipv6 ? 3 : 1;
		struct pmr_place place;

		v6 += e->source.ipv6;
		assert_int_equal(e->account.traffic.packets, packets);
		assert_int_equal(e->account.traffic.bytes, packets * (8 + sizeof(unsigned int)));
		place = pmr_view_place(view, e->source.ipv6 ? AF_INET6 : AF_INET, e->source.addr);
		assert_int_equal(e->account.bucket, place.bucket);
	}
	view_free(view);
	assert_int_equal(v6, SOURCES);
	free(list);
	assert_int_equal(pmr_account_switch("default", false, &changed, &error), 0);
	assert_true(changed);
	assert_int_equal(account(&list, &n), -EAGAIN);
	assert_int_equal(entries("exporters"), 0);
	/* A CPU that was at it while it was switched off may leave one behind. */
	fd = bpf_obj_get(CLUSTER_PATH "/exporters");
	assert_int_equal(bpf_map_update_elem(fd, &late, &(struct pmr_account){0}, BPF_ANY), 0);
	close(fd);
	assert_int_equal(pmr_account_switch("default", true, &changed, &error), 0);
	assert_int_equal(account(&list, &n), 0);
	assert_int_equal(n, 0);
	free(list);
	forget(in, 2);
}

/* As full as it can be, it makes room for others, is read and is emptied. */
static void test_account_of_as_many_as_there_is_room_for(void **state)
{
	struct pmr_source *keys = calloc(PMR_MAX_EXPORTERS, sizeof(*keys));
	struct pmr_account *values = calloc(PMR_MAX_EXPORTERS, sizeof(*values));
	__u32 filled = PMR_MAX_EXPORTERS;
	const int cpus = libbpf_num_possible_cpus();
	struct pmr_exporter *list;
	unsigned int packets = 0;
	struct instance in;
	bool changed;
	size_t n;
	int fd;

	NEEDS_SANDBOX();
	join(&in, AF_INET6, SOCK_DGRAM, 1, 0);
	assert_int_equal(pmr_account_switch("default", true, &changed, &error), 0);
	for (__u32 i = 0; i < PMR_MAX_EXPORTERS; i++)
		keys[i].addr[0] = htonl(0x0a000000 + i);
	fd = bpf_obj_get(CLUSTER_PATH "/exporters");
	assert_int_equal(bpf_map_update_batch(fd, keys, values, &filled, NULL), 0);
	check_places(&in, 1, AF_INET, SOCK_DGRAM);
	assert_int_equal(account(&list, &n), 0);
	/* The kernel keeps up to 128 free entries for each CPU. */
	assert_in_range(n, PMR_MAX_EXPORTERS - 128 * cpus, PMR_MAX_EXPORTERS);
	for (size_t i = 0; i < n; i++)
		packets += list[i].account.traffic.packets;
	assert_int_equal(packets, SOURCES);
	free(list);
	assert_int_equal(pmr_account_switch("default", false, &changed, &error), 0);
	assert_int_equal(bpf_map_get_next_key(fd, NULL, keys), -ENOENT);
	close(fd);
	free(keys);
	free(values);
	forget(&in, 1);
}

/* Without a budget, one packet of some is counted, as so many, and none is added. */
static void test_account_in_a_flood(void **state)
{
	const int cpus = libbpf_num_possible_cpus();
	struct pmr_budget *spent = calloc(cpus, sizeof(*spent));
	const __u64 never = 1ull << 62;
	struct pmr_accounts accounts;
	struct instance in[2];
	__u32 zero = 0;
	bool changed;
	int fd;

	NEEDS_SANDBOX();
	join_all(in, 2, SOCK_DGRAM);
	assert_int_equal(pmr_account_switch("default", true, &changed, &error), 0);
	check_places(in, 2, AF_INET, SOCK_DGRAM);
	for (int cpu = 0; cpu < cpus; cpu++)
		spent[cpu] = (struct pmr_budget){.due_ns = never, .spent_ns = never};
	fd = bpf_obj_get(CLUSTER_PATH "/budget");
	assert_int_equal(bpf_map_update_elem(fd, &zero, spent, BPF_ANY), 0);
	for (int i = 0; i < 20; i++)
		check_places(in, 2, AF_INET6, SOCK_DGRAM);
	assert_int_equal(pmr_account_read("default", &accounts, &error), 0);
	assert_int_equal(accounts.n, SOURCES);
	assert_int_equal(accounts.uncounted.packets % PMR_SAMPLED, 0);
	assert_in_range(accounts.uncounted.packets, 20 * SOURCES / 2, 20 * SOURCES * 2);
	assert_int_equal(accounts.uncounted.bytes,
			 accounts.uncounted.packets * (8 + sizeof(unsigned int)));
	free(accounts.list);
	/* A budget again: after a while each packet is counted. */
	for (int cpu = 0; cpu < cpus; cpu++)
		spent[cpu] = (struct pmr_budget){.spent_ns = 1};
	assert_int_equal(bpf_map_update_elem(fd, &zero, spent, BPF_ANY), 0);
	for (int i = 0; i < 20; i++)
		check_places(in, 2, AF_INET6, SOCK_DGRAM);
	assert_int_equal(pmr_account_read("default", &accounts, &error), 0);
	assert_int_equal(accounts.n, 2 * SOURCES);
	assert_int_equal(accounts.uncounted.packets, 0);
	free(accounts.list);
	close(fd);
	free(spent);
	forget(in, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_the_longest_prefix_wins),
		IN_SANDBOX(test_a_dead_bucket_that_is_pinned_to),
		IN_SANDBOX(test_a_dead_bucket_that_is_pinned_to_may_drop),
		IN_SANDBOX(test_a_pin_to_a_bucket_that_is_no_more),
		IN_SANDBOX(test_changes_of_pins),
		IN_SANDBOX(test_pins_of_which_some_are_missing),
		IN_SANDBOX(test_nobody_sees_half_a_change),
		IN_SANDBOX(test_drain),
		IN_SANDBOX(test_a_drained_bucket_drops_nothing),
		IN_SANDBOX(test_a_drained_bucket_that_is_pinned_to_may_drop),
		IN_SANDBOX(test_how_draining_ends),
		IN_SANDBOX(test_the_bits_of_drained_buckets),
		IN_SANDBOX(test_account),
		IN_SANDBOX(test_account_of_as_many_as_there_is_room_for),
		IN_SANDBOX(test_account_in_a_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
