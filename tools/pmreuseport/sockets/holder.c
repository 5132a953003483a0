/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets/holder.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_open(pid_t pid, const char *wanted)
{
	char path[32], link[64];
	struct dirent *entry;
	bool found = false;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		found = !strcmp(link, wanted);
	}
	closedir(dir);
	return found;
}

struct pmreuseport_process holder_of(uint32_t inode)
{
	struct pmreuseport_process process = {0};
	struct dirent *entry;
	char wanted[32];
	DIR *dir;

	snprintf(wanted, sizeof(wanted), "socket:[%u]", inode);
	dir = opendir("/proc");
	while (dir && !process.pid && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    has_open(atoi(entry->d_name), wanted))
			process.pid = atoi(entry->d_name);
	if (dir)
		closedir(dir);
	if (process.pid)
		pmr_process_name(process.pid, process.comm, sizeof(process.comm));
	return process;
}
