/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which clusters there are. */
#ifndef PMR_CLUSTERS_H
#define PMR_CLUSTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "pmreuseport.h"

/*
 * The names of all clusters of this user, in alphabetical order. Free *names with free().
 * -ENOENT: there is none.
 */
int pmr_clusters(char (**names)[PMREUSEPORT_CLUSTER_NAME_MAX + 1], size_t *n,
		 struct pmreuseport_error *error);

bool pmr_cluster_exists(const char *name);

/* The number of hash buckets of a cluster; 0: it cannot be told. */
unsigned int pmr_cluster_buckets(const char *name);

#endif /* PMR_CLUSTERS_H */
