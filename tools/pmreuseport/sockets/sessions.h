/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The established TCP sessions of a cluster in this network namespace, and the buckets that have
 * them. */
#ifndef PMREUSEPORT_SOCKETS_SESSIONS_H
#define PMREUSEPORT_SOCKETS_SESSIONS_H

#include "common/process_files.h"
#include "operator.h"
#include "sockets/diag.h"
#include "sockets/owners.h"
#include "view/fresh_view.h"

/* An endpoint of the cluster whose sockets are in this network namespace. */
struct tcp_endpoint {
	char name[PMR_ENDPOINT_NAME_SIZE];
	struct fresh_view now;
};

struct session {
	struct diag_socket sk;
	size_t endpoint;
	/*
	 * Of the process that has it. OWNER_NONE: of a process that is in no bucket.
	 * OWNER_HIDDEN: that may be in a bucket, as the process of one cannot be seen.
	 */
	int bucket;
};

/* The process that has the listening socket of a bucket. */
struct session_owner {
	size_t endpoint;
	int bucket;
	pid_t pid; /* 0: this user cannot see it; nothing below is known */
	unsigned int open_files;
	struct files_limit limit;
};

struct sessions {
	struct tcp_endpoint *endpoints;
	size_t n_endpoints;
	struct session *list;
	size_t n;
	struct session_owner *owners;
	size_t n_owners;

	/* A member in another network namespace, whose sessions cannot be seen from here. */
	struct pmr_live_socket elsewhere;
};

/* sessions_free() also after a failure. */
int sessions_read(struct sessions *sessions, struct diag *diag, const char *cluster,
		  struct pmreuseport_error *error);

void sessions_free(struct sessions *sessions);

#endif
