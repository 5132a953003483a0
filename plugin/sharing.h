/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which endpoints the buckets share, and which are private to one bucket; with the lock held. */
#ifndef PMR_SHARING_H
#define PMR_SHARING_H

#include <stddef.h>

#include "cluster.h"
#include "endpoint.h"
#include "pmreuseport.h"
#include "reuseport.h"

/* Which buckets have ever held an endpoint. */
struct pmr_holders {
	char endpoint[PMR_ENDPOINT_NAME_SIZE];
	unsigned int n;	     /* 0: none, or not known */
	unsigned int bucket; /* the last of them */
};

struct pmr_sharing {
	struct pmr_holders *list;
	size_t n;
	bool shares[PMR_MAX_BUCKETS]; /* buckets that have held an endpoint that others held, too */
};

/* pmr_sharing_free() also after a failure. */
int pmr_sharing_read(const struct pmr_cluster *cluster, struct pmr_sharing *sharing,
		     struct pmreuseport_error *error);

void pmr_sharing_free(struct pmr_sharing *sharing);

/*
 * The bucket plus one that an endpoint is private to; 0: it is shared. What happens in a private
 * endpoint does not concern the other buckets.
 */
unsigned int pmr_private_to(const struct pmr_sharing *sharing, const char *endpoint);

/* Tells the selectors; after a bucket has entered an endpoint, or an endpoint was removed. */
int pmr_sharing_write(const struct pmr_cluster *cluster, struct pmreuseport_error *error);

#endif /* PMR_SHARING_H */
