// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "calls.h"

void fuzz_exit(int status)
{
	fprintf(stderr, "the daemon has ended with status %d\n", status);
	abort();
}

/* To the core process, each plugin has been started. Nobody reads what it sends to them. */
pid_t fuzz_fork(void)
{
	return 1 << 30;
}

int fuzz_kill(pid_t pid, int signum)
{
	(void)pid;
	(void)signum;
	return 0;
}

int fuzz_sigaction(int signum, const struct sigaction *new, struct sigaction *old)
{
	(void)signum;
	(void)new;
	if (old)
		memset(old, 0, sizeof(*old));
	return 0;
}

int fuzz_sigprocmask(int how, const sigset_t *new, sigset_t *old)
{
	(void)how;
	(void)new;
	if (old)
		sigemptyset(old);
	return 0;
}

void (*fuzz_signal(int signum, void (*handler)(int)))(int)
{
	(void)signum;
	(void)handler;
	return SIG_DFL;
}

unsigned int fuzz_sleep(unsigned int seconds)
{
	(void)seconds;
	return 0;
}

int fuzz_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)fd;
	(void)addr;
	(void)len;
	return 0;
}

int fuzz_listen(int fd, int backlog)
{
	(void)fd;
	(void)backlog;
	return 0;
}

void *fuzz_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	void *memory;

	if (!(flags & MAP_ANONYMOUS))
		return mmap(addr, len, prot, flags, fd, offset);
	memory = calloc(1, len);
	return memory ? memory : MAP_FAILED;
}
