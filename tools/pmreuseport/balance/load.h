/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is balanced: the exporters, their rates, and their buckets. */
#ifndef PMREUSEPORT_BALANCE_LOAD_H
#define PMREUSEPORT_BALANCE_LOAD_H

#include "balance/plan.h"
#include "view/endpoints.h"
#include "view/rates.h"

/* An exporter's load is in thousandths of a packet or byte per second. */
#define BALANCE_UNIT 1000

/* How pins affect an exporter. */
struct balance_home {
	bool pinned;	       /* a pin for its single address */
	unsigned int unpinned; /* its bucket without that pin */
};

struct balance_load {
	struct rate *rates; /* of those that are in a bucket, by address */
	struct balance_exporter *exporters;
	struct balance_home *homes;
	size_t n;
	size_t nowhere; /* exporters that reach no bucket now */
	bool full;	/* more send than can be counted */
	bool open[PMR_MAX_BUCKETS], takes[PMR_MAX_BUCKETS];
	bool tcp; /* the cluster has sessions, too */
};

/*
 * Measures the exporters that send something. balance_load_free() also after a failure.
 * -ENOENT: no such cluster, no live socket for flows, or no exporter sent anything. Other
 * errors as of rates_measure().
 */
int balance_load_read(struct balance_load *load, const char *cluster, unsigned int seconds,
		      bool by_bytes, struct pmreuseport_error *error);

void balance_load_free(struct balance_load *load);

#endif
