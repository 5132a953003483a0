/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The limit of open files of a process. */
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

#endif
