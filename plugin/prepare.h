/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that a join can do before other processes can see it. */
#ifndef PMR_PREPARE_H
#define PMR_PREPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "adopt.h"
#include "cluster.h"
#include "configuration.h"
#include "endpoint.h"
#include "member.h"
#include "object.h"
#include "pmreuseport.h"

/* What a member needs to enter its bucket. */
struct pmr_prepared {
	int fd; /* of the socket; the caller's */
	struct pmr_endpoint endpoint;
	struct pmr_object object;
	struct pmreuseport_config config; /* with strings of its own */
	char *bpf_prog;
	char seed[PMREUSEPORT_SEED_MAX + 1];
	bool adopted; /* the socket is another process' */
	bool if_free; /* see struct pmr_adoption */
};

/* pmreuseport_prepare(); adoption may be NULL. */
int pmr_prepare(const int fds[], size_t n, const struct pmr_adoption *adoption,
		const struct pmreuseport_config *config, struct pmreuseport_member *members[],
		struct pmreuseport_error *error);

/*
 * What a join is refused for because of others, now and again when it enters. *live receives the
 * number of sockets in the cluster's buckets. With the lock held.
 */
int pmr_prepare_check(const struct pmreuseport_member *member, const struct pmr_cluster *cluster,
		      unsigned int *live, struct pmreuseport_error *error);

/* Prepares members again because what is pinned has changed. */
int pmr_prepare_again(struct pmreuseport_member *const members[], size_t n,
		      struct pmreuseport_error *error);

/* Frees what the member needed to enter. */
void pmr_prepared_free(struct pmreuseport_member *member);

#endif /* PMR_PREPARE_H */
