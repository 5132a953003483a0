/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints where exporters go, and how evenly they are spread. */
#ifndef PMREUSEPORT_VIEW_PLACEMENT_H
#define PMREUSEPORT_VIEW_PLACEMENT_H

#include <jansson.h>

#include "operator.h"

extern const char *const decision_names[PMR_DECISIONS];

/* False if it is dropped, refused, or left to the kernel. */
bool placement_is_bucket(const struct pmr_place *place);

/* Prints a column of a table, nine wide: the bucket, or why there is none. */
void placement_print(const struct pmr_place *place);

/* New, or NULL. */
json_t *placement_json(const struct pmr_place *place);

/* How many buckets have slots; further ones are awaited. */
unsigned int view_in_use(const struct pmr_view *view);

/* Exporters by bucket. */
struct spread {
	size_t in[PMR_MAX_BUCKETS];
	size_t nowhere; /* dropped, refused, or left to the kernel */
};

/* Counts one exporter. */
void spread_add(struct spread *spread, const struct pmr_place *place);

/* The buckets that exporters are sent to. */
unsigned int spread_live(const struct pmr_view *view);

/* The fullest bucket, relative to the mean of the live ones. 0: no bucket has any. */
double spread_max_mean(const struct spread *spread, const struct pmr_view *view);

/* New, or NULL. */
json_t *spread_json(const struct spread *spread, const struct pmr_view *view);

#endif
