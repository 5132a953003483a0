/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an exporter goes, in words, and how evenly many are spread. */
#ifndef PMREUSEPORT_VIEW_PLACEMENT_H
#define PMREUSEPORT_VIEW_PLACEMENT_H

#include <jansson.h>

#include "operator.h"

extern const char *const decision_names[PMR_DECISIONS];

/* False if it is dropped, or left to the kernel. */
bool placement_is_bucket(const struct pmr_place *place);

/* Prints a column of a table, nine wide: the bucket, or why there is none. */
void placement_print(const struct pmr_place *place);

/* New, or NULL. */
json_t *placement_json(const struct pmr_place *place);

/* The buckets that have slots; those after them, if any, are awaited. */
unsigned int view_in_use(const struct pmr_view *view);

/* Exporters by bucket. */
struct spread {
	size_t in[PMR_MAX_BUCKETS];
	size_t nowhere; /* dropped, or left to the kernel */
};

/* One more exporter. */
void spread_add(struct spread *spread, const struct pmr_place *place);

/* The buckets that exporters are sent to. */
unsigned int spread_live(const struct pmr_view *view);

/* The most that a bucket has, by what it would have if all had the same. 0: none has any. */
double spread_max_mean(const struct spread *spread, const struct pmr_view *view);

/* New, or NULL. */
json_t *spread_json(const struct spread *spread, const struct pmr_view *view);

#endif
