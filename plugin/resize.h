/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another number of hash buckets for live members. */
#ifndef PMR_RESIZE_H
#define PMR_RESIZE_H

#include "endpoint.h"
#include "pmreuseport.h"

struct pmr_resized {
	unsigned int before; /* hash buckets */
	unsigned int after;
	unsigned int in_use;		      /* buckets that exporters are sent to */
	char missing[PMR_ENDPOINT_NAME_SIZE]; /* where bucket in_use is not live yet, or empty */
};

/*
 * Changes the number of hash buckets of a cluster with live members. -EINVAL: count out
 * of range. -ENOENT: no such cluster, or no instance of it is alive. -ENOTSUP: its selector
 * has no slot table.
 */
int pmr_resize(const char *cluster, unsigned int count, struct pmr_resized *result,
	       struct pmreuseport_error *error);

#endif /* PMR_RESIZE_H */
