/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The endpoints of a cluster that have live sockets: their processes, and what the kernel sees. */
#ifndef PMREUSEPORT_VIEW_ENDPOINTS_H
#define PMREUSEPORT_VIEW_ENDPOINTS_H

#include "operator.h"

struct endpoint {
	char name[PMR_ENDPOINT_NAME_SIZE];
	pid_t pid[PMR_MAX_BUCKETS];   /* 0: unknown, or no process */
	bool hidden[PMR_MAX_BUCKETS]; /* unknown: the process is in another pid namespace */
	struct pmr_view view;
};

struct endpoints {
	struct endpoint *list; /* UDP first */
	size_t n;
};

/* -ENOENT: no such cluster, or no live socket. endpoints_free() also after a failure. */
int endpoints_read(struct endpoints *endpoints, const char *cluster,
		   struct pmreuseport_error *error);

void endpoints_free(struct endpoints *endpoints);

#endif
