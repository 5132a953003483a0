/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel knows of the sockets in buckets, in this network namespace. */
#ifndef PMREUSEPORT_SOCKETS_BUCKET_SOCKETS_H
#define PMREUSEPORT_SOCKETS_BUCKET_SOCKETS_H

#include "operator.h"

struct bucket_socket {
	bool known; /* it is in this network namespace */
	uint32_t queue;
	uint32_t drops;
	pid_t pid;     /* of its process, as this process sees it; 0: unknown */
	char comm[16]; /* its name; empty: unknown */
	bool sessions_known;
	unsigned int sessions;	 /* established TCP sessions that its process has */
	unsigned int open_files; /* of the process, if it has a TCP socket; 0: not known */
	uint64_t files_limit;
};

/*
 * sockets: PMR_MAX_BUCKETS for each endpoint of the status, zeroed. What cannot be read stays
 * unknown, and *error says why.
 */
void sockets_read(struct bucket_socket (*sockets)[PMR_MAX_BUCKETS], const struct pmr_status *status,
		  const char *cluster, struct pmreuseport_error *error);

#endif
