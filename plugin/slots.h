/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slot table. */
#ifndef PMR_SLOTS_H
#define PMR_SLOTS_H

#include "pmreuseport.h"
#include "reuseport.h"

/* Fills the table for count buckets (1..PMR_MAX_BUCKETS). */
void pmr_slots_fill(pmr_slot_t slots[PMR_SLOTS], unsigned int count);

/* The whole table, from a descriptor of its map. */
int pmr_slots_read(int fd, pmr_slot_t slots[PMR_SLOTS], struct pmreuseport_error *error);

#endif /* PMR_SLOTS_H */
