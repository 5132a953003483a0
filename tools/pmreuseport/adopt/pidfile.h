/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file in which a daemon has written the pid that it sees itself. */
#ifndef PMREUSEPORT_ADOPT_PIDFILE_H
#define PMREUSEPORT_ADOPT_PIDFILE_H

#include <sys/types.h>

#include "adopt/candidates.h"

/* Reads the pid in a file. -ENOENT, with a sentence: there is no such file. */
int pidfile_read(const char *path, pid_t *pid, struct pmreuseport_error *error);

/*
 * -EINVAL if the pid may be that of a daemon in a container, and so that of another process, or
 * of none, here. ports: see candidates_find().
 */
int pidfile_check(const char *path, pid_t pid, const struct ports *ports,
		  struct pmreuseport_error *error);

#endif
