/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where traffic goes to and comes from, as the command line names it. */
#ifndef GEN_SOURCES_H
#define GEN_SOURCES_H

#include "ip_addr.h"

#include <stdbool.h>
#include <stddef.h>

/* More would not fit the 16 bits that a record's source host has for it. */
#define SOURCES_MAX 65536u

struct target {
	struct sockaddr_storage addr;
	socklen_t len; /* 0: not given */
};

/* At most one target per family. */
struct targets {
	struct target v4;
	struct target v6;
};

struct sources {
	struct ip_addr *list;
	size_t count;
};

/*
 * Each returns 0, or a negative errno after it wrote one sentence about what is
 * wrong with 'text' into 'why'.
 */
int targets_add(struct targets *to, const char *text, char *why, size_t why_len);
int sources_add(struct sources *from, const char *text, char *why, size_t why_len);
void sources_free(struct sources *from);

/* The target of a source's family, or NULL. */
const struct target *targets_for(const struct targets *to, const struct ip_addr *source);

/* NULL, or a sentence that says which --to a source is missing. */
const char *targets_missing(const struct targets *to, const struct sources *from);

#endif
