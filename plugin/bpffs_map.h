/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps by the path of their pin. */
#ifndef PMR_BPFFS_MAP_H
#define PMR_BPFFS_MAP_H

#include <linux/types.h>

#include "pmreuseport.h"

/* A descriptor of a pinned map. -ENOENT, with *error unset: it is not there. */
int pmr_bpffs_get(const char *path, struct pmreuseport_error *error);

/*
 * The same for a map whose entries are to be read and written: the kernel copies as many
 * bytes as the map says, so it must be what it is taken for. -EINVAL if it is not.
 */
int pmr_bpffs_open(const char *path, __u32 type, __u32 value_size, struct pmreuseport_error *error);

/* The same for a map whose keys are not numbers. */
int pmr_bpffs_open_keyed(const char *path, __u32 type, __u32 key_size, __u32 value_size,
			 struct pmreuseport_error *error);

/* The number that the kernel has given to a map; 0: unknown. */
__u32 pmr_map_id(int fd);

#endif /* PMR_BPFFS_MAP_H */
