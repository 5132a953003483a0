/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fast plan that may not be the smallest: repeatedly move the heaviest exporter that fits
 * from the fullest bucket to the emptiest one.
 */
#ifndef PMREUSEPORT_BALANCE_GREEDY_H
#define PMREUSEPORT_BALANCE_GREEDY_H

#include "balance/search.h"

/* The load of the fullest bucket. */
uint64_t balance_max(const uint64_t load[PMR_MAX_BUCKETS]);

/*
 * True: *steps, at most max of them, bring all buckets under the limit. left is scratch space
 * for one number more than there are items.
 */
bool balance_greedy(const struct balance_state *state, uint64_t limit, size_t max, size_t *left,
		    struct balance_step *steps, size_t *n);

#endif
