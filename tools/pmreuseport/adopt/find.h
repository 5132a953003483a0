/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that a restart has put in the place of another. */
#ifndef PMREUSEPORT_ADOPT_FIND_H
#define PMREUSEPORT_ADOPT_FIND_H

#include "adopt/adopt.h"
#include "adopt/adopt_sockets.h"

/* The process that has ended. */
struct predecessor {
	struct identity identity; /* if it was given by its pid */
	const struct adopted *sockets;
	size_t n; /* 0: there was none yet */
};

/*
 * -ESRCH, and a sentence: it is not there yet, or has not opened its sockets. -EEXIST:
 * several may be meant. process_close() if it succeeds.
 */
int adopt_find(const struct adopt *adopt, const struct predecessor *predecessor,
	       struct process *process, struct pmreuseport_error *error);

#endif
