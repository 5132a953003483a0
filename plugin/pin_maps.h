/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pins: exporters whose bucket an operator has chosen.
 *
 * "pins" has the prefixes, each with the number of the set that it belongs to in front, and
 * "pin_set" names the set that counts. "pin_filter" spares the selector most of the search: it
 * covers at least the addresses of the set that counts. A change writes a whole set under
 * the next number, names it, and deletes the old one when no process can be looking for it any
 * more, so the selector, which takes no lock, sees either all of the change or nothing of it.
 * What a process that was killed here has left is of a set that is not named, and goes with
 * the next change.
 */
#ifndef PMR_PIN_MAPS_H
#define PMR_PIN_MAPS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "cluster.h"
#include "pin.h"
#include "pmreuseport.h"
#include "reuseport.h"

/*
 * The number of a set ends with how many pins it has. A reader without the lock can therefore tell
 * whether it has found all: a walk through a trie that is being changed may end too early,
 * even if it is changed elsewhere.
 */
#define PMR_PINS_OF_SET 0x7fffu

/* What is added to one number to get the next. */
#define PMR_PINS_NEXT_SET 0x10000u

_Static_assert(PMR_MAX_PINS <= PMR_PINS_OF_SET, "there are bits for as many pins");
_Static_assert((PMR_PINS_NETWORKS & PMR_PINS_OF_SET) == 0, "and one for networks");

/* A sentence for a failure of the maps. Returns err. */
int pmr_pins_error(int err, const char *what, struct pmreuseport_error *error);

/* -ENOTSUP if the selector of the cluster has no pins. */
int pmr_pins_check(const struct pmr_cluster *cluster, struct pmreuseport_error *error);

/* The pins of a cluster; -EAGAIN: a process without the lock keeps changing them. */
int pmr_pins_in(const struct pmr_cluster *cluster, struct pmr_pins *pins,
		struct pmreuseport_error *error);

/* The two maps of a cluster that hold its pins; -ENOENT if it has none, which is no error. */
int pmr_pins_open(const struct pmr_cluster *cluster, int *set_fd, int *pins_fd,
		  struct pmreuseport_error *error);

/* What is in those maps now, without a lock. */
int pmr_pins_read(int set_fd, int pins_fd, struct pmr_pins *pins, struct pmreuseport_error *error);

/* How many pins a cluster has. */
size_t pmr_pins_count(const struct pmr_cluster *cluster);

struct pmr_pins_keys {
	struct pmr_pin_key *list;
	__u32 *buckets;
	size_t n;
};

/*
 * The keys of a set, or those of all other sets, and their buckets. -EAGAIN: a process
 * changes them. pmr_pins_keys_free() in any case.
 */
int pmr_pins_collect(int pins_fd, __u32 set, bool others, struct pmr_pins_keys *keys);

void pmr_pins_keys_free(struct pmr_pins_keys *keys);

#endif /* PMR_PIN_MAPS_H */
