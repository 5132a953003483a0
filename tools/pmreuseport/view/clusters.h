/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One cluster or all of them, as they are at one moment. */
#ifndef PMREUSEPORT_VIEW_CLUSTERS_H
#define PMREUSEPORT_VIEW_CLUSTERS_H

#include "view/cluster_status.h"

struct clusters {
	struct cluster_status *list; /* in alphabetical order */
	size_t n;
};

/* name: NULL for all. -ENOENT: there is none. clusters_free() also after a failure. */
int clusters_read(struct clusters *clusters, const char *name, struct pmreuseport_error *error);

void clusters_free(struct clusters *clusters);

#endif
