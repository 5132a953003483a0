/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the next packet of an address goes; no lock is needed. */
#ifndef PMR_WHERE_H
#define PMR_WHERE_H

#include "pmreuseport.h"
#include "view.h"

/* Descriptors of the maps that decide. */
struct pmr_where {
	int nonce;
	int size;
	int slots;
	int targets;
	int fallback; /* this one and the next two: -ENOENT if there is none */
	int drained;
	int private_to;
	int pin_set;
	int pins;
};

/*
 * For an endpoint (the name of its directory). pmr_where_close() if it succeeds. -ENOTSUP:
 * the selector is another one than ours.
 */
int pmr_where_open(struct pmr_where *where, const char *cluster, const char *endpoint,
		   struct pmreuseport_error *error);

/* Reads the maps. Free view->pins.list, also after a failure. */
int pmr_where_look(const struct pmr_where *where, struct pmr_view *view,
		   struct pmreuseport_error *error);

void pmr_where_close(struct pmr_where *where);

#endif /* PMR_WHERE_H */
