/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cluster as it would be with other buckets. */
#ifndef PMREUSEPORT_VIEW_WHAT_IF_H
#define PMREUSEPORT_VIEW_WHAT_IF_H

#include <stdbool.h>

#include "operator.h"

struct what_if {
	unsigned int count; /* of buckets; 0: as it is */
	bool down[PMR_MAX_BUCKETS];
	bool any_down;
};

/* -EINVAL: a bucket that is supposed to be down does not exist. */
int what_if_check(const struct what_if *what_if, const struct pmr_view *view,
		  struct pmreuseport_error *error);

/* Changes a view of an endpoint to what it would be. */
void what_if_apply(const struct what_if *what_if, struct pmr_view *view);

#endif
