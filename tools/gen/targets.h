/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The targets of generated traffic, as the command line gives them. */
#ifndef GEN_TARGETS_H
#define GEN_TARGETS_H

#include "common/sources.h"
#include "pmreuseport.h"

#include <sys/socket.h>

struct target {
	struct sockaddr_storage addr;
	socklen_t len; /* 0: not given */
};

/* At most one target per family. */
struct targets {
	struct target v4;
	struct target v6;
};

/* Adds ADDR:PORT or [ADDR]:PORT. 0, or a negative errno and *error. */
int targets_add(struct targets *to, const char *text, struct pmreuseport_error *error);

/* The target of a source's family, or NULL. */
const struct target *targets_for(const struct targets *to, const struct ip_addr *source);

/* Whether each source has a target: 0, or a negative errno and *error. */
int targets_check(const struct targets *to, const struct sources *from,
		  struct pmreuseport_error *error);

#endif
