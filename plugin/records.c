// SPDX-License-Identifier: GPL-2.0-or-later
/* The records of members: which process put which socket into a bucket. */
#include <errno.h>
#include <signal.h>
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

pid_t pmr_record_pid(int records_fd, __u32 index, __u64 cookie)
{
	struct pmr_member_record record;

	return pmr_record_read(records_fd, index, cookie, &record) ? record.pid : 0;
}

bool pmr_record_has_process(const char *endpoint_path, __u32 index, __u64 cookie)
{
	int members = pmr_records_open(endpoint_path);
	pid_t pid = pmr_record_pid(members, index, cookie);

	if (members >= 0)
		close(members);
	return pid && (!kill(pid, 0) || errno == EPERM);
}

int pmr_record_write(int records_fd, const struct pmreuseport_member *member)
{
	struct pmr_member_record record = {.cookie = member->cookie, .pid = member->owner.pid};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	record.joined_ns = (__u64)now.tv_sec * 1000000000 + now.tv_nsec;
	if (record.pid) {
		memcpy(record.comm, member->owner.comm, sizeof(record.comm));
	} else {
		record.pid = getpid();
		prctl(PR_GET_NAME, record.comm);
	}
	return bpf_map_update_elem(records_fd, &member->index, &record, BPF_ANY);
}
