/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/pidfile.h"

#include "adopt/process.h"
#include "operator.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

/* Clocks of files and of processes differ by ticks, and the time of day may have been corrected. */
#define CLOCK_SLACK_S 5

int pidfile_read(const char *path, pid_t *pid, struct pmreuseport_error *error)
{
	/* O_NONBLOCK: opening a named pipe must not block. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;
	char text[32], *end;
	long value;
	ssize_t n;

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	err = -errno;
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return pmr_error(error, err, "cannot read %.200s (%s)",
				 "name the pidfile of a daemon", path, strerror(-err));
	text[n] = '\0';
	errno = 0;
	value = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || end[strspn(end, " \t\r\n")] || errno || value < 1 ||
	    value > INT_MAX)
		return pmr_error(error, -EINVAL, "%.200s does not hold the id of a process",
				 "name the pidfile of a daemon", path);
	*pid = value;
	return 0;
}

/* When a process started, in seconds since 1970. */
static double start_of(const struct pmr_inner_process *process)
{
	struct timespec day, boot;

	clock_gettime(CLOCK_REALTIME, &day);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (double)(process->started - 1) / sysconf(_SC_CLK_TCK) + day.tv_sec - boot.tv_sec +
	       (day.tv_nsec - boot.tv_nsec) / 1e9;
}

/* Whether the process has the filesystem of a file mounted, and so may have written the file. */
static bool sees(pid_t pid, const struct stat *file)
{
	unsigned int device_major, device_minor;
	char path[32], *line = NULL;
	bool found = false;
	size_t size = 0;
	FILE *mounts;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	mounts = fopen(path, "re");
	while (mounts && !found && getline(&line, &size, mounts) > 0)
		found = sscanf(line, "%*d %*d %u:%u", &device_major, &device_minor) == 2 &&
			makedev(device_major, device_minor) == file->st_dev;
	free(line);
	if (mounts)
		fclose(mounts);
	return found;
}

/* Whether the process has sockets to adopt; comm receives its name. */
static bool can_be_adopted(pid_t pid, const struct ports *ports, char comm[16])
{
	struct process process;
	struct candidates fit;
	bool can;

	if (process_open(&process, pid, NULL))
		return false;
	can = !candidates_find(&process, ports, &fit, NULL) && fit.n;
	memcpy(comm, process.id.comm, sizeof(process.id.comm));
	candidates_close(&fit);
	process_close(&process);
	return can;
}

int pidfile_check(const char *path, pid_t pid, const struct ports *ports,
		  struct pmreuseport_error *error)
{
	struct pmr_processes processes = {0};
	char comm[16];
	const bool fits_here = can_be_adopted(pid, ports, comm);
	struct stat file;
	int err = 0;
	size_t i;

	if (stat(path, &file))
		return 0;
	pmr_processes_read(&processes);
	for (i = 0; !err && i < processes.n; i++) {
		const struct pmr_inner_process *process = &processes.list[i];

		/* By chance, a container may have the pid of a daemon of the host. */
		if (process->inner != pid ||
		    start_of(process) > file.st_mtim.tv_sec + CLOCK_SLACK_S ||
		    (fits_here && !sees(process->pid, &file)) ||
		    !can_be_adopted(process->pid, ports, comm))
			continue;
		err = pmr_error(error, -EINVAL,
				"%.200s holds pid %d, which process %d (%s) has in another "
				"pid namespace, such as a container",
				"give the pid that this host sees, such as --pid %d", path,
				(int)pid, (int)process->pid, comm, (int)process->pid);
	}
	pmr_processes_free(&processes);
	return err;
}
