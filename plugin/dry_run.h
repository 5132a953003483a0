/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries, without a trace, what a join would need. */
#ifndef PMR_DRY_RUN_H
#define PMR_DRY_RUN_H

#include <stdbool.h>

#include "pmreuseport.h"

enum pmr_feature {
	PMR_FEATURE_PROGRAM,	  /* sk_reuseport programs */
	PMR_FEATURE_MIGRATION,	  /* those that are asked when a listener closes */
	PMR_FEATURE_SOCKARRAY,	  /* arrays of sockets */
	PMR_FEATURE_NETNS_COOKIE, /* the number of a socket's network namespace */
	PMR_FEATURES,
};

/* 0: this kernel has it. -EPERM: this process may not try. Otherwise what the kernel said. */
int pmr_try_feature(enum pmr_feature feature);

struct pmr_dry_run_result {
	unsigned int live;  /* sockets in the cluster's buckets; 0: none is there */
	unsigned int count; /* the cluster's hash buckets; 0: there is no such cluster */
	bool migrates;	    /* the selector is asked when a listener closes */
};

/*
 * Opens and loads the object, and compares it and the rest of the configuration with
 * the live instances of the cluster, for a UDP or TCP socket. config may be NULL: try the
 * built-in object.
 */
int pmr_dry_run(const struct pmreuseport_config *config, bool tcp,
		struct pmr_dry_run_result *result, struct pmreuseport_error *error);

#endif /* PMR_DRY_RUN_H */
