// SPDX-License-Identifier: GPL-2.0-or-later
/* The BPF file system: is it there, and who can write to what is in it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "bpffs.h"
#include "error.h"

bool pmr_only_ours(const struct stat *st)
{
	/* Not geteuid(): root may act as another user, see pmr_owner_act(). */
	const uid_t user = setfsuid(-1);

	return (!st->st_uid || st->st_uid == user) && !(st->st_mode & (S_IWGRP | S_IWOTH));
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
				 "mount it with: mount -t bpf -o mode=0700 bpf %s", PMR_BPFFS,
				 strerror(errno), PMR_BPFFS);
	if ((unsigned int)fs.f_type != BPF_FS_MAGIC)
		return pmr_error(error, -ENOENT, "%s is not a BPF file system",
				 "mount it with: mount -t bpf -o mode=0700 bpf %s", PMR_BPFFS,
				 PMR_BPFFS);
	return 0;
}

const char *pmr_bpffs_advice(int err)
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
		return "add memory, or raise the memory limit";
	default:
		return "check whether another process changes " PMR_ROOT;
	}
}

int pmr_bpffs_check_dir(const char *path, struct pmreuseport_error *error)
{
	struct stat st;
	int err;

	if (lstat(path, &st)) {
		err = -errno;
		return pmr_error(error, err, "cannot look at %s (%s)", "%s", path, strerror(-err),
				 pmr_bpffs_advice(err));
	}
	if (!S_ISDIR(st.st_mode))
		return pmr_error(error, -ENOTDIR, "%s is not a directory", "remove it", path);
	if (!pmr_only_ours(&st))
		return pmr_error(error, -EACCES,
				 "%s is owned by user %u with mode %03o, so others could steer "
				 "this instance",
				 "chown it to the user of the instances, and chmod 700", path,
				 (unsigned int)st.st_uid, (unsigned int)st.st_mode & 0777);
	return 0;
}
