// SPDX-License-Identifier: GPL-2.0-or-later
/* Why a new bucket gets no exporters yet. */
#include <errno.h>
#include <stdlib.h>

#include "cluster.h"
#include "error.h"
#include "live_sockets.h"
#include "member.h"
#include "slots.h"

/* For a daemon that has flows to read. */
#define LOCK_TIMEOUT_MS 1000

/* 1: no slot names the bucket; *first is the lowest one of those. 0: a slot does. */
static int has_no_slots(const struct pmr_cluster *cluster, __u32 index, unsigned int *first,
			struct pmreuseport_error *error)
{
	pmr_slot_t *slots;
	bool found = false;
	unsigned int s;
	int err;

	*first = 0;
	err = pmr_slots_of(cluster, &slots, error);
	if (!slots)
		return err;
	for (s = 0; s < PMR_SLOTS; s++) {
		found |= slots[s] == index + 1;
		if (slots[s] > *first)
			*first = slots[s];
	}
	free(slots);
	return !found;
}

/* With the lock held. */
static int awaited(const struct pmr_cluster *cluster, __u32 index, struct pmreuseport_error *why)
{
	unsigned int end = pmr_cluster_number(cluster, "size"), first;
	char missing[PMR_ENDPOINT_NAME_SIZE];
	int ret;

	if (index >= end)
		return 0;
	ret = has_no_slots(cluster, index, &first, why);
	if (ret <= 0)
		return ret;
	ret = pmr_live_everywhere(cluster, first, &end, missing, why);
	/* The next join gives it slots. */
	if (ret || end > index)
		return ret;
	if (end == index)
		return pmr_error(why, 1,
				 "hash bucket %u of cluster \"%s\" gets no exporters until it is "
				 "live in %s, as other buckets are",
				 "open that port in this instance, too, or keep it out of the "
				 "cluster in all with reuseport_endpoints",
				 index, cluster->name, missing);
	return pmr_error(why, 1,
			 "hash bucket %u of cluster \"%s\" gets no exporters until hash bucket %u "
			 "is "
			 "live in %s",
			 "start the instance of hash bucket %u first, with that port", index,
			 cluster->name, end, missing, end);
}

int pmreuseport_awaited(const struct pmreuseport_member *member, struct pmreuseport_error *why)
{
	struct pmr_cluster cluster = {.lock = -1};
	int ret;

	ret = pmr_cluster_lock(&cluster, member->cluster, PMR_LOCK_SHARED, LOCK_TIMEOUT_MS, why);
	if (!ret)
		ret = awaited(&cluster, member->index, why);
	pmr_cluster_unlock(&cluster);
	/* Without pins, nothing is known. */
	return ret == -ENOENT ? 0 : ret;
}
