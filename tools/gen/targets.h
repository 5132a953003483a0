/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where traffic goes to, as the command line names it. */
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
 * Returns 0, or a negative errno after it wrote one sentence about what is wrong with
 * 'text' into 'why'.
 */
int targets_add(struct targets *to, const char *text, char *why, size_t why_len);

/* The target of a source's family, or NULL. */
const struct target *targets_for(const struct targets *to, const struct ip_addr *source);

/* NULL, or a sentence that says which --to a source is missing. */
const char *targets_missing(const struct targets *to, const struct sources *from);

#endif
