/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/process_sockets.h"

#include "doctor/capabilities.h"
#include "operator.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int process_refused(const struct process *process, int err, struct pmreuseport_error *error)
{
	if (err == -ESRCH)
		return err;
	return pmr_error(error, err, "cannot take sockets out of process %d (%s): %s", "%s",
			 (int)process->id.pid, process->id.comm, strerror(-err), ptrace_advice());
}

int process_each_socket(const struct process *process,
			int (*fn)(int fd, void *context, struct pmreuseport_error *error),
			void *context, struct pmreuseport_error *error)
{
	char path[64], link[64];
	struct dirent *entry;
	int err = 0, fd;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)process->id.pid);
	dir = opendir(path);
	if (!dir)
		return process_refused(process, errno == ENOENT ? -ESRCH : -errno, error);
	while (!err && (entry = readdir(dir))) {
		n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		/* Closed meanwhile. Without permission, try to copy it all the same. */
		if (n < 0 && errno != EACCES && errno != EPERM)
			continue;
		link[n < 0 ? 0 : n] = '\0';
		if (n >= 0 && strncmp(link, "socket:", strlen("socket:")))
			continue;
		fd = n < 0 ? -errno : process_copy_fd(process, atoi(entry->d_name));
		if (fd >= 0)
			err = fn(fd, context, error);
		else if (fd != -EBADF)
			err = process_refused(process, fd, error);
	}
	closedir(dir);
	return err;
}

struct question {
	uint64_t cookie;
	bool has;
};

static int compare(int fd, void *context, struct pmreuseport_error *error)
{
	struct question *question = context;
	uint64_t cookie;

	(void)error;
	if (!getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &(socklen_t){sizeof(cookie)}))
		question->has |= cookie == question->cookie;
	close(fd);
	return 0;
}

int process_has_socket(const struct process *process, uint64_t cookie, bool *has,
		       struct pmreuseport_error *error)
{
	struct question question = {.cookie = cookie};
	int err = process_each_socket(process, compare, &question, error);

	*has = question.has;
	return err;
}
