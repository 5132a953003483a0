/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact search first (search.h). If that takes too long, or many moves are needed, the first
 * plan that is found (greedy.h).
 */
#include "balance/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "balance/greedy.h"
#include "balance/search.h"

/* Budget of the exact search: some tenths of a second. */
#define WORK 300000

/* Budget for a more even plan with as many moves. */
#define WORK_MORE 50000

struct planner {
	const struct balance_problem *problem;
	struct balance_state state;
	struct balance_step *steps; /* the best plan so far */
	size_t n;
	uint64_t max; /* the load of the fullest bucket after it */

	struct balance_step *trial; /* scratch: room for all moves, and a number for each item */
	size_t *left;
};

static void apply(const struct balance_state *state, const struct balance_step *steps, size_t n,
		  uint64_t load[PMR_MAX_BUCKETS])
{
	size_t i;

	memcpy(load, state->load, sizeof(state->load));
	for (i = 0; i < n; i++) {
		load[steps[i].from] -= state->items[steps[i].item].load;
		load[steps[i].to] += state->items[steps[i].item].load;
	}
}

/* Makes a plan the best one. */
static void take(struct planner *planner, const struct balance_step *steps, size_t n)
{
	uint64_t load[PMR_MAX_BUCKETS];

	if (n)
		memcpy(planner->steps, steps, n * sizeof(*steps));
	planner->n = n;
	apply(&planner->state, steps, n, load);
	planner->max = balance_max(load);
}

/* True: it brought every bucket under the limit, and is now the best plan. */
static bool greedy(struct planner *planner, uint64_t limit)
{
	size_t n;

	if (!balance_greedy(&planner->state, limit, planner->problem->max_moves, planner->left,
			    planner->trial, &n))
		return false;
	take(planner, planner->trial, n);
	return true;
}

/* The lowest limit above this one that a plan is found for. */
static void greedy_lowest(struct planner *planner, uint64_t limit)
{
	while (planner->max - limit > 1) {
		const uint64_t mid = limit + (planner->max - limit) / 2;

		if (!greedy(planner, mid))
			limit = mid;
	}
}

/* Tries a limit, then lower ones while that works, down to a bound. */
static enum balance_answer descend(struct planner *planner, uint64_t limit, uint64_t least,
				   size_t max_moves, unsigned long *work)
{
	struct balance_step steps[BALANCE_DEPTH];
	enum balance_answer answer;
	size_t n;

	for (; limit >= least; limit = planner->max - 1) {
		answer = balance_search(&planner->state, limit, max_moves, work, steps, &n);
		if (answer != BALANCE_FOUND)
			return answer;
		take(planner, steps, n);
	}
	return BALANCE_NONE;
}

/* limit: the target, or the lowest possible limit. Returns whether the plan is optimal. */
static bool search(struct planner *planner, uint64_t limit, uint64_t least)
{
	const size_t max_moves = planner->problem->max_moves;
	unsigned long work = WORK, more = WORK_MORE;
	struct balance_step steps[BALANCE_DEPTH];
	enum balance_answer answer;
	size_t n;

	answer = balance_search(&planner->state, limit, max_moves, &work, steps, &n);
	if (answer == BALANCE_FOUND) {
		take(planner, steps, n);
		descend(planner, planner->max - 1, least, n, &more);
		return true;
	}
	if (greedy(planner, limit))
		return planner->n == balance_bound(&planner->state, limit);
	greedy_lowest(planner, limit);
	return answer == BALANCE_NONE &&
	       descend(planner, planner->max, least, max_moves, &work) == BALANCE_NONE;
}

static int compare_items(const void *left, const void *right)
{
	const struct balance_item *a = left, *b = right;

	if (a->load != b->load)
		return a->load < b->load ? 1 : -1;
	return (a->exporter > b->exporter) - (a->exporter < b->exporter);
}

static bool is_item(const struct balance_exporter *exporter)
{
	return !exporter->fixed && exporter->load;
}

