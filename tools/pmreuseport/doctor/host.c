/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host: where the pins live, and what this process may do. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor/doctor.h"

#define FOR_A_USER                                           \
	"run as root, or let root say: chmod 755 " PMR_BPFFS \
	"; install -d -m 750 -g GROUP " PMR_ROOT

static bool may(const char *path, int what)
{
	return !faccessat(AT_FDCWD, path, what, AT_EACCESS);
}

/* False: there is nothing more to look at. */
static bool check_bpffs(struct checks *checks)
{
	struct pmreuseport_error error = {0};
	struct statvfs fs = {0};
	struct stat st = {0};

	if (pmr_bpffs_check(&error)) {
		checks_add_error(checks, "bpffs", CHECK_FAIL, &error);
		return false;
	}
	statvfs(PMR_BPFFS, &fs);
	stat(PMR_BPFFS, &st);
	if (fs.f_flag & ST_RDONLY) {
		checks_add(checks, "bpffs", CHECK_FAIL, "%s is mounted read-only", PMR_BPFFS);
		checks_fix(checks, "say: mount -o remount,rw %s", PMR_BPFFS);
	} else if (!may(PMR_BPFFS, X_OK)) {
		checks_add(checks, "bpffs", CHECK_FAIL,
			   "%s has mode %04o, so user %u cannot pass through it", PMR_BPFFS,
			   (unsigned int)st.st_mode & 07777, (unsigned int)geteuid());
		checks_fix(checks, "%s", FOR_A_USER);
		return false;
	} else if (st.st_mode & S_IWOTH && !(st.st_mode & S_ISVTX)) {
		checks_add(checks, "bpffs", CHECK_WARN,
			   "%s has mode %04o, so anybody can remove the pins", PMR_BPFFS,
			   (unsigned int)st.st_mode & 07777);
		checks_fix(checks, "say: chmod 755 %s", PMR_BPFFS);
	} else {
		checks_add(checks, "bpffs", CHECK_OK,
			   "a BPF file system is mounted on %s, with mode %04o", PMR_BPFFS,
			   (unsigned int)st.st_mode & 07777);
	}
	return true;
}

static void check_new_root(struct checks *checks)
{
	if (may(PMR_BPFFS, W_OK | X_OK)) {
		checks_add(checks, "directory", CHECK_OK,
			   "there is no %s yet; the first instance makes it", PMR_ROOT);
		return;
	}
	checks_add(checks, "directory", CHECK_FAIL, "there is no %s, and user %u cannot make it",
		   PMR_ROOT, (unsigned int)geteuid());
	checks_fix(checks, "%s", FOR_A_USER);
}

/* What a terminal shows of it. */
static void list_clusters(char *text, size_t size)
{
	char(*names)[PMREUSEPORT_CLUSTER_NAME_MAX + 1] = NULL;
	size_t n = 0, i, used;

	pmr_clusters(&names, &n, NULL);
	snprintf(text, size, n ? "; clusters:" : "; no cluster of this user");
	for (i = 0; i < n; i++) {
		used = strlen(text);
		snprintf(text + used, size - used, " %s", names[i]);
	}
	free(names);
}

static void check_pins(struct checks *checks)
{
	struct pmreuseport_error error = {0};
	char clusters[512];
	struct stat st;
	int err;

	err = pmr_bpffs_check_dir(PMR_ROOT, &error);
	if (err == -ENOENT) {
		check_new_root(checks);
	} else if (err) {
		checks_add_error(checks, "directory", CHECK_FAIL, &error);
	} else if (lstat(PMR_ROOT, &st) || !may(PMR_ROOT, R_OK | X_OK)) {
		checks_add(checks, "directory", CHECK_FAIL,
			   "user %u cannot read %s, whose lock every instance takes",
			   (unsigned int)geteuid(), PMR_ROOT);
		checks_fix(checks, "%s", FOR_A_USER);
	} else {
		list_clusters(clusters, sizeof(clusters));
		checks_add(checks, "directory", CHECK_OK, "%s is user %u's, with mode %04o%s",
			   PMR_ROOT, (unsigned int)st.st_uid, (unsigned int)st.st_mode & 07777,
			   clusters);
	}
}

static void check_capabilities(struct checks *checks)
{
	const unsigned int user = geteuid();

	if (may_load_bpf()) {
		checks_add(checks, "capabilities", CHECK_OK, "user %u has %s", user,
			   has_capability(CAP_BPF) ? "CAP_BPF" : "CAP_SYS_ADMIN, which will do");
	} else {
		checks_add(checks, "capabilities", CHECK_FAIL,
			   "user %u lacks CAP_BPF, so it can neither be an instance nor see one",
			   user);
		checks_fix(checks, "run as root, or with AmbientCapabilities=CAP_BPF");
	}
	if (has_capability(CAP_NET_ADMIN)) {
		checks_add(checks, "net_admin", CHECK_OK, "user %u has CAP_NET_ADMIN", user);
	} else {
		checks_add(checks, "net_admin", CHECK_WARN,
			   "user %u lacks CAP_NET_ADMIN, so pmreuseport rehome cannot close "
			   "sessions",
			   user);
		checks_fix(checks, "run that as root");
	}
}

void check_host(struct checks *checks)
{
	check_capabilities(checks);
	if (check_bpffs(checks))
		check_pins(checks);
}
