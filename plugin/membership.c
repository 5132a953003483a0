// SPDX-License-Identifier: GPL-2.0-or-later
/* What a member can ask and do until it leaves. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

/* For a daemon that has a queue to read, and whose socket leaves when it is closed. */
#define STOP_TIMEOUT_MS 1000

bool pmreuseport_previous(const struct pmreuseport_member *member,
			  struct pmreuseport_holder *holder)
{
	if (member->took_over)
		*holder = member->previous;
	return member->took_over;
}

unsigned int pmreuseport_previous_count(const struct pmreuseport_member *member)
{
	return member->previous_count;
}

bool pmreuseport_held(const struct pmreuseport_member *member)
{
	return pmr_bucket_held(member);
}

int pmreuseport_return(const struct pmreuseport_member *member, int fd,
		       struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	err = pmr_cluster_open(&cluster, member->cluster, STOP_TIMEOUT_MS, error);
	if (!err)
		err = pmr_bucket_return(fd, member, error);
	pmr_cluster_unlock(&cluster);
	return err;
}

const char *pmreuseport_path(const struct pmreuseport_member *member)
{
	return member->path;
}

int pmreuseport_leave(struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	if (!member)
		return 0;

	/* Without the pins there is no bucket left to leave. */
	err = pmr_bpffs_check(NULL)
		      ? -ENOENT
		      : pmr_cluster_open(&cluster, member->cluster, STOP_TIMEOUT_MS, error);
	if (!err)
		err = pmr_bucket_leave(member, error);
	pmr_cluster_unlock(&cluster);
	free(member);
	return err == -ENOENT ? 0 : err;
}

int pmr_adopt_undo(int fd, const struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	unsigned int live;
	int array, err;

	if (member->was_there)
		return 0;
	err = pmr_cluster_open(&cluster, member->cluster, PMR_LOCK_TIMEOUT_MS, error);
	if (!err)
		err = pmr_bucket_leave(member, error);
	if (err)
		goto out;
	array = pmr_live_open_array(member->path, member->tcp ? "tcp" : "udp", error);
	/* Without the pins there is no bucket left to leave. */
	if (array == -ENOENT)
		goto out;
	err = array < 0 ? array : pmr_live_count(array, PMR_MAX_BUCKETS, &live, error);
	if (array >= 0)
		close(array);
	/* Whoever was taken over had the program, and may come back to it. */
	if (!err && !live && !member->took_over)
		setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &(int){0}, sizeof(int));
out:
	pmr_cluster_unlock(&cluster);
	return err;
}

void pmreuseport_free(struct pmreuseport_member *member)
{
	free(member);
}
