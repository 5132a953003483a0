// SPDX-License-Identifier: GPL-2.0-or-later
/* Removes the pins of a cluster, or of one of its endpoints. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs.h"
#include "cluster.h"
#include "endpoint.h"
#include "endpoint_dir.h"
#include "error.h"
#include "live_sockets.h"
#include "process_name.h"
#include "processes.h"
#include "records.h"
#include "remove.h"
#include "sharing.h"

/* Room for a socket in a list of them. */
#define ONE_SOCKET 96

static int remove_pin(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	/* A directory that root has made for this user stays, as does the right to use it. */
	if (!remove(path) || (!where->level && (errno == EACCES || errno == EPERM)))
		return 0;
	return -errno;
}

/* A directory and all that is in it. */
static int remove_all(const char *path, struct pmreuseport_error *error)
{
	int err = nftw(path, remove_pin, 8, FTW_DEPTH | FTW_PHYS);

	if (!err)
		return 0;
	err = err < -1 ? err : -errno;
	return pmr_error(error, err, "cannot remove %s (%s)", "run as root", path, strerror(-err));
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
	err = remove_all(cluster.path, error);
out:
	pmr_cluster_unlock(&cluster);
	return err;
}

/* Appends "bucket 3 (process 17, nfacctd)" for each live socket, as long as there is room. */
static void name_sockets(const char *path, int targets, char *text, size_t size)
{
	int members = pmr_records_open(path);
	struct pmr_processes processes = {0};
	struct pmr_member_record record;
	size_t length = 0;
	__u64 cookie;
	__u32 index;
	bool here;

	*text = '\0';
	for (index = 0; index < PMR_MAX_BUCKETS; index++) {
		if (bpf_map_lookup_elem(targets, &index, &cookie))
			continue;
		if (length > size - ONE_SOCKET) {
			snprintf(text + length, size - length, " and others");
			break;
		}
		length += snprintf(text + length, size - length, "%sbucket %u", length ? ", " : "",
				   index);
		if (!pmr_record_read(members, index, cookie, &record))
			continue;
		pmr_clean_name(record.comm, sizeof(record.comm));
		here = pmr_processes_locate(&processes, &record);
		length += snprintf(text + length, size - length, " (process %u%s, %s)", record.pid,
				   here ? "" : " of another pid namespace", record.comm);
	}
	pmr_processes_free(&processes);
	if (members >= 0)
		close(members);
}

static int check_unused(const char *path, const char *endpoint, struct pmreuseport_error *error)
{
	char sockets[8 * ONE_SOCKET];
	int targets;

	targets = pmr_endpoint_open_array(path, endpoint, error);
	if (targets < 0)
		return targets == -ENOENT ? 0 : targets;
	name_sockets(path, targets, sockets, sizeof(sockets));
	close(targets);
	if (!*sockets)
		return 0;
	return pmr_error(error, -EBUSY, "endpoint %s has sockets: %s",
			 "first stop these processes, or let them close the port", endpoint,
			 sockets);
}

int pmr_remove_endpoint(const char *name, const char *endpoint, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	char path[PMR_DIR_PATH_MAX];
	int err;

	err = pmr_endpoint_check_name(endpoint, error);
	if (!err)
		err = pmr_cluster_open(&cluster, name, PMR_LOCK_EXCLUSIVE, error);
	if (err)
		goto out;
	snprintf(path, sizeof(path), "%s/%s", cluster.path, endpoint);
	err = pmr_bpffs_check_dir(path, error);
	if (err == -ENOENT)
		pmr_error(error, err, "cluster \"%s\" has no endpoint %s",
			  "list its endpoints with: pmreuseport status -c %s", name, endpoint,
			  name);
	if (!err)
		err = check_unused(path, endpoint, error);
	if (!err)
		err = remove_all(path, error);
	if (!err)
		err = pmr_sharing_write(&cluster, error);
out:
	pmr_cluster_unlock(&cluster);
	return err;
}
