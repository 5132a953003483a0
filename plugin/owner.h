/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On whose behalf root works on a cluster. */
#ifndef PMR_OWNER_H
#define PMR_OWNER_H

#include "pmreuseport.h"

/*
 * If root has given a directory (PMR_ROOT, or that of a cluster) to a user, this thread of
 * root accesses files as that user until pmr_owner_end(): what it makes belongs to that user,
 * and a name that leads out of the directory leads to nothing that this user may not change.
 * Does nothing for other users, and if anybody could have made the directory.
 */
int pmr_owner_act(const char *path, struct pmreuseport_error *error);

void pmr_owner_end(void);

#endif /* PMR_OWNER_H */
