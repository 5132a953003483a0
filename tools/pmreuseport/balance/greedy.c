/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance/greedy.h"

#include <string.h>

uint64_t balance_max(const uint64_t load[PMR_MAX_BUCKETS])
{
	uint64_t max = 0;
	unsigned int b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (load[b] > max)
			max = load[b];
	return max;
}

/*
 * The first item from this one on that was not moved: left[] leads from a moved item to a later
 * one. Each walk shortens the next one.
 */
static size_t first_left(size_t *left, size_t item)
{
	while (left[item] != item)
		item = left[item] = left[left[item]];
	return item;
}

/* The heaviest item of a bucket that was not moved yet and fits into the free space. */
static size_t heaviest_that_fits(const struct balance_state *state, size_t *left, unsigned int b,
				 uint64_t free)
{
	size_t low = state->first[b], high = state->first[b + 1];

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (state->items[mid].load > free)
			low = mid + 1;
		else
			high = mid;
	}
	low = first_left(left, low);
	return low < state->first[b + 1] ? low : SIZE_MAX;
}

/* The fullest bucket, and the emptiest one of the others that exporters may move to. */
static bool extremes(const struct balance_state *state, const uint64_t load[PMR_MAX_BUCKETS],
		     unsigned int *fullest, unsigned int *emptiest)
{
	bool found = false;
	unsigned int b;

	*fullest = *emptiest = 0;
	for (b = 1; b < PMR_MAX_BUCKETS; b++)
		if (load[b] > load[*fullest])
			*fullest = b;
	for (b = 0; b < PMR_MAX_BUCKETS; b++) {
		if (b == *fullest || !state->takes[b] || (found && load[b] >= load[*emptiest]))
			continue;
		*emptiest = b;
		found = true;
	}
	return found;
}

bool balance_greedy(const struct balance_state *state, uint64_t limit, size_t max, size_t *left,
		    struct balance_step *steps, size_t *n)
{
	uint64_t load[PMR_MAX_BUCKETS];
	unsigned int from, to;
	size_t item;

	for (item = 0; item <= state->first[PMR_MAX_BUCKETS]; item++)
		left[item] = item;
	*n = 0;
	memcpy(load, state->load, sizeof(load));
	while (balance_max(load) > limit) {
		if (*n == max || !extremes(state, load, &from, &to) || load[to] >= limit)
			return false;
		item = heaviest_that_fits(state, left, from, limit - load[to]);
		if (item == SIZE_MAX)
			return false;
		left[item] = item + 1;
		steps[(*n)++] = (struct balance_step){item, from, to};
		load[from] -= state->items[item].load;
		load[to] += state->items[item].load;
	}
	return true;
}
