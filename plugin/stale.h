/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dead endpoints have left. */
#ifndef PMR_STALE_H
#define PMR_STALE_H

#include "cluster.h"

/* Removes what dead endpoints of other network namespaces have left. */
void pmr_stale_remove(const struct pmr_cluster *cluster, const char *endpoint_name);

#endif /* PMR_STALE_H */
