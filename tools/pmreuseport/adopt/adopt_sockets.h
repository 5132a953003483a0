/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of a process, put into their buckets: each of them, or all or none. */
#ifndef PMREUSEPORT_ADOPT_ADOPT_SOCKETS_H
#define PMREUSEPORT_ADOPT_ADOPT_SOCKETS_H

#include "adopt/candidates.h"
#include "adopt/process.h"

/* A socket that was put into a bucket. */
struct adopted {
	struct pmreuseport_member *member;
	char endpoint[sizeof(((struct pmr_endpoint *)0)->name)];
	unsigned int port;
	uint64_t cookie;
};

/* Fills in what is known of a socket before it is adopted. */
void adopted_name(struct adopted *adopted, const struct candidate *socket);

/* Adopts one socket. if_free: only if no other one is in the bucket. */
int adopt_socket(struct adopted *adopted, const struct process *process,
		 const struct candidate *socket, const struct pmreuseport_config *config,
		 bool if_free, struct pmreuseport_error *error);

/*
 * Adopts all of them, or none. adopted has room for CANDIDATES_MAX, and receives fit->n
 * members to be freed.
 */
int adopt_all(struct adopted *adopted, const struct process *process, const struct candidates *fit,
	      const struct pmreuseport_config *config, struct pmreuseport_error *error);

#endif
