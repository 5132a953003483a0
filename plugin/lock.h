/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lock on everything that is pinned. */
#ifndef PMR_LOCK_H
#define PMR_LOCK_H

#include <stdbool.h>

#include "pmreuseport.h"

enum pmr_lock_mode {
	PMR_LOCK_SHARED,    /* read what is pinned */
	PMR_LOCK_EXCLUSIVE, /* change what is pinned */
};

/*
 * Opens a directory and locks it with flock(), which the kernel releases when the process
 * ends. Waits in the kernel's queue, at most timeout_ms milliseconds.
 *
 * Returns a descriptor for pmr_unlock(), or a negative errno:
 *   -ENOENT     there is no such directory; *error is set
 *   -ESTALE     it was removed or replaced while this process waited; *error is unset
 *   -ETIMEDOUT  another process, which *error names, still has the lock
 *   -EAGAIN     no thread can be started to wait
 *   -ELIBACC    no thread could be ended after timeout_ms
 */
int pmr_lock(const char *path, enum pmr_lock_mode mode, unsigned int timeout_ms,
	     struct pmreuseport_error *error);

/* -1 is allowed. */
void pmr_unlock(int fd);

#endif /* PMR_LOCK_H */
