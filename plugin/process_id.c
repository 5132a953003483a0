// SPDX-License-Identifier: GPL-2.0-or-later
/* Which process a record names, and whether that process has ended. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "proc.h"
#include "process_id.h"
#include "processes.h"

static __u64 start_of_pid(pid_t pid)
{
	char process[16];

	if (pid == getpid())
		return pmr_proc_start("self");
	if (!pmr_proc_is_own())
		return 0;
	snprintf(process, sizeof(process), "%d", (int)pid);
	return pmr_proc_start(process);
}

void pmr_process_identify(pid_t pid, struct pmr_member_record *record)
{
	record->pid = pid;
	record->pid_ns = pmr_proc_namespace("self", "pid");
	record->time_ns = pmr_proc_namespace("self", "time");
	record->started = start_of_pid(pid);
}

bool pmr_process_is_elsewhere(const struct pmr_member_record *record)
{
	const __u32 own = pmr_proc_namespace("self", "pid");

	return record->pid_ns && own && record->pid_ns != own;
}

/* That it is not found does not say that it has ended: it may be out of sight. */
static enum pmr_process_state inner_state(const struct pmr_member_record *record, const char **why)
{
	struct pmr_processes processes = {0};
	const pid_t pid = pmr_processes_find(&processes, record);

	pmr_processes_free(&processes);
	if (pid)
		return PMR_PROCESS_LIVES;
	*why = "it is in another pid namespace";
	return PMR_PROCESS_UNKNOWN;
}

enum pmr_process_state pmr_process_state(const struct pmr_member_record *record, const char **why)
{
	const __u32 own = pmr_proc_namespace("self", "pid");
	__u64 started;

	if (!own || !record->pid_ns) {
		*why = own ? "its record does not name a pid namespace"
			   : "/proc of this pid namespace is not mounted";
		return PMR_PROCESS_UNKNOWN;
	}
	if (record->pid_ns != own)
		return inner_state(record, why);
	if (kill(record->pid, 0) && errno == ESRCH)
		return PMR_PROCESS_ENDED;
	/* A time namespace shifts the start time of every process that is read in it. */
	if (!record->started || record->time_ns != pmr_proc_namespace("self", "time")) {
		*why = record->started ? "its start time is of another time namespace"
				       : "its record has no start time";
		return PMR_PROCESS_UNKNOWN;
	}
	started = start_of_pid(record->pid);
	if (started)
		return started == record->started ? PMR_PROCESS_LIVES : PMR_PROCESS_ENDED;
	if (kill(record->pid, 0) && errno == ESRCH)
		return PMR_PROCESS_ENDED;
	*why = "/proc does not show when it started";
	return PMR_PROCESS_UNKNOWN;
}
