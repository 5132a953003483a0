// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <stdlib.h>

#include "proc.h"
#include "process_id.h"
#include "processes.h"

/* Out of memory: one process less is known. */
static void add(struct pmr_processes *processes, const char *process, __u32 pid_ns)
{
	struct pmr_inner_process *grown, found = {.pid = atoi(process), .pid_ns = pid_ns};

	found.inner = pmr_proc_inner_pid(process);
	found.started = pmr_proc_start(process);
	if (!found.inner || !found.started)
		return;
	grown = realloc(processes->list, (processes->n + 1) * sizeof(*grown));
	if (!grown)
		return;
	processes->list = grown;
	processes->list[processes->n++] = found;
}

void pmr_processes_read(struct pmr_processes *processes)
{
	const __u32 own = pmr_proc_namespace("self", "pid");
	struct dirent *entry;
	__u32 pid_ns;
	DIR *dir;

	if (processes->read)
		return;
	processes->read = true;
	/* Otherwise its pids mean nothing to this process. */
	dir = own && pmr_proc_is_own() ? opendir("/proc") : NULL;
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		pid_ns = pmr_proc_namespace(entry->d_name, "pid");
		if (pid_ns && pid_ns != own)
			add(processes, entry->d_name, pid_ns);
	}
	if (dir)
		closedir(dir);
}

pid_t pmr_processes_find(struct pmr_processes *processes, const struct pmr_member_record *record)
{
	const struct pmr_inner_process *process;
	size_t i;

	if (!pmr_process_is_elsewhere(record))
		return record->pid;
	/* A time namespace shifts the start times that are read in it. */
	if (!record->started || record->time_ns != pmr_proc_namespace("self", "time"))
		return 0;
	pmr_processes_read(processes);
	for (i = 0; i < processes->n; i++) {
		process = &processes->list[i];
		/* The number of a pid namespace that has ended is used again. */
		if (process->pid_ns == record->pid_ns && process->inner == (pid_t)record->pid &&
		    process->started == record->started)
			return process->pid;
	}
	return 0;
}

bool pmr_processes_locate(struct pmr_processes *processes, struct pmr_member_record *record)
{
	const pid_t pid = pmr_processes_find(processes, record);

	if (pid)
		record->pid = pid;
	return pid;
}

void pmr_processes_free(struct pmr_processes *processes)
{
	free(processes->list);
	*processes = (struct pmr_processes){0};
}
