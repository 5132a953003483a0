/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bucket's process has a socket open: by the links in /proc/PID/fd. */
#ifndef PMREUSEPORT_HOLDERS_H
#define PMREUSEPORT_HOLDERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HOLDER_UNKNOWN (-1)

struct held {
	uint32_t inode;
	size_t endpoint;
	int bucket;
};

struct holders {
	struct held *held;
	size_t n;
};

/*
 * Notes what a process has open, if its listening socket is among it: a pid alone may be
 * of another pid namespace, or of whoever got it next. 0, also if not, -ENOMEM, or
 * -EACCES or -EPERM if this user may not look.
 */
int holders_add(struct holders *holders, pid_t pid, uint32_t listener, size_t endpoint, int bucket);

/* Once, before the first question. */
void holders_sort(struct holders *holders);

/* The bucket whose process has the socket, or HOLDER_UNKNOWN. */
int holders_find(const struct holders *holders, uint32_t inode, size_t endpoint);

void holders_free(struct holders *holders);

#endif
