/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joining a socket that another process has open. */
#ifndef PMR_ADOPT_H
#define PMR_ADOPT_H

#include <stdbool.h>

#include "pmreuseport.h"

/* How to join a socket that another process has open. */
struct pmr_adoption {
	struct pmreuseport_process owner; /* who has it; pid as this process sees it */
	bool if_free;			  /* -EEXIST if another socket is in the bucket */
};

/*
 * pmreuseport_join() for a copy of another process' socket, which can be closed afterwards:
 * the socket is in its bucket for as long as that process has it open. Such a member is not
 * for pmreuseport_return().
 */
int pmr_adopt(int fd, const struct pmr_adoption *adoption, const struct pmreuseport_config *config,
	      struct pmreuseport_member **member, struct pmreuseport_error *error);

/*
 * Takes it back, as far as that can be: the socket leaves, unless it was there before, and has
 * SO_REUSEADDR again; the program leaves an endpoint without live sockets. A process that was
 * taken over does not get its bucket back.
 */
int pmr_adopt_undo(int fd, const struct pmreuseport_member *member,
		   struct pmreuseport_error *error);

/*
 * The process that took the bucket of a member over; pid 0: not known. False: none did. Needs no
 * lock.
 */
bool pmr_bucket_taken_by(const struct pmreuseport_member *member,
			 struct pmreuseport_process *process);

#endif /* PMR_ADOPT_H */
