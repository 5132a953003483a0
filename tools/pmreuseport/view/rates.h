/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each exporter sends, from two readings of its counters. */
#ifndef PMREUSEPORT_VIEW_RATES_H
#define PMREUSEPORT_VIEW_RATES_H

#include "operator.h"

struct rate {
	struct pmr_source source;
	unsigned int bucket; /* the last one that it was sent to */
	double packets;	     /* per second */
	double bytes;
};

/* The counters at one moment. Initialize it with {0}. */
struct rates_reading {
	struct pmr_accounts counted; /* by address */
	uint64_t at_ns;
};

struct rates {
	struct rate *list; /* to be freed */
	size_t n;
	double uncounted; /* packets per second of exporters that had to be left out */
	bool full;	  /* more have sent than can be counted */
};

/*
 * Reads the counters of a cluster. -EAGAIN: accounting is off. rates_reading_free() also after
 * a failure.
 */
int rates_read(struct rates_reading *reading, const char *cluster, struct pmreuseport_error *error);

void rates_reading_free(struct rates_reading *reading);

/*
 * The rates of all exporters of the later reading, in its order; 0 for those that have sent
 * nothing since the other one.
 */
int rates_between(const struct rates_reading *before, const struct rates_reading *now,
		  struct rates *rates, struct pmreuseport_error *error);

/* Reads twice, with so many seconds in between. */
int rates_measure(const char *cluster, unsigned int seconds, struct rates *rates,
		  struct pmreuseport_error *error);

#endif
