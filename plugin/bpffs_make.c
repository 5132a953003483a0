// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories and pins, made so that they can be unmade. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs.h"
#include "bpffs_make.h"
#include "error.h"

void pmr_undo_add(struct pmr_undo *undo, const char *path)
{
	if (undo->n < sizeof(undo->path) / sizeof(undo->path[0]))
		snprintf(undo->path[undo->n++], PMR_PATH_MAX, "%s", path);
}

void pmr_undo_all(const struct pmr_undo *undo)
{
	unsigned int i = undo->n;

	/* Newest first; a directory that is not empty stays. */
	while (i--)
		remove(undo->path[i]);
}

int pmr_bpffs_mkdir(const char *path, bool *made, struct pmreuseport_error *error)
{
	int err;

	*made = !mkdir(path, 0700);
	err = -errno;
	if (!*made && err != -EEXIST)
		return pmr_error(error, err, "cannot create %s (%s) as user %u", "%s", path,
				 strerror(-err), (unsigned int)geteuid(), pmr_bpffs_advice(err));

	err = pmr_bpffs_check_dir(path, error);
	/* PMR_ROOT may be rolled back by another join: the caller tries again. */
	return err == -ENOENT && !strcmp(path, PMR_ROOT) ? 0 : err;
}

int pmr_bpffs_pin(int fd, const char *path, struct pmr_undo *undo, struct pmreuseport_error *error)
{
	int err = bpf_obj_pin(fd, path);

	if (err)
		return pmr_error(error, err, "cannot pin %s (%s) as user %u", "%s", path,
				 strerror(-err), (unsigned int)geteuid(), pmr_bpffs_advice(err));
	pmr_undo_add(undo, path);
	return 0;
}
