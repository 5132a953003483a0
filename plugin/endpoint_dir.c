// SPDX-License-Identifier: GPL-2.0-or-later
/* The directories of a cluster's endpoints. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include "bpffs_map.h"
#include "endpoint.h"
#include "endpoint_dir.h"
#include "error.h"

static const char *array_of(const char *endpoint_name)
{
	return endpoint_name[0] == 't' ? "tcp_balancing_targets" : "udp_balancing_targets";
}

int pmr_endpoint_open_array(const char *endpoint_path, const char *endpoint_name,
			    struct pmreuseport_error *error)
{
	char path[PMR_PIN_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", endpoint_path, array_of(endpoint_name));
	return pmr_bpffs_open(path, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, sizeof(__u64), error);
}

int pmr_endpoint_each(const struct pmr_cluster *cluster,
		      int (*fn)(const char *path, const char *name, void *context,
				struct pmreuseport_error *error),
		      void *context, struct pmreuseport_error *error)
{
	char path[PMR_DIR_PATH_MAX];
	struct dirent *entry;
	int err = 0;
	DIR *dir;

	dir = opendir(cluster->path);
	if (!dir)
		return pmr_error(error, -errno, "cannot read %s (%s)", "%s", cluster->path,
				 strerror(errno),
				 pmr_advice(-errno, "run as its owner or as root"));
	while (!err && (entry = readdir(dir))) {
		if (!pmr_endpoint_is_name(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", cluster->path, entry->d_name);
		err = fn(path, entry->d_name, context, error);
	}
	closedir(dir);
	return err;
}
