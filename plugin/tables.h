/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables that every instance of a cluster shares; with the lock held. */
#ifndef PMR_TABLES_H
#define PMR_TABLES_H

#include "cluster.h"
#include "endpoint.h"
#include "object.h"
#include "pmreuseport.h"

/* What the tables held before they were written. */
struct pmr_tables_before;

/*
 * Writes seed, nonce, slot table, fallback and size. Call it while no member is live, so that
 * no packet meets half of them. *before is for pmr_tables_restore(), also after a failure.
 */
int pmr_tables_write(const struct pmr_object *object, const struct pmr_cluster *cluster,
		     const struct pmreuseport_config *config, struct pmr_tables_before **before,
		     struct pmreuseport_error *error);

/* Writes them back, while no member is live. NULL is allowed. */
void pmr_tables_restore(const struct pmr_object *object, const struct pmr_tables_before *before);

/* NULL is allowed. */
void pmr_tables_forget(struct pmr_tables_before *before);

struct pmr_growth {
	unsigned int in_use; /* buckets that have slots; 0: the cluster has no slot table */
	char missing[PMR_ENDPOINT_NAME_SIZE]; /* where the next one is not live; empty: none waits
					       */
};

/*
 * Gives slots to buckets that the cluster has been enlarged by, as soon as they are live in all
 * shared endpoints; until then the old ones keep them, so no exporter moves twice. Also
 * completes what a process that was killed here left half written.
 */
int pmr_tables_grow(const struct pmr_cluster *cluster, struct pmr_growth *growth,
		    struct pmreuseport_error *error);

/* Changes the count under live members. */
int pmr_tables_resize(const struct pmr_cluster *cluster, unsigned int count,
		      struct pmr_growth *growth, struct pmreuseport_error *error);

#endif /* PMR_TABLES_H */
