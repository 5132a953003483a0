/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exporters that make instances die: which they are, and setting them free. */
#ifndef PMR_QUARANTINE_H
#define PMR_QUARANTINE_H

#include "pin.h"
#include "pmreuseport.h"
#include "reuseport.h"

/*
 * The exporters of a cluster that have strikes, in the order of their addresses; *n receives how
 * many. -ENOENT: no such cluster. -ENOTSUP: its selector has no quarantine.
 */
int pmr_quarantine_read(const char *cluster, struct pmr_struck rows[PMR_MAX_STRUCK],
			unsigned int *n, struct pmreuseport_error *error);

/*
 * Forgets the strikes of an exporter, and removes its pin if that says drop. -ENOENT: no such
 * cluster, or the exporter has neither.
 */
int pmr_quarantine_clear(const char *cluster, const struct pmr_source *source,
			 struct pmreuseport_error *error);

#endif /* PMR_QUARANTINE_H */
