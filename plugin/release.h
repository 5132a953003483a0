/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes sockets out of a bucket from outside. */
#ifndef PMR_RELEASE_H
#define PMR_RELEASE_H

#include <stdbool.h>

#include "pmreuseport.h"

/*
 * Takes the sockets in a bucket out of it, in all endpoints: for sockets that outlive
 * their process. dead_only: not those of a process that is there, as far as this pid
 * namespace can tell. *released receives the number of sockets; 0 is not an error.
 */
int pmr_bucket_release(const char *cluster, unsigned int index, bool dead_only,
		       unsigned int *released, struct pmreuseport_error *error);

#endif /* PMR_RELEASE_H */
