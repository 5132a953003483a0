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

/* The fittest socket of a port. */
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
	struct finding findings[CANDIDATES_MAX]; /* one for each port; without ports, one */
};

/*
 * Finds bound UDP sockets and listening TCP sockets on these ports, with SO_REUSEPORT. Without
 * ports, UDP sockets on a port that the kernel chose are left out. -ESRCH: the process has
 * ended. candidates_close() also after a failure.
 */
int candidates_find(const struct process *process, const struct ports *ports,
		    struct candidates *fit, struct pmreuseport_error *error);

/*
 * -ENOENT: there is not one on each of the ports. later: one on any port is enough, because
 * the process may open the others later.
 */
int candidates_check(const struct process *process, const struct ports *ports, bool later,
		     const struct candidates *fit, struct pmreuseport_error *error);

void candidates_close(struct candidates *fit);

#endif
