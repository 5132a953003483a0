// SPDX-License-Identifier: GPL-2.0-or-later
/* What an operator does to a cluster, whoever runs in it. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

int pmr_operate_open(struct pmr_cluster *cluster, const char *name, struct pmreuseport_error *error)
{
	struct stat st;
	int err;

	err = pmr_config_check_cluster(name, error);
	if (!err)
		err = pmr_bpffs_check(error);
	if (err)
		return err;
	err = pmr_cluster_open(cluster, name, PMR_LOCK_TIMEOUT_MS, error);
	if (err && err != -ENOENT)
		return err;
	if (err || !pmr_bpffs_exists(cluster->path))
		return pmr_error(error, -ENOENT, "there is no cluster \"%s\" under %s",
				 "start its instances, or see "
				 "what there is with: ls %s",
				 name, PMR_ROOT, PMR_ROOT);
	/* In another user's directory, a name may lead to any map of ours. */
	if (lstat(cluster->path, &st) || !S_ISDIR(st.st_mode) || !pmr_only_ours(&st))
		return pmr_error(error, -EACCES, "%s is another user's, or others can write to it",
				 "run as the "
				 "user of the instances",
				 cluster->path);
	return 0;
}

static int check_index(unsigned int index, struct pmreuseport_error *error)
{
	if (index < PMR_MAX_BUCKETS)
		return 0;
	return pmr_error(error, -EINVAL, "hash bucket %u is out of range",
			 "there are at most %d, counted from 0", index, PMR_MAX_BUCKETS);
}

int pmr_resize(const char *name, unsigned int count, struct pmr_resized *result,
	       struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct pmr_release removed = {.first = count, .end = PMR_MAX_BUCKETS};
	struct pmr_drained drained;
	unsigned int live = 0;
	bool only = false;
	int err;

	memset(result, 0, sizeof(*result));
	if (count < 1 || count > PMR_MAX_BUCKETS)
		return pmr_error(error, -EINVAL, "%u hash buckets are out of range",
				 "the count must be 1 to %d", count, PMR_MAX_BUCKETS);
	err = pmr_operate_open(&cluster, name, error);
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
				"start an "
				"instance of one first",
				count, name);
		goto out;
	}
	result->before = pmr_cluster_number(&cluster, "size");
	err = pmr_tables_resize(&cluster, count, &result->in_use, error);
	/* A socket that somebody keeps open must not be found live when the bucket is back. */
	if (!err)
		err = pmr_live_release(&cluster, &removed, error);
	if (!err)
		err = pmr_drained_forget(&cluster, count, error);
	result->after = count;
out:
	pmr_cluster_unlock(&cluster);
	return err;
}

int pmr_bucket_release(const char *name, unsigned int index, bool dead_only, unsigned int *released,
		       struct pmreuseport_error *error)
{
	struct pmr_release what = {.first = index, .end = index + 1, .dead_only = dead_only};
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	err = check_index(index, error);
	if (!err)
		err = pmr_operate_open(&cluster, name, error);
	if (!err)
		err = pmr_live_release(&cluster, &what, error);
	*released = what.released;
	pmr_cluster_unlock(&cluster);
	return err;
}

static int remove_pin(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	/* A directory that root has made for this user stays, as does the right to use it. */
	if (!remove(path) || (!where->level && (errno == EACCES || errno == EPERM)))
		return 0;
	return -errno;
}

int pmr_remove(const char *name, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	unsigned int live;
	int err;

	err = pmr_operate_open(&cluster, name, error);
	if (!err)
		err = pmr_live_in_cluster(&cluster, &live, error);
	if (!err && live)
		err = pmr_error(error, -EBUSY, "cluster \"%s\" has sockets in its buckets (%u)",
				"stop its "
				"instances, and what holds sockets for them, first",
				name, live);
	if (err)
		goto out;
	err = nftw(cluster.path, remove_pin, 8, FTW_DEPTH | FTW_PHYS);
	if (err)
		err = pmr_error(error, err < -1 ? err : -errno, "cannot remove %s (%s)",
				"run as root", cluster.path, strerror(err < -1 ? -err : errno));
out:
	pmr_cluster_unlock(&cluster);
	return err;
}
