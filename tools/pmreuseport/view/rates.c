/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/rates.h"

#include "common/pacer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int by_address(const void *left, const void *right)
{
	const struct pmr_exporter *a = left, *b = right;

	return memcmp(&a->source, &b->source, sizeof(a->source));
}

int rates_read(struct rates_reading *reading, const char *cluster, struct pmreuseport_error *error)
{
	int err;

	*reading = (struct rates_reading){0};
	err = pmr_account_read(cluster, &reading->counted, error);
	reading->at_ns = clock_ns();
	if (reading->counted.n)
		qsort(reading->counted.list, reading->counted.n, sizeof(*reading->counted.list),
		      by_address);
	return err;
}

void rates_reading_free(struct rates_reading *reading)
{
	free(reading->counted.list);
	*reading = (struct rates_reading){0};
}

/* Accounting may have been switched off and on between the two. */
static struct pmr_traffic since(const struct pmr_traffic *before, const struct pmr_traffic *now)
{
	struct pmr_traffic traffic = *now;

	if (before && before->packets <= now->packets && before->bytes <= now->bytes) {
		traffic.packets -= before->packets;
		traffic.bytes -= before->bytes;
	}
	return traffic;
}

/* How many were added to the map and are not there any more. */
static uint64_t deleted(const struct pmr_accounts *counted)
{
	return counted->added > counted->n ? counted->added - counted->n : 0;
}

int rates_between(const struct rates_reading *before, const struct rates_reading *now,
		  struct rates *rates, struct pmreuseport_error *error)
{
	const struct pmr_accounts *then = &before->counted, *counted = &now->counted;
	const double seconds = (now->at_ns - before->at_ns) / 1e9;
	struct pmr_traffic traffic;
	size_t i;

	*rates = (struct rates){.n = counted->n};
	rates->list = calloc(counted->n + 1, sizeof(*rates->list));
	if (!rates->list)
		return pmr_error(error, -ENOMEM, "out of memory for %zu exporters",
				 "add memory, or raise the memory limit", counted->n);
	for (i = 0; i < counted->n; i++) {
		const struct pmr_exporter *e = &counted->list[i], *old = NULL;

		if (then->n)
			old = bsearch(e, then->list, then->n, sizeof(*e), by_address);
		traffic = since(old ? &old->account.traffic : NULL, &e->account.traffic);
		rates->list[i] = (struct rate){
			.source = e->source,
			.bucket = e->account.bucket,
			.packets = traffic.packets / seconds,
			.bytes = traffic.bytes / seconds,
		};
	}
	traffic = since(&then->uncounted, &counted->uncounted);
	rates->uncounted = traffic.packets / seconds;
	rates->full = traffic.packets || deleted(counted) > deleted(then);
	return 0;
}

int rates_measure(const char *cluster, unsigned int seconds, struct rates *rates,
		  struct pmreuseport_error *error)
{
	struct rates_reading before, now = {0};
	int err;

	*rates = (struct rates){0};
	err = rates_read(&before, cluster, error);
	if (!err) {
		sleep(seconds);
		err = rates_read(&now, cluster, error);
	}
	if (!err)
		err = rates_between(&before, &now, rates, error);
	rates_reading_free(&before);
	rates_reading_free(&now);
	return err;
}
