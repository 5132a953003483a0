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
	struct pmr_exporter *list; /* by address */
	size_t n;
	uint64_t at_ns;
};

/*
 * Reads the counters of a cluster. -EAGAIN: accounting is off. rates_reading_free() also after
 * a failure.
 */
int rates_read(struct rates_reading *reading, const char *cluster, struct pmreuseport_error *error);

void rates_reading_free(struct rates_reading *reading);

/*
 * The rates of all exporters of the later reading, in its order; 0 for those that have sent
 * nothing since the other one. Free *list.
 */
int rates_between(const struct rates_reading *before, const struct rates_reading *now,
		  struct rate **list, struct pmreuseport_error *error);

/* Reads twice, with so many seconds in between. */
int rates_measure(const char *cluster, unsigned int seconds, struct rate **list, size_t *n,
		  struct pmreuseport_error *error);

#endif
