/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process_files.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* A number, or the word "unlimited". */
static uint64_t read_value(const char *text)
{
	uint64_t value;

	return sscanf(text, "%" SCNu64, &value) == 1 ? value : UINT64_MAX;
}

/* prlimit() needs the same user; everyone may read the file. */
bool process_files_limit(pid_t pid, struct files_limit *limit)
{
	char path[32] = "/proc/self/limits", line[128], soft[24], hard[24];
	bool found = false;
	FILE *in;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
	in = fopen(path, "re");
	if (!in)
		return false;
	while (!found && fgets(line, sizeof(line), in))
		found = sscanf(line, "Max open files %23s %23s", soft, hard) == 2;
	fclose(in);
	if (found)
		*limit = (struct files_limit){read_value(soft), read_value(hard)};
	return found;
}

/* The process is there, but this user may not read it. Otherwise it has ended, or closed a file. */
static int hidden(void)
{
	return errno == EACCES || errno == EPERM ? -errno : 0;
}

int process_files_each(pid_t pid, int (*fn)(uint32_t inode, void *context), void *context)
{
	char path[32], link[64];
	struct dirent *entry;
	uint32_t inode;
	int ret = 0;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return hidden();
	while (!ret && (entry = readdir(dir))) {
		/* "." and ".." are no links. */
		n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		if (n < 0) {
			ret = hidden();
			continue;
		}
		link[n] = '\0';
		ret = fn(sscanf(link, "socket:[%" SCNu32 "]", &inode) == 1 ? inode : 0, context);
	}
	closedir(dir);
	return ret;
}
