// SPDX-License-Identifier: GPL-2.0-or-later
/* Joining a socket that another process has open, and taking that back. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adopt.h"
#include "bucket.h"
#include "cluster.h"
#include "join.h"
#include "live_sockets.h"
#include "member.h"
#include "records.h"
#include "reuse_addr.h"

int pmr_adopt(int fd, const struct pmr_adoption *adoption, const struct pmreuseport_config *config,
	      struct pmreuseport_member **member, struct pmreuseport_error *error)
{
	return pmr_join_as(fd, adoption, config, member, error);
}

int pmr_adopt_undo(int fd, const struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	unsigned int live;
	int array, err;

	if (member->was_there)
		return 0;
	err = pmr_cluster_lock(&cluster, member->cluster, PMR_LOCK_EXCLUSIVE, PMR_LOCK_TIMEOUT_MS,
			       error);
	if (!err)
		err = pmr_bucket_leave(member, error);
	if (err)
		goto out;
	pmr_reuse_addr_restore(fd, member->had_reuse_addr);
	array = pmr_bucket_open_array(member, error);
	/* Without the pins there is no bucket left to leave. */
	if (array == -ENOENT)
		goto out;
	err = array < 0 ? array : pmr_live_count(array, &live, error);
	if (array >= 0)
		close(array);
	/* The program belongs to the process that was taken over, which may come back. */
	if (!err && !live && !member->took_over)
		setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &(int){0}, sizeof(int));
out:
	pmr_cluster_unlock(&cluster);
	return err;
}

bool pmr_bucket_taken_by(const struct pmreuseport_member *member,
			 struct pmreuseport_process *process)
{
	int targets = pmr_bucket_open_array(member, NULL), members;
	bool found;

	if (targets < 0)
		return false;
	members = pmr_records_open(member->path);
	found = pmr_bucket_other(targets, members, member, process);
	if (members >= 0)
		close(members);
	close(targets);
	return found;
}
