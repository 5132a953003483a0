/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sysctls that matter to instances. */
#include "doctor/check_sysctls.h"

#include "doctor/sysctl.h"

/* About one second of 20,000 datagrams, as the kernel counts their memory. */
#define RMEM_WANTED (4 << 20)

/* Older kernels hide it in network namespaces. */
static void cannot_read(struct findings *findings, const char *check, const char *name)
{
	findings_add(findings, check, FINDING_WARN, "cannot read sysctl %s here", name);
	findings_fix(findings, "run this in the network namespace of the host, with /proc mounted");
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

static void check_rmem(struct findings *findings, const struct instances *instances)
{
	const struct instance *largest = with_largest_queue(instances);
	long long max;

	if (!sysctl_read("net/core/rmem_max", &max)) {
		cannot_read(findings, "rmem_max", "net.core.rmem_max");
	} else if (largest && largest->pipe_size > max) {
		findings_add(findings, "rmem_max", FINDING_WARN,
			     "nfacctd_pipe_size is %lld in %s, but net.core.rmem_max limits the "
			     "queue of a socket to %lld",
			     largest->pipe_size, largest->file, max);
		findings_fix(findings, "run: sysctl -w net.core.rmem_max=%lld", largest->pipe_size);
	} else if (!largest && max < RMEM_WANTED) {
		findings_add(findings, "rmem_max", FINDING_WARN,
			     "net.core.rmem_max is %lld, so the queue of a socket is short while "
			     "an instance is busy or restarts",
			     max);
		findings_fix(findings,
			     "run: sysctl -w net.core.rmem_max=%d, and set nfacctd_pipe_size",
			     2 * RMEM_WANTED);
	} else {
		findings_add(findings, "rmem_max", FINDING_OK, "net.core.rmem_max is %lld", max);
	}
}

static void check_migrate_req(struct findings *findings, const struct instances *instances)
{
	const struct instance *needs = NULL;
	long long on;
	size_t i;

	for (i = 0; i < instances->n; i++)
		if (instances->list[i].needs_migrate_req)
			needs = &instances->list[i];
	if (!sysctl_read("net/ipv4/tcp_migrate_req", &on)) {
		cannot_read(findings, "tcp_migrate_req", "net.ipv4.tcp_migrate_req");
	} else if (needs && !on) {
		findings_add(findings, "tcp_migrate_req", FINDING_WARN,
			     "net.ipv4.tcp_migrate_req is 0, and the selector of %s does not "
			     "migrate "
			     "connections, so connections that are not yet accepted are reset when "
			     "an instance ends",
			     needs->file);
		findings_fix(findings, "run: sysctl -w net.ipv4.tcp_migrate_req=1");
	} else {
		findings_add(findings, "tcp_migrate_req", FINDING_OK,
			     "net.ipv4.tcp_migrate_req is %lld%s", on,
			     needs ? "" : "; the built-in selector does not need it");
	}
}

/* A socket on "::" then gets no IPv4 packets. */
static void check_bindv6only(struct findings *findings)
{
	long long on;

	if (!sysctl_read("net/ipv6/bindv6only", &on) || !on)
		return;
	findings_add(findings, "bindv6only", FINDING_WARN,
		     "net.ipv6.bindv6only is %lld, so a daemon that listens on all addresses gets "
		     "no IPv4 packets",
		     on);
	findings_fix(findings, "run: sysctl -w net.ipv6.bindv6only=0, or set nfacctd_ip, "
			       "bmp_daemon_ip and bgp_daemon_ip to 0.0.0.0");
}

/* For information: loading needs CAP_BPF with any value. */
static void check_unprivileged(struct findings *findings)
{
	long long disabled;

	if (sysctl_read("kernel/unprivileged_bpf_disabled", &disabled))
		findings_add(findings, "unprivileged_bpf", FINDING_OK,
			     "kernel.unprivileged_bpf_disabled is %lld; CAP_BPF is needed with any "
			     "value",
			     disabled);
	else
		cannot_read(findings, "unprivileged_bpf", "kernel.unprivileged_bpf_disabled");
}

void check_sysctls(struct findings *findings, const struct instances *instances)
{
	check_rmem(findings, instances);
	check_migrate_req(findings, instances);
	check_unprivileged(findings);
	check_bindv6only(findings);
}
