/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the bucket whose process has a socket open, by the links in /proc/PID/fd. */
#ifndef PMREUSEPORT_SOCKETS_OWNERS_H
#define PMREUSEPORT_SOCKETS_OWNERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OWNER_NONE (-1)
#define OWNER_HIDDEN (-2)

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
 * Adds the sockets of a process, if the listening socket is one of them: the pid may be from
 * another pid namespace, or belong to a later process by now, which is no error, and
 * *open_files is 0 then. -ENOMEM, or -EACCES or -EPERM: this user may not read /proc/PID/fd.
 */
int owners_add(struct owners *owners, pid_t pid, uint32_t listener, size_t endpoint, int bucket,
	       unsigned int *open_files);

/* Call it once, before owners_find(). */
void owners_sort(struct owners *owners);

/* The bucket whose process has the socket, or OWNER_NONE. */
int owners_find(const struct owners *owners, uint32_t inode, size_t endpoint);

void owners_free(struct owners *owners);

#endif
