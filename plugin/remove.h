/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removes the pins of a cluster, or of one of its endpoints. */
#ifndef PMR_REMOVE_H
#define PMR_REMOVE_H

#include "pmreuseport.h"

/*
 * Removes all pins of a cluster. -EBUSY: there are sockets in its buckets. -ENOENT: no such
 * cluster.
 */
int pmr_remove(const char *cluster, struct pmreuseport_error *error);

/*
 * Removes the pins of an endpoint, which its directory is named after. -EBUSY: there are
 * sockets in its buckets. -ENOENT: no such cluster or endpoint. -EINVAL: it is no name of one.
 */
int pmr_remove_endpoint(const char *cluster, const char *endpoint, struct pmreuseport_error *error);

#endif /* PMR_REMOVE_H */
