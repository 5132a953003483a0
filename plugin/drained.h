/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map of drained buckets. */
#ifndef PMR_DRAINED_H
#define PMR_DRAINED_H

#include <stdbool.h>

#include "cluster.h"
#include "pmreuseport.h"
#include "reuseport.h"

/* Which buckets of a cluster are drained; none if its selector cannot drain. */
void pmr_drained_read(const struct pmr_cluster *cluster, struct pmr_drained *drained);

/* Ends the drain of the buckets from an index on. */
int pmr_drained_forget(const struct pmr_cluster *cluster, unsigned int from,
		       struct pmreuseport_error *error);

/* The map. -ENOENT, with *error unset: the selector cannot drain. */
int pmr_drained_open(const struct pmr_cluster *cluster, struct pmreuseport_error *error);

int pmr_drained_load(int fd, const struct pmr_cluster *cluster, struct pmr_drained *drained,
		     struct pmreuseport_error *error);

int pmr_drained_store(int fd, const struct pmr_cluster *cluster, const struct pmr_drained *drained,
		      struct pmreuseport_error *error);

void pmr_drained_set(struct pmr_drained *drained, unsigned int index, bool drain);

#endif /* PMR_DRAINED_H */
