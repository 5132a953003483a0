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

void pmr_undo_add(struct pmr_undo *undo, const char *path)
{
	if (undo->n < sizeof(undo->path) / sizeof(undo->path[0]))
		snprintf(undo->path[undo->n++], PMR_PATH_MAX, "%s", path);
}

void pmr_undo_all(const struct pmr_undo *undo)
{
	unsigned int i = undo->n;

	/* Newest first; a directory that somebody has put something into stays. */
	while (i--)
		remove(undo->path[i]);
}

bool pmr_only_ours(const struct stat *st)
{
	return (!st->st_uid || st->st_uid == geteuid()) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

bool pmr_bpffs_exists(const char *path)
{
	return !faccessat(AT_FDCWD, path, F_OK, AT_EACCESS);
}

int pmr_bpffs_check(struct pmreuseport_error *error)
{
	struct statfs fs;

	if (statfs(PMR_BPFFS, &fs))
		return pmr_error(error, -errno, "cannot look at %s (%s)",
				 "mount it with: mount -t bpf bpf %s", PMR_BPFFS, strerror(errno),
				 PMR_BPFFS);
	if ((unsigned int)fs.f_type != BPF_FS_MAGIC)
		return pmr_error(error, -ENOENT, "%s is not a BPF file system",
				 "mount it with: mount -t bpf bpf %s", PMR_BPFFS, PMR_BPFFS);
	return 0;
}

static const char *advice_for(int err)
{
	switch (err) {
	case -EACCES:
	case -EPERM:
		return "run as root, or let root make it and give it to this user, who must be "
		       "able to pass through " PMR_BPFFS;
	case -EROFS:
		return "mount " PMR_BPFFS " read-write";
	case -ENOMEM:
	case -ENOSPC:
		return "free some memory";
	default:
		return "see whether somebody else changes " PMR_ROOT;
	}
}

int pmr_bpffs_check_dir(const char *path, struct pmreuseport_error *error)
{
	struct stat st;
	int err;

	if (lstat(path, &st)) {
		err = -errno;
		return pmr_error(error, err, "cannot look at %s (%s)", "%s", path, strerror(-err),
				 advice_for(err));
	}
	if (!S_ISDIR(st.st_mode))
		return pmr_error(error, -ENOTDIR, "%s is not a directory", "remove it", path);
	if (!pmr_only_ours(&st))
		return pmr_error(error, -EACCES,
				 "%s is owned by user %u with mode %03o, so others could steer "
				 "this instance",
				 "chown it to the user of the instances, and "
				 "chmod 700",
				 path, (unsigned int)st.st_uid, (unsigned int)st.st_mode & 0777);
	return 0;
}

int pmr_bpffs_mkdir(const char *path, bool *made, struct pmreuseport_error *error)
{
	int err;

	*made = !mkdir(path, 0700);
	err = -errno;
	if (!*made && err != -EEXIST)
		return pmr_error(error, err, "cannot create %s (%s) as user %u", "%s", path,
				 strerror(-err), (unsigned int)geteuid(), advice_for(err));

	err = pmr_bpffs_check_dir(path, error);
	/* PMR_ROOT may be rolled back by another join: the caller tries again. */
	return err == -ENOENT && !strcmp(path, PMR_ROOT) ? 0 : err;
}

int pmr_bpffs_get(const char *path, struct pmreuseport_error *error)
{
	int fd = bpf_obj_get(path);

	if (fd < 0 && fd != -ENOENT)
		return pmr_error(error, fd, "cannot open %.200s (%s)", "%s", path, strerror(-fd),
				 pmr_advice(fd, "run as its owner or as root"));
	return fd;
}

int pmr_bpffs_open(const char *path, __u32 type, __u32 value_size, struct pmreuseport_error *error)
{
	return pmr_bpffs_open_keyed(path, type, sizeof(__u32), value_size, error);
}

int pmr_bpffs_open_keyed(const char *path, __u32 type, __u32 key_size, __u32 value_size,
			 struct pmreuseport_error *error)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);
	int fd = pmr_bpffs_get(path, error);

	if (fd < 0)
		return fd;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == type &&
	    info.key_size == key_size && info.value_size == value_size)
		return fd;
	close(fd);
	return pmr_error(error, -EINVAL, "what is pinned at %.200s is not a map of ours",
			 "stop all instances of the "
			 "cluster, then remove its pins",
			 path);
}

int pmr_bpffs_pin(int fd, const char *path, struct pmr_undo *undo, struct pmreuseport_error *error)
{
	int err = bpf_obj_pin(fd, path);

	if (err)
		return pmr_error(error, err, "cannot pin %s (%s) as user %u", "%s", path,
				 strerror(-err), (unsigned int)geteuid(), advice_for(err));
	pmr_undo_add(undo, path);
	return 0;
}
