/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/what_if.h"

#include "view/placement.h"

#include <errno.h>

int what_if_check(const struct what_if *what_if, const struct pmr_view *view,
		  struct pmreuseport_error *error)
{
	const unsigned int count = what_if->count ? what_if->count : view->buckets;
	unsigned int b;

	for (b = count; b < PMR_MAX_BUCKETS; b++)
		if (what_if->down[b])
			return pmr_error(error, -EINVAL,
					 "there is no hash bucket %u among %u, counted from 0",
					 "give another one to --down", b, count);
	return 0;
}

void what_if_apply(const struct what_if *what_if, struct pmr_view *view)
{
	unsigned int b;

	if (what_if->count) {
		/* Instances of awaited buckets are supposed to have joined. */
		for (b = view_in_use(view); b < what_if->count; b++)
			view->live[b] = true;
		for (b = what_if->count; b < PMR_MAX_BUCKETS; b++)
			view->live[b] = false;
		view->buckets = what_if->count;
		pmr_slots_fill(view->slots, what_if->count);
	}
	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (what_if->down[b])
			view->live[b] = false;
}
