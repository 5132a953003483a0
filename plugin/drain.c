// SPDX-License-Identifier: GPL-2.0-or-later
/* Lets nothing new reach a bucket, or gives it its exporters back. */
#include <errno.h>
#include <unistd.h>

#include "cluster.h"
#include "drain.h"
#include "drained.h"
#include "error.h"
#include "live_sockets.h"

/* With the lock held. */
static int drain(const struct pmr_cluster *cluster, unsigned int index, bool on, bool *changed,
		 struct pmreuseport_error *error)
{
	const unsigned int buckets = pmr_cluster_number(cluster, "size");
	struct pmr_drained drained;
	bool nobody = false;
	int fd, err;

	if (index >= buckets)
		return pmr_error(error, -EINVAL, "there is no hash bucket %u in cluster \"%s\"",
				 "name one of its %u buckets, counted from 0", index, cluster->name,
				 buckets);
	fd = pmr_drained_open(cluster, error);
	if (fd == -ENOENT)
		return pmr_error(error, -ENOTSUP,
				 "the selector of cluster \"%s\" cannot drain a bucket",
				 "remove reuseport_bpf_prog to use the built-in one",
				 cluster->name);
	if (fd < 0)
		return fd;
	err = pmr_drained_load(fd, cluster, &drained, error);
	if (err)
		goto out;
	*changed = pmr_is_drained(&drained, index) != on;
	pmr_drained_set(&drained, index, on);
	if (on)
		err = pmr_live_only_beyond(cluster, buckets, &drained, &nobody, error);
	if (nobody)
		err = pmr_error(error, -EBUSY,
				"without hash bucket %u nobody would take the exporters of cluster "
				"\"%s\"",
				"start or undrain another one first", index, cluster->name);
	if (!err)
		err = pmr_drained_store(fd, cluster, &drained, error);
out:
	close(fd);
	return err;
}

int pmr_drain(const char *name, unsigned int index, bool on, bool *changed,
	      struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	*changed = false;
	err = pmr_cluster_open(&cluster, name, PMR_LOCK_EXCLUSIVE, error);
	if (!err)
		err = drain(&cluster, index, on, changed, error);
	pmr_cluster_unlock(&cluster);
	return err;
}
