/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The endpoints of a cluster that have live sockets: who is there, and what the kernel sees. */
#ifndef PMREUSEPORT_VIEW_ENDPOINTS_H
#define PMREUSEPORT_VIEW_ENDPOINTS_H

#include "operator.h"

struct endpoint {
	char name[96];
	pid_t pid[PMR_MAX_BUCKETS]; /* of the process that put the socket there; 0: unknown, or none
				     */
	struct pmr_view view;
};

struct endpoints {
	struct endpoint *list; /* UDP first */
	size_t n;
};

/* endpoints_free() in any case. -ENOENT: no such cluster, or no live socket in it. */
int endpoints_read(struct endpoints *endpoints, const char *cluster,
		   struct pmreuseport_error *error);

void endpoints_free(struct endpoints *endpoints);

#endif
