/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directories and pins, made so that they can be unmade. */
#ifndef PMR_BPFFS_MAKE_H
#define PMR_BPFFS_MAKE_H

#include <stdbool.h>

#include "bpffs.h"
#include "pmreuseport.h"

/* Things made under the bpffs during a join, to be undone if it fails. */
struct pmr_undo {
	unsigned int n;
	/* Root, cluster, its maps, and eight for each socket. */
	char path[2 + 10 + 8 * PMREUSEPORT_MAX_SOCKETS][PMR_PATH_MAX];
};

void pmr_undo_add(struct pmr_undo *undo, const char *path);
void pmr_undo_all(const struct pmr_undo *undo);

/* Makes a directory (0700) if it is not there; refuses one that is not only ours. */
int pmr_bpffs_mkdir(const char *path, bool *made, struct pmreuseport_error *error);

/* Pins a map or program that is not pinned there yet. */
int pmr_bpffs_pin(int fd, const char *path, struct pmr_undo *undo, struct pmreuseport_error *error);

#endif /* PMR_BPFFS_MAKE_H */
