/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/process.h"

#include "common/printable.h"
#include "doctor/capabilities.h"
#include "operator.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Since Linux 5.3 and 5.6; the C library's headers may be older than the kernel. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

/* Reads as much of a file in /proc/PID as fits. Returns the length, or a negative errno. */
static ssize_t read_proc(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, text, size);
	n = n < 0 ? -errno : n;
	close(fd);
	return n;
}

static bool has_ended(const struct process *process)
{
	struct pollfd ended = {.fd = process->pidfd, .events = POLLIN};

	return poll(&ended, 1, 0) == 1;
}

int process_open(struct process *process, pid_t pid, struct pmreuseport_error *error)
{
	char comm[sizeof(process->id.comm)] = "";
	size_t length;
	ssize_t n;

	process->id = (struct pmreuseport_process){.pid = pid};
	process->pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (process->pidfd < 0 && errno != ESRCH)
		return pmr_error(error, -errno, "cannot hold on to process %d (%s)",
				 "give the pid of a process, not of a thread", (int)pid,
				 strerror(errno));
	/* A zombie has a pidfd, too. */
	if (process->pidfd < 0 || has_ended(process)) {
		process_close(process);
		return pmr_error(error, -ESRCH, "there is no process %d", "see ps -e", (int)pid);
	}
	n = read_proc(pid, "comm", comm, sizeof(comm));
	length = n > 0 ? n : 0;
	if (length && comm[length - 1] == '\n')
		length--;
	printable_copy(process->id.comm, sizeof(process->id.comm), comm, length);
	return 0;
}

int process_copy_fd(const struct process *process, int fd)
{
	int copy = syscall(SYS_pidfd_getfd, process->pidfd, fd, 0);

	return copy < 0 ? -errno : copy;
}

bool process_is_ending(const struct process *process)
{
	/* No process has this descriptor: -EBADF while it lives, -ESRCH once it ends. */
	return has_ended(process) || process_copy_fd(process, INT_MAX) == -ESRCH;
}

void process_close(struct process *process)
{
	if (process->pidfd >= 0)
		close(process->pidfd);
	process->pidfd = -1;
}

int identity_read(struct identity *identity, pid_t pid, struct pmreuseport_error *error)
{
	static const char deleted[] = " (deleted)";
	char path[64], exe[sizeof(identity->exe)];
	size_t length;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, exe, sizeof(exe));
	if (n < 0)
		return errno == ENOENT || errno == ESRCH
			       ? -ESRCH
			       : pmr_error(error, -errno,
					   "cannot tell which program process %d runs (%s)", "%s",
					   (int)pid, strerror(errno), ptrace_advice());
	length = n;
	/* The suffix of a file that an update has replaced. */
	if (length >= sizeof(deleted) &&
	    !memcmp(exe + length - strlen(deleted), deleted, strlen(deleted)))
		length -= strlen(deleted);
	printable_copy(identity->exe, sizeof(identity->exe), exe, length);
	n = read_proc(pid, "cmdline", identity->args, sizeof(identity->args));
	/* A daemon that overwrites its arguments pads them with zeros. */
	while (n > 0 && !identity->args[n - 1])
		n--;
	identity->args_len = n > 0 ? n : 0;
	return n > 0 ? 0 : -ESRCH;
}

bool identity_is_same(const struct identity *a, const struct identity *b)
{
	return a->args_len == b->args_len && !memcmp(a->args, b->args, a->args_len) &&
	       !strcmp(a->exe, b->exe);
}
