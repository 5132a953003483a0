/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Iterative deepening: first with as many moves as are needed at least, then with one more.
 *
 * A bucket that has too much must lose an exporter, in any solution. So it is enough to try,
 * for the fullest one, which exporter leaves it next, and where to. Of those that leave one
 * bucket, the heaviest leaves first; then a lighter one is never followed by a heavier one,
 * and each set is tried once. An exporter that was moved stays where it is: to move it twice
 * is one move too many.
 *
 * A position is given up if the heaviest that are left in each bucket, together as many as
 * there are moves left, do not bring all buckets under the limit, wherever they go.
 */
#include "balance/search.h"

#include <stdint.h>
#include <stdlib.h>

struct position {
	const struct balance_state *state;
	uint64_t limit;
	uint64_t load[PMR_MAX_BUCKETS];
	size_t next[PMR_MAX_BUCKETS]; /* item of each bucket that may leave it */
	unsigned long *work;
	struct balance_step *steps;
	size_t n;
};

/* How many of the next items of a bucket add up to an excess; SIZE_MAX: all do not. */
static size_t needed(const struct balance_state *state, unsigned int b, size_t next,
		     uint64_t excess)
{
	const uint64_t *sums = state->sums;
	size_t low = next, high = state->first[b + 1];

	if (sums[high] - sums[next] < excess)
		return SIZE_MAX;
	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (sums[mid] - sums[next] < excess)
			low = mid + 1;
		else
			high = mid;
	}
	return low - next;
}

/* The moves that all buckets need, and the fullest bucket. *own: the moves that this one needs. */
static size_t needed_by_all(const struct position *p, unsigned int *fullest, size_t *own)
{
	size_t sum = 0, n;
	unsigned int b;

	*fullest = 0;
	*own = 0;
	for (b = 0; b < PMR_MAX_BUCKETS; b++) {
		if (p->load[b] <= p->limit)
			continue;
		n = needed(p->state, b, p->next[b], p->load[b] - p->limit);
		if (n == SIZE_MAX)
			return SIZE_MAX;
		sum += n;
		if (!*own || p->load[b] > p->load[*fullest]) {
			*fullest = b;
			*own = n;
		}
	}
	return sum;
}

/* The buckets that exporters may move to, the emptiest first. Returns how many. */
static unsigned int by_load(const struct position *p, unsigned int from,
			    unsigned char order[PMR_MAX_BUCKETS])
{
	unsigned int n = 0, b, i;

	for (b = 0; b < PMR_MAX_BUCKETS; b++) {
		if (b == from || !p->state->takes[b])
			continue;
		for (i = n++; i && p->load[order[i - 1]] > p->load[b]; i--)
			order[i] = order[i - 1];
		order[i] = b;
	}
	return n;
}

/* False: the budget is spent. */
static bool spend(const struct position *p)
{
	if (!*p->work)
		return false;
	--*p->work;
	return true;
}

static enum balance_answer descend(struct position *p, size_t left);

static enum balance_answer move(struct position *p, size_t item, unsigned int from, unsigned int to,
				size_t left)
{
	const uint64_t load = p->state->items[item].load;
	const size_t next = p->next[from];
	enum balance_answer answer;

	p->load[from] -= load;
	p->load[to] += load;
	p->next[from] = item + 1;
	p->steps[p->n++] = (struct balance_step){item, from, to};
	answer = descend(p, left - 1);
	if (answer != BALANCE_FOUND)
		p->n--;
	p->next[from] = next;
	p->load[to] -= load;
	p->load[from] += load;
	return answer;
}

/*
 * No move to spare: no exporter leaves a bucket that is under the limit. So such a bucket
 * must stay under it, and of two buckets with the same load it is enough to try one.
 */
static bool is_futile(const struct position *p, const unsigned char *order, unsigned int t,
		      uint64_t load)
{
	const uint64_t has = p->load[order[t]];

	return has <= p->limit && (has + load > p->limit || (t && p->load[order[t - 1]] == has));
}

static enum balance_answer descend(struct position *p, size_t left)
{
	const struct balance_state *state = p->state;
	unsigned char order[PMR_MAX_BUCKETS];
	unsigned int from, targets, t;
	size_t total, own, most, end, i;
	enum balance_answer answer;
	uint64_t excess;
	bool spare;

	if (!spend(p))
		return BALANCE_UNKNOWN;
	total = needed_by_all(p, &from, &own);
	if (!total)
		return BALANCE_FOUND;
	if (total > left)
		return BALANCE_NONE;

	targets = by_load(p, from, order);
	excess = p->load[from] - p->limit;
	most = left - (total - own); /* that may leave this one */
	spare = left > total;
	end = state->first[from + 1];
	for (i = p->next[from]; i < end; i++) {
		const uint64_t load = state->items[i].load;
		const size_t last = i + most < end ? i + most : end;

		if (!spend(p))
			return BALANCE_UNKNOWN;
		/* From here on, items are too light. */
		if (state->sums[last] - state->sums[i] < excess)
			break;
		/* Equal to the one before, which has failed. */
		if (i > p->next[from] && load == state->items[i - 1].load)
			continue;
		for (t = 0; t < targets; t++) {
			if (!spare && is_futile(p, order, t, load))
				continue;
			answer = move(p, i, from, order[t], left);
			if (answer != BALANCE_NONE)
				return answer;
		}
	}
	return BALANCE_NONE;
}

static void begin(struct position *p, const struct balance_state *state, uint64_t limit)
{
	unsigned int b;

	*p = (struct position){.state = state, .limit = limit};
	for (b = 0; b < PMR_MAX_BUCKETS; b++) {
		p->load[b] = state->load[b];
		p->next[b] = state->first[b];
	}
}

size_t balance_bound(const struct balance_state *state, uint64_t limit)
{
	struct position p;
	unsigned int fullest;
	size_t own;

	begin(&p, state, limit);
	return needed_by_all(&p, &fullest, &own);
}

enum balance_answer balance_search(const struct balance_state *state, uint64_t limit, size_t max,
				   unsigned long *work, struct balance_step steps[BALANCE_DEPTH],
				   size_t *n)
{
	const size_t items = state->first[PMR_MAX_BUCKETS];
	const size_t all = max < items ? max : items;
	enum balance_answer answer = BALANCE_NONE;
	struct position p;
	size_t k;

	begin(&p, state, limit);
	p.work = work;
	p.steps = steps;
	for (k = balance_bound(state, limit); k <= all && answer == BALANCE_NONE; k++)
		answer = k > BALANCE_DEPTH ? BALANCE_UNKNOWN : descend(&p, k);
	*n = p.n;
	return answer;
}
