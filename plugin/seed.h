/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seed of the hash: a name, the same at all sites that map an exporter to one bucket. */
#ifndef PMR_SEED_H
#define PMR_SEED_H

#include "cluster.h"
#include "object.h"
#include "pmreuseport.h"
#include "reuseport.h"

/* The name that a configuration stands for. Valid as long as the configuration. */
const char *pmr_seed_of(const struct pmreuseport_config *config);

/* What map "nonce" holds for the name. */
__u32 pmr_seed_hash(const char *name);

/* -EINVAL: the seed of the configuration cannot be one. */
int pmr_seed_check(const struct pmreuseport_config *config, struct pmreuseport_error *error);

/* Reads the name of the cluster's seed, fit to print. "": its selector has no map for it. */
void pmr_seed_read(const struct pmr_cluster *cluster, struct pmr_seed *seed);

/* -EEXIST: the live instances of the cluster use another seed. With the lock held. */
int pmr_seed_check_live(const struct pmr_cluster *cluster, const struct pmr_object *object,
			const struct pmreuseport_config *config, struct pmreuseport_error *error);

#endif /* PMR_SEED_H */
