/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "adopt", and what it does again and again with --watch. */
#ifndef PMREUSEPORT_ADOPT_ADOPT_H
#define PMREUSEPORT_ADOPT_ADOPT_H

#include "adopt/candidates.h"
#include "adopt/process.h"

struct adopt {
	pid_t pid;	     /* 0: see pidfile */
	const char *pidfile; /* NULL: see pid */
	struct ports ports;
	struct pmreuseport_config config;
	bool watch;
	bool json;
};

/* A socket that was put into a bucket. */
struct adopted {
	struct pmreuseport_member *member;
	char endpoint[sizeof(((struct pmr_endpoint *)0)->name)];
	unsigned int port;
	uint64_t cookie;
};

/* What is known of a socket before it is adopted. */
void adopted_name(struct adopted *adopted, const struct candidate *socket);

/* Whom a pid or a pidfile names. -ESRCH, -ENOENT or -EINVAL, and a sentence: nobody. */
int adopt_open(const struct adopt *adopt, struct process *process, struct pmreuseport_error *error);

/* One socket. if_free: not if another one is in the bucket. */
int adopt_socket(struct adopted *adopted, const struct process *process,
		 const struct candidate *socket, const struct pmreuseport_config *config,
		 bool if_free, struct pmreuseport_error *error);

/*
 * All of them, or none. adopted has room for CANDIDATES_MAX, and receives fit->n members to be
 * freed.
 */
int adopt_all(struct adopted *adopted, const struct process *process, const struct candidates *fit,
	      const struct pmreuseport_config *config, struct pmreuseport_error *error);

/* Until a signal ends it. The exit status. */
int adopt_watch(const struct adopt *adopt);

#endif
