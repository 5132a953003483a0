/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host: the BPF file system, its pins, and the capabilities of this process. */
#include "doctor/check_host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor/capabilities.h"
#include "operator.h"

#define FOR_A_USER                                                                    \
	"run as root, or as root run: chmod 755 " PMR_BPFFS "; install -d -m 750 -g " \
	"GROUP " PMR_ROOT

static bool may(const char *path, int what)
{
	return !faccessat(AT_FDCWD, path, what, AT_EACCESS);
}

/* False: no further checks are possible. */
static bool check_bpffs(struct findings *findings)
{
	struct pmreuseport_error error = {0};
	struct statvfs fs = {0};
	struct stat st = {0};

	if (pmr_bpffs_check(&error)) {
		findings_add_error(findings, "bpffs", FINDING_FAIL, &error);
		return false;
	}
	statvfs(PMR_BPFFS, &fs);
	stat(PMR_BPFFS, &st);
	if (fs.f_flag & ST_RDONLY) {
		findings_add(findings, "bpffs", FINDING_FAIL, "%s is mounted read-only", PMR_BPFFS);
		findings_fix(findings, "run: mount -o remount,rw %s", PMR_BPFFS);
	} else if (!may(PMR_BPFFS, X_OK)) {
		findings_add(findings, "bpffs", FINDING_FAIL,
			     "%s has mode %04o, so user %u cannot pass through it", PMR_BPFFS,
			     (unsigned int)st.st_mode & 07777, (unsigned int)geteuid());
		findings_fix(findings, "%s", FOR_A_USER);
		return false;
	} else if (st.st_mode & S_IWOTH) {
		findings_add(findings, "bpffs", FINDING_WARN,
			     "%s has mode %04o, so any user can %s", PMR_BPFFS,
			     (unsigned int)st.st_mode & 07777,
			     st.st_mode & S_ISVTX ? "create " PMR_ROOT
						    ", and then no instance starts"
						  : "remove the pins");
		findings_fix(findings, "run: chmod 755 %s; at the next mount add: -o mode=0700",
			     PMR_BPFFS);
	} else {
		findings_add(findings, "bpffs", FINDING_OK,
			     "a BPF file system is mounted on %s, with mode %04o", PMR_BPFFS,
			     (unsigned int)st.st_mode & 07777);
	}
	return true;
}

static void check_new_root(struct findings *findings)
{
	if (may(PMR_BPFFS, W_OK | X_OK)) {
		findings_add(findings, "directory", FINDING_OK,
			     "%s does not exist yet; the first instance creates it", PMR_ROOT);
		return;
	}
	findings_add(findings, "directory", FINDING_FAIL,
		     "%s does not exist, and user %u cannot create it", PMR_ROOT,
		     (unsigned int)geteuid());
	findings_fix(findings, "%s", FOR_A_USER);
}

/* As many names as fit. */
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

static void check_pins(struct findings *findings)
{
	struct pmreuseport_error error = {0};
	char clusters[512];
	struct stat st;
	int err;

	err = pmr_owner_act(PMR_ROOT, &error);
	if (!err)
		err = pmr_bpffs_check_dir(PMR_ROOT, &error);
	pmr_owner_end();
	if (err == -ENOENT) {
		check_new_root(findings);
	} else if (err) {
		findings_add_error(findings, "directory", FINDING_FAIL, &error);
	} else if (lstat(PMR_ROOT, &st) || !may(PMR_ROOT, R_OK | X_OK)) {
		findings_add(findings, "directory", FINDING_FAIL,
			     "user %u cannot read %s, whose lock every instance takes",
			     (unsigned int)geteuid(), PMR_ROOT);
		findings_fix(findings, "%s", FOR_A_USER);
	} else {
		list_clusters(clusters, sizeof(clusters));
		findings_add(findings, "directory", FINDING_OK,
			     "%s is owned by user %u, with mode %04o%s", PMR_ROOT,
			     (unsigned int)st.st_uid, (unsigned int)st.st_mode & 07777, clusters);
	}
}

static void check_capabilities(struct findings *findings)
{
	const unsigned int user = geteuid();

	if (pmr_in_user_ns()) {
		findings_add(findings, "capabilities", FINDING_FAIL,
			     "user %u has no CAP_BPF in the initial user namespace, so it can "
			     "neither run an instance nor inspect one",
			     user);
		findings_fix(findings, "%s", pmr_bpf_advice());
	} else if (may_load_bpf()) {
		findings_add(findings, "capabilities", FINDING_OK, "user %u has %s", user,
			     has_capability(CAP_BPF) ? "CAP_BPF"
						     : "CAP_SYS_ADMIN, which is sufficient");
	} else {
		findings_add(findings, "capabilities", FINDING_FAIL,
			     "user %u lacks CAP_BPF, so it can neither run an instance nor inspect "
			     "one",
			     user);
		findings_fix(findings, "run as root, or with AmbientCapabilities=CAP_BPF");
	}
	if (has_capability(CAP_NET_ADMIN)) {
		findings_add(findings, "net_admin", FINDING_OK, "user %u has CAP_NET_ADMIN", user);
	} else {
		findings_add(findings, "net_admin", FINDING_WARN,
			     "user %u lacks CAP_NET_ADMIN, so pmreuseport rehome cannot close "
			     "sessions",
			     user);
		findings_fix(findings, "run that command as root");
	}
}

void check_host(struct findings *findings)
{
	check_capabilities(findings);
	if (check_bpffs(findings))
		check_pins(findings);
}
