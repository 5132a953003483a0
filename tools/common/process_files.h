/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The open files of a process, and their limit. */
#ifndef TOOLS_PROCESS_FILES_H
#define TOOLS_PROCESS_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct files_limit {
	uint64_t soft, hard; /* UINT64_MAX: unlimited */
};

/* pid 0: this process. False: there is no such process, or it cannot be read. */
bool process_files_limit(pid_t pid, struct files_limit *limit);

/*
 * Calls fn for each open file, with its inode if it is a socket, and 0 otherwise. Returns what fn
 * returns, and stops, if that is not 0. 0: all were read, or the process has ended. -EACCES or
 * -EPERM: this user may not read /proc/PID/fd.
 */
int process_files_each(pid_t pid, int (*fn)(uint32_t inode, void *context), void *context);

#endif
