/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the selector of an endpoint sees, for a command that runs for a while. */
#ifndef PMREUSEPORT_VIEW_FRESH_VIEW_H
#define PMREUSEPORT_VIEW_FRESH_VIEW_H

#include "operator.h"

struct fresh_view {
	struct pmr_where where;
	struct pmr_view *view; /* NULL: not read yet */
	uint64_t read_ns;
};

/* For an endpoint, by its name; no map is read yet. fresh_view_close() if it succeeds. */
int fresh_view_open(struct fresh_view *fresh, const char *cluster, const char *endpoint,
		    struct pmreuseport_error *error);

/*
 * Sets *view to a view that is at most a tenth of a second old. It is valid until the next
 * call.
 */
int fresh_view_look(struct fresh_view *fresh, const struct pmr_view **view,
		    struct pmreuseport_error *error);

void fresh_view_close(struct fresh_view *fresh);

#endif
