/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to balance: the exporters with their rates, and the buckets that they are in. */
#ifndef PMREUSEPORT_BALANCE_LOAD_H
#define PMREUSEPORT_BALANCE_LOAD_H

#include "balance/plan.h"
#include "view/endpoints.h"
#include "view/rates.h"

/* An exporter's load is in thousandths of a packet or byte per second. */
#define BALANCE_UNIT 1000

/* What the pins have to do with an exporter. */
struct balance_home {
	bool pinned;	       /* it has a pin of its own */
	unsigned int unpinned; /* its bucket without that */
};

struct balance_load {
	struct rate *rates; /* of those that are in a bucket, by address */
	struct balance_exporter *exporters;
	struct balance_home *homes;
	size_t n;
	size_t nowhere; /* exporters that reach no bucket now */
	bool full;	/* no more exporters can be counted than there are */
	bool open[PMR_MAX_BUCKETS], takes[PMR_MAX_BUCKETS];
	bool tcp; /* the cluster has sessions, too */
};

/*
 * Measures for so many seconds. balance_load_free() in any case. Those that sent nothing are
 * not in it. -ENOENT: no such cluster, no live socket, none that takes flows, or nothing sent
 * any. Others as of rates_measure().
 */
int balance_load_read(struct balance_load *load, const char *cluster, unsigned int seconds,
		      bool by_bytes, struct pmreuseport_error *error);

void balance_load_free(struct balance_load *load);

#endif
