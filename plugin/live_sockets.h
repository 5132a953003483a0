/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sockets are live; all with the lock held. */
#ifndef PMR_LIVE_SOCKETS_H
#define PMR_LIVE_SOCKETS_H

#include <stdbool.h>

#include "cluster.h"
#include "endpoint.h"
#include "pmreuseport.h"
#include "release.h"
#include "reuseport.h"

/* How many sockets stand in an array. */
int pmr_live_count(int targets_fd, unsigned int *live, struct pmreuseport_error *error);

/* The same by the path of an endpoint; one without an array has no live sockets. */
int pmr_live_in_endpoint(const char *endpoint_path, const char *endpoint_name, unsigned int *live,
			 struct pmreuseport_error *error);

/* The same for all endpoints of a cluster. */
int pmr_live_in_cluster(const struct pmr_cluster *cluster, unsigned int *live,
			struct pmreuseport_error *error);

/* 1: found is the first endpoint with live sockets that matches the name. 0: there is none. */
int pmr_live_endpoint(const struct pmr_cluster *cluster,
		      bool (*match)(const char *endpoint_name, const char *name), const char *name,
		      char found[PMR_ENDPOINT_NAME_SIZE], struct pmreuseport_error *error);

/* Whether some shared endpoint has live buckets, but none below an index that is not drained. */
int pmr_live_only_beyond(const struct pmr_cluster *cluster, unsigned int end,
			 const struct pmr_drained *drained, bool *only,
			 struct pmreuseport_error *error);

/*
 * Lowers *end to the first bucket from first that is not live in each shared endpoint of the
 * cluster that has live members. An exporter sent to one below *end finds its flows and its
 * sessions in one instance. missing receives the endpoint that bucket *end is not live in; empty:
 * *end was not lowered.
 */
int pmr_live_everywhere(const struct pmr_cluster *cluster, unsigned int first, unsigned int *end,
			char missing[PMR_ENDPOINT_NAME_SIZE], struct pmreuseport_error *error);

/* Which sockets, from bucket first to before bucket end, in all endpoints. */
struct pmr_release {
	unsigned int first;
	unsigned int end;
	enum pmr_release_whose whose;
	unsigned int released;
};

/*
 * Takes them out of their buckets, and counts them. PMR_RELEASE_DEAD: -EBUSY if it is
 * unknown whether some process has ended, and then releases nothing.
 */
int pmr_live_release(const struct pmr_cluster *cluster, struct pmr_release *what,
		     struct pmreuseport_error *error);

#endif /* PMR_LIVE_SOCKETS_H */
