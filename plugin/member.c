// SPDX-License-Identifier: GPL-2.0-or-later
/* What a member can ask and do until it leaves. */
#include <errno.h>
#include <stdlib.h>

#include "bpffs.h"
#include "bucket.h"
#include "bypass.h"
#include "cluster.h"
#include "error.h"
#include "member.h"
#include "prepare.h"

/* For a daemon that has a queue to read, and whose socket leaves when it is closed. */
#define STOP_TIMEOUT_MS 1000

bool pmreuseport_previous(const struct pmreuseport_member *member,
			  struct pmreuseport_process *holder)
{
	if (member->took_over)
		*holder = member->previous;
	return member->took_over;
}

unsigned int pmreuseport_previous_count(const struct pmreuseport_member *member)
{
	return member->previous_count;
}

void pmreuseport_set_max_sessions(struct pmreuseport_member *member, unsigned int n)
{
	member->max_sessions = n;
}

unsigned int pmreuseport_outside(const struct pmreuseport_member *member)
{
	return member->outside;
}

enum pmreuseport_state pmreuseport_state(const struct pmreuseport_member *member)
{
	return pmr_bucket_state(member);
}

int pmreuseport_return(struct pmreuseport_member *const members[], const int fds[], size_t n,
		       struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	int ret, returned = 0;
	size_t i;

	ret = pmr_cluster_lock(&cluster, members[0]->cluster, PMR_LOCK_EXCLUSIVE, STOP_TIMEOUT_MS,
			       error);
	for (i = 0; ret >= 0 && i < n; i++) {
		ret = pmr_error_of(fds[i], pmr_bucket_return(fds[i], members[i], error), error);
		returned += ret > 0;
	}
	pmr_cluster_unlock(&cluster);
	/* Without the pins there is no bucket left to return to. */
	return ret < 0 && ret != -ENOENT ? ret : returned;
}

int pmreuseport_check(struct pmreuseport_member *member, int fd, uint64_t received,
		      struct pmreuseport_error *error)
{
	return pmr_error_of(fd, pmr_bypass_check(member, fd, received, STOP_TIMEOUT_MS, error),
			    error);
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
	err = pmr_bpffs_check(NULL) ? -ENOENT
				    : pmr_cluster_lock(&cluster, member->cluster,
						       PMR_LOCK_EXCLUSIVE, STOP_TIMEOUT_MS, error);
	if (!err)
		err = pmr_bucket_leave(member, error);
	pmr_cluster_unlock(&cluster);
	pmreuseport_free(member);
	return err == -ENOENT ? 0 : err;
}

void pmreuseport_free(struct pmreuseport_member *member)
{
	if (member)
		pmr_prepared_free(member);
	free(member);
}
