/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a join is refused for; all with the lock held. */
#ifndef PMR_JOIN_CHECK_H
#define PMR_JOIN_CHECK_H

#include "cluster.h"
#include "object.h"
#include "pmreuseport.h"

/* With the lock held. *live receives the number of sockets in the cluster's buckets. */
int pmr_join_check_live(const struct pmr_cluster *cluster, const struct pmr_object *object,
			const struct pmreuseport_config *config, unsigned int *live,
			struct pmreuseport_error *error);

int pmr_join_check_fallback(const struct pmr_object *object,
			    const struct pmreuseport_config *config,
			    struct pmreuseport_error *error);

/*
 * -EEXIST if another cluster balances this endpoint: a reuseport group has one
 * program, and attaching ours would take it from them.
 */
int pmr_join_check_elsewhere(const struct pmr_cluster *cluster, const char *endpoint_name,
			     struct pmreuseport_error *error);

/* -EEXIST if live instances select by another program than this loaded one. */
int pmr_join_check_selector(const struct pmr_cluster *cluster, const struct pmr_object *object,
			    struct pmreuseport_error *error);

#endif /* PMR_JOIN_CHECK_H */
