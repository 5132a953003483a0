/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bucket's process has a socket open: by the links in /proc/PID/fd. */
#ifndef PMREUSEPORT_SOCKETS_OWNERS_H
#define PMREUSEPORT_SOCKETS_OWNERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OWNER_UNKNOWN (-1)

struct owned {
	uint32_t inode;
	size_t endpoint;
	int bucket;
};

struct owners {
	struct owned *list;
	size_t n;
};

/*
 * Notes what a process has open, if its listening socket is among it: a pid alone may be
 * of another pid namespace, or of a later process. 0, also if not, -ENOMEM, or
 * -EACCES or -EPERM if this user may not look.
 */
int owners_add(struct owners *owners, pid_t pid, uint32_t listener, size_t endpoint, int bucket);

/* Once, before the first question. */
void owners_sort(struct owners *owners);

/* The bucket whose process has the socket, or OWNER_UNKNOWN. */
int owners_find(const struct owners *owners, uint32_t inode, size_t endpoint);

void owners_free(struct owners *owners);

#endif
