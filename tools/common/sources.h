/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source addresses of generated traffic, as the command line gives them. */
#ifndef TOOLS_SOURCES_H
#define TOOLS_SOURCES_H

#include "ip_addr.h"
#include "pmreuseport.h"

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

/* Adds ADDR or ADDR+N. 0, or a negative errno and *error. option: its name, for errors. */
int sources_add(struct sources *from, const char *option, const char *text,
		struct pmreuseport_error *error);
void sources_free(struct sources *from);

#endif
