/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/placement.h"

#include <stdio.h>

bool placement_is_bucket(const struct pmr_place *place)
{
	return place->decision != PMR_KERNEL && place->decision != PMR_DROPPED &&
	       place->decision != PMR_REFUSED;
}

const char *const decision_names[PMR_DECISIONS] = {
	[PMR_PRIMARY] = "primary", [PMR_FAILOVER] = "failover", [PMR_KERNEL] = "kernel",
	[PMR_DROPPED] = "dropped", [PMR_PINNED] = "pinned",	[PMR_REFUSED] = "refused",
};

void placement_print(const struct pmr_place *place)
{
	if (placement_is_bucket(place))
		printf(" %8u", place->bucket);
	else
		printf(" %8s", decision_names[place->decision]);
}

json_t *placement_json(const struct pmr_place *place)
{
	return json_pack("{s:i, s:o, s:s}", "home", (int)place->home, "bucket",
			 placement_is_bucket(place) ? json_integer(place->bucket) : json_null(),
			 "decision", decision_names[place->decision]);
}

unsigned int view_in_use(const struct pmr_view *view)
{
	unsigned int n = 0, s;

	for (s = 0; s < PMR_SLOTS; s++)
		if (view->slots[s] > n)
			n = view->slots[s];
	return n ? n : view->buckets;
}

void spread_add(struct spread *spread, const struct pmr_place *place)
{
	if (placement_is_bucket(place))
		spread->in[place->bucket]++;
	else
		spread->nowhere++;
}

unsigned int spread_live(const struct pmr_view *view)
{
	unsigned int live = 0, b;

	for (b = 0; b < PMR_MAX_BUCKETS && b < view->buckets; b++)
		live += pmr_view_is_open(view, b);
	return live;
}

double spread_max_mean(const struct spread *spread, const struct pmr_view *view)
{
	size_t max = 0, sum = 0;
	unsigned int b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++) {
		sum += spread->in[b];
		if (spread->in[b] > max)
			max = spread->in[b];
	}
	return sum ? (double)max * spread_live(view) / sum : 0;
}

json_t *spread_json(const struct spread *spread, const struct pmr_view *view)
{
	return json_pack("{s:i, s:I, s:f}", "live", (int)spread_live(view), "nowhere",
			 (json_int_t)spread->nowhere, "max_mean", spread_max_mean(spread, view));
}
