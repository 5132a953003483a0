// SPDX-License-Identifier: GPL-2.0-or-later
/* Which process a record names, and whether that process has ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process_id.h"

/* Fields of /proc/PID/stat between the name and the start time: 3 to 21. */
#define FIELDS_BEFORE_START 19

/* The inode of a namespace of this process. 0: no such namespace, or no /proc. */
static __u32 own_namespace(const char *kind)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	return stat(path, &st) ? 0 : st.st_ino;
}

/*
 * False if /proc shows the processes of an outer pid namespace, under the pids that they
 * have there. It then knows more than one pid of this process.
 */
static bool proc_is_own(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char *line = NULL, *pid;
	bool own = file;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		if (strncmp(line, "NSpid:", 6))
			continue;
		pid = line + 6 + strspn(line + 6, " \t");
		own = !strpbrk(pid, " \t");
		break;
	}
	free(line);
	if (file)
		fclose(file);
	return own;
}

/* When a process started, plus one; 0: unknown. */
static __u64 start_of(const char *process)
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

static __u64 start_of_pid(pid_t pid)
{
	char process[16];

	if (pid == getpid())
		return start_of("self");
	if (!proc_is_own())
		return 0;
	snprintf(process, sizeof(process), "%d", (int)pid);
	return start_of(process);
}

void pmr_process_identify(pid_t pid, struct pmr_member_record *record)
{
	record->pid = pid;
	record->pid_ns = own_namespace("pid");
	record->time_ns = own_namespace("time");
	record->started = start_of_pid(pid);
}

bool pmr_process_is_elsewhere(const struct pmr_member_record *record)
{
	const __u32 own = own_namespace("pid");

	return record->pid_ns && own && record->pid_ns != own;
}

enum pmr_process_state pmr_process_state(const struct pmr_member_record *record, const char **why)
{
	const __u32 own = own_namespace("pid");
	__u64 started;

	if (!own || !record->pid_ns) {
		*why = own ? "its record does not name a pid namespace"
			   : "/proc of this pid namespace is not mounted";
		return PMR_PROCESS_UNKNOWN;
	}
	if (record->pid_ns != own) {
		*why = "it is in another pid namespace";
		return PMR_PROCESS_UNKNOWN;
	}
	if (kill(record->pid, 0) && errno == ESRCH)
		return PMR_PROCESS_ENDED;
	/* A time namespace shifts the start time of every process that is read in it. */
	if (!record->started || record->time_ns != own_namespace("time")) {
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