static void fill_state(struct balance_state *state, const struct balance_problem *problem)
{
	size_t end[PMR_MAX_BUCKETS] = {0}, i;
	unsigned int b;

	memcpy(state->takes, problem->takes, sizeof(state->takes));
	for (i = 0; i < problem->n; i++) {
		state->load[problem->exporters[i].bucket] += problem->exporters[i].load;
		end[problem->exporters[i].bucket] += is_item(&problem->exporters[i]);
	}
	for (b = 0; b < PMR_MAX_BUCKETS; b++) {
		state->first[b + 1] = state->first[b] + end[b];
		end[b] = state->first[b];
	}
	for (i = 0; i < problem->n; i++)
		if (is_item(&problem->exporters[i]))
			state->items[end[problem->exporters[i].bucket]++] =
				(struct balance_item){problem->exporters[i].load, i};
	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (state->first[b] < state->first[b + 1])
			qsort(&state->items[state->first[b]], state->first[b + 1] - state->first[b],
			      sizeof(*state->items), compare_items);
	for (i = 0; i < state->first[PMR_MAX_BUCKETS]; i++)
		state->sums[i + 1] = state->sums[i] + state->items[i].load;
}

/* A bound for all plans: the fixed load of a bucket, or a single exporter. */
static uint64_t floor_of(const struct balance_problem *problem, uint64_t limit, size_t *alone)
{
	uint64_t fixed[PMR_MAX_BUCKETS] = {0}, most = 0;
	size_t i;

	*alone = SIZE_MAX;
	for (i = 0; i < problem->n; i++) {
		const struct balance_exporter *e = &problem->exporters[i];

		if (e->load > most) {
			most = e->load;
			*alone = i;
		}
		if (e->fixed)
			fixed[e->bucket] += e->load;
	}
	if (most <= limit)
		*alone = SIZE_MAX;
	return balance_max(fixed) > most ? balance_max(fixed) : most;
}

static int compare_moves(const void *left, const void *right)
{
	const struct balance_move *a = left, *b = right;

	return (a->exporter > b->exporter) - (a->exporter < b->exporter);
}

static void fill_plan(struct balance_plan *plan, const struct planner *planner)
{
	const struct balance_state *state = &planner->state;
	size_t i;

	apply(state, planner->steps, planner->n, plan->after);
	for (i = 0; i < planner->n; i++) {
		const struct balance_step *step = &planner->steps[i];

		plan->moves[i] = (struct balance_move){state->items[step->item].exporter,
						       step->from, step->to};
	}
	plan->n = planner->n;
	if (plan->n)
		qsort(plan->moves, plan->n, sizeof(*plan->moves), compare_moves);
}

static void make(struct balance_plan *plan, struct planner *planner)
{
	const struct balance_problem *problem = planner->problem;
	uint64_t total = 0, least, wanted, mean;
	unsigned int open = 0, b;

	fill_state(&planner->state, problem);
	memcpy(plan->before, planner->state.load, sizeof(plan->before));
	for (b = 0; b < PMR_MAX_BUCKETS; b++) {
		open += problem->open[b];
		total += plan->before[b];
	}
	plan->reached = plan->minimal = true;
	plan->alone = SIZE_MAX;
	take(planner, NULL, 0);
	if (open && total) {
		wanted = problem->target * (double)total / open;
		mean = total / open + (total % open != 0);
		least = floor_of(problem, wanted, &plan->alone);
		if (least < mean)
			least = mean;
		plan->max_mean_before = (double)planner->max * open / (double)total;
		plan->minimal = search(planner, wanted > least ? wanted : least, least);
		plan->reached = planner->max <= wanted;
		plan->max_mean_after = (double)planner->max * open / (double)total;
	}
	fill_plan(plan, planner);
}

int balance_plan(const struct balance_problem *problem, struct balance_plan *plan)
{
	const size_t room = problem->n + 1;
	struct planner planner = {.problem = problem};
	int err = -ENOMEM;

	*plan = (struct balance_plan){0};
	planner.state.items = calloc(room, sizeof(*planner.state.items));
	planner.state.sums = calloc(room, sizeof(*planner.state.sums));
	planner.steps = calloc(room, sizeof(*planner.steps));
	planner.trial = calloc(room, sizeof(*planner.trial));
	planner.left = calloc(room, sizeof(*planner.left));
	plan->moves = calloc(room, sizeof(*plan->moves));
	if (planner.state.items && planner.state.sums && planner.steps && planner.trial &&
	    planner.left && plan->moves) {
		make(plan, &planner);
		err = 0;
	}
	free(planner.state.items);
	free(planner.state.sums);
	free(planner.steps);
	free(planner.trial);
	free(planner.left);
	return err;
}
