/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slot table. */
#ifndef PMR_SLOTS_H
#define PMR_SLOTS_H

#include "cluster.h"
#include "pmreuseport.h"
#include "reuseport.h"

/* Fills the table for count buckets (1..PMR_MAX_BUCKETS). */
void pmr_slots_fill(pmr_slot_t slots[PMR_SLOTS], unsigned int count);

/* The whole table, from a descriptor of its map. */
int pmr_slots_read(int fd, pmr_slot_t slots[PMR_SLOTS], struct pmreuseport_error *error);

/* Each slot belongs to its old bucket or to its new one meanwhile. Returns 0 or a negative errno.
 */
int pmr_slots_write(int fd, const pmr_slot_t slots[PMR_SLOTS]);

/* The same of a cluster; *slots is to be freed. NULL, with 0: the cluster has no slot table. */
int pmr_slots_of(const struct pmr_cluster *cluster, pmr_slot_t **slots,
		 struct pmreuseport_error *error);

#endif /* PMR_SLOTS_H */
