/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The members of a cluster share one network namespace. In each namespace there are other
 * exporters behind the same addresses, and an operator would resize, drain and pin all of them at
 * once, because the tables of a cluster belong to its name.
 */
#ifndef PMR_JOIN_NETNS_H
#define PMR_JOIN_NETNS_H

#include "cluster.h"
#include "pmreuseport.h"

/*
 * -EEXIST if the cluster is live in another network namespace than that of the endpoint, of which
 * the end of the name is enough: "-net3". With the lock held.
 */
int pmr_join_check_netns(const struct pmr_cluster *cluster, const char *endpoint_name,
			 struct pmreuseport_error *error);

/* -EEXIST if two endpoints of one instance are in two network namespaces. */
int pmr_join_check_netns_pair(const char *a, const char *b, struct pmreuseport_error *error);

#endif /* PMR_JOIN_NETNS_H */
