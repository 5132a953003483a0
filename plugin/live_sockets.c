// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which sockets are live. The kernel takes a socket out of its array when it is closed, so
 * an entry that is there is a live member, and nothing else has to be kept or trusted.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "endpoint_dir.h"
#include "error.h"
#include "live_sockets.h"
#include "process_name.h"
#include "records.h"
#include "sharing.h"

int pmr_live_count(int targets_fd, unsigned int *live, struct pmreuseport_error *error)
{
	__u64 cookie;
	__u32 key;
	int err;

	*live = 0;
	for (key = 0; key < PMR_MAX_BUCKETS; key++) {
		err = bpf_map_lookup_elem(targets_fd, &key, &cookie);
		if (!err)
			++*live;
		else if (err != -ENOENT)
			return pmr_error(error, err, "cannot tell whether bucket %u is live (%s)",
					 "remove the pins of the cluster if they are not ours", key,
					 strerror(-err));
	}
	return 0;
}

int pmr_live_in_endpoint(const char *endpoint_path, const char *endpoint_name, unsigned int *live,
			 struct pmreuseport_error *error)
{
	int fd, err;

	*live = 0;
	fd = pmr_endpoint_open_array(endpoint_path, endpoint_name, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = pmr_live_count(fd, live, error);
	close(fd);
	return err;
}

static int add_live(const char *path, const char *name, void *context,
		    struct pmreuseport_error *error)
{
	unsigned int *sum = context, live;
	int err = pmr_live_in_endpoint(path, name, &live, error);

	*sum += live;
	return err;
}

int pmr_live_in_cluster(const struct pmr_cluster *cluster, unsigned int *live,
			struct pmreuseport_error *error)
{
	*live = 0;
	return pmr_endpoint_each(cluster, add_live, live, error);
}

struct search {
	bool (*match)(const char *endpoint_name, const char *name);
	const char *name;
	char *found;
};

static int find_live(const char *path, const char *name, void *context,
		     struct pmreuseport_error *error)
{
	const struct search *search = context;
	unsigned int live;
	int err;

	if (!search->match(name, search->name))
		return 0;
	err = pmr_live_in_endpoint(path, name, &live, error);
	if (err || !live)
		return err;
	snprintf(search->found, PMR_ENDPOINT_NAME_SIZE, "%s", name);
	return 1;
}

int pmr_live_endpoint(const struct pmr_cluster *cluster,
		      bool (*match)(const char *endpoint_name, const char *name), const char *name,
		      char found[PMR_ENDPOINT_NAME_SIZE], struct pmreuseport_error *error)
{
	struct search search = {match, name, found};

	return pmr_endpoint_each(cluster, find_live, &search, error);
}

struct beyond {
	struct pmr_sharing sharing;
	unsigned int end;
	const struct pmr_drained *drained;
	bool only;
};

static int check_beyond(const char *path, const char *name, void *context,
			struct pmreuseport_error *error)
{
	struct beyond *beyond = context;
	bool found = false;
	unsigned int live;
	__u64 cookie;
	__u32 index;
	int fd, err;

	if (pmr_private_to(&beyond->sharing, name))
		return 0;
	fd = pmr_endpoint_open_array(path, name, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = pmr_live_count(fd, &live, error);
	for (index = 0; !err && !found && index < beyond->end; index++)
		found = !pmr_is_drained(beyond->drained, index) &&
			!bpf_map_lookup_elem(fd, &index, &cookie);
	if (live && !found)
		beyond->only = true;
	close(fd);
	return err;
}

int pmr_live_only_beyond(const struct pmr_cluster *cluster, unsigned int end,
			 const struct pmr_drained *drained, bool *only,
			 struct pmreuseport_error *error)
{
	struct beyond beyond = {.end = end, .drained = drained};
	int err = pmr_sharing_read(cluster, &beyond.sharing, error);

	if (!err)
		err = pmr_endpoint_each(cluster, check_beyond, &beyond, error);
	pmr_sharing_free(&beyond.sharing);
	*only = beyond.only;
	return err;
}

struct range {
	struct pmr_sharing sharing;
	unsigned int first;
	unsigned int end;
	char *missing;
};

static int end_at_empty(const char *path, const char *name, void *context,
			struct pmreuseport_error *error)
{
	struct range *range = context;
	unsigned int live;
	__u64 cookie;
	__u32 index;
	int fd, err;

