/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of strikes (struct pmr_strikes), in memory that all instances of a cluster share.
 *
 * A process that dies writes to it from a signal handler. So nothing here calls the kernel for
 * more than the time and a yield, or waits without an end: the lock of the table is held for some
 * hundred instructions, and a writer that sees one process hold it for five seconds takes it over,
 * because that process was killed.
 */
#ifndef PMR_STRIKES_H
#define PMR_STRIKES_H

#include <stdbool.h>
#include <sys/socket.h>

#include "cluster.h"
#include "pmreuseport.h"
#include "reuseport.h"

/*
 * Maps the table of a cluster; needs no lock. NULL, with 0: its selector has none. Unmap it with
 * pmr_strikes_unmap().
 */
int pmr_strikes_map(const struct pmr_cluster *cluster, struct pmr_strikes **table,
		    struct pmreuseport_error *error);

/* NULL is allowed. */
void pmr_strikes_unmap(struct pmr_strikes *table);

/* From a socket address. False: it is neither IPv4 nor IPv6. Safe in a signal handler. */
bool pmr_strikes_source(const struct sockaddr *address, struct pmr_source *source);

/* Adds a strike. Safe in a signal handler. */
void pmr_strikes_add(struct pmr_strikes *table, const struct pmr_source *source, __u32 signal);

/* Whether there were ever strikes: the quick answer for nearly all packets. */
static inline bool pmr_strikes_any(const struct pmr_strikes *table)
{
	return __atomic_load_n(&table->used, __ATOMIC_RELAXED);
}

/* Whether an exporter is in quarantine; if so, counts a packet that is dropped. No lock. */
bool pmr_strikes_drop(struct pmr_strikes *table, const struct pmr_source *source);

/* An exporter with strikes that were not told, or that is to be pinned. False: there is none. */
bool pmr_strikes_news(struct pmr_strikes *table, struct pmr_struck *struck);

/* Those strikes have been told. pinned: the selector drops its packets. */
void pmr_strikes_told(struct pmr_strikes *table, const struct pmr_struck *struck, bool pinned);

/* The row of an exporter that has strikes, or -1. */
int pmr_strikes_row(struct pmr_strikes *table, const struct pmr_source *source);

/* Forgets all about an exporter. */
void pmr_strikes_forget(struct pmr_strikes *table, const struct pmr_source *source);

/* Copies the rows that have strikes; returns how many. */
unsigned int pmr_strikes_copy(struct pmr_strikes *table, struct pmr_struck rows[PMR_MAX_STRUCK]);

#endif /* PMR_STRIKES_H */
