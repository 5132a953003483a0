/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is in the buckets of a cluster now. */
#ifndef PMR_MEMBERS_H
#define PMR_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "endpoint.h"
#include "pmreuseport.h"

/* A socket that stands in a bucket. */
struct pmr_live_socket {
	char endpoint[PMR_ENDPOINT_NAME_SIZE];
	unsigned int index;
	uint64_t cookie;
	pid_t pid;	/* who put it there; 0: unknown */
	bool elsewhere; /* pid is of another pid namespace */
	char comm[16];
};

/*
 * The live sockets in the buckets of a cluster, in all endpoints of a protocol, one after the
 * other. Free *sockets with free(). -ENOENT: no such cluster.
 */
int pmr_members(const char *cluster, bool tcp, struct pmr_live_socket **sockets, size_t *n,
		struct pmreuseport_error *error);

#endif /* PMR_MEMBERS_H */
