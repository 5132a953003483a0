/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cluster: its directory, its lock and its maps. */
#ifndef PMR_CLUSTER_H
#define PMR_CLUSTER_H

#include <linux/types.h>
#include <stdbool.h>

#include "bpffs.h"
#include "bpffs_make.h"
#include "lock.h"
#include "pmreuseport.h"

#define PMR_CLUSTER_PATH_MAX (sizeof(PMR_ROOT) + 1 + PMREUSEPORT_CLUSTER_NAME_MAX)

struct pmr_cluster {
	int lock; /* descriptor of PMR_ROOT, flock()ed; -1: none */
	char name[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	char path[PMR_CLUSTER_PATH_MAX];
};

/* For 128 instances that start at once on a small, busy machine. */
#define PMR_LOCK_TIMEOUT_MS PMREUSEPORT_DEFAULT_LOCK_TIMEOUT

/* Fills in name and path; nothing is locked. */
void pmr_cluster_name(struct pmr_cluster *cluster, const char *name);

/* Locks, and makes the cluster's directory if need be. Unlock in any case. */
int pmr_cluster_create(struct pmr_cluster *cluster, const char *name, unsigned int timeout_ms,
		       struct pmr_undo *undo, struct pmreuseport_error *error);

/* Locks and makes nothing. -ENOENT: there is no cluster at all. */
int pmr_cluster_lock(struct pmr_cluster *cluster, const char *name, enum pmr_lock_mode mode,
		     unsigned int timeout_ms, struct pmreuseport_error *error);

/* Locks a cluster that must be there, and only ours. Unlock in any case. */
int pmr_cluster_open(struct pmr_cluster *cluster, const char *name, enum pmr_lock_mode mode,
		     struct pmreuseport_error *error);

void pmr_cluster_unlock(struct pmr_cluster *cluster);

/*
 * What a pinned map of one number (size, fallback) holds; 0 also if there is none.
 */
__u32 pmr_cluster_number(const struct pmr_cluster *cluster, const char *map);

/* A map of the cluster. -ENOENT, with *error unset: it has none of that name. */
int pmr_cluster_map(const struct pmr_cluster *cluster, const char *map, __u32 type, __u32 key_size,
		    __u32 value_size, struct pmreuseport_error *error);

/* True if the cluster has a pin of that name. */
bool pmr_cluster_has(const struct pmr_cluster *cluster, const char *map);

#endif /* PMR_CLUSTER_H */
