/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verb "doctor" looks at, one file for each part of it. */
#ifndef PMREUSEPORT_DOCTOR_DOCTOR_H
#define PMREUSEPORT_DOCTOR_DOCTOR_H

#include "conf/conf.h"
#include "doctor/checks.h"
#include "operator.h"

/* The sockets of an instance that are balanced. */
enum doctor_port {
	PORT_FLOWS,
	PORT_BMP,
	PORT_BGP,
	PORTS,
};

/* A configuration file. */
struct instance {
	const char *file;
	const char *index; /* from our command line, as -x is from nfacctd's; or NULL */
	bool pmbmpd;	   /* it is for that daemon, which has BMP on, and nothing else */
	struct conf conf;

	/* What check_conf() makes of it. */
	bool balanced; /* config is good */
	struct pmreuseport_config config;
	bool any_index;		   /* neither the file nor the command line has one */
	unsigned int ports[PORTS]; /* 0: not opened */
	long long pipe_size;	   /* nfacctd_pipe_size; 0: not set */

	/* What check_join() makes of it. */
	bool lock_is_held;	/* by somebody who does not let go of it */
	bool needs_migrate_req; /* its selector leaves the migration of connections to the kernel */
};

struct instances {
	struct instance *list;
	size_t n;
};

/* One that calls for a daemon that is built with --enable-reuseport; NULL: there is none. */
const struct instance *instances_balanced(const struct instances *instances);

/* A number in /proc/sys. */
bool sysctl_read(const char *name, long long *value);

/* Whether this process has a capability, by its number. */
bool has_capability(unsigned int capability);

/* CAP_BPF, or the one that was asked for before there was that. */
bool may_load_bpf(void);

/* Kernel, features, memlock. */
void check_kernel(struct checks *checks);

/* bpffs, pins, capabilities. */
void check_host(struct checks *checks);

/* Sysctls. */
void check_sysctls(struct checks *checks, const struct instances *instances);

/* The object that is installed; the daemon (NULL: the one in PATH), and its library. */
void check_daemon(struct checks *checks, const char *daemon, const struct instances *instances);

/* The file itself: syntax, and the keys that matter to us. */
void check_conf(struct checks *checks, struct instance *instance);

/* Its object, and whether it could join its cluster. */
void check_join(struct checks *checks, struct instance *instance);

/* Its ports, and who has them. */
void check_ports(struct checks *checks, const struct instance *instance);

/* Whether the files go together. */
void check_instances(struct checks *checks, const struct instances *instances);

#endif
