// SPDX-License-Identifier: GPL-2.0-or-later
/* Which clusters there are. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpffs.h"
#include "cluster.h"
#include "clusters.h"
#include "configuration.h"
#include "error.h"
#include "owner.h"

static bool is_cluster_of_ours(const char *name)
{
	struct pmr_cluster cluster;
	bool ours;

	if (pmr_config_check_cluster(name, NULL))
		return false;
	pmr_cluster_name(&cluster, name);
	ours = !pmr_owner_act(cluster.path, NULL) && !pmr_bpffs_check_dir(cluster.path, NULL);
	pmr_owner_end();
	return ours;
}

int pmr_clusters(char (**names)[PMREUSEPORT_CLUSTER_NAME_MAX + 1], size_t *n,
		 struct pmreuseport_error *error)
{
	struct dirent **entries = NULL;
	bool others = false;
	int found, i, err;

	*names = NULL;
	*n = 0;
	err = pmr_bpffs_check(error);
	if (err)
		return err;
	found = scandir(PMR_ROOT, &entries, NULL, alphasort);
	if (found < 0 && errno != ENOENT)
		return pmr_error(error, -errno, "cannot read %s (%s)", "run as root", PMR_ROOT,
				 strerror(errno));
	if (found > 0)
		*names = calloc(found, sizeof(**names));
	for (i = 0; i < found; i++) {
		if (*names && is_cluster_of_ours(entries[i]->d_name))
			snprintf((*names)[(*n)++], sizeof(**names), "%.*s",
				 PMREUSEPORT_CLUSTER_NAME_MAX, entries[i]->d_name);
		else
			others |= !pmr_config_check_cluster(entries[i]->d_name, NULL);
		free(entries[i]);
	}
	free(entries);
	if (found > 0 && !*names)
		return pmr_error(error, -ENOMEM, "out of memory for a list of clusters",
				 "add memory, or raise the memory limit");
	if (*n)
		return 0;
	free(*names);
	*names = NULL;
	if (others)
		return pmr_error(error, -ENOENT,
				 "there is no cluster of user %u under %s, but others have some",
				 "run as the user of the instances", (unsigned int)geteuid(),
				 PMR_ROOT);
	return pmr_error(error, -ENOENT, "there is no cluster under %s", "start an instance",
			 PMR_ROOT);
}

bool pmr_cluster_exists(const char *name)
{
	struct pmr_cluster cluster;

	pmr_cluster_name(&cluster, name);
	return pmr_bpffs_exists(cluster.path);
}

unsigned int pmr_cluster_buckets(const char *name)
{
	struct pmr_cluster cluster;

	pmr_cluster_name(&cluster, name);
	return pmr_cluster_number(&cluster, "size");
}
