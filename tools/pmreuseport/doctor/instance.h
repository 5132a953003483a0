/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files that "doctor" checks, and what the checks find out about them. */
#ifndef PMREUSEPORT_DOCTOR_INSTANCE_H
#define PMREUSEPORT_DOCTOR_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "operator.h"

/* The sockets of an instance that can be balanced. */
enum doctor_port {
	PORT_FLOWS,
	PORT_BMP,
	PORT_BGP,
	PORTS,
};

/* A configuration file. */
struct instance {
	const char *file;
	const char *index; /* from --index, as nfacctd takes it from -x; or NULL */
	bool pmbmpd;	   /* the daemon is pmbmpd, which has BMP on, and nothing else */
	struct conf conf;

	/* Set by check_conf(). */
	bool balanced; /* config is valid */
	struct pmreuseport_config *config;
	bool any_index;		   /* neither the file nor the command line has one */
	unsigned int ports[PORTS]; /* 0: not opened */
	long long pipe_size;	   /* nfacctd_pipe_size; 0: not set */

	/* Set by check_join(). */
	bool lock_is_held;	/* by another process, for longer than the timeout */
	bool needs_migrate_req; /* its selector leaves the migration of connections to the kernel */
};

struct instances {
	struct instance *list;
	size_t n;
};

/* Whether reuseport_endpoints keeps a socket out of the cluster, after check_conf(). */
bool instance_keeps_out(const struct instance *instance, enum doctor_port port);

/* The first instance that needs a daemon built with --enable-reuseport; NULL: none. */
const struct instance *instances_balanced(const struct instances *instances);

#endif