	if (pmr_private_to(&range->sharing, name))
		return 0;
	fd = pmr_endpoint_open_array(path, name, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = pmr_live_count(fd, &live, error);
	for (index = range->first; !err && live && index < range->end; index++)
		if (bpf_map_lookup_elem(fd, &index, &cookie)) {
			range->end = index;
			snprintf(range->missing, PMR_ENDPOINT_NAME_SIZE, "%s", name);
		}
	close(fd);
	return err;
}

int pmr_live_everywhere(const struct pmr_cluster *cluster, unsigned int first, unsigned int *end,
			char missing[PMR_ENDPOINT_NAME_SIZE], struct pmreuseport_error *error)
{
	struct range range = {.first = first, .end = *end, .missing = missing};
	int err = pmr_sharing_read(cluster, &range.sharing, error);

	*missing = '\0';
	if (!err)
		err = pmr_endpoint_each(cluster, end_at_empty, &range, error);
	pmr_sharing_free(&range.sharing);
	*end = range.end;
	return err;
}

static int refuse_unknown(const char *path, __u32 index, struct pmr_member_record *record,
			  const char *why, struct pmreuseport_error *error)
{
	char who[64] = "the process";

	if (record->cookie) {
		pmr_clean_name(record->comm, sizeof(record->comm));
		snprintf(who, sizeof(who), "process %u (%s)", record->pid, record->comm);
	}
	return pmr_error(error, -EBUSY,
			 "cannot tell whether %s of bucket %u of %.200s has ended: %s",
			 "look for that process, and insist with --force if it has ended", who,
			 index, path, why);
}

/* -EBUSY if it is unknown whether the process of one of the sockets has ended. */
static int check_known(const char *path, const char *name, void *context,
		       struct pmreuseport_error *error)
{
	struct pmr_release *what = context;
	struct pmr_member_record record;
	const char *why;
	int fd, err = 0;
	__u64 cookie;
	__u32 index;

	fd = pmr_endpoint_open_array(path, name, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	for (index = what->first; !err && index < what->end; index++)
		if (!bpf_map_lookup_elem(fd, &index, &cookie) &&
		    pmr_record_state(path, index, cookie, &record, &why) == PMR_PROCESS_UNKNOWN)
			err = refuse_unknown(path, index, &record, why, error);
	close(fd);
	return err;
}

static bool is_to_stay(const struct pmr_release *what, const char *path, __u32 index, __u64 cookie)
{
	struct pmr_member_record record;
	enum pmr_process_state state;
	const char *why;

	if (what->whose == PMR_RELEASE_ALL)
		return false;
	state = pmr_record_state(path, index, cookie, &record, &why);
	return state == PMR_PROCESS_LIVES ||
	       (state == PMR_PROCESS_UNKNOWN && what->whose == PMR_RELEASE_DEAD);
}

static int release(const char *path, const char *name, void *context,
		   struct pmreuseport_error *error)
{
	struct pmr_release *what = context;
	int fd, err = 0;
	__u64 cookie;
	__u32 index;

	fd = pmr_endpoint_open_array(path, name, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	for (index = what->first; !err && index < what->end; index++) {
		if (bpf_map_lookup_elem(fd, &index, &cookie) ||
		    is_to_stay(what, path, index, cookie))
			continue;
		pmr_record_released(path, index, cookie);
		err = bpf_map_delete_elem(fd, &index);
		if (!err)
			what->released++;
		else if (err == -ENOENT)
			err = 0;
		else
			pmr_error(error, err, "cannot release bucket %u of %.200s (%s)",
				  "run as its owner or as root", index, path, strerror(-err));
	}
	close(fd);
	return err;
}

int pmr_live_release(const struct pmr_cluster *cluster, struct pmr_release *what,
		     struct pmreuseport_error *error)
{
	int err = 0;

	what->released = 0;
	if (what->whose == PMR_RELEASE_DEAD)
		err = pmr_endpoint_each(cluster, check_known, what, error);
	return err ? err : pmr_endpoint_each(cluster, release, what, error);
}
