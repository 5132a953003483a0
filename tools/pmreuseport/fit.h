/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sockets of a process can be in a hash bucket. */
#ifndef PMREUSEPORT_FIT_H
#define PMREUSEPORT_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "internal.h"
#include "process.h"

#define FIT_MAX 32

/* Local ports; none: all. */
struct ports {
	unsigned int list[FIT_MAX];
	size_t n;
};

bool ports_have(const struct ports *ports, unsigned int port);

struct fit_socket {
	int fd; /* our copy */
	unsigned int port;
	struct pmr_endpoint endpoint;
};

/* The best that can be said of the sockets of a port. */
struct finding {
	enum fitness {
		FITNESS_NONE,	 /* there is no socket */
		FITNESS_SESSION, /* TCP that does not listen, or connected UDP */
		FITNESS_ALONE,	 /* without SO_REUSEPORT */
		FITNESS_FIT,
	} fitness;
	unsigned int port;
};

struct fit_sockets {
	struct fit_socket list[FIT_MAX];
	size_t n;
	struct finding findings[FIT_MAX]; /* of each of the ports; if all are asked for, one */
};

/*
 * UDP sockets that are bound, and TCP ones that listen, on these ports, with SO_REUSEPORT.
 * If all ports are asked for, not those UDP sockets that have got theirs from the kernel.
 * -ESRCH: the process has ended. fit_close() in any case.
 */
int fit_find(const struct process *process, const struct ports *ports, struct fit_sockets *fit,
	     struct pmreuseport_error *error);

/*
 * -ENOENT, and why, unless there is one on each of the ports; or on any of them, if the
 * others may be opened later.
 */
int fit_check(const struct process *process, const struct ports *ports, bool later,
	      const struct fit_sockets *fit, struct pmreuseport_error *error);

void fit_close(struct fit_sockets *fit);

#endif
