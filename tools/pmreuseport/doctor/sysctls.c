/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in /proc/sys. */
#include <stdio.h>

#include "doctor/doctor.h"

/* A second of 20,000 datagrams, as the kernel counts their memory, more or less. */
#define RMEM_WANTED (4 << 20)

bool sysctl_read(const char *name, long long *value)
{
	char path[128];
	bool known;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	in = fopen(path, "re");
	if (!in)
		return false;
	known = fscanf(in, "%lld", value) == 1;
	fclose(in);
	return known;
}

/* Network namespaces of older kernels do not show it. */
static void cannot_read(struct checks *checks, const char *check, const char *name)
{
	checks_add(checks, check, CHECK_WARN, "cannot read sysctl %s here", name);
	checks_fix(checks, "look in the host's network namespace, with /proc mounted");
}

static const struct instance *with_largest_queue(const struct instances *instances)
{
	const struct instance *largest = NULL;
	size_t i;

	for (i = 0; i < instances->n; i++)
		if (instances->list[i].pipe_size &&
		    (!largest || instances->list[i].pipe_size > largest->pipe_size))
			largest = &instances->list[i];
	return largest;
}

static void check_rmem(struct checks *checks, const struct instances *instances)
{
	const struct instance *largest = with_largest_queue(instances);
	long long max;

	if (!sysctl_read("net/core/rmem_max", &max)) {
		cannot_read(checks, "rmem_max", "net.core.rmem_max");
	} else if (largest && largest->pipe_size > max) {
		checks_add(checks, "rmem_max", CHECK_WARN,
			   "nfacctd_pipe_size is %lld in %s, but net.core.rmem_max gives a socket "
			   "no more than %lld",
			   largest->pipe_size, largest->file, max);
		checks_fix(checks, "say: sysctl -w net.core.rmem_max=%lld", largest->pipe_size);
	} else if (!largest && max < RMEM_WANTED) {
		checks_add(checks, "rmem_max", CHECK_WARN,
			   "net.core.rmem_max is %lld, so little can wait in a socket while an "
			   "instance is busy or restarts",
			   max);
		checks_fix(checks, "say: sysctl -w net.core.rmem_max=%d, and set nfacctd_pipe_size",
			   2 * RMEM_WANTED);
	} else {
		checks_add(checks, "rmem_max", CHECK_OK, "net.core.rmem_max is %lld", max);
	}
}

static void check_migrate_req(struct checks *checks, const struct instances *instances)
{
	const struct instance *needs = NULL;
	long long on;
	size_t i;

	for (i = 0; i < instances->n; i++)
		if (instances->list[i].needs_migrate_req)
			needs = &instances->list[i];
	if (!sysctl_read("net/ipv4/tcp_migrate_req", &on)) {
		cannot_read(checks, "tcp_migrate_req", "net.ipv4.tcp_migrate_req");
	} else if (needs && !on) {
		checks_add(checks, "tcp_migrate_req", CHECK_WARN,
			   "net.ipv4.tcp_migrate_req is 0, and the selector of %s does not migrate "
			   "connections, so those that nobody has accepted are reset when an "
			   "instance ends",
			   needs->file);
		checks_fix(checks, "say: sysctl -w net.ipv4.tcp_migrate_req=1");
	} else {
		checks_add(checks, "tcp_migrate_req", CHECK_OK,
			   "net.ipv4.tcp_migrate_req is %lld%s", on,
			   needs ? "" : "; the built-in selector does not need it");
	}
}

/* For information: loading takes CAP_BPF in any case. */
static void check_unprivileged(struct checks *checks)
{
	long long disabled;

	if (sysctl_read("kernel/unprivileged_bpf_disabled", &disabled))
		checks_add(checks, "unprivileged_bpf", CHECK_OK,
			   "kernel.unprivileged_bpf_disabled is %lld; CAP_BPF is needed with any "
			   "value",
			   disabled);
	else
		cannot_read(checks, "unprivileged_bpf", "kernel.unprivileged_bpf_disabled");
}

void check_sysctls(struct checks *checks, const struct instances *instances)
{
	check_rmem(checks, instances);
	check_migrate_req(checks, instances);
	check_unprivileged(checks);
}
