/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel: its version, and its features, by trying them. */
#include "doctor/check_kernel.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor/capabilities.h"
#include "operator.h"

/* Far more than the 300 KiB that an instance loads. */
#define MEMLOCK_NEEDED (8 << 20)

struct feature {
	const char *check;
	const char *has;
	const char *lacks;
};

static const struct feature features[PMR_FEATURES] = {
	[PMR_FEATURE_PROGRAM] = {"program", "sk_reuseport BPF programs can be loaded",
				 "sk_reuseport BPF programs cannot be loaded"},
	[PMR_FEATURE_MIGRATION] = {"migration", "connections migrate from a listener that closes",
				   "connections cannot migrate from a listener that closes"},
	[PMR_FEATURE_SOCKARRAY] = {"sockarray", "arrays of sockets can be created",
				   "arrays of sockets cannot be created"},
	[PMR_FEATURE_NETNS_COOKIE] = {"netns_cookie", "sockets expose their network namespace",
				      "sockets do not expose their network namespace"},
};

/* Without CAP_BPF, EPERM tells nothing; with it, a filter or a container denies bpf(). */
static void check_feature(struct findings *findings, const struct feature *feature, int err)
{
	if (!err) {
		findings_add(findings, feature->check, FINDING_OK, "%s", feature->has);
	} else if (err == -EPERM && pmr_in_user_ns()) {
		findings_add(findings, feature->check, FINDING_FAIL, "%s (%s)", feature->lacks,
			     strerror(-err));
		findings_fix(findings, "%s", pmr_bpf_advice());
	} else if (err == -EPERM && !may_load_bpf()) {
		findings_add(findings, feature->check, FINDING_WARN,
			     "user %u cannot test whether %s without CAP_BPF",
			     (unsigned int)geteuid(), feature->has);
		findings_fix(findings, "run this as root");
	} else if (err == -EPERM || err == -EACCES) {
		findings_add(findings, feature->check, FINDING_FAIL, "%s (%s), despite CAP_BPF",
			     feature->lacks, strerror(-err));
		findings_fix(findings, "run it on the host itself, or let the container or the "
				       "seccomp filter allow bpf()");
	} else {
		findings_add(findings, feature->check, FINDING_FAIL, "%s (%s)", feature->lacks,
			     strerror(-err));
		findings_fix(findings, "use Linux 5.14 or newer with CONFIG_BPF_SYSCALL");
	}
}

static void check_version(struct findings *findings, const char *release, bool old, bool complete)
{
	if (!old) {
		findings_add(findings, "kernel", FINDING_OK, "Linux %s is 5.14 or newer", release);
		return;
	}
	findings_add(findings, "kernel", complete ? FINDING_WARN : FINDING_FAIL,
		     "Linux %s is older than 5.14%s", release,
		     complete ? ", but has the required features" : "");
	findings_fix(findings, "use Linux 5.14 or newer");
}

static void check_memlock(struct findings *findings, bool counts)
{
	struct rlimit limit = {0};

	if (!counts) {
		findings_add(findings, "memlock", FINDING_OK,
			     "since Linux 5.11 BPF does not count as locked memory");
		return;
	}
	getrlimit(RLIMIT_MEMLOCK, &limit);
	/* libbpf raises the soft limit up to the hard limit, or beyond with that capability. */
	if (limit.rlim_max >= MEMLOCK_NEEDED || has_capability(CAP_SYS_RESOURCE)) {
		findings_add(findings, "memlock", FINDING_OK, "enough memory can be locked");
		return;
	}
	findings_add(findings, "memlock", FINDING_WARN,
		     "this kernel counts BPF as locked memory, of which %llu bytes are allowed",
		     (unsigned long long)limit.rlim_max);
	findings_fix(findings, "raise it with: ulimit -l unlimited, or LimitMEMLOCK=infinity");
}

static void check_selector(struct findings *findings)
{
	struct pmreuseport_error error = {0};
	struct pmr_dry_run_result result;
	int err = pmr_dry_run(NULL, false, &result, &error);

	if (err)
		findings_add_error(findings, "selector",
				   err == -EPERM && !may_load_bpf() ? FINDING_WARN : FINDING_FAIL,
				   &error);
	else
		findings_add(findings, "selector", FINDING_OK,
			     "the built-in selector can be loaded");
}

void check_kernel(struct findings *findings)
{
	unsigned int major = 0, minor = 0, version;
	int err[PMR_FEATURES], f;
	struct utsname host = {0};
	bool complete = true;

	for (f = 0; f < PMR_FEATURES; f++) {
		err[f] = pmr_try_feature(f);
		complete &= !err[f];
	}
	uname(&host);
	sscanf(host.release, "%u.%u", &major, &minor);
	version = major * 1000 + minor;
	check_version(findings, host.release, version < 5014, complete);
	for (f = 0; f < PMR_FEATURES; f++)
		check_feature(findings, &features[f], err[f]);
	check_selector(findings);
	check_memlock(findings, version < 5011);
}
