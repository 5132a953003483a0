/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The selector's decision, foretold from what it sees at one moment. */
#ifndef PMR_VIEW_H
#define PMR_VIEW_H

#include <stdbool.h>

#include "pin.h"
#include "reuseport.h"

struct pmr_place {
	unsigned int home;   /* the bucket that it is pinned to, or that the slot table names; in a
			      * private endpoint its bucket */
	unsigned int bucket; /* the one that gets the next packet; see decision */
	enum pmr_decision decision; /* PMR_KERNEL, PMR_DROPPED, PMR_REFUSED: no bucket */
};

/*
 * What the selector sees at one moment. Change it to ask what if. To be freed:
 * pins.list.
 */
struct pmr_view {
	__u32 nonce;
	__u32 buckets;
	pmr_slot_t slots[PMR_SLOTS];
	bool live[PMR_MAX_BUCKETS];
	__u32 private_to; /* the bucket plus one that the endpoint is private to; 0: shared */
	__u32 fallback;
	struct pmr_drained drained;
	struct pmr_pins pins;
};

/* Whether the selector sends exporters to a bucket. */
bool pmr_view_is_open(const struct pmr_view *view, __u32 bucket);

/*
 * Where the next packet or connection from an address (struct in_addr or in6_addr, by
 * family) goes. An IPv4-mapped address is an IPv4 one, as on a dual-stack socket.
 */
struct pmr_place pmr_view_place(const struct pmr_view *view, int family, const void *address);

#endif /* PMR_VIEW_H */
