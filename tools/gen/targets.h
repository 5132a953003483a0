/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The targets of generated traffic, as the command line gives them. */
#ifndef GEN_TARGETS_H
#define GEN_TARGETS_H

#include "common/sources.h"

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

/*
 * Returns 0, or a negative errno with a sentence in 'why' about what is wrong with 'text'.
 */
int targets_add(struct targets *to, const char *text, char *why, size_t why_len);

/* The target of a source's family, or NULL. */
const struct target *targets_for(const struct targets *to, const struct ip_addr *source);

/* NULL, or a sentence about a source without a target. */
const char *targets_missing(const struct targets *to, const struct sources *from);

#endif
