/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --from: addresses, and prefixes of which the first ones are taken. */
#ifndef CONNECT_FROM_H
#define CONNECT_FROM_H

#include "common/sources.h"

#define FROM_MAX 64

struct from_range {
	struct ip_addr first;
	uint32_t count; /* at most SOURCES_MAX, also of a larger prefix */
	uint32_t taken;
};

struct from {
	struct from_range range[FROM_MAX];
	unsigned int n;
};

/*
 * Adds ADDR, ADDR+N or ADDR/LENGTH. Returns 0, or a negative errno after it wrote one
 * sentence about what is wrong with 'text' into 'why'.
 */
int from_add(struct from *from, const char *text, char *why, size_t why_len);

/* How many there are, SOURCES_MAX at most. */
uint32_t from_count(const struct from *from);

/*
 * Takes n of them (1..from_count()), from each range in turn, so that all have their part.
 * -ENOMEM, and no sentence.
 */
int from_take(struct from *from, uint32_t n, struct sources *sources);

#endif
