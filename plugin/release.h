/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes sockets out of a bucket from outside. */
#ifndef PMR_RELEASE_H
#define PMR_RELEASE_H

#include "pmreuseport.h"

/* Whose sockets to release. */
enum pmr_release_whose {
	PMR_RELEASE_ALL,	/* of any process */
	PMR_RELEASE_DEAD,	/* of processes that have ended */
	PMR_RELEASE_NOT_LIVING, /* the same, and of those of which that is unknown */
};

/*
 * Takes the sockets in a bucket out of it, in all endpoints: for sockets that outlive
 * their process. *released receives the number of sockets; 0 is not an error. -EBUSY:
 * it is unknown whether a process has ended, so nothing was released.
 */
int pmr_bucket_release(const char *cluster, unsigned int index, enum pmr_release_whose whose,
		       unsigned int *released, struct pmreuseport_error *error);

#endif /* PMR_RELEASE_H */
