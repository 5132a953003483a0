/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fewest exporters to move so that no bucket has more than a limit: an exact search. */
#ifndef PMREUSEPORT_BALANCE_SEARCH_H
#define PMREUSEPORT_BALANCE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reuseport.h"

/* The most moves that are searched for, and so the depth of the recursion. */
#define BALANCE_DEPTH 64

struct balance_item {
	uint64_t load;	 /* not 0 */
	size_t exporter; /* the caller's index */
};

/* What the buckets have before anything is moved. */
struct balance_state {
	struct balance_item *items;	   /* what may be moved, by bucket, the heaviest first */
	uint64_t *sums;			   /* of the loads of the items before each one */
	size_t first[PMR_MAX_BUCKETS + 1]; /* item of each bucket; of the next one: its end */
	uint64_t load[PMR_MAX_BUCKETS];
	bool takes[PMR_MAX_BUCKETS]; /* items may be moved there */
};

struct balance_step {
	size_t item;
	unsigned int from, to;
};

enum balance_answer {
	BALANCE_FOUND,
	BALANCE_NONE,	 /* it cannot be done with so few moves */
	BALANCE_UNKNOWN, /* the work was cut short */
};

/* A lower bound of the number of moves; SIZE_MAX: no number is enough. */
size_t balance_bound(const struct balance_state *state, uint64_t limit);

/*
 * Looks for the fewest moves, up to max, after which no bucket has more than the limit.
 * *work, which bounds the time, is how many exporters may still be tried; it is counted down.
 */
enum balance_answer balance_search(const struct balance_state *state, uint64_t limit, size_t max,
				   unsigned long *work, struct balance_step steps[BALANCE_DEPTH],
				   size_t *n);

#endif
