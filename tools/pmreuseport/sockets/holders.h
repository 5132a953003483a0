/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes have a socket open, by the links in /proc/PID/fd. The pids are those by which
 * this process sees them, in whatever pid namespace they are.
 */
#ifndef PMREUSEPORT_SOCKETS_HOLDERS_H
#define PMREUSEPORT_SOCKETS_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "operator.h"

struct holder {
	uint32_t inode;
	pid_t pid;
};

/* Zeroed: not read yet. Processes that this user may not look at are missing. */
struct holders {
	struct holder *list;
	size_t n;
	bool read;
};

/* The first process that has the socket open; pid 0: none that this user may look at. */
struct pmreuseport_process holders_first(struct holders *holders, uint32_t inode);

/*
 * The pid of the only process that has the socket open or, if there are several, of the only one
 * with that name. 0: unknown.
 */
pid_t holders_only(struct holders *holders, uint32_t inode, const char *comm);

void holders_free(struct holders *holders);

#endif
