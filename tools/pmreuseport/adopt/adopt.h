/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command "adopt" was asked for. */
#ifndef PMREUSEPORT_ADOPT_ADOPT_H
#define PMREUSEPORT_ADOPT_ADOPT_H

#include "adopt/candidates.h"
#include "adopt/process.h"

struct adopt {
	pid_t pid;	     /* 0: see pidfile */
	const char *pidfile; /* NULL: see pid */
	struct ports ports;
	struct pmreuseport_config config;
	bool watch;
	bool json;
};

/*
 * Opens the process that --pid or --pidfile names. -ESRCH, -ENOENT or -EINVAL, with a
 * sentence: there is none.
 */
int adopt_open(const struct adopt *adopt, struct process *process, struct pmreuseport_error *error);

#endif
