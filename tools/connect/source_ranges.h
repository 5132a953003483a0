/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --from: addresses, and prefixes whose first addresses are used. */
#ifndef CONNECT_SOURCE_RANGES_H
#define CONNECT_SOURCE_RANGES_H

#include "common/sources.h"

#define RANGES_MAX 64

struct address_range {
	struct ip_addr first;
	uint32_t count; /* at most SOURCES_MAX, however large the prefix is */
	uint32_t taken;
};

struct source_ranges {
	struct address_range range[RANGES_MAX];
	unsigned int n;
};

/* Adds ADDR, ADDR+N or ADDR/LENGTH. 0, or a negative errno and *error. */
int ranges_add(struct source_ranges *from, const char *text, struct pmreuseport_error *error);

/* The number of addresses, at most SOURCES_MAX. */
uint32_t ranges_count(const struct source_ranges *from);

/*
 * Takes n addresses (1..ranges_count()), from each range in turn, so that all ranges are
 * used. 0 or -ENOMEM.
 */
int ranges_take(struct source_ranges *from, uint32_t n, struct sources *sources);

#endif
