/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where traffic comes from, as the command line names it. */
#ifndef TOOLS_SOURCES_H
#define TOOLS_SOURCES_H

#include "ip_addr.h"

#include <stddef.h>
#include <stdint.h>

/* More would not fit the 16 bits that a generated record's source host has for it. */
#define SOURCES_MAX 65536u

struct sources {
	struct ip_addr *list;
	size_t count;
};

/* What ADDR or ADDR+N says; -EINVAL if it is neither. */
int source_range(const char *text, struct ip_addr *first, struct ip_addr *last, uint32_t *count);

/*
 * Adds ADDR or ADDR+N. Returns 0, or a negative errno after it wrote one sentence about
 * what is wrong with 'text' into 'why'.
 */
int sources_add(struct sources *from, const char *text, char *why, size_t why_len);
void sources_free(struct sources *from);

#endif
