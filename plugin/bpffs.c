// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories and pins, made so that they can be unmade. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "internal.h"

static void undo_add(struct pmr_undo *undo, const char *path)
{
	if (undo->n < sizeof(undo->path) / sizeof(undo->path[0]))
		snprintf(undo->path[undo->n++], PMR_PATH_MAX, "%s", path);
}

void pmr_undo_all(const struct pmr_undo *undo)
{
	unsigned int i = undo->n;

	/*
	 * Newest first. A directory that others have put something into stays:
	 * rmdir() then fails with ENOTEMPTY, and that is as it should be.
	 */
	while (i--)
		remove(undo->path[i]);
}

int pmr_bpffs_check(struct pmreuseport_error *error)
{
	struct statfs fs;

	if (statfs(PMR_BPFFS, &fs))
		return pmr_error(error, -errno,
				 "cannot look at %s (%s); mount it with: mount -t bpf bpf %s",
				 PMR_BPFFS, strerror(errno), PMR_BPFFS);
	if ((unsigned int)fs.f_type != BPF_FS_MAGIC)
		return pmr_error(error, -ENOENT,
				 "%s is not a BPF file system; mount it with: mount -t bpf bpf %s",
				 PMR_BPFFS, PMR_BPFFS);
	return 0;
}

int pmr_bpffs_mkdir(const char *path, struct pmr_undo *undo, struct pmreuseport_error *error)
{
	struct stat st;
	int err;

	if (!mkdir(path, 0700))
		undo_add(undo, path);
	else if (errno == ENOENT)
		return -ENOENT;
	else if (errno != EEXIST) {
		err = -errno;
		return pmr_error(error, err,
				 "cannot create %s (%s); run as root, or let root create it and "
				 "give it to user %u",
				 path, strerror(-err), (unsigned int)geteuid());
	}

	if (lstat(path, &st))
		return errno == ENOENT ? -ENOENT
				       : pmr_error(error, -errno, "cannot look at %s (%s)", path,
						   strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return pmr_error(error, -ENOTDIR, "%s is not a directory; remove it", path);
	if ((st.st_uid && st.st_uid != geteuid()) || st.st_mode & (S_IWGRP | S_IWOTH))
		return pmr_error(error, -EACCES,
				 "%s is owned by user %u with mode %03o, so others could steer "
				 "this instance; chown it to root or user %u, and chmod 700",
				 path, (unsigned int)st.st_uid, (unsigned int)st.st_mode & 0777,
				 (unsigned int)geteuid());
	return 0;
}

int pmr_bpffs_pin(int map_fd, const char *path, struct pmr_undo *undo,
		  struct pmreuseport_error *error)
{
	int err = bpf_obj_pin(map_fd, path);

	if (err)
		return pmr_error(error, err,
				 "cannot pin a map at %s (%s); check that the directory is "
				 "writable for user %u",
				 path, strerror(-err), (unsigned int)geteuid());
	undo_add(undo, path);
	return 0;
}
