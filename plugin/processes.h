/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of inner pid namespaces, such as containers: this process sees them in /proc,
 * under other pids than they see themselves.
 */
#ifndef PMR_PROCESSES_H
#define PMR_PROCESSES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "reuseport.h"

struct pmr_inner_process {
	pid_t pid;   /* as this process sees it */
	pid_t inner; /* as the process sees itself */
	__u32 pid_ns;
	__u64 started; /* as pmr_proc_start() says */
};

/* Zeroed: not read yet. Those that this user may not look at are missing. */
struct pmr_processes {
	struct pmr_inner_process *list;
	size_t n;
	bool read;
};

/* Reads /proc, once. */
void pmr_processes_read(struct pmr_processes *processes);

/* The pid by which this process sees the process of a record. 0: unknown. */
pid_t pmr_processes_find(struct pmr_processes *processes, const struct pmr_member_record *record);

/*
 * Replaces the pid in a record by that by which this process sees its process. False, and the
 * record unchanged: unknown.
 */
bool pmr_processes_locate(struct pmr_processes *processes, struct pmr_member_record *record);

void pmr_processes_free(struct pmr_processes *processes);

#endif /* PMR_PROCESSES_H */
