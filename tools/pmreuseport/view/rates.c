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
	err = pmr_account_read(cluster, &reading->list, &reading->n, error);
	reading->at_ns = clock_ns();
	if (reading->n)
		qsort(reading->list, reading->n, sizeof(*reading->list), by_address);
	return err;
}

void rates_reading_free(struct rates_reading *reading)
{
	free(reading->list);
	*reading = (struct rates_reading){0};
}

int rates_between(const struct rates_reading *before, const struct rates_reading *now,
		  struct rate **list, struct pmreuseport_error *error)
{
	const double seconds = (now->at_ns - before->at_ns) / 1e9;
	size_t i;

	*list = calloc(now->n + 1, sizeof(**list));
	if (!*list)
		return pmr_error(error, -ENOMEM, "out of memory for %zu exporters",
				 "add memory, or raise the memory limit", now->n);
	for (i = 0; i < now->n; i++) {
		const struct pmr_exporter *e = &now->list[i], *old = NULL;
		struct pmr_traffic base = {0};

		if (before->n)
			old = bsearch(e, before->list, before->n, sizeof(*e), by_address);
		/* Accounting may have been switched off and on between the two. */
		if (old && old->account.traffic.packets <= e->account.traffic.packets &&
		    old->account.traffic.bytes <= e->account.traffic.bytes)
			base = old->account.traffic;
		(*list)[i] = (struct rate){
			.source = e->source,
			.bucket = e->account.bucket,
			.packets = (e->account.traffic.packets - base.packets) / seconds,
			.bytes = (e->account.traffic.bytes - base.bytes) / seconds,
		};
	}
	return 0;
}

int rates_measure(const char *cluster, unsigned int seconds, struct rate **list, size_t *n,
		  struct pmreuseport_error *error)
{
	struct rates_reading before, now = {0};
	int err;

	*list = NULL;
	*n = 0;
	err = rates_read(&before, cluster, error);
	if (!err) {
		sleep(seconds);
		err = rates_read(&now, cluster, error);
	}
	if (!err)
		err = rates_between(&before, &now, list, error);
	if (!err)
		*n = now.n;
	rates_reading_free(&before);
	rates_reading_free(&now);
	return err;
}
