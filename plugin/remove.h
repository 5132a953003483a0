/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forgets a cluster. */
#ifndef PMR_REMOVE_H
#define PMR_REMOVE_H

#include "pmreuseport.h"

/*
 * Removes all pins of a cluster. -EBUSY: there are sockets in its buckets. -ENOENT: no such
 * cluster.
 */
int pmr_remove(const char *cluster, struct pmreuseport_error *error);

#endif /* PMR_REMOVE_H */
