// SPDX-License-Identifier: GPL-2.0-or-later
/* Forgets a cluster. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cluster.h"
#include "error.h"
#include "live_sockets.h"
#include "remove.h"

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

	err = pmr_cluster_open(&cluster, name, PMR_LOCK_EXCLUSIVE, error);
	if (!err)
		err = pmr_live_in_cluster(&cluster, &live, error);
	if (!err && live)
		err = pmr_error(error, -EBUSY, "cluster \"%s\" has sockets in its buckets (%u)",
				"first stop its instances and the processes that keep their "
				"sockets open",
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
