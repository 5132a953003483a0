/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the selector has counted in an endpoint. */
#ifndef PMR_COUNTERS_H
#define PMR_COUNTERS_H

#include "pmreuseport.h"
#include "reuseport.h"

struct pmr_counted {
	struct pmr_traffic bucket[PMR_MAX_BUCKETS];
	__u64 decisions[PMR_DECISIONS];
};

/*
 * Reads the counters of the endpoint whose pins are in directory. -ENOENT, with *error unset: its
 * selector does not count. Needs no lock.
 */
int pmr_counters_read(const char *directory, struct pmr_counted *counted,
		      struct pmreuseport_error *error);

#endif /* PMR_COUNTERS_H */
