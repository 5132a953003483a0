// SPDX-License-Identifier: GPL-2.0-or-later
/* Root acts as the user that it has given the directories to. */
#include <errno.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpffs.h"
#include "error.h"
#include "owner.h"

static bool only_owner_writes(const char *path, struct stat *st)
{
	return !lstat(path, st) && S_ISDIR(st->st_mode) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Finds the user that root has given a directory to. False: root keeps it, or it is not sure. */
static bool find_owner(const char *path, uid_t *uid, gid_t *gid)
{
	struct stat bpffs, root, st;

	if (!only_owner_writes(PMR_BPFFS, &bpffs) || bpffs.st_uid ||
	    !only_owner_writes(PMR_ROOT, &root))
		return false;
	*uid = lstat(path, &st) ? root.st_uid : st.st_uid;
	/* The group may pass through the directories above. */
	*gid = root.st_gid;
	return *uid && (!root.st_uid || root.st_uid == *uid);
}

int pmr_owner_act(const char *path, struct pmreuseport_error *error)
{
	uid_t uid;
	gid_t gid;

	if (geteuid() || !find_owner(path, &uid, &gid))
		return 0;
	setfsgid(gid);
	setfsuid(uid);
	/* Neither call reports a failure. */
	if ((uid_t)setfsuid(-1) == uid)
		return 0;
	pmr_owner_end();
	return pmr_error(error, -EPERM, "cannot act as user %u, who owns %s",
			 "run as that user, or with CAP_SETUID and CAP_SETGID", (unsigned int)uid,
			 path);
}

void pmr_owner_end(void)
{
	if (geteuid())
		return;
	setfsuid(0);
	setfsgid(getegid());
}
