/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams that came past the selector, because it was detached from the group. */
#ifndef PMR_BYPASS_H
#define PMR_BYPASS_H

#include <stdbool.h>
#include <stdint.h>

#include "pmreuseport.h"

/* What the last checks of a member saw. */
struct pmr_bypass {
	uint64_t decisions; /* of the selector, for the whole group */
	uint64_t limit;	    /* what the member can receive without a further decision */
	bool seen;	    /* decisions is set */
	bool quiet;	    /* limit is set */
};

/* The answer of pmreuseport_check(). Takes the lock to attach the selector again. */
int pmr_bypass_check(struct pmreuseport_member *member, int fd, uint64_t received, int timeout_ms,
		     struct pmreuseport_error *error);

#endif /* PMR_BYPASS_H */
