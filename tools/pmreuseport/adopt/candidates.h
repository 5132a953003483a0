/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sockets of a process can be in a hash bucket. */
#ifndef PMREUSEPORT_ADOPT_CANDIDATES_H
#define PMREUSEPORT_ADOPT_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

#include "adopt/process.h"
#include "operator.h"

#define CANDIDATES_MAX 32

/* Local ports; none: all. */
struct ports {
	unsigned int list[CANDIDATES_MAX];
	size_t n;
};

bool ports_have(const struct ports *ports, unsigned int port);

struct candidate {
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

struct candidates {
	struct candidate list[CANDIDATES_MAX];
	size_t n;
	struct finding
		findings[CANDIDATES_MAX]; /* of each of the ports; if all are asked for, one */
};

/*
 * UDP sockets that are bound, and TCP ones that listen, on these ports, with SO_REUSEPORT.
 * If all ports are asked for, not those UDP sockets that have got theirs from the kernel.
 * -ESRCH: the process has ended. candidates_close() in any case.
 */
int candidates_find(const struct process *process, const struct ports *ports,
		    struct candidates *fit, struct pmreuseport_error *error);

/*
 * -ENOENT, and why, unless there is one on each of the ports; or on any of them, if the
 * others may be opened later.
 */
int candidates_check(const struct process *process, const struct ports *ports, bool later,
		     const struct candidates *fit, struct pmreuseport_error *error);

void candidates_close(struct candidates *fit);

#endif
