// SPDX-License-Identifier: GPL-2.0-or-later
/* The records of members: which process put which socket into a bucket. */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs_map.h"
#include "records.h"

int pmr_records_open(const char *endpoint_path)
{
	char path[2 * PMR_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/members", endpoint_path);
	return pmr_bpffs_open(path, BPF_MAP_TYPE_ARRAY, sizeof(struct pmr_member_record), NULL);
}

bool pmr_record_read(int records_fd, __u32 index, __u64 cookie, struct pmr_member_record *record)
{
	return records_fd >= 0 && !bpf_map_lookup_elem(records_fd, &index, record) &&
	       record->cookie == cookie;
}

enum pmr_process_state pmr_record_state(const char *endpoint_path, __u32 index, __u64 cookie,
					struct pmr_member_record *record, const char **why)
{
	enum pmr_process_state state = PMR_PROCESS_UNKNOWN;
	int members = pmr_records_open(endpoint_path);

	*why = "the cluster has no record of it";
	if (pmr_record_read(members, index, cookie, record))
		state = pmr_process_state(record, why);
	else
		record->cookie = 0;
	if (members >= 0)
		close(members);
	return state;
}

/* The record of a socket is changed, if it has one. */
static void change(const char *endpoint_path, __u32 index, __u64 cookie, __u32 released,
		   __u32 reattached)
{
	const int members = pmr_records_open(endpoint_path);
	struct pmr_member_record record;

	if (pmr_record_read(members, index, cookie, &record)) {
		record.released |= released;
		record.reattached += reattached;
		bpf_map_update_elem(members, &index, &record, BPF_ANY);
	}
	if (members >= 0)
		close(members);
}

void pmr_record_released(const char *endpoint_path, __u32 index, __u64 cookie)
{
	change(endpoint_path, index, cookie, 1, 0);
}

void pmr_record_reattached(const char *endpoint_path, __u32 index, __u64 cookie)
{
	change(endpoint_path, index, cookie, 0, 1);
}

int pmr_record_write(int records_fd, const struct pmreuseport_member *member)
{
	struct pmr_member_record record = {.cookie = member->cookie,
					   .max_sessions = member->max_sessions};
	const pid_t owner = member->owner.pid;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	record.joined_ns = (__u64)now.tv_sec * 1000000000 + now.tv_nsec;
	pmr_process_identify(owner ? owner : getpid(), &record);
	if (owner)
		memcpy(record.comm, member->owner.comm, sizeof(record.comm));
	else
		prctl(PR_GET_NAME, record.comm);
	return bpf_map_update_elem(records_fd, &member->index, &record, BPF_ANY);
}
