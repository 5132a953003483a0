// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc.h"

/* Fields of /proc/PID/stat between the name and the start time: 3 to 21. */
#define FIELDS_BEFORE_START 19

__u32 pmr_proc_namespace(const char *process, const char *kind)
{
	char path[48];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", process, kind);
	return stat(path, &st) ? 0 : st.st_ino;
}

/*
 * How many pids of a process /proc knows: one for each pid namespace from that of /proc to the
 * innermost one, whose pid is *last. 0: unknown.
 */
static unsigned int read_pids(const char *process, pid_t *last)
{
	char path[32], *line = NULL, *pid, *next;
	unsigned int n = 0;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/status", process);
	file = fopen(path, "re");
	while (file && !n && getline(&line, &size, file) > 0) {
		if (strncmp(line, "NSpid:", 6))
			continue;
		for (pid = strtok_r(line + 6, " \t\n", &next); pid;
		     pid = strtok_r(NULL, " \t\n", &next)) {
			*last = atoi(pid);
			n++;
		}
	}
	free(line);
	if (file)
		fclose(file);
	return n;
}

pid_t pmr_proc_inner_pid(const char *process)
{
	pid_t pid = 0;

	return read_pids(process, &pid) ? pid : 0;
}

bool pmr_proc_is_own(void)
{
	pid_t pid;

	/* A kernel without pid namespaces lists none. */
	return !access("/proc/self/status", R_OK) && read_pids("self", &pid) <= 1;
}

__u64 pmr_proc_start(const char *process)
{
	char path[32], text[1024], *at;
	unsigned long long start;
	ssize_t n;
	int fd, i;

	snprintf(path, sizeof(path), "/proc/%s/stat", process);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* The name may contain spaces and parentheses. */
	at = strrchr(text, ')');
	for (i = 0; at && i <= FIELDS_BEFORE_START; i++)
		at = strchr(at + 1, ' ');
	return at && sscanf(at, "%llu", &start) == 1 ? start + 1 : 0;
}
