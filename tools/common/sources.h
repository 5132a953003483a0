/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source addresses of generated traffic, as the command line gives them. */
#ifndef TOOLS_SOURCES_H
#define TOOLS_SOURCES_H

#include "ip_addr.h"

#include <stddef.h>
#include <stdint.h>

/* A generated record encodes its source in 16 bits. */
#define SOURCES_MAX 65536u

struct sources {
	struct ip_addr *list;
	size_t count;
};

/* Parses ADDR or ADDR+N; -EINVAL: it is neither. */
int source_range(const char *text, struct ip_addr *first, struct ip_addr *last, uint32_t *count);

/*
 * Adds ADDR or ADDR+N. Returns 0, or a negative errno with a sentence in 'why' about what
 * is wrong with 'text'.
 */
int sources_add(struct sources *from, const char *text, char *why, size_t why_len);
void sources_free(struct sources *from);

#endif
