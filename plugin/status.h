/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to know of a cluster. */
#ifndef PMR_STATUS_H
#define PMR_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoint.h"
#include "pmreuseport.h"
#include "reuseport.h"

struct pmr_bucket_status {
	bool live;
	uint64_t cookie;		 /* of the socket, if live */
	struct pmr_member_record member; /* who put it there; cookie 0: unknown */
	bool elsewhere;			 /* the pid in it is of another pid namespace */
	struct pmr_traffic traffic;
};

struct pmr_endpoint_status {
	char name[PMR_ENDPOINT_NAME_SIZE];
	unsigned int private_to; /* the bucket plus one that alone has ever held it; 0: shared */
	bool counted;		 /* the selector has counters */
	struct pmr_bucket_status bucket[PMR_MAX_BUCKETS];
	__u64 decisions[PMR_DECISIONS];
};

struct pmr_status {
	unsigned int buckets;
	bool drop;
	struct pmr_seed seed; /* "": the selector has no map for it */
	bool has_slots;
	unsigned int slots[PMR_MAX_BUCKETS]; /* of each bucket */
	unsigned int awaited; /* the first bucket without slots, if it waits for an endpoint */
	char missing[PMR_ENDPOINT_NAME_SIZE]; /* that endpoint; empty: none waits */
	struct pmr_drained drained;
	size_t pins;
	bool has_quarantine;
	unsigned int quarantined; /* exporters */
	uint64_t strikes;
	bool account;			       /* exporters are counted */
	struct pmr_endpoint_status *endpoints; /* UDP first */
	size_t n;
};

/* pmr_status_free() in any case. -ENOENT: no such cluster. */
int pmr_status_read(struct pmr_status *status, const char *cluster,
		    struct pmreuseport_error *error);

void pmr_status_free(struct pmr_status *status);

#endif /* PMR_STATUS_H */
