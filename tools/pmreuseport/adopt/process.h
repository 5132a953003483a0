/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running process, held by a pidfd, so that its pid is not reused. */
#ifndef PMREUSEPORT_ADOPT_PROCESS_H
#define PMREUSEPORT_ADOPT_PROCESS_H

#include <stdbool.h>

#include "pmreuseport.h"

struct process {
	int pidfd; /* -1: none */
	struct pmreuseport_process id;
};

/* -ESRCH: no process has that pid. process_close() after success. */
int process_open(struct process *process, pid_t pid, struct pmreuseport_error *error);

/* A copy of a descriptor, or a negative errno without a sentence; -ESRCH: it has ended. */
int process_copy_fd(const struct process *process, int fd);

/* True if it has ended, or (since Linux 6.9) closes its files because it ends. */
bool process_is_ending(const struct process *process);

void process_close(struct process *process);

/* The program and its arguments, which a restart does not change. */
struct identity {
	char exe[4096];	 /* printable */
	char args[4096]; /* the beginning of /proc/PID/cmdline */
	size_t args_len;
};

/* -ESRCH, without a sentence: it has ended, or is a kernel thread. */
int identity_read(struct identity *identity, pid_t pid, struct pmreuseport_error *error);

bool identity_is_same(const struct identity *a, const struct identity *b);

#endif
