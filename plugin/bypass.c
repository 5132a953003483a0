// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Datagrams that came past the selector.
 *
 * A process of the same user can detach the selector from the reuseport group, or attach
 * another program, and the kernel has no call that tells which program a group has. But
 * the selector counts each decision before the datagram is queued. A member that receives
 * while the selector decides nothing gets its datagrams from elsewhere.
 *
 * The decisions of the whole group are compared, not those for one bucket: a selector
 * that leaves a datagram to the kernel, because all buckets are drained, counts that too.
 * What the selector counted may be dropped or wait in the queue, so the sums can differ
 * by any number: only a counter that stands still proves something.
 *
 * Not covered: TCP, where the decision is made for the SYN, and accept() may follow much
 * later; objects without the maps of counters.
 */
#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

#include "bucket.h"
#include "bypass.h"
#include "cluster.h"
#include "counters.h"
#include "error.h"
#include "member.h"
#include "records.h"
#include "selector_attach.h"

/*
 * The least memory that the kernel accounts for a queued datagram: struct sk_buff and
 * struct skb_shared_info take more than this.
 */
#define LEAST_TRUESIZE 512

/* 1: *sum is what the selector has decided so far. 0: this selector does not count. */
static int read_decisions(const struct pmreuseport_member *member, uint64_t *sum,
			  struct pmreuseport_error *error)
{
	struct pmr_counted counted;
	int err = pmr_counters_read(member->path, &counted, error), i;

	for (i = 0, *sum = 0; i < PMR_DECISIONS; i++)
		*sum += counted.decisions[i];
	return err ? (err == -ENOENT ? 0 : err) : 1;
}

/* The most datagrams that can be in the queue of the socket. */
static int most_queued(int fd, uint64_t *n, struct pmreuseport_error *error)
{
	__u32 info[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len))
		return pmr_error(error, -errno, "cannot tell the queue of socket %d (%s)",
				 "pass the socket that has joined", fd, strerror(errno));
	*n = info[SK_MEMINFO_RMEM_ALLOC] / LEAST_TRUESIZE;
	return 0;
}

/* 1: the member has received more than the selector can have sent. 0: nothing is known to be wrong.
 */
static int is_bypassed(struct pmreuseport_member *member, int fd, uint64_t received,
		       struct pmreuseport_error *error)
{
	struct pmr_bypass *bypass = &member->bypass;
	uint64_t decisions, queued = 0;
	int ret;

	ret = read_decisions(member, &decisions, error);
	if (ret <= 0)
		return ret;
	if (!bypass->seen || decisions != bypass->decisions) {
		*bypass = (struct pmr_bypass){.decisions = decisions, .seen = true};
		return 0;
	}
	/*
	 * Since the last check all that was decided on has reached the queue. From here on the
	 * member can receive what is in there, and no more before the next decision.
	 */
	if (!bypass->quiet) {
		ret = most_queued(fd, &queued, error);
		if (ret)
			return ret;
		bypass->limit = received + queued;
		bypass->quiet = true;
		return 0;
	}
	return received > bypass->limit;
}

int pmr_bypass_check(struct pmreuseport_member *member, int fd, uint64_t received, int timeout_ms,
		     struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	int ret;

	if (member->tcp)
		return 0;
	ret = is_bypassed(member, fd, received, error);
	if (ret <= 0)
		return ret;

	ret = pmr_cluster_lock(&cluster, member->cluster, PMR_LOCK_EXCLUSIVE, timeout_ms, error);
	/* A socket that has lost its bucket must not change the program of the others. */
	if (!ret && pmr_bucket_state(member) == PMREUSEPORT_HELD) {
		ret = pmr_selector_attach_pinned(fd, member->path, error);
		if (!ret) {
			pmr_record_reattached(member->path, member->index, member->cookie);
			ret = 1;
		}
	}
	pmr_cluster_unlock(&cluster);
	/* Also after a failure: a daemon must not wait for the lock in each call. */
	member->bypass = (struct pmr_bypass){0};
	return ret;
}
