// SPDX-License-Identifier: GPL-2.0-or-later
/* What was sent per second, from two readings of counters that may begin anew in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/cluster_status.h"
#include "view/rates.h"

void sockets_read(struct bucket_socket (*sockets)[PMR_MAX_BUCKETS], const struct pmr_status *status,
		  const char *cluster, struct pmreuseport_error *error)
{
	(void)sockets, (void)status, (void)cluster, (void)error;
}

/* Of one endpoint. */
struct screen {
	struct cluster_status shown;
	struct pmr_endpoint_status endpoint;
	double rates[1][PMR_MAX_BUCKETS];
};

static void fill(struct screen *screen, const char *cluster, __u64 first, __u64 second)
{
	memset(screen, 0, sizeof(*screen));
	snprintf(screen->shown.cluster, sizeof(screen->shown.cluster), "%s", cluster);
	snprintf(screen->endpoint.name, sizeof(screen->endpoint.name), "udp-2055-any-net1");
	screen->endpoint.bucket[0].traffic.packets = first;
	screen->endpoint.bucket[1].traffic.packets = second;
	screen->shown.status.endpoints = &screen->endpoint;
	screen->shown.status.n = 1;
	screen->shown.rates = screen->rates;
}

static void test_rates_of_buckets(void **state)
{
	static struct screen before, now;

	(void)state;
	fill(&before, "default", 1000, 10);
	fill(&now, "default", 1500, 10);
	cluster_status_set_rates(&now.shown, &before.shown, 2);
	assert_true(now.shown.has_rates);
	assert_true(now.rates[0][0] == 250 && now.rates[0][1] == 0);

	fill(&now, "other", 1500, 10);
	cluster_status_set_rates(&now.shown, &before.shown, 2);
	assert_false(now.shown.has_rates);
}

static void test_rates_of_a_cluster_made_anew(void **state)
{
	static struct screen before, now;

	(void)state;
	fill(&before, "default", 1000, 10);
	fill(&now, "default", 6, 0);
	cluster_status_set_rates(&now.shown, &before.shown, 2);
	assert_true(now.rates[0][0] == 3 && now.rates[0][1] == 0);
}

static struct pmr_exporter exporter(__u32 address, __u64 packets)
{
	return (struct pmr_exporter){
		.source = {.addr = {address}},
		.account = {.traffic = {packets, 100 * packets}, .bucket = address},
	};
}

static void test_rates_of_exporters(void **state)
{
	struct pmr_exporter old[] = {exporter(1, 50), exporter(3, 7), exporter(4, 900)};
	struct pmr_exporter new[] = {exporter(1, 70), exporter(2, 4), exporter(3, 7),
				     exporter(4, 8)};
	const struct rates_reading before = {{old, 3, 4, {100, 0}}, 1000000000},
				   now = {{new, 4, 5, {100, 0}}, 3000000000};
	/* The second is new, the last has begun from zero again. */
	const double wanted[] = {10, 2, 0, 4};
	struct pmreuseport_error error;
	struct rates rates;
	struct rate *list;

	(void)state;
	assert_int_equal(rates_between(&before, &now, &rates, &error), 0);
	list = rates.list;
	assert_int_equal(rates.n, 4);
	assert_true(!rates.full && rates.uncounted == 0);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(list[i].source.addr[0], i + 1);
		assert_int_equal(list[i].bucket, i + 1);
		assert_true(list[i].packets == wanted[i] && list[i].bytes == 100 * wanted[i]);
	}
	free(list);
}

static void test_more_exporters_than_can_be_counted(void **state)
{
	const struct rates_reading before = {{NULL, 0, 7, {100, 0}}, 1000000000};
	/* One more was added and deleted; two packets were not counted; all began anew. */
	const struct rates_reading now[] = {
		{{NULL, 0, 8, {100, 0}}, 2000000000},
		{{NULL, 0, 7, {102, 0}}, 2000000000},
		{{NULL, 0, 0, {3, 0}}, 2000000000},
	};
	const double wanted[] = {0, 2, 3};
	struct pmreuseport_error error;
	struct rates rates;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(rates_between(&before, &now[i], &rates, &error), 0);
		assert_true(rates.full && rates.uncounted == wanted[i]);
		free(rates.list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates_of_buckets),
		cmocka_unit_test(test_rates_of_a_cluster_made_anew),
		cmocka_unit_test(test_rates_of_exporters),
		cmocka_unit_test(test_more_exporters_than_can_be_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
