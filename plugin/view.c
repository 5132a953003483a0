// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The selector's decision (reuseport.bpf.c), foretold from what it sees at one moment.
 */
#include "view.h"
#include "pin.h"

static __u32 bucket_of(const struct pmr_view *view, __u32 hash)
{
	return pmr_bucket_of_slot(view->slots[pmr_slot(hash)], hash, view->buckets);
}

/* A table of another program may name buckets that no array has. */
bool pmr_view_is_open(const struct pmr_view *view, __u32 bucket)
{
	return bucket < PMR_MAX_BUCKETS && view->live[bucket] &&
	       !pmr_is_drained(&view->drained, bucket);
}

/* The home is dead: the same tries in the same order as the selector's. */
static enum pmr_decision fail_over(const struct pmr_view *view, __u32 hash, unsigned int *bucket)
{
	__u32 stride, last, i;

	for (i = 0; i < PMR_REHASH_TRIES; i++) {
		*bucket = bucket_of(view, pmr_rehash(hash, i));
		if (pmr_view_is_open(view, *bucket))
			return PMR_FAILOVER;
	}
	last = *bucket;
	stride = pmr_walk_stride(hash);
	for (i = 1; i <= PMR_MAX_BUCKETS; i++) {
		*bucket = pmr_walk(last, i, stride);
		if (*bucket < view->buckets && pmr_view_is_open(view, *bucket))
			return PMR_FAILOVER;
	}
	return PMR_KERNEL;
}

static bool is_dropped(const struct pmr_view *view, unsigned int bucket)
{
	return pmr_is_dropped(view->fallback, &view->drained, bucket);
}

/* Even a drained bucket gets what is sent to its private endpoint. */
static bool is_private(const struct pmr_view *view)
{
	return view->private_to && view->private_to <= PMR_MAX_BUCKETS &&
	       view->live[view->private_to - 1];
}

struct pmr_place pmr_view_place(const struct pmr_view *view, int family, const void *address)
{
	const struct pmr_source source = pmr_source_of(family, address);
	const struct pmr_pin *pin = pmr_pins_find(&view->pins, &source);
	struct pmr_place place = {.decision = PMR_KERNEL};
	__u32 hash;

	if (!view->buckets)
		return place;
	hash = pmr_hash_source(&source, view->nonce);
	if (pin && pin->bucket == PMR_PIN_DROP) {
		place.home = place.bucket = bucket_of(view, hash);
		place.decision = PMR_REFUSED;
		return place;
	}
	if (pin && pin->bucket >= view->buckets)
		pin = NULL;
	place.home = place.bucket = pin ? pin->bucket : bucket_of(view, hash);
	if (pmr_view_is_open(view, place.home)) {
		place.decision = pin ? PMR_PINNED : PMR_PRIMARY;
		return place;
	}
	if (is_private(view)) {
		place.home = place.bucket = view->private_to - 1;
		place.decision = PMR_PRIMARY;
		return place;
	}
	if (is_dropped(view, place.bucket)) {
		place.decision = PMR_DROPPED;
		return place;
	}
	if (pin) {
		place.bucket = bucket_of(view, hash);
		if (pmr_view_is_open(view, place.bucket)) {
			place.decision = PMR_FAILOVER;
			return place;
		}
		if (is_dropped(view, place.bucket)) {
			place.decision = PMR_DROPPED;
			return place;
		}
	}
	place.decision = fail_over(view, hash, &place.bucket);
	return place;
}
