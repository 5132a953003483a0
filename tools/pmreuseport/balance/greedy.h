/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A short way to a plan that may not be the smallest: again and again the heaviest that fits
 * from the fullest bucket to the emptiest one.
 */
#ifndef PMREUSEPORT_BALANCE_GREEDY_H
#define PMREUSEPORT_BALANCE_GREEDY_H

#include "balance/search.h"

/* What the fullest bucket has. */
uint64_t balance_max(const uint64_t load[PMR_MAX_BUCKETS]);

/*
 * True: *steps, at most max of them, bring all buckets under the limit. moved has room for a
 * flag for each item.
 */
bool balance_greedy(const struct balance_state *state, uint64_t limit, size_t max, bool *moved,
		    struct balance_step *steps, size_t *n);

#endif
