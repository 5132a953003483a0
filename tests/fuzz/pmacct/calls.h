/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon calls in place of system calls: see the file "symbols". */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

int fuzz_main(int argc, char **argv, char **envp);

/* A daemon that ends because of what it got is a finding. */
_Noreturn void fuzz_exit(int status);

/* Processes, signals and time are those of the fuzzer. */
pid_t fuzz_fork(void);
int fuzz_kill(pid_t pid, int signum);
int fuzz_sigaction(int signum, const struct sigaction *new, struct sigaction *old);
int fuzz_sigprocmask(int how, const sigset_t *new, sigset_t *old);
void (*fuzz_signal(int signum, void (*handler)(int)))(int);
unsigned int fuzz_sleep(unsigned int seconds);

/* No port is taken, so several fuzzers may run at a time. */
int fuzz_bind(int fd, const struct sockaddr *addr, socklen_t len);
int fuzz_listen(int fd, int backlog);

/* Shared memory from malloc(), so that an access beyond its end is found. */
void *fuzz_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);

#endif /* FUZZ_CALLS_H */
