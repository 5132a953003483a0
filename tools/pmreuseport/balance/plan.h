/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which exporters to move to other buckets, so that no bucket has much more than the mean.
 * Integer arithmetic: the same problem always has the same plan.
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
	bool open[PMR_MAX_BUCKETS];  /* the mean is of these */
	bool takes[PMR_MAX_BUCKETS]; /* of these, exporters may be moved to */
	double target;		     /* the highest load, relative to the mean */
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
	 * No plan with fewer moves reaches the target or, if max_moves do not reach it, comes
	 * as close. False: not all plans were tried.
	 */
	bool minimal;
	size_t alone; /* the exporter that alone exceeds the target; SIZE_MAX: none */
};

/* 0 or -ENOMEM. Free plan->moves also after a failure. */
int balance_plan(const struct balance_problem *problem, struct balance_plan *plan);

#endif
