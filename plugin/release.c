// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes sockets out of a bucket from outside. */
#include <errno.h>

#include "cluster.h"
#include "error.h"
#include "live_sockets.h"
#include "release.h"

static int check_index(unsigned int index, struct pmreuseport_error *error)
{
	if (index < PMR_MAX_BUCKETS)
		return 0;
	return pmr_error(error, -EINVAL, "hash bucket %u is out of range",
			 "name one of the %d possible buckets, counted from 0", index,
			 PMR_MAX_BUCKETS);
}

int pmr_bucket_release(const char *name, unsigned int index, enum pmr_release_whose whose,
		       unsigned int *released, struct pmreuseport_error *error)
{
	struct pmr_release what = {.first = index, .end = index + 1, .whose = whose};
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	err = check_index(index, error);
	if (!err)
		err = pmr_cluster_open(&cluster, name, PMR_LOCK_EXCLUSIVE, error);
	if (!err)
		err = pmr_live_release(&cluster, &what, error);
	*released = what.released;
	pmr_cluster_unlock(&cluster);
	return err;
}
