// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A cluster is a directory under PMR_ROOT. Everything that changes what is pinned
 * there happens under an flock() on PMR_ROOT, which the kernel releases when the
 * holder dies: one lock for all clusters, because two of them may want one port.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs.h"
#include "bpffs_make.h"
#include "bpffs_map.h"
#include "cluster.h"
#include "configuration.h"
#include "error.h"
#include "owner.h"

static int lock_root(struct pmr_cluster *cluster, enum pmr_lock_mode mode, bool create,
		     unsigned int timeout_ms, struct pmr_undo *undo,
		     struct pmreuseport_error *error)
{
	bool made, noted = false;
	int err;

	do {
		if (create) {
			err = pmr_bpffs_mkdir(PMR_ROOT, &made, error);
			if (made && !noted)
				pmr_undo_add(undo, PMR_ROOT);
			noted |= made;
			if (err)
				return err;
		}
		cluster->lock = pmr_lock(PMR_ROOT, mode, timeout_ms, error);
		/* Rolled back by a join that failed: this process makes it again. */
	} while (cluster->lock == -ESTALE || (cluster->lock == -ENOENT && create));
	err = cluster->lock < 0 ? cluster->lock : 0;
	if (err)
		cluster->lock = -1;
	return err;
}

void pmr_cluster_name(struct pmr_cluster *cluster, const char *name)
{
	snprintf(cluster->name, sizeof(cluster->name), "%s", name);
	snprintf(cluster->path, sizeof(cluster->path), "%s/%s", PMR_ROOT, name);
}

int pmr_cluster_create(struct pmr_cluster *cluster, const char *name, unsigned int timeout_ms,
		       struct pmr_undo *undo, struct pmreuseport_error *error)
{
	bool made;
	int err;

	pmr_cluster_name(cluster, name);
	err = pmr_owner_act(cluster->path, error);
	if (err)
		return err;
	err = lock_root(cluster, PMR_LOCK_EXCLUSIVE, true, timeout_ms, undo, error);
	if (err)
		return err;
	err = pmr_bpffs_mkdir(cluster->path, &made, error);
	if (made)
		pmr_undo_add(undo, cluster->path);
	return err;
}

int pmr_cluster_lock(struct pmr_cluster *cluster, const char *name, enum pmr_lock_mode mode,
		     unsigned int timeout_ms, struct pmreuseport_error *error)
{
	int err;

	pmr_cluster_name(cluster, name);
	err = pmr_owner_act(cluster->path, error);
	return err ? err : lock_root(cluster, mode, false, timeout_ms, NULL, error);
}

int pmr_cluster_open(struct pmr_cluster *cluster, const char *name, enum pmr_lock_mode mode,
		     struct pmreuseport_error *error)
{
	struct stat st;
	int err;

	err = pmr_config_check_cluster(name, error);
	if (!err)
		err = pmr_bpffs_check(error);
	if (err)
		return err;
	err = pmr_cluster_lock(cluster, name, mode, PMR_LOCK_TIMEOUT_MS, error);
	if (err && err != -ENOENT)
		return err;
	if (err || !pmr_bpffs_exists(cluster->path))
		return pmr_error(error, -ENOENT, "there is no cluster \"%s\" under %s",
				 "start its instances, or see what there is with: ls %s", name,
				 PMR_ROOT, PMR_ROOT);
	/* In another user's directory, a name may lead to any map of ours. */
	if (lstat(cluster->path, &st) || !S_ISDIR(st.st_mode) || !pmr_only_ours(&st))
		return pmr_error(error, -EACCES, "%s is another user's, or others can write to it",
				 "run as the user of the instances", cluster->path);
	return 0;
}

void pmr_cluster_unlock(struct pmr_cluster *cluster)
{
	pmr_owner_end();
	pmr_unlock(cluster->lock);
	cluster->lock = -1;
}

__u32 pmr_cluster_number(const struct pmr_cluster *cluster, const char *map)
{
	__u32 key = 0, value = 0;
	int fd;

	fd = pmr_cluster_map(cluster, map, BPF_MAP_TYPE_ARRAY, sizeof(key), sizeof(value), NULL);
	if (fd < 0)
		return 0;
	if (bpf_map_lookup_elem(fd, &key, &value))
		value = 0;
	close(fd);
	return value;
}

int pmr_cluster_map(const struct pmr_cluster *cluster, const char *map, __u32 type, __u32 key_size,
		    __u32 value_size, struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", cluster->path, map);
	return pmr_bpffs_open_keyed(path, type, key_size, value_size, error);
}

bool pmr_cluster_has(const struct pmr_cluster *cluster, const char *map)
{
	char path[PMR_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", cluster->path, map);
	return pmr_bpffs_exists(path);
}
