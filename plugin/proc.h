/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc says of a process: its namespaces, its pids and its start. */
#ifndef PMR_PROC_H
#define PMR_PROC_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

/* process: "self", or a pid as text. */

/* The inode of a namespace, such as "pid". 0: hidden from this user, or no /proc. */
__u32 pmr_proc_namespace(const char *process, const char *kind);

/* The pid in the innermost pid namespace of the process. 0: unknown. */
pid_t pmr_proc_inner_pid(const char *process);

/*
 * False if /proc shows the processes of an outer pid namespace, under the pids that they
 * have there.
 */
bool pmr_proc_is_own(void);

/* When the process started, in clock ticks, plus one. 0: unknown. */
__u64 pmr_proc_start(const char *process);

#endif /* PMR_PROC_H */
