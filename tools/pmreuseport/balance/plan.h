/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which exporters to move to other buckets, so that the fullest bucket has not much more than
 * the mean. Arithmetic only: the same problem has the same plan, whenever and wherever.
 */
#ifndef PMREUSEPORT_BALANCE_PLAN_H
#define PMREUSEPORT_BALANCE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reuseport.h"

struct balance_exporter {
	uint64_t load;	     /* in any unit */
	unsigned int bucket; /* where it is; one that is open */
	bool fixed;	     /* it stays there */
};

struct balance_problem {
	/* The earlier one of two alike is moved first. */
	const struct balance_exporter *exporters;
	size_t n;
	bool open[PMR_MAX_BUCKETS];  /* the mean is theirs */
	bool takes[PMR_MAX_BUCKETS]; /* those of them that exporters may be moved to */
	double target;		     /* the most that a bucket may have, by the mean */
	size_t max_moves;
};

struct balance_move {
	size_t exporter;
	unsigned int from, to;
};

struct balance_plan {
	struct balance_move *moves; /* in the order of the exporters; to be freed */
	size_t n;
	uint64_t before[PMR_MAX_BUCKETS], after[PMR_MAX_BUCKETS];
	double max_mean_before, max_mean_after; /* 0: there is no load */
	bool reached;				/* the target */
	/*
	 * No other plan is better: none with fewer moves reaches the target or, if that cannot
	 * be reached with max_moves, comes as close. False: not all have been looked at.
	 */
	bool minimal;
	size_t alone; /* the exporter that has more than the target for itself; SIZE_MAX: none */
};

/* 0 or -ENOMEM. plan->moves is to be freed in any case. */
int balance_plan(const struct balance_problem *problem, struct balance_plan *plan);

#endif
