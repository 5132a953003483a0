// SPDX-License-Identifier: GPL-2.0-or-later
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "bpffs.h"
#include "error.h"
#include "lock.h"
#include "process_name.h"

/* The directory may have been removed, and made again, while we waited. */
static bool still_there(int fd, const char *path)
{
	struct stat held, named;

	return !fstat(fd, &held) && !lstat(path, &named) && held.st_ino == named.st_ino;
}

struct wait {
	int fd;
	int operation;
	int err;
};

/*
 * flock() has no timeout, and a library cannot use a signal to interrupt it. So a thread
 * waits: it only makes this system call, and is safe to cancel in it. The lock belongs to the
 * open file, not to the thread.
 */
static void *wait_in_queue(void *context)
{
	struct wait *wait = context;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	wait->err = flock(wait->fd, wait->operation) ? -errno : 0;
	pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL);
	return NULL;
}

static int wait_for(int fd, int operation, unsigned int timeout_ms)
{
	struct wait wait = {.fd = fd, .operation = operation, .err = -ETIMEDOUT};
	struct timespec deadline;
	sigset_t all, before;
	pthread_t thread;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += timeout_ms / 1000;
	deadline.tv_nsec += timeout_ms % 1000 * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000;
	}

	/* pthread_cancel() loads it too, and aborts the process if it cannot. */
	if (!dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_NODELETE))
		return -ELIBACC;

	/* The thread takes no signal that is meant for the process. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&thread, NULL, wait_in_queue, &wait);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return -err;
	if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &deadline)) {
		pthread_cancel(thread);
		pthread_join(thread, NULL);
	}
	return wait.err;
}

/* From /proc/locks; 0: not there, such as a process of another pid namespace. */
static pid_t holder_of(int fd)
{
	unsigned int major_number, minor_number;
	unsigned long long inode;
	pid_t pid, found = 0;
	struct stat st;
	char line[256];
	FILE *locks;

	locks = fopen("/proc/locks", "re");
	if (!locks)
		return 0;
	if (fstat(fd, &st))
		st.st_ino = 0;
	/* "1: FLOCK  ADVISORY  WRITE 4711 00:20:1234 0 EOF"; who waits has "->" in front. */
	while (!found && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*u: FLOCK %*s %*s %d %x:%x:%llu", &pid, &major_number,
			   &minor_number, &inode) == 4 &&
		    inode == st.st_ino && makedev(major_number, minor_number) == st.st_dev)
			found = pid;
	fclose(locks);
	return found;
}

static int timed_out(int fd, const char *path, unsigned int timeout_ms,
		     struct pmreuseport_error *error)
{
	const pid_t pid = holder_of(fd);
	char comm[16];

	if (pid <= 0)
		return pmr_error(error, -ETIMEDOUT,
				 "another process has held the lock on %s for %.1f s",
				 "find it in /proc/locks, as root, and end it", path,
				 timeout_ms / 1000.0);
	pmr_process_name(pid, comm, sizeof(comm));
	return pmr_error(error, -ETIMEDOUT, "process %d (%.15s) has held the lock on %s for %.1f s",
			 "try again, or end that process", (int)pid, comm, path,
			 timeout_ms / 1000.0);
}

static const char *advice_on(int err)
{
	if (err == -ELIBACC)
		return "raise the limit of open files, or install libgcc_s.so.1";
	if (err == -EAGAIN)
		return "raise the limit of processes and threads";
	return pmr_advice(err, "check its file system for errors");
}

void pmr_unlock(int fd)
{
	if (fd < 0)
		return;
	/* Explicitly: a child that was forked meanwhile would keep the lock otherwise. */
	flock(fd, LOCK_UN);
	close(fd);
}

int pmr_lock(const char *path, enum pmr_lock_mode mode, unsigned int timeout_ms,
	     struct pmreuseport_error *error)
{
	const int operation = mode == PMR_LOCK_SHARED ? LOCK_SH : LOCK_EX;
	int fd, err;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return pmr_error(error, -errno, "cannot open %s (%s)", "%s", path, strerror(errno),
				 pmr_advice(-errno, "run as root, or let root chmod 750 it and "
						    "give it to a group of this user"));

	/* Without a thread if no other process has it. */
	err = flock(fd, operation | LOCK_NB) ? -errno : 0;
	if (err == -EWOULDBLOCK)
		err = wait_for(fd, operation, timeout_ms);
	if (err == -ETIMEDOUT)
		timed_out(fd, path, timeout_ms, error);
	else if (err)
		pmr_error(error, err, "cannot lock %s (%s)", "%s", path, strerror(-err),
			  advice_on(err));
	else if (!still_there(fd, path))
		err = -ESTALE;
	if (!err)
		return fd;
	/* The thread may have got the lock in the moment that it was cancelled. */
	pmr_unlock(fd);
	return err;
}
