/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an instance joins with. */
#ifndef PMR_CONFIGURATION_H
#define PMR_CONFIGURATION_H

#include <stdbool.h>

#include "pmreuseport.h"

/* One from pmreuseport_config_new() owns its strings; one that a tool has made borrows them. */
struct pmreuseport_config {
	unsigned int count;
	unsigned int index;
	enum pmreuseport_fallback fallback;
	unsigned int endpoints; /* of enum pmreuseport_endpoint */
	unsigned int lock_timeout_ms;
	const char *bpf_prog; /* NULL: the built-in object */
	const char *cluster;
	const char *seed;	/* NULL: ha_cluster or, without one, cluster; see pmr_seed_of() */
	const char *ha_cluster; /* the key of pmacct's high availability; NULL: not set */

	/* What has no setting yet, and what was not left to its default. */
	bool count_missing;
	bool index_missing;
	bool fallback_set;
	bool endpoints_set;
};

/* For a tool, which sets count and index. */
#define PMR_CONFIG_DEFAULTS                                          \
	{                                                            \
		.endpoints = PMREUSEPORT_ALL_ENDPOINTS,              \
		.lock_timeout_ms = PMREUSEPORT_DEFAULT_LOCK_TIMEOUT, \
		.cluster = PMREUSEPORT_DEFAULT_CLUSTER,              \
	}

/* Copies text, which may be NULL, into a string that the configuration owns. */
int pmr_config_set_text(const char **field, const char *text, struct pmreuseport_error *error);

/* -EINVAL: no instance can join with it. */
int pmr_config_check(const struct pmreuseport_config *config, struct pmreuseport_error *error);

/* Checks the name of a cluster. */
int pmr_config_check_cluster(const char *name, struct pmreuseport_error *error);

#endif /* PMR_CONFIGURATION_H */
