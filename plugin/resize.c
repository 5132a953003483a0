// SPDX-License-Identifier: GPL-2.0-or-later
/* Another number of hash buckets for live members. */
#include <errno.h>
#include <string.h>

#include "cluster.h"
#include "drained.h"
#include "error.h"
#include "live_sockets.h"
#include "resize.h"
#include "tables.h"

int pmr_resize(const char *name, unsigned int count, struct pmr_resized *result,
	       struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct pmr_release removed = {.first = count, .end = PMR_MAX_BUCKETS};
	struct pmr_growth growth = {0};
	struct pmr_drained drained;
	unsigned int live = 0;
	bool only = false;
	int err;

	memset(result, 0, sizeof(*result));
	if (count < 1 || count > PMR_MAX_BUCKETS)
		return pmr_error(error, -EINVAL, "%u hash buckets are out of range",
				 "the count must be 1 to %d", count, PMR_MAX_BUCKETS);
	err = pmr_cluster_open(&cluster, name, PMR_LOCK_EXCLUSIVE, error);
	if (!err)
		err = pmr_live_in_cluster(&cluster, &live, error);
	if (!err) {
		pmr_drained_read(&cluster, &drained);
		err = pmr_live_only_beyond(&cluster, count, &drained, &only, error);
	}
	if (err)
		goto out;
	if (!live) {
		err = pmr_error(error, -ENOENT,
				"no instance of cluster \"%s\" is alive, so there is nothing to "
				"resize",
				"set reuseport_hashbucket_count to %u and start them", name, count);
		goto out;
	}
	if (only) {
		err = pmr_error(error, -ENOENT,
				"none of the hash buckets below %u is live and not drained, so "
				"nobody would take the exporters of cluster \"%s\"",
				"start an instance of one of them first", count, name);
		goto out;
	}
	result->before = pmr_cluster_number(&cluster, "size");
	err = pmr_tables_resize(&cluster, count, &growth, error);
	result->in_use = growth.in_use;
	memcpy(result->missing, growth.missing, sizeof(result->missing));
	/* A socket that a process keeps open must not count as live when the bucket is back. */
	if (!err)
		err = pmr_live_release(&cluster, &removed, error);
	if (!err)
		err = pmr_drained_forget(&cluster, count, error);
	result->after = count;
out:
	pmr_cluster_unlock(&cluster);
	return err;
}
