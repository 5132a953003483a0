/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that has taken the place of another one after a restart. */
#ifndef PMREUSEPORT_ADOPT_FIND_H
#define PMREUSEPORT_ADOPT_FIND_H

#include "adopt/adopt.h"
#include "adopt/adopt_sockets.h"

/* The process that has ended. */
struct predecessor {
	struct identity identity; /* if --pid named it */
	const struct adopted *sockets;
	size_t n; /* 0: nothing was adopted yet */
};

/*
 * Finds the successor. -ESRCH, with a sentence: it does not exist yet, or has not opened its
 * sockets. -EEXIST: several processes match. process_close() after success.
 */
int adopt_find(const struct adopt *adopt, const struct predecessor *predecessor,
	       struct process *process, struct pmreuseport_error *error);

#endif
