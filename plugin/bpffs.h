/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF file system: is it there, and who can write to what is in it. */
#ifndef PMR_BPFFS_H
#define PMR_BPFFS_H

#include <stdbool.h>
#include <sys/stat.h>

#include "pmreuseport.h"

#define PMR_BPFFS "/sys/fs/bpf"
#define PMR_ROOT PMR_BPFFS "/pmacct"

/* Longest of our paths: root, cluster, endpoint, map, with room to spare. */
#define PMR_PATH_MAX 256

/* True if only root and this user can write to it. */
bool pmr_only_ours(const struct stat *st);

bool pmr_bpffs_exists(const char *path);

/* Checks that PMR_BPFFS is a BPF file system. */
int pmr_bpffs_check(struct pmreuseport_error *error);

/* Refuses a path that is no directory, or not only ours. -ENOENT: it is not there. */
int pmr_bpffs_check_dir(const char *path, struct pmreuseport_error *error);

/* What to do about a directory or a pin that could not be made or looked at. */
const char *pmr_bpffs_advice(int err);

#endif /* PMR_BPFFS_H */
